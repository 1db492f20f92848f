"""Decisions about the trail in the admin: who sees and does what, and the two people without whom nothing goes."""

import html
import re
import uuid
from datetime import UTC, datetime
from http import HTTPStatus

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit import recording
from audit.models import Access, Decision, MonthKey
from audit.retain import standing
from compliance import retention_admin
from compliance.people import ADMINISTRATOR, OFFICER, REPORTING, make_groups
from legal.models import PersonAccount
from tests.audit.entries import answered
from tests.legal.governed import person

pytestmark = pytest.mark.django_db
OK, FOUND, FORBIDDEN, MISSING = HTTPStatus.OK, HTTPStatus.FOUND, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND
MONTH = datetime.now(UTC).date().replace(day=1)
NOBODY = uuid.UUID(int=1)


def client(account, *, of=None, group=OFFICER, superuser=False, strict=False):
    """Return a signed-in account, of a person unless `of` is None."""
    make_groups()
    user = User.objects.create_user(account, is_staff=True, is_superuser=superuser)
    user.groups.set(Group.objects.filter(name=group))
    if of is not None:
        PersonAccount.objects.create(user=user, person=person(of))
    made = Client(headers={"host": "testserver"}, enforce_csrf_checks=strict)
    made.force_login(user)
    return made


def page(name, *arguments):
    return reverse(f"admin:audit_decision_{name}", args=arguments)


def text(answer):
    return html.unescape(answer.content.decode())


def said(answer, browser):
    """Return what the page tells that a post leads to."""
    assert (answer.status_code, answer.headers["Location"]) == (FOUND, page("waiting"))
    return re.findall(r'<li class="(success|error)">(.*?)</li>', text(browser.get(page("waiting"))))


@pytest.fixture
def kari():
    return client("kari", of="Kari")


@pytest.fixture
def ola():
    return client("ola", of="Ola")


@pytest.fixture
def case():
    recording.record(answered())
    return answered().account_info_request_id


@pytest.fixture
def late(monkeypatch):
    """Let it be so late that this month's documents are due, of which there is a key."""
    day = MONTH.replace(year=MONTH.year + 1)
    monkeypatch.setattr(retention_admin, "today_in_utc", lambda: day)
    row = {"kind": "document", "service": "skatt-kontroll", "month": MONTH, "wrapped": b"x", "made_at": timezone.now()}
    MonthKey.objects.get_or_create(name=f"{MONTH:%Y%m}.document.skatt-kontroll", defaults=row)
    return f"documents|skatt-kontroll|{MONTH:%Y-%m}"


def kinds():
    return list(Decision.objects.order_by("at", "id").values_list("kind", "person", "account"))


def test_a_case_is_held_by_one_and_released_by_two(kari, ola, case):
    held = {"case": str(case), "ground": "The court asks"}
    assert said(kari.post(page("hold"), held), kari) == [("success", "The case is held.")]
    [hold] = standing.holds()
    asked = kari.post(page("release", hold.pk), {"ground": "Judged"})
    assert said(asked, kari) == [("success", "Asked. The case stays held until another person agrees.")]
    [request] = standing.waiting()
    mine = said(kari.post(page("approve"), {"request": [request.pk]}), kari)
    assert mine[0][0] == "error" and "Another person must agree" in mine[0][1]
    assert said(ola.post(page("approve"), {"request": [request.pk]}), ola) == [("success", "You agreed to 1 request.")]
    assert kinds() == [
        ("held", "kari", "kari"),
        ("release requested", "kari", "kari"),
        ("release approved", "ola", "ola"),
    ]


def test_deletions_that_are_due_are_asked_for_and_agreed_to_together(kari, ola, late):
    shown = text(kari.get(page("deletions")))
    assert f"Documents · skatt-kontroll · {MONTH:%Y-%m} · due since " in shown
    assert "Records" not in shown  # which are kept for 13 years
    done = kari.post(page("deletions"), {"deletions": [late], "ground": "90 days are over"})
    assert said(done, kari) == [("success", "Asked. Nothing is deleted before another person agrees.")]
    assert late not in text(kari.get(page("deletions")))
    [request] = standing.waiting()
    assert str(request.pk) not in re.findall(
        r'type="checkbox" name="request" value="(.*?)"', text(kari.get(page("waiting")))
    )
    assert re.findall(r'type="checkbox" name="request" value="(.*?)"', text(ola.get(page("waiting")))) == [
        str(request.pk)
    ]
    assert said(ola.post(page("approve"), {"request": [request.pk]}), ola) == [("success", "You agreed to 1 request.")]
    done = ola.post(page("turn_down", request.pk), {"ground": "A case is coming"})
    assert said(done, ola) == [("success", "It will not be done.")]
    assert [kind for kind, *_ in kinds()] == ["deletion requested", "deletion approved", "turned down"]


