"""BSU deliveries in the admin: what is shown to whom, and the two people without whom nothing is sent."""

import html
import re
from datetime import timedelta
from http import HTTPStatus
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agencies.bsu.models import Delivery, Sending
from compliance.people import ADMINISTRATOR, READER, REPORTING, make_groups
from legal.models import PersonAccount
from tests.agencies.bsu.kept_deliveries import DOUBT, FAULT, MORNING, kept_delivery
from tests.legal.governed import person

pytestmark = pytest.mark.django_db(databases=["default"])
OK, FOUND, FORBIDDEN, MISSING = HTTPStatus.OK, HTTPStatus.FOUND, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND
WRONG_METHOD = HTTPStatus.METHOD_NOT_ALLOWED


def client(account, *, of=None, group=REPORTING, superuser=False, rights=None):
    """Return a signed-in account, of a person unless `of` is None."""
    make_groups()
    user = User.objects.create_user(account, is_staff=True, is_superuser=superuser)
    user.groups.set(Group.objects.filter(name=group))
    if of is not None:
        PersonAccount.objects.create(user=user, person=person(of))
    made = Client(headers={"host": "testserver"}, enforce_csrf_checks=rights == "csrf")
    made.force_login(user)
    return made


@pytest.fixture
def delivery():
    return kept_delivery()


@pytest.fixture
def kari():
    return client("kari", of="Kari")


@pytest.fixture
def ola():
    return client("ola", of="Ola")


def page(name, row):
    return reverse(f"admin:bsu_delivery_{name}", args=[row.pk])


def text(answer):
    return html.unescape(answer.content.decode())


def said(answer, browser):
    """Return what the page tells that a post leads to."""
    assert answer.status_code == FOUND
    shown = browser.get(answer.headers["Location"])
    return re.findall(r'<li class="(success|error)">(.*?)</li>', text(shown))


def ask(browser, delivery, reason="The year is over."):
    return browser.post(page("send", delivery), {"reason": reason})


def agree(browser, sending, seen=None):
    seen = bytes(sending.delivery.digest).hex() if seen is None else seen
    return browser.post(page("agree", sending), {"seen": seen})


def states():
    return [(one.number, one.state) for one in Sending.objects.order_by("requested_at")]


# --- two people ---


def test_one_asks_and_another_agrees(delivery, kari, ola):
    assert said(ask(kari, delivery), kari) == [("success", "Asked. Nothing is sent before another person agrees.")]
    sending = Sending.objects.get()
    shown = text(ola.get(page("change", delivery)))
    (seen,) = re.findall(r'name="seen" value="([0-9a-f]{64})"', shown)
    assert said(agree(ola, sending, seen), ola) == [
        ("success", "You agreed. The command bsu_report carries it out now.")
    ]
    sending.refresh_from_db()
    delivery.refresh_from_db()
    assert (sending.state, sending.requested_by.name, sending.approved_by.name) == ("approved", "Kari", "Ola")
    assert (sending.because, bytes(sending.digest)) == ("The year is over.", bytes(delivery.digest))
    assert (delivery.state, delivery.sent_at) == ("prepared", None), "nothing is sent from the admin"


def test_a_sending_again_takes_two_people_again(delivery, kari, ola):
    ask(kari, delivery)
    agree(ola, Sending.objects.get())
    Sending.objects.update(state="done", finished_at=MORNING)
    Delivery.objects.update(state="rejected", sent_at=MORNING, submission_id="an-id")
    shown = text(kari.get(page("send", delivery)))
    assert "Ask for another sending" in shown
    assert "The same bytes go again" in shown
    ask(kari, delivery, "It was rejected by mistake.")
    again = Sending.objects.get(number=2)
    assert said(agree(kari, again), kari)[-1] == ("error", "You asked for this. Another person must agree.")
    agree(ola, again)
    assert states() == [(1, "done"), (2, "approved")]


def test_nobody_agrees_to_their_own_request(delivery, kari):
    ask(kari, delivery)
    sending = Sending.objects.get()
    shown = text(kari.get(page("change", delivery)))
    assert "agree-form" not in shown
    assert "You asked for this sending. Another person must agree." in shown
    assert said(agree(kari, sending), kari) == [("error", "You asked for this. Another person must agree.")]
    assert states() == [(1, "waiting")]


