"""An alert is raised once, told of without a number, seen by those whom it is for, and settled by another person."""

import html
from datetime import timedelta
from http import HTTPStatus

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from audit.models import Access
from compliance.people import ADMINISTRATOR, AUDITOR, OFFICER, READER
from compliance.watching import folding
from compliance.watching.alerting import raise_alerts
from compliance.watching.models import Alert, AlertMail, Folding, WatchRule
from compliance.watching.watcher import turn
from compliance.watching.windows import HOUR
from tests.compliance.watching.people import signed_in
from tests.compliance.watching.trail import AGENCY, NOON, asked, looked, turned_away
from tests.legal.governed import person

pytestmark = pytest.mark.django_db
OK, FOUND, BAD = HTTPStatus.OK, HTTPStatus.FOUND, HTTPStatus.BAD_REQUEST
FORBIDDEN, MISSING, NOT_ALLOWED = HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED
NUMBER = "01810112345"


@pytest.fixture(autouse=True)
def limits():
    """Let everything be strange at once, except what needs a history."""
    WatchRule.objects.exclude(kind__in=["volume", "slow"]).update(threshold=2)


def raised():
    return sorted(Alert.objects.values_list("kind", "audience", "consumer", "observed"))


def watched(now=NOON):
    Folding.objects.get_or_create(pk=1, defaults=dict.fromkeys(("first", "until", "reached"), NOON))
    return turn(now)


def an_alert(kind="refused", **values):
    """Return an alert as the watcher raises it."""
    {
        "refused": lambda: asked(times=3, outcome="refused", **values),
        "person": lambda: asked(times=3, person=NUMBER, **values) or asked(person=NUMBER),
        "requester": lambda: [asked(person=f"{n}", requester_id="Kari Saksbehandler") for n in range(2)],
        "colleague": lambda: looked(marks="colleague", times=2, **values),
        "audience": lambda: turned_away(count=3),
        "shielded": lambda: asked(times=2, person=NUMBER, empty_because="shielded"),
    }[kind]()
    watched()
    return Alert.objects.get(kind=kind)


def text(answer):
    return html.unescape(answer.content.decode())


def test_one_alert_for_each_rule_subject_and_window():
    asked(times=3, outcome="refused", refusal="UnknownMandate")
    looked(marks="no-case own-number", times=2)
    assert watched().alerts == 5
    asked(times=5, outcome="refused")
    assert watched().alerts == 0
    assert raised() == [
        ("mandate", "compliance", AGENCY, 3),
        ("no-case", "auditor", "", 2),
        ("own-number", "auditor", "", 2),
        ("refused", "compliance", AGENCY, 3),
        ("staff-volume", "auditor", "", 2),
    ]
    asked(NOON + HOUR, times=2, outcome="refused")
    assert watched(NOON + HOUR).alerts == 1  # another hour, the same day


def test_a_rule_that_is_off_raises_nothing():
    WatchRule.objects.filter(kind="refused").update(is_on=False)
    asked(times=3, outcome="refused")
    assert watched().alerts == 0


def test_the_first_folding_of_a_long_trail_is_no_news():
    asked(times=3, outcome="refused")
    folding.fold_hour(NOON)
    assert raise_alerts([NOON], now=NOON + timedelta(days=36)) == []
    assert len(raise_alerts([NOON], now=NOON + timedelta(days=34))) == 1


def test_alerts_are_kept_with_their_history():
    alert = an_alert()
    [event] = alert.events.all()
    assert (event.pgh_label, event.pgh_context.metadata) == ("insert", {"command": "desk_watch"})
    assert AlertMail.objects.filter(alert=alert, sent_at=None).exists()


def test_nothing_tells_a_number_or_a_name():
    alert, other = an_alert("person"), an_alert("requester")
    kept = f"{Alert.objects.values()} {AlertMail.objects.values()}"
    assert NUMBER not in kept and "Saksbehandler" not in kept
    officer = signed_in("officer", OFFICER)
    page = text(officer.get(reverse("admin:desk_alert", args=[alert.pk])))
    assert "a person (hash " in page and NUMBER not in page and alert.subject not in page
    assert "RequesterID Kari Saksbehandler of" in text(officer.get(reverse("admin:desk_alert", args=[other.pk])))


