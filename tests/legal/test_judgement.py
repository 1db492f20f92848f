"""Step 4 in one order for every endpoint: parameters, reference, control object, precondition, period."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from legal import judgement, refusals
from legal.endpoints import Endpoint
from legal.facts import NOTHING_KNOWN, Facts
from legal.periods import Period
from tests.accounts.enquiries import GRANT, NUMBER, TODAY, enquiry

GUARDIAN = "15819010029"
YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))
REVERSED = Period(TODAY, date(2026, 1, 1))
SENT = {"requester_id": None, "reference": None, "kind": None}


@pytest.mark.parametrize(
    ("rules", "columns", "sent", "refusal"),
    [
        pytest.param({}, {}, {}, None, id="nothing to object to"),
        pytest.param({}, {"period": REVERSED}, {}, refusals.PeriodReversed, id="period reversed"),
        pytest.param(
            {"owner": "primary_owner_only"}, {"only_primary_owner": False}, {}, refusals.OwnersOnly, id="owner rule"
        ),
        pytest.param({"requester": "required"}, {}, {}, refusals.RequesterMissing, id="requester rule"),
        pytest.param(
            {"requester": "empty"}, {}, {"requester_id": "x"}, refusals.RequesterNotAllowed, id="another requester rule"
        ),
        pytest.param({}, {}, {"reference": "x"}, refusals.AdditionalReferenceNotAllowed, id="reference rule"),
        pytest.param(
            {"additional_reference": "guardian"}, {}, {"kind": "pol1"}, refusals.TypeNotGuardian, id="type of reference"
        ),
        pytest.param(
            {"owner": "primary_owner_only", "requester": "required"},
            {"period": REVERSED, "only_primary_owner": False},
            {"reference": "x"},
            refusals.PeriodReversed,
            id="everything wrong: the period first",
        ),
        pytest.param(
            {"owner": "primary_owner_only", "requester": "required"},
            {"only_primary_owner": False},
            {"reference": "x"},
            refusals.OwnersOnly,
            id="then the owner",
        ),
        pytest.param(
            {"requester": "required"}, {}, {"reference": "x"}, refusals.RequesterMissing, id="then the requester"
        ),
    ],
)
def test_parameters(rules, columns, sent, refusal):
    asked = enquiry(rules=rules, **columns)
    if refusal is None:
        judgement.check_parameters(asked, **SENT | sent)
    else:
        with pytest.raises(refusal):
            judgement.check_parameters(asked, **SENT | sent)


@pytest.mark.parametrize(
    ("kind", "sent", "guardian"),
    [
        pytest.param("guardian", GUARDIAN, GUARDIAN, id="a guardian"),
        pytest.param("guardian", None, None, id="none sent"),
        pytest.param("empty", GUARDIAN, None, id="a mandate that wants none"),
    ],
)
def test_the_guardian_named(kind, sent, guardian):
    asked = enquiry(rules={"additional_reference": kind})
    read = judgement.read_reference(asked, sent, now=datetime(2026, 11, 21, tzinfo=UTC))
    assert read == replace(asked, guardian_number=guardian)


@pytest.mark.parametrize(
    ("synthetic", "check", "number", "refused"),
    [
        pytest.param(True, "log", GUARDIAN, False, id="made up, where persons are"),
        pytest.param(False, "log", GUARDIAN, True, id="made up, where persons are real"),
        pytest.param(True, "reject", "15819010020", True, id="wrong digits, rejected"),
        pytest.param(True, "log", "15819010020", False, id="wrong digits, logged"),
    ],
)
def test_a_number_that_this_environment_does_not_take(settings, synthetic, check, number, refused):
    settings.SYNTHETIC_PARTIES, settings.PARTY_NUMBER_CHECK = synthetic, check
    asked = enquiry(rules={"additional_reference": "guardian"})
    if refused:
        with pytest.raises(refusals.BadAdditionalReferenceID):
            judgement.read_reference(asked, number, now=datetime(2026, 11, 21, tzinfo=UTC))
        with pytest.raises(refusals.BadPartyID):
            judgement.check_party(number, refusal=refusals.BadPartyID)
    else:
        assert judgement.read_reference(asked, number, now=datetime(2026, 11, 21, tzinfo=UTC)).guardian_number == number


@pytest.mark.parametrize(
    ("pid", "party", "refused"),
    [
        pytest.param("", NUMBER, False, id="a token about nobody"),
        pytest.param("", None, False, id="a reference that means nobody"),
        pytest.param(NUMBER, NUMBER, False, id="about this person"),
        pytest.param(GUARDIAN, NUMBER, True, id="about another"),
        pytest.param(NUMBER, None, True, id="about a person, by a reference that means nobody"),
    ],
)
def test_a_token_about_one_person(pid, party, refused):
    asked = enquiry(grant=replace(GRANT, pid=pid))
    if refused:
        with pytest.raises(refusals.PidMismatch):
            judgement.check_control_object(asked, party, endpoint=Endpoint.ACCOUNTS)
    else:
        judgement.check_control_object(asked, party, endpoint=Endpoint.ACCOUNTS)


def never(asked):
    raise AssertionError("no fact is needed")


def test_no_fact_is_asked_for_without_a_precondition():
    asked = enquiry(period=YEAR)
    assert judgement.check_law(asked, facts=never, today=TODAY) == asked


RULING = {"precondition": "bankruptcy", "period": "year_before_ruling"}
DEATH = {"precondition": "death", "period": "three_months_before_death"}
GUARDIANSHIP = {"precondition": "guardianship", "period": "last_calendar_year"}
SPRING, AUTUMN = Period(date(2025, 3, 1), date(2025, 5, 31)), Period(date(2025, 9, 1), date(2025, 11, 30))
LATELY = Period(date(2026, 9, 1), TODAY)


@pytest.mark.parametrize(
    ("rules", "period", "known", "judged"),
    [
        pytest.param({"period": "ten_years"}, YEAR, NOTHING_KNOWN, YEAR, id="no precondition"),
        pytest.param(
            {"period": "today_only"}, YEAR, NOTHING_KNOWN, refusals.PeriodNotToday, id="the period rule alone"
        ),
        pytest.param(RULING, LATELY, Facts(ruling_date=date(2026, 10, 1)), LATELY, id="bankrupt"),
        pytest.param(RULING, LATELY, NOTHING_KNOWN, refusals.BankruptcyUnknown, id="not bankrupt"),
        pytest.param(
            RULING, YEAR, Facts(ruling_date=date(2026, 10, 1)), refusals.PeriodNotUntilToday, id="bankrupt, period"
        ),
        pytest.param(RULING, YEAR, NOTHING_KNOWN, refusals.BankruptcyUnknown, id="the precondition before the period"),
        pytest.param(DEATH, LATELY, Facts(date_of_death=date(2026, 10, 1)), LATELY, id="dead"),
        pytest.param(DEATH, LATELY, Facts(ruling_date=date(2026, 10, 1)), refusals.DeathUnknown, id="alive"),
        pytest.param(GUARDIANSHIP, YEAR, Facts(guardianships=(YEAR,)), YEAR, id="under guardianship throughout"),
        pytest.param(GUARDIANSHIP, YEAR, Facts(guardianships=(SPRING,)), SPRING, id="in spring only"),
        pytest.param(
            GUARDIANSHIP,
            YEAR,
            Facts(guardianships=(SPRING, AUTUMN)),
            Period(SPRING.from_date, AUTUMN.to_date),
            id="in spring and in autumn, to be told apart by account",
        ),
        pytest.param(GUARDIANSHIP, YEAR, NOTHING_KNOWN, refusals.GuardianshipUnknown, id="under none"),
        pytest.param(
            GUARDIANSHIP, LATELY, Facts(guardianships=(LATELY,)), refusals.PeriodNotLastYear, id="under one, this year"
        ),
    ],
)
def test_what_the_law_reaches(rules, period, known, judged):
    asked = enquiry(period=period, rules=rules)
    if isinstance(judged, Period):
        assert judgement.check_law(asked, facts=lambda enquiry: known, today=TODAY) == replace(asked, period=judged)
    else:
        with pytest.raises(judged):
            judgement.check_law(asked, facts=lambda enquiry: known, today=TODAY)


def test_a_period_that_needs_no_fact_is_judged_before_any():
    asked = enquiry(period=LATELY, rules=GUARDIANSHIP)
    with pytest.raises(refusals.PeriodNotLastYear):
        judgement.check_law(asked, facts=never, today=TODAY)