@pytest.mark.parametrize(
    ("name", "words", "because"),
    [
        pytest.param("hold", {"case": str(NOBODY), "ground": "x"}, "No record has this", id="an unknown case"),
        pytest.param("hold", {"case": "11 22", "ground": "x"}, "Enter a valid UUID", id="no case"),
        pytest.param("hold", {"case": str(NOBODY), "ground": " "}, "This field is required", id="no ground"),
        pytest.param("deletions", {"ground": "x"}, "This field is required", id="nothing ticked"),
        pytest.param(
            "deletions",
            {"ground": "x", "deletions": [f"records||{MONTH:%Y-%m}"]},
            "is not one of the available choices",
            id="what is not due",
        ),
    ],
)
def test_what_a_form_refuses(kari, late, name, words, because):
    answer = kari.post(page(name), words)
    assert answer.status_code == OK
    assert because in text(answer) and "Nothing was changed." in text(answer)
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("who", "sees", "does"),
    [
        pytest.param({"of": "Kari"}, OK, OK, id="compliance"),
        pytest.param({}, OK, FORBIDDEN, id="compliance without a person"),
        pytest.param({"superuser": True}, OK, FORBIDDEN, id="a superuser without a person"),
        pytest.param({"of": "Kari", "group": ADMINISTRATOR}, FORBIDDEN, FORBIDDEN, id="an administrator"),
        pytest.param({"of": "Kari", "group": REPORTING}, FORBIDDEN, FORBIDDEN, id="who reports"),
    ],
)
def test_who_sees_and_who_decides(case, late, who, sees, does):
    kari = client("first", of="First")
    kari.post(page("hold"), {"case": str(case), "ground": "The court asks"})
    [hold] = standing.holds()
    kari.post(page("release", hold.pk), {"ground": "Judged"})
    [request] = standing.waiting()
    browser = client("second", **who)
    seen = [page("changelist"), page("change", hold.pk), page("waiting")]
    assert [browser.get(where).status_code for where in seen] == [sees] * 3
    doing = [page("hold"), page("deletions"), page("release", hold.pk), page("turn_down", request.pk)]
    assert [browser.get(where).status_code for where in doing] == [does] * 4
    agreed = browser.post(page("approve"), {"request": [request.pk]}).status_code
    assert agreed == (FOUND if does == OK else FORBIDDEN)
    assert standing.approved().count() == (1 if does == OK else 0)


@pytest.mark.parametrize(("which", "status"), [("x", MISSING), (str(NOBODY), MISSING), ("99980015454", 400)])
def test_requests_that_nobody_made(kari, which, status):
    assert kari.post(page("approve"), {"request": [which]}).status_code == status
    assert kari.get(page("release", NOBODY)).status_code == MISSING
    assert kari.get(page("turn_down", NOBODY)).status_code == MISSING


@pytest.mark.parametrize("name", ["approve", "hold", "deletions"])
def test_only_our_own_pages_can_post(name):
    browser = client("kari", of="Kari", strict=True)
    assert browser.post(page(name), {"ground": "x"}).status_code == FORBIDDEN
    assert not Decision.objects.exists()


def test_nothing_is_approved_by_following_a_link(kari):
    assert kari.get(page("approve")).status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_each_look_is_noted(kari, case):
    kari.post(page("hold"), {"case": str(case), "ground": "The court asks"})
    [hold] = standing.holds()
    before = Access.objects.count()
    for where in (page("changelist"), page("waiting"), page("hold"), page("change", hold.pk)):
        assert kari.get(where).status_code == OK
    noted = Access.objects.order_by("at", "id").values_list("person", "page", "concerning")[before:]
    lists = [("kari", "decision list", None)] * 3
    assert list(noted) == [*lists, ("kari", "decision row", hold.pk)]


def test_a_decision_is_shown_whole_and_cannot_be_changed(kari, case):
    kari.post(page("hold"), {"case": str(case), "ground": "The <court> asks"})
    [hold] = standing.holds()
    shown = text(kari.get(page("change", hold.pk)))
    assert str(case) in shown and "Case held" in shown and "The <court> asks" in shown
    assert 'name="_save"' not in shown
    assert kari.post(page("change", hold.pk), {"ground": "another"}).status_code == FORBIDDEN
    found = text(kari.get(page("changelist"), {"q": str(case)}))
    assert page("change", hold.pk) in found