def test_two_accounts_of_one_person_are_one_person(delivery, kari):
    ask(kari, delivery)
    user = User.objects.create_user("kari-2", is_staff=True)
    user.groups.set(Group.objects.filter(name=REPORTING))
    PersonAccount.objects.create(user=user, person=person("Kari"))
    other = Client(headers={"host": "testserver"})
    other.force_login(user)
    assert said(agree(other, Sending.objects.get()), other) == [
        ("error", "You asked for this. Another person must agree.")
    ]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param("approved_by_id = requested_by_id, approved_name = requested_name", id="one's own request"),
        pytest.param("approved_by_id = NULL, approved_name = 'nobody'", id="nobody"),
        pytest.param("approved_by_id = requested_by_id", id="one's own, without a name"),
    ],
)
def test_the_database_refuses_self_approval_too(delivery, kari, changes):
    ask(kari, delivery)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE bsu_sending SET state = 'approved', approved_at = now(), {changes}")
    assert states() == [(1, "waiting")]


def test_what_was_looked_at_is_what_is_agreed_to(delivery, kari, ola):
    ask(kari, delivery)
    changed = [("error", "The delivery has changed since you looked. Look again.")]
    for seen in ("", "0" * 64):
        assert said(agree(ola, Sending.objects.get(), seen), ola) == changed
    assert states() == [(1, "waiting")]


@pytest.mark.parametrize("who", ["kari", "ola"], ids=["taken back", "turned down"])
def test_a_request_ends(delivery, kari, ola, who):
    ask(kari, delivery)
    sending = Sending.objects.get()
    browser = {"kari": kari, "ola": ola}[who]
    words = {"kari": "Take the request back", "ola": "Turn the request down"}[who]
    assert words in text(browser.get(page("change", delivery)))
    assert said(browser.post(page("end", sending)), browser) == [("success", "It will not be sent.")]
    assert said(browser.post(page("end", sending)), browser) == [("error", "This is finished.")]
    assert said(agree(ola, sending), ola) == [("error", "Nobody waits for consent to this.")]
    ask(kari, delivery)
    assert states() == [(1, "ended"), (2, "waiting")]


# --- what cannot be asked for ---


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        pytest.param(
            {"findings": [FAULT, DOUBT]},
            "The checks found faults that forbid sending. Mend the ledger and prepare anew.",
            id="faults",
        ),
        pytest.param({"state": "withdrawn"}, "A delivery that is accepted or withdrawn is not sent.", id="withdrawn"),
        pytest.param(
            {"state": "accepted", "sent_at": MORNING, "submission_id": "an-id"},
            "A delivery that is accepted or withdrawn is not sent.",
            id="accepted",
        ),
        pytest.param(
            {"body_sealed": None},
            "The bytes of this delivery are no longer kept. Prepare a correction.",
            id="its bytes are gone",
        ),
    ],
)
def test_what_is_not_asked_for(kari, members, sentence):
    answer = ask(kari, kept_delivery(**members))
    assert answer.status_code == OK
    assert sentence in text(answer)
    assert states() == []


def test_a_faulty_delivery_has_no_button(kari):
    faulty = kept_delivery(findings=[FAULT])
    assert page("send", faulty) not in text(kari.get(page("change", faulty)))


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_reason_is_wanted(delivery, kari, reason):
    assert "This field is required." in text(ask(kari, delivery, reason))
    assert states() == []


def test_asked_for_once(delivery, kari, ola):
    ask(kari, delivery)
    assert "Its sending is asked for already." in text(ask(ola, delivery))
    assert states() == [(1, "waiting")]


# --- who may ---


def acts(delivery, sending):
    return [
        ("get", page("send", delivery), {}),
        ("post", page("send", delivery), {"reason": "?"}),
        ("post", page("agree", sending), {"seen": bytes(delivery.digest).hex()}),
        ("post", page("end", sending), {}),
        ("post", page("numbers", delivery), {}),
    ]


@pytest.mark.parametrize(
    "who",
    [
        pytest.param({"of": "Nina", "group": READER}, id="compliance looks only"),
        pytest.param({"of": "Nina", "group": ADMINISTRATOR}, id="an administrator of mandates"),
        pytest.param({"group": REPORTING}, id="an account that is nobody's"),
        pytest.param({"superuser": True}, id="a superuser that is nobody"),
    ],
)
def test_others_may_not(delivery, kari, who):
    ask(kari, delivery)
    other = client("nina", **who)
    for method, address, words in acts(delivery, Sending.objects.get()):
        assert getattr(other, method)(address, words).status_code == FORBIDDEN, address
    assert states() == [(1, "waiting")]


