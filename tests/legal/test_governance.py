"""Drafts, their approval and what is in force: who may do what, on which day, and what the database refuses itself."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.utils import timezone

from audit.background import Background
from legal import governance
from legal.governance import NotAllowed
from legal.in_force import in_force, version_in_force
from legal.models import DataConsumer, ServiceVersion
from legal.register import Register, mandates_on, today_in_oslo
from tests.legal.governed import SLUG, approve, draft, person, rules, service, states

pytestmark = pytest.mark.django_db(databases=["default"])
DAY = timedelta(days=1)
TODAY = today_in_oslo()


@pytest.fixture
def kari():
    return person("Kari")


@pytest.fixture
def ola():
    return person("Ola")


@pytest.fixture
def saldo():
    return service()


def sentence(refused):
    return refused.value.messages


def test_two_people_bring_a_version_into_force(saldo, kari, ola):
    made = draft(saldo, kari, accounts_currency="withhold")
    assert states(saldo) == {1: "approved", 2: "draft"}
    done = approve(made, ola)
    assert states(saldo) == {1: "ended", 2: "approved"}
    assert (done.author, done.approver, done.origin, done.effective_from) == (kari, ola, "admin", today_in_oslo())
    assert version_in_force(saldo.pk, today=today_in_oslo()) == done
    assert done.rules == rules(accounts_currency="withhold")


def test_editing_an_approved_version_makes_a_draft_and_leaves_it_alone(saldo, kari):
    before = saldo.versions.get()
    made = governance.draft_from(before, by=kari)
    assert (made.number, made.state, made.rules, made.author) == (2, "draft", before.rules, kari)
    assert states(saldo) == {1: "approved", 2: "draft"}


REFUSED = {
    "the author approves": (lambda made, kari, ola: approve(made, kari), "You wrote this draft."),
    "it is approved twice": (
        lambda made, kari, ola: (approve(made, ola), approve(made, ola)),
        "This version is no draft any more.",
    ),
    "what is in force is approved": (
        lambda made, kari, ola: approve(made.service.versions.get(number=1), ola),
        "This version is no draft any more.",
    ),
    "a withdrawn draft is approved": (
        lambda made, kari, ola: (governance.withdraw(made, by=kari, today=TODAY), approve(made, ola)),
        "This version is no draft any more.",
    ),
    "the draft was changed since it was looked at": (
        lambda made, kari, ola: _approve_late(
            made,
            ola,
            lambda: governance.revise(made, rules=rules(accounts_type="withhold"), effective_from=None, by=kari),
        ),
        "has changed since you looked",
    ),
    "its day was changed since it was looked at": (
        lambda made, kari, ola: _approve_late(
            made, ola, lambda: governance.revise(made, rules=made.rules, effective_from=date(2031, 1, 1), by=kari)
        ),
        "has changed since you looked",
    ),
    "another version came into force since": (
        lambda made, kari, ola: _approve_late(made, ola, lambda: approve(draft(made.service, kari), ola)),
        "has changed since you looked",
    ),
    "another than the author edits": (
        lambda made, kari, ola: governance.revise(made, rules=rules(), effective_from=None, by=ola),
        "Only its author changes a draft.",
    ),
    "what is in force is edited": (
        lambda made, kari, ola: governance.revise(
            made.service.versions.get(number=1), rules=rules(), effective_from=None, by=kari
        ),
        "This version is no draft any more.",
    ),
    "another than the author withdraws a draft": (
        lambda made, kari, ola: governance.withdraw(made, by=ola, today=TODAY),
        "Only its author withdraws a draft.",
    ),
    "what is in force is withdrawn": (
        lambda made, kari, ola: governance.withdraw(made.service.versions.get(number=1), by=ola, today=TODAY),
        "can be withdrawn",
    ),
    "an unknown rule is saved": (
        lambda made, kari, ola: governance.revise(
            made,
            rules={**rules(), "steps": {"accounts": {**rules()["steps"]["accounts"], "period": "for ever"}}},
            effective_from=None,
            by=kari,
        ),
        "steps.accounts.period names an unknown rule",
    ),
    "another service's rules are saved": (
        lambda made, kari, ola: governance.revise(
            made, rules={**rules(), "service": "another"}, effective_from=None, by=kari
        ),
        f"service must be {SLUG}",
    ),
    "a text that another service has for the same agency": (
        lambda made, kari, ola: _approve_with_text(made, "FI-Utlegg-Test", kari, ola),
        "fi-utlegg-saldo has for 974761076 too",
    ),
}


def _approve_late(made, by, meanwhile):
    today = today_in_oslo()
    seen = governance.fingerprint(made, version_in_force(made.service_id, today=today))
    meanwhile()
    governance.approve(made, seen=seen, by=by, today=today)


def _approve_with_text(made, text, author, by):
    steps = {endpoint: {**step, "mandates": [text]} for endpoint, step in rules()["steps"].items()}
    governance.revise(made, rules={**rules(), "steps": steps}, effective_from=None, by=author)
    approve(made, by)


@pytest.mark.parametrize(("act", "words"), [pytest.param(*row, id=name) for name, row in REFUSED.items()])
def test_what_is_refused(saldo, kari, ola, act, words):
    made = draft(saldo, kari, accounts_currency="withhold")
    with pytest.raises(ValidationError) as refused:
        act(made, kari, ola)
    assert any(words in told for told in sentence(refused)), sentence(refused)


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        pytest.param(None, TODAY, id="no day"),
        pytest.param(TODAY - 40 * DAY, TODAY, id="a day that has passed"),
        pytest.param(TODAY, TODAY, id="today"),
        pytest.param(TODAY + DAY, TODAY + DAY, id="tomorrow"),
    ],
)
def test_no_version_is_in_force_before_it_is_approved(saldo, kari, ola, asked, given):
    ServiceVersion.objects.update(effective_from=date(2020, 1, 1))
    done = approve(draft(saldo, kari, asked, accounts_currency="withhold"), ola, TODAY)
    assert done.effective_from == given
    ruling = version_in_force(saldo.pk, today=TODAY)
    assert ruling.number == (2 if given == TODAY else 1)
    assert states(saldo) == ({1: "ended", 2: "approved"} if given == TODAY else {1: "approved", 2: "waiting"})


def approved(number, effective_from, approved_on=date(2026, 1, 1)):
    at = timezone.make_aware(timezone.datetime(approved_on.year, approved_on.month, approved_on.day, 0, 30))
    return ServiceVersion(number=number, effective_from=effective_from, approved_at=at)


@pytest.mark.parametrize(
    ("versions", "ruling"),
    [
        pytest.param([], None, id="none"),
        pytest.param([(1, TODAY + DAY)], None, id="one that waits"),
        pytest.param([(1, TODAY)], 1, id="from today"),
        pytest.param([(1, TODAY - DAY), (2, TODAY)], 2, id="the later day"),
        pytest.param([(1, TODAY), (2, TODAY - DAY)], 1, id="the later day, not the higher number"),
        pytest.param([(1, TODAY), (2, TODAY)], 2, id="the same day: the higher number"),
        pytest.param([(1, TODAY), (2, TODAY + DAY)], 1, id="until its day has come"),
        pytest.param([(1, None, TODAY), (2, TODAY - DAY)], 1, id="one of an earlier release, by its approval"),
        pytest.param([(1, None, TODAY - 2 * DAY), (2, TODAY - DAY)], 2, id="after one of an earlier release"),
        pytest.param([(1, None, TODAY + DAY)], None, id="approved at half past midnight in Oslo, tomorrow"),
    ],
)
def test_which_version_is_in_force(versions, ruling):
    found = in_force([approved(*version) for version in versions], today=TODAY)
    assert (found.number if found else None) == ruling


def test_what_is_stored_follows_at_the_next_act(saldo, kari, ola):
    ServiceVersion.objects.update(effective_from=date(2020, 1, 1))
    approve(draft(saldo, kari, TODAY + DAY), ola, TODAY)
    approve(draft(saldo, kari, TODAY + 9 * DAY), ola, TODAY)
    assert states(saldo) == {1: "approved", 2: "waiting", 3: "waiting"}
    last = approve(draft(saldo, kari, TODAY + 9 * DAY), ola, TODAY + 2 * DAY)
    assert states(saldo) == {1: "ended", 2: "approved", 3: "waiting", 4: "waiting"}
    governance.withdraw(last, by=kari, today=TODAY + 2 * DAY)
    assert states(saldo) == {1: "ended", 2: "approved", 3: "waiting", 4: "ended"}


def test_a_version_whose_day_has_come_cannot_be_withdrawn(saldo, kari, ola):
    ServiceVersion.objects.update(effective_from=date(2020, 1, 1))
    waiting = approve(draft(saldo, kari, TODAY + DAY), ola, TODAY)
    with pytest.raises(NotAllowed):
        governance.withdraw(waiting, by=ola, today=TODAY + DAY)


def test_midnight_needs_no_act_and_no_job(saldo, kari, ola):
    """The register follows the day in Oslo as it follows changes."""
    ServiceVersion.objects.filter(service=saldo).update(effective_from=date(2020, 1, 1))
    approve(draft(saldo, kari, TODAY + DAY, accounts_currency="withhold"), ola, TODAY)
    days = [TODAY]
    register = Register(today=lambda: days[0])
    register._background = Background("register of a test", lambda: 3600.0)
    ruling = []
    for days[0] in (TODAY, TODAY, TODAY + DAY):
        register.refresh()
        mandate = next(one for one in register.in_force().services if one.slug == SLUG).mandates["accounts"]
        ruling.append((mandate.version, "currency" in mandate.fields["accounts"]))
    assert ruling == [(1, True), (1, True), (2, False)]
    assert states(saldo) == {1: "approved", 2: "waiting"}


def test_new_agencies_come_with_the_version_and_closed_ones_stay_closed(saldo, kari, ola):
    closed = DataConsumer.objects.create(organisation_number="310000019", name="Closed", is_open=False)
    changed = rules()
    changed["consumers"] += [
        {"organisation_number": "310000019", "name": "Closed"},
        {"organisation_number": "889640782", "name": "New"},
    ]
    made = governance.draft_from(saldo.versions.get(), by=kari)
    governance.revise(made, rules=changed, effective_from=None, by=kari)
    assert not DataConsumer.objects.filter(organisation_number="889640782").exists()
    approve(made, ola)
    assert DataConsumer.objects.get(organisation_number="889640782").is_open
    closed.refresh_from_db()
    assert not closed.is_open


SQL = "UPDATE legal_serviceversion SET {} WHERE number = 2 AND service_id = %s"


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        pytest.param("approver_id = author_id", "approver_is_another_person", id="the author approves"),
        pytest.param(
            "state = 'waiting', approved_at = now(), effective_from = now(), approver_id = author_id",
            "approver_is_another_person",
            id="the author approves for later",
        ),
        pytest.param("approved_at = now()", "two_people_stand_behind_a_version", id="nobody approves"),
        pytest.param(
            "approved_at = now(), author_id = NULL, approver_id = author_id",
            "two_people_stand_behind_a_version",
            id="nobody wrote it",
        ),
        pytest.param("author_id = NULL", "two_people_stand_behind_a_version", id="a draft of nobody"),
        pytest.param("state = 'waiting'", "waiting_versions_are_approved", id="it waits without approval"),
        pytest.param("state = 'approved'", "approved_versions_say_when", id="in force without approval"),
        pytest.param(
            "state = 'approved', approved_at = now(), approver_id = (SELECT max(id) FROM legal_person)",
            "one_approved_version_of_a_service",
            id="two in force",
        ),
    ],
)
def test_what_the_database_refuses_itself(saldo, kari, ola, change, constraint):
    draft(saldo, kari)
    with pytest.raises(IntegrityError, match=constraint), connection.cursor() as cursor:
        cursor.execute(SQL.format(change), [saldo.pk])


@pytest.mark.parametrize(
    "save",
    [
        pytest.param(lambda version: version.save(), id="save"),
        pytest.param(lambda version: version.full_clean(), id="clean"),
        pytest.param(
            lambda version: ServiceVersion.objects.create(service=version.service, number=9, rules=version.rules),
            id="create",
        ),
    ],
)
def test_rules_with_a_fault_are_never_saved(saldo, save):
    version = saldo.versions.get()
    version.rules["fields"]["accounts"]["accounts.iban"] = "deliver"
    with pytest.raises(ValidationError, match=r"accounts\.iban is no field of the standard"):
        save(version)


def test_the_corridor_names_the_version_that_two_people_made(saldo, kari, ola):
    approve(draft(saldo, kari, accounts_currency="withhold"), ola)
    mandates = mandates_on(today_in_oslo())
    mandate = mandates.mandate(consumer="974761076", text="Saldo two", endpoint="accounts")
    assert (mandate.service, mandate.version) == (SLUG, 2)