@pytest.mark.parametrize(
    ("group", "kind", "see", "settle"),
    [
        pytest.param(READER, "refused", OK, FORBIDDEN, id="a reader sees and settles nothing"),
        pytest.param(OFFICER, "refused", OK, FOUND, id="an officer settles what is about agencies"),
        pytest.param(AUDITOR, "refused", OK, FORBIDDEN, id="an auditor does not"),
        pytest.param(ADMINISTRATOR, "refused", FORBIDDEN, FORBIDDEN, id="an administrator sees none"),
        pytest.param(READER, "colleague", MISSING, MISSING, id="a reader sees none about the bank's own"),
        pytest.param(OFFICER, "colleague", MISSING, MISSING, id="nor does an officer"),
        pytest.param(AUDITOR, "colleague", OK, FOUND, id="an auditor settles what is about the bank's own"),
    ],
)
def test_who_sees_and_settles(group, kind, see, settle):
    alert, client = an_alert(kind), signed_in("somebody", group)
    assert client.get(reverse("admin:desk_alert", args=[alert.pk])).status_code == see
    listed = client.get(reverse("admin:desk_alerts"))
    assert (listed.status_code == OK and str(alert.pk) in text(listed)) == (see == OK)
    done = client.post(reverse("admin:desk_alert_settle", args=[alert.pk]), {"words": "Looked into; in order."})
    assert done.status_code == settle
    alert.refresh_from_db()
    assert bool(alert.settled_at) == (settle == FOUND)
    behind = client.post(reverse("admin:desk_alert_behind", args=[alert.pk]))
    assert behind.status_code == see


def test_nobody_settles_what_is_about_himself_whatever_the_account():
    person("kari")
    alert = an_alert("colleague")
    assert alert.about == person("kari")
    first, again = signed_in("kari-1", AUDITOR, of="kari"), signed_in("kari-2", AUDITOR, of="kari")
    for client in (first, again):
        page = text(client.get(reverse("admin:desk_alert", args=[alert.pk])))
        assert "This is about you. Another person has to settle it." in page and "<textarea" not in page
        done = client.post(reverse("admin:desk_alert_settle", args=[alert.pk]), {"words": "In order."})
        assert done.status_code == BAD
        assert "This is about you. Another person has to settle it." in text(done)
    done = signed_in("ola", AUDITOR).post(reverse("admin:desk_alert_settle", args=[alert.pk]), {"words": "In order."})
    assert done.status_code == FOUND


def test_the_database_refuses_it_too():
    person("kari")
    alert = an_alert("colleague")
    update = (
        "UPDATE watching_alert SET settled_at = now(), settled_by_id = about_id, settled_name = 'x', words = 'y'"
        " WHERE id = %s"
    )
    with pytest.raises(IntegrityError, match="himself"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(update, [alert.pk])


SETTLED = "UPDATE watching_alert SET settled_at = now(), settled_by_id = %s, settled_name = 'x', words = 'y'"
SAY_WHOSE = "It is settled once somebody has said whose it is."
MINE = "This is about you. Another person has to settle it."


def test_what_is_about_an_account_that_is_nobodys_is_not_settled():
    alert = an_alert("colleague", person="", account="kari-of-a-test")
    assert (alert.subject, alert.about) == ("@kari-of-a-test", None)
    client = signed_in("ola", AUDITOR)
    page = text(client.get(reverse("admin:desk_alert", args=[alert.pk])))
    assert SAY_WHOSE in page and "<textarea" not in page
    done = client.post(reverse("admin:desk_alert_settle", args=[alert.pk]), {"words": "In order."})
    assert (done.status_code, SAY_WHOSE in text(done)) == (BAD, True)
    with pytest.raises(IntegrityError, match="nobody_is_not"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SETTLED, [person("ola").pk])


def test_who_got_the_account_later_does_not_settle_it_either():
    alert = an_alert("colleague", person="", account="kari-of-a-test")
    own, other = signed_in("kari", AUDITOR), signed_in("kari-2", AUDITOR, of="kari")
    address = reverse("admin:desk_alert_settle", args=[alert.pk])
    for client in (own, other):
        done = client.post(address, {"words": "In order."})
        assert (done.status_code, MINE in text(done)) == (BAD, True)
    assert signed_in("ola", AUDITOR).post(address, {"words": "In order."}).status_code == FOUND
    alert.refresh_from_db()
    assert (alert.about, alert.settled_by) == (person("kari"), person("ola"))


@pytest.mark.parametrize(
    "words",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"words": " "}, id="a blank"),
        pytest.param({"words": f"It was {NUMBER}"}, id="a person's number"),
        pytest.param({"words": "x" * 501}, id="too long"),
        pytest.param({"words": "a\0b"}, id="a NUL byte"),
    ],
)
def test_words_that_settle_nothing(words):
    alert = an_alert()
    done = signed_in("officer", OFFICER).post(reverse("admin:desk_alert_settle", args=[alert.pk]), words)
    assert (done.status_code, "Nothing was changed." in text(done)) == (BAD, True)
    assert Alert.objects.get().settled_at is None


def test_an_alert_is_settled_once():
    alert, officer = an_alert(), signed_in("officer", OFFICER)
    address = reverse("admin:desk_alert_settle", args=[alert.pk])
    assert officer.post(address, {"words": "Asked the agency; a test."}).status_code == FOUND
    again = officer.post(address, {"words": "Something else."})
    assert (again.status_code, "Somebody has settled this already." in text(again)) == (BAD, True)
    assert Alert.objects.get().words == "Asked the agency; a test."
    assert [event.pgh_label for event in alert.events.order_by("pgh_id")] == ["insert", "update"]