def test_the_signed_out_are_sent_to_sign_in(delivery, kari):
    ask(kari, delivery)
    for method, address, words in acts(delivery, Sending.objects.get()):
        answer = getattr(Client(headers={"host": "testserver"}), method)(address, words)
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (FOUND, reverse("admin:login"))
    assert states() == [(1, "waiting")]


def test_a_post_without_its_token_is_refused(delivery):
    careful = client("kari", of="Kari", rights="csrf")
    for method, address, words in acts(delivery, delivery)[1:]:
        assert getattr(careful, method)(address, words).status_code == FORBIDDEN
    assert states() == []


@pytest.mark.parametrize("name", ["agree", "end"])
def test_nothing_happens_by_following_a_link(delivery, kari, name):
    ask(kari, delivery)
    assert kari.get(page(name, Sending.objects.get())).status_code == WRONG_METHOD
    assert states() == [(1, "waiting")]


@pytest.mark.parametrize("name", ["send", "findings"])
def test_no_such_delivery(kari, name):
    missing = Delivery(pk=uuid4())
    assert kari.get(page(name, missing)).status_code == MISSING


@pytest.mark.parametrize(
    ("group", "status"),
    [(REPORTING, OK), (READER, OK), (ADMINISTRATOR, FORBIDDEN)],
)
def test_who_looks(delivery, group, status):
    browser = client("nina", of="Nina", group=group)
    for address in (
        reverse("admin:bsu_delivery_changelist"),
        reverse("admin:bsu_sending_changelist"),
        page("change", delivery),
        page("findings", delivery),
    ):
        assert browser.get(address).status_code == status, address


@pytest.mark.parametrize("model", ["delivery", "sending"])
def test_nothing_is_added_changed_or_deleted_by_hand(delivery, kari, model):
    ask(kari, delivery)
    root = client("root", superuser=True)
    row = {"delivery": delivery, "sending": Sending.objects.get()}[model]
    for name, arguments in (("add", []), ("delete", [row.pk])):
        assert root.get(reverse(f"admin:bsu_{model}_{name}", args=arguments)).status_code == FORBIDDEN
    changed = root.post(reverse(f"admin:bsu_{model}_change", args=[row.pk]), {"state": "accepted"})
    assert changed.status_code == FORBIDDEN


# --- what is shown ---


def test_a_delivery_s_page(kari):
    delivery = kept_delivery(
        state="rejected",
        sent_at=MORNING,
        answered_at=MORNING,
        submission_id="0193b5cd-cbce-7dbd-b188-1437db673767",
        dialog_id="0193b5cd-cb85-7320-bd8c-6c78c88dc8af",
        received_accounts=2,
        receipt={"antallOppgaver": 2},
        feedback={"leveransestatus": "avvist"},
        status=200,
    )
    shown = text(kari.get(page("change", delivery)))
    for words in (
        "rejected in the feedback",
        "2026-01-15 09:00:00.000 CET",
        "0193b5cd-cbce-7dbd-b188-1437db673767",
        "0193b5cd-cb85-7320-bd8c-6c78c88dc8af",
        '"antallOppgaver": 2',
        '"leveransestatus": "avvist"',
        "<div>sumSaldo: 124500</div>",
        "1 doubt",
        bytes(delivery.digest).hex(),
    ):
        assert words in shown, words


def test_the_findings_account_by_account(kari):
    delivery = kept_delivery(findings=[FAULT, DOUBT])
    shown = text(kari.get(page("findings", delivery)))
    assert re.findall(r"<tr><td>(.*?)</td>\s*<td>(.*?)</td><td>(.*?)</td><th scope=\"row\">(.*?)</th></tr>", shown) == [
        ("fault", "–", FAULT["path"], FAULT["message"]),
        ("doubt", "2 (…5454)", DOUBT["path"], DOUBT["message"]),
    ]
    assert "1 fault: may not be sent, 1 doubt" in shown


SECRETS = ("99980012345", "99980015454", "17816994780", "27858199021", "Navnesen")


def test_numbers_are_shown_to_who_may_and_the_look_is_written_down(kari):
    delivery = kept_delivery(findings=[FAULT, DOUBT], feedback={"deviations": [{"code": "x", "position": 9}]})
    assert "numbers-form" in text(kari.get(page("findings", delivery)))
    answer = kari.post(page("numbers", delivery))
    shown = re.findall(r"<tr><td>(.*?)</td><th scope=\"row\">(.*?)</th><td>(.*?)</td><td>(.*?)</td></tr>", text(answer))
    assert shown == [("2", "99980015454", "27858199021", "40000")], "the one account that is told of"
    assert "no-store" in answer.headers["Cache-Control"]
    (entry,) = LogEntry.objects.all()
    assert (entry.user.username, entry.object_id) == ("kari", str(delivery.pk))
    assert not any(secret in entry.change_message for secret in SECRETS)


