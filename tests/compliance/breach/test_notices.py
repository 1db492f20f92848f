"""Breaches and their notices: decided with a ground, agreed to by another person, sent once, and never otherwise."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from audit.models import Access
from compliance.breach.models import Breach, Notice
from compliance.breach.noticing import fingerprint
from compliance.people import READER
from legal.history import recorded
from legal.models import PersonAccount
from legal.periods import OSLO
from tests.compliance.breach.desk import desk, page, text
from tests.legal.governed import person

pytestmark = pytest.mark.django_db
FOUND, OK, FORBIDDEN = HTTPStatus.FOUND, HTTPStatus.OK, HTTPStatus.FORBIDDEN


def typed(moment):
    return moment.astimezone(OSLO).strftime("%Y-%m-%dT%H:%M")


def opened(**changes):
    values = {"kind": "lost", "discovered_at": "2026-03-27T09:00", "happened": "A file went astray.", **changes}
    return {name: value for name, value in values.items() if value is not None}


def test_a_breach_is_opened_with_its_clock(kari):
    answer = kari.post(page("breach_new"), opened(case_reference="B-7"))
    [breach] = Breach.objects.all()
    assert (answer.status_code, answer.headers["Location"]) == (FOUND, page("breach", breach.pk))
    assert (breach.read("happened"), breach.opened_name, breach.aware_at) == (
        "A file went astray.",
        "Kari (kari)",
        breach.discovered_at,
    )
    assert b"astray" not in bytes(breach.happened_sealed)
    shown = text(kari.get(page("breach", breach.pk)))
    assert "2026-03-30 10:00 CEST" in shown  # 72 hours over the night that lacks one
    assert "overdue by" in shown
    assert "overdue by" in text(kari.get(page("breaches")))
    assert "overdue by" in text(kari.get("/admin/"))


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(opened(happened=""), id="nothing happened"),
        pytest.param(opened(happened="About 01810112345"), id="a person's number"),
        pytest.param(opened(happened="\x00"), id="a NUL"),
        pytest.param(opened(kind="unknown"), id="an unknown kind"),
        pytest.param(opened(discovered_at="2026-03-29T02:30"), id="a time that Oslo's clocks skip"),
        pytest.param(opened(discovered_at="2025-10-26T02:30"), id="a time that they show twice"),
        pytest.param(opened(discovered_at="2026-3-27T09:00"), id="not a moment"),
        pytest.param(opened(discovered_at="٢٠26-03-27T09:00"), id="digits of another script"),
        pytest.param(opened(discovered_at=typed(timezone.now() + timedelta(days=1))), id="tomorrow"),
        pytest.param(opened(aware_at="2026-03-27T08:59"), id="known before it was discovered"),
    ],
)
def test_what_is_no_breach(kari, given):
    assert kari.post(page("breach_new"), given).status_code == OK
    assert not Breach.objects.exists()


def drafted(client, breach, kind="authority"):
    client.post(page("breach_notice", breach.pk), {"kind": kind})
    return Notice.objects.latest("asked_at")


def judged(client, notice, do="agree", seen=None):
    client.post(page("notice", notice.pk), {"do": do, "seen": seen or fingerprint(notice)})
    notice.refresh_from_db()
    return notice.consent


def test_another_person_agrees_and_then_it_is_sent(kari, ola, breach):
    notice = drafted(kari, breach)
    assert judged(ola, notice) == "agreed"
    now = timezone.now()
    assert kari.post(page("notice_sent", notice.pk), {"how": "form", "at": typed(now)}).status_code == OK  # too early
    Notice.objects.filter(pk=notice.pk).update(judged_at=now - timedelta(hours=1))
    assert kari.post(page("notice_sent", notice.pk), {"how": "form", "at": typed(now)}).status_code == FOUND
    notice.refresh_from_db()
    assert (notice.sent_how, notice.sent_name) == ("form", "Kari (kari)")
    assert "told in time" in text(kari.get(page("breach", breach.pk)))
    assert kari.post(page("notice_sent", notice.pk), {"how": "form", "at": typed(now)}).status_code == OK  # not twice


def test_one_person_with_two_accounts_is_one_person(kari, kari_again, breach):
    notice = drafted(kari, breach)
    assert PersonAccount.objects.filter(person__employee_id="kari").count() == 2
    assert "Agree to these words" not in text(kari_again.get(page("notice", notice.pk)))
    assert judged(kari_again, notice) == "waiting"
    assert "Another person has to agree" in text(kari_again.get(page("notice", notice.pk)))


def test_whoever_wrote_it_last_cannot_agree(kari, ola, breach):
    notice = drafted(kari, breach)
    seen = fingerprint(notice)
    assert ola.post(page("notice_text", notice.pk), {"text": "# Other words", "seen": seen}).status_code == FOUND
    notice.refresh_from_db()
    assert (notice.read("text"), notice.asked_name) == ("# Other words", "Ola (ola)")
    assert judged(ola, notice) == "waiting"
    assert judged(kari, notice, seen=seen) == "waiting"  # those words are not there any more
    assert judged(kari, notice) == "agreed"
    assert ola.post(page("notice_text", notice.pk), {"text": "# More", "seen": seen}).status_code == OK
    assert Notice.objects.get().read("text") == "# Other words"


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("", id="no words"),
        pytest.param("About 018101 12345", id="a person's number"),
        pytest.param("\x00", id="a NUL"),
        pytest.param("a" * 60_001, id="too long"),
    ],
)
def test_which_words_are_refused(kari, breach, words):
    notice = drafted(kari, breach)
    given = {"text": words, "seen": fingerprint(notice)}
    assert kari.post(page("notice_text", notice.pk), given).status_code == OK
    assert Notice.objects.get().asked_at == notice.asked_at


def test_ids_are_no_numbers_of_persons(kari, breach):
    notice = drafted(kari, breach)
    words = "AccountInfoRequestID 0190a1b2-0000-4000-8000-000000000001"
    kari.post(page("notice_text", notice.pk), {"text": words, "seen": fingerprint(notice)})
    assert Notice.objects.get().read("text") == words


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(
            "consent='agreed', judged_by_id=asked_by_id, judged_at=now(), agreed_digest=sha256(text_sealed)",
            id="agreed to by who wrote it",
        ),
        pytest.param(
            "consent='agreed', judged_by_id=%(ola)s, judged_at=now()", id="agreed to without having seen the words"
        ),
        pytest.param(
            "consent='agreed', judged_by_id=%(ola)s, judged_at=now(), agreed_digest=sha256('other')",
            id="agreed to other words",
        ),
        pytest.param(
            "consent='agreed', judged_by_id=%(ola)s, judged_at=now(), agreed_digest=sha256(text_sealed), addresses='x'",
            id="agreed to without having seen the addresses",
        ),
        pytest.param("consent='agreed', agreed_digest=sha256(text_sealed)", id="agreed to by nobody"),
        pytest.param("sent_at=now(), sent_by_id=asked_by_id, sent_how='form'", id="sent before it was agreed to"),
        pytest.param("breach_id=NULL", id="about nothing"),
    ],
)
def test_the_database_refuses_it_too(kari, breach, statement):
    notice = drafted(kari, breach)
    ola = person("Ola")
    with pytest.raises(DatabaseError), transaction.atomic(), recorded(command="test"), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE breach_notice SET {statement} WHERE id = %(notice)s", {"ola": ola.pk, "notice": notice.pk}
        )


@pytest.mark.parametrize("change", ["text_sealed = 'x'", "addresses = 'x@bits.example'"])
def test_what_is_agreed_to_cannot_be_exchanged(kari, ola, breach, change):
    notice = drafted(kari, breach)
    judged(ola, notice)
    with pytest.raises(DatabaseError), transaction.atomic(), recorded(command="test"), connection.cursor() as cursor:
        cursor.execute(f"UPDATE breach_notice SET {change} WHERE id = %s", [notice.pk])


def test_what_is_turned_down_is_not_sent(kari, ola, breach):
    notice = drafted(kari, breach)
    assert judged(ola, notice, do="turn_down") == "turned_down"
    given = {"how": "form", "at": typed(timezone.now())}
    assert kari.post(page("notice_sent", notice.pk), given).status_code == OK
    assert Notice.objects.get().sent_at is None


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"do": ["agree", "turn_down"]}, id="two things"),
        pytest.param({"do": "send"}, id="an unknown thing"),
    ],
)
def test_what_cannot_be_done(kari, breach, given):
    assert kari.post(page("notice", drafted(kari, breach).pk), given).status_code == HTTPStatus.NOT_FOUND


def test_a_breach_is_decided_and_closed(kari, ola, breach):
    url = page("breach_decision", breach.pk)
    assert kari.post(url, {"authority": "no", "subjects": "open"}).status_code == OK  # no ground
    assert kari.post(page("breach_close", breach.pk), {"done": "Over."}).status_code == OK  # not decided
    grounds = {"authority_ground": "A risk.", "subjects_ground": "No high risk."}
    assert kari.post(url, {"authority": "yes", "subjects": "no", **grounds}).status_code == FOUND
    assert kari.post(page("breach_close", breach.pk), {"done": "Over."}).status_code == OK  # nobody was told
    assert kari.post(page("breach_step", breach.pk), {"done": "Closed the service."}).status_code == FOUND
    assert kari.post(url, {"authority": "no", "subjects": "no", **grounds}).status_code == FOUND
    assert ola.post(page("breach_close", breach.pk), {"done": "Over."}).status_code == FOUND
    breach.refresh_from_db()
    assert (breach.closed_name, breach.decided_name) == ("Ola (ola)", "Kari (kari)")
    shown = text(kari.get(page("breach", breach.pk)))
    assert all(words in shown for words in ("A risk.", "No high risk.", "Closed the service.", "Over."))
    assert kari.post(page("breach_words", breach.pk), {"happened": "x"}).status_code == OK  # closed
    assert kari.post(page("breach_notice", breach.pk), {"kind": "bits"}).status_code == OK
    assert not Notice.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("authority='yes'", id="decided without a ground"),
        pytest.param("closed_at=now(), closed_by_id=opened_by_id", id="closed before it was decided"),
        pytest.param("aware_at=discovered_at - interval '1 second'", id="known before it was discovered"),
    ],
)
def test_the_database_holds_breaches_too(breach, statement):
    with pytest.raises(DatabaseError), transaction.atomic(), recorded(command="test"), connection.cursor() as cursor:
        cursor.execute(f"UPDATE breach_breach SET {statement}")


def test_who_looks_at_a_breach_is_noted(kari, breach):
    notice = drafted(kari, breach)
    kari.get(page("breach", breach.pk))
    kari.get(page("notice", notice.pk))
    pdf = kari.get(page("notice_pdf", notice.pk))
    assert (pdf.content[:5], "no-store" in pdf.headers["Cache-Control"]) == (b"%PDF-", True)
    noted = Access.objects.order_by("at", "id").values_list("page", "concerning", "words")
    assert list(noted) == [
        ("desk breach", breach.pk, ""),
        ("desk breach", notice.pk, ""),
        ("desk breach", notice.pk, "pdf"),
    ]


def test_readers_see_no_breach(breach):
    reader = desk("reader", of="Lise", group=READER)
    for url in (page("breaches"), page("breach", breach.pk), page("breach_new"), page("outages")):
        assert reader.get(url).status_code == FORBIDDEN
    assert "Breaches and notices" not in text(reader.get("/admin/"))