def test_every_look_is_noted():
    alert, officer = an_alert("person"), signed_in("officer", OFFICER)
    before = Access.objects.count()
    officer.get(reverse("admin:desk_watch"))
    officer.get(reverse("admin:desk_alerts"))
    officer.get(reverse("admin:desk_alert", args=[alert.pk]))
    officer.post(reverse("admin:desk_alert_behind", args=[alert.pk]))
    noted = Access.objects.order_by("at", "id")[before:]
    assert [(row.page, row.concerning, row.words.split(" ")[0]) for row in noted] == [
        ("desk watch", None, "period=day"),
        ("desk watch", None, "alerts"),
        ("desk watch", alert.pk, "alert"),
        ("desk watch", alert.pk, "behind"),
    ]
    assert bytes(noted[3].sought_hash).hex().endswith(alert.subject.partition(":")[2])


@pytest.mark.parametrize(
    ("kind", "group", "lines"),
    [
        pytest.param("refused", OFFICER, 3, id="records"),
        pytest.param("person", OFFICER, 4, id="records of a person"),
        pytest.param("requester", READER, 2, id="records of a RequesterID"),
        pytest.param("audience", OFFICER, 1, id="sums of requests turned away"),
        pytest.param("colleague", AUDITOR, 2, id="looks"),
    ],
)
def test_what_lies_behind(kind, group, lines):
    alert = an_alert(kind)
    page = text(signed_in("somebody", group).post(reverse("admin:desk_alert_behind", args=[alert.pk])))
    assert page.count('<th scope="row">') == lines


def test_looks_are_told_in_words():
    """Pages and marks are kept as codes."""
    address = reverse("admin:desk_alert_behind", args=[an_alert("colleague").pk])
    page = text(signed_in("somebody", AUDITOR).post(address, headers={"accept-language": "nb"}))
    assert ("det ble søkt etter oppføringer" in page, "<td>Kolleger</td>" in page) == (True, True)
    assert [code for code in ("desk search", "<td>colleague") if code in page] == []


def test_records_of_shielded_persons_are_hidden_from_whoever_lacks_the_right():
    alert = an_alert("shielded")
    address = reverse("admin:desk_alert_behind", args=[alert.pk])
    hidden = text(signed_in("reader", READER).post(address))
    assert hidden.count("About a shielded person, whom you may not see.") == 2
    assert "fi-utlegg-saldo" not in hidden
    assert text(signed_in("officer", OFFICER).post(address)).count("fi-utlegg-saldo") == 2


def test_pages_take_no_other_method():
    alert, officer = an_alert(), signed_in("officer", OFFICER)
    for name in ("desk_alert_behind", "desk_alert_settle"):
        assert officer.get(reverse(f"admin:{name}", args=[alert.pk])).status_code == NOT_ALLOWED
    assert officer.post(reverse("admin:desk_alerts")).status_code == NOT_ALLOWED
    assert officer.get(reverse("admin:desk_watch_person")).status_code == NOT_ALLOWED


def test_an_account_that_is_nobodys_sees_nothing():
    alert, nobody = an_alert(), signed_in("nobody", OFFICER, of="")
    assert nobody.get(reverse("admin:desk_alerts")).status_code == FORBIDDEN
    assert nobody.get(reverse("admin:desk_watch")).status_code == FORBIDDEN
    assert nobody.post(reverse("admin:desk_alert_behind", args=[alert.pk])).status_code == FORBIDDEN


def test_the_list_has_pages(django_assert_num_queries):
    rule = WatchRule.objects.get(kind="refused")
    row = {"rule": rule, "kind": "refused", "audience": "compliance", "window": "hour", "ends_at": NOON}
    row |= {"observed": 3, "threshold": 2, "subject": AGENCY, "consumer": AGENCY}
    moments = [NOON + n * HOUR for n in range(60)]
    Alert.objects.bulk_create([Alert(begins_at=moment, raised_at=moment, **row) for moment in moments])
    officer = signed_in("officer", OFFICER)
    address, seen = f"{reverse('admin:desk_alerts')}?state=open", []
    for _ in range(3):
        page = officer.get(address)
        seen += [one["alert"].raised_at for one in page.context["rows"]]
        address = page.context["older"]
    assert (address, seen) == (None, moments[::-1])
    assert officer.get(f"{reverse('admin:desk_alerts')}?p=older.x.y").status_code == BAD
    assert officer.get(f"{reverse('admin:desk_alerts')}?state=settled").context["rows"] == []


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"subject": "l1:" + "0" * 64}, id="no day"),
        pytest.param({"subject": "l1:" + "0" * 63, "day": "2026-11-22"}, id="no hash"),
        pytest.param({"subject": "l1:" + "0" * 64, "day": "２０２６-11-22"}, id="other digits"),
        pytest.param({"subject": ["l1:" + "0" * 64] * 2, "day": "2026-11-22"}, id="twice"),
        pytest.param({"subject": NUMBER, "day": "2026-11-22"}, id="a number"),
    ],
)
def test_a_person_who_is_none(sent):
    assert signed_in("officer", OFFICER).post(reverse("admin:desk_watch_person"), sent).status_code == BAD