def test_no_other_page_shows_a_number(kari):
    delivery = kept_delivery(findings=[FAULT, DOUBT])
    ask(kari, kept_delivery())
    addresses = [
        reverse("admin:bsu_delivery_changelist"),
        reverse("admin:bsu_sending_changelist"),
        *(page(name, delivery) for name in ("change", "findings")),
    ]
    for address in addresses:
        assert [secret for secret in SECRETS if secret in text(kari.get(address))] == [], address


@pytest.mark.parametrize(
    "who",
    [
        pytest.param({"of": "Nina", "group": READER}, id="compliance"),
        pytest.param({"of": "Nina", "group": ADMINISTRATOR}, id="an administrator of mandates"),
        pytest.param({"group": REPORTING}, id="an account that is nobody's"),
        pytest.param({"superuser": True}, id="a superuser that is nobody"),
    ],
)
def test_numbers_are_shown_to_nobody_else(who):
    delivery, other = kept_delivery(), client("nina", **who)
    assert "numbers-form" not in text(other.get(page("findings", delivery)))
    assert other.post(page("numbers", delivery)).status_code == FORBIDDEN
    assert not LogEntry.objects.exists()


def test_numbers_have_no_address(delivery, kari):
    assert kari.get(page("numbers", delivery)).status_code == WRONG_METHOD


@pytest.mark.parametrize("changes", [{"body_sealed": None}, {"body_sealed": b"x"}, {"digest": b"another"}])
def test_bytes_that_cannot_be_read_any_more(kari, changes):
    delivery = kept_delivery(**changes)
    answer = kari.post(page("numbers", delivery))
    assert said(answer, kari) == [("error", "The bytes of this delivery cannot be read any more.")]


def test_many_findings_come_in_pages(kari):
    delivery = kept_delivery(findings=[{**DOUBT, "position": place} for place in range(1, 251)])
    shown = [text(kari.get(page("findings", delivery) + query)) for query in ("", "?from=101", "?from=201")]
    assert [len(re.findall("…5454", one)) for one in shown] == [100, 100, 50]
    links = [re.findall(r'href="\?from=(\d+)"', one) for one in shown]
    assert links == [["101"], ["1", "201"], ["101"]]


@pytest.mark.parametrize("start", ["0", "-1", "x", "1e3", "٣", "99999999"])
def test_where_no_page_begins(delivery, kari, start):
    assert kari.get(page("findings", delivery) + f"?from={start}").status_code == MISSING


def test_lists_are_paged_by_their_rows_and_never_counted(kari):
    for minute in range(60):
        kept_delivery(reference=f"r{minute}", prepared_at=MORNING + timedelta(minutes=minute))
    address = reverse("admin:bsu_delivery_changelist")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        first = kari.get(address)
    about = [query["sql"] for query in asked if "bsu_delivery" in query["sql"]]
    assert len(about) == 1
    assert not re.search(r"COUNT\(|OFFSET|body_sealed", about[0])
    assert len(re.findall("1/1</td>", text(first))) == 50
    (older,) = re.findall(r'href="(\?p=older[^"]*)" rel="next"', text(first))
    assert len(re.findall("1/1</td>", text(kari.get(address + older)))) == 10


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        pytest.param("?state=prepared", 1, id="of a state"),
        pytest.param("?state=refused", 0, id="of another"),
        pytest.param("?year=2025", 1, id="of a year"),
        pytest.param("?year=2024", 0, id="of another year"),
    ],
)
def test_filters(delivery, kari, query, shown):
    answer = kari.get(reverse("admin:bsu_delivery_changelist") + query)
    assert text(answer).count("1/1</td>") == shown


@pytest.mark.parametrize("query", ["?state=x", "?year=20255", "?year=٢٠٢٥", "?digest=x"])
def test_filters_that_are_none(delivery, kari, query):
    answer = kari.get(reverse("admin:bsu_delivery_changelist") + query)
    assert answer.status_code in {FOUND, HTTPStatus.BAD_REQUEST}


def test_who_waits_for_whom(delivery, kari):
    ask(kari, delivery)
    shown = text(kari.get(reverse("admin:bsu_sending_changelist") + "?state=waiting"))
    assert "Kari (kari)" in shown
    assert page("change", delivery) in shown
