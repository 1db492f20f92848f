"""What is kept how long is read strictly, and no month is due a day early."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.partitions import next_month
from audit.retain.checks import check_retention
from audit.retain.models import Decision
from audit.retain.policy import Policy, Retention, faults, policy_in_force

LIMITATION = "foreldelsesloven §§ 2 and 10: 3 years, and 10 more"
POLICE = "the order itself"
DAYS = {"*": 90, "fi-utlegg-saldo": 365, "skatt-kontroll": 0}
RETENTION = {"*": {"years": 13, "ground": LIMITATION}, "politi-utlevering": {"years": 20, "ground": POLICE}}
What = Decision.What


def one(**changed):
    return {"*": {"years": 13, "ground": LIMITATION, **changed}}


@pytest.mark.parametrize(
    ("days", "retention", "found"),
    [
        pytest.param(DAYS, RETENTION, [], id="as the README shows it"),
        pytest.param({"*": 4745}, one(), [], id="answers as long as the records"),
        pytest.param({"*": 1}, one(years=1), [], id="the shortest"),
        pytest.param({"*": 90, "agencies:bsu": 30}, one(), [], id="a service of the bank's own errands"),
        pytest.param(
            {"*": 0},
            one(),
            ["AUDIT_ANSWER_DAYS: 0 is chosen for a service by its name, never for all of them."],
            id="0",
        ),
        pytest.param({"*": -1}, one(), ["AUDIT_ANSWER_DAYS: * must be whole days, 0 or more."], id="less than nothing"),
        pytest.param({"*": 1.5}, one(), ["AUDIT_ANSWER_DAYS: * must be whole days, 0 or more."], id="half a day"),
        pytest.param({"*": "90"}, one(), ["AUDIT_ANSWER_DAYS: * must be whole days, 0 or more."], id="a text"),
        pytest.param({"*": True}, one(), ["AUDIT_ANSWER_DAYS: * must be whole days, 0 or more."], id="true"),
        pytest.param({"*": None}, one(), ["AUDIT_ANSWER_DAYS: * must be whole days, 0 or more."], id="null"),
        pytest.param(90, one(), ["AUDIT_ANSWER_DAYS: must be a JSON object."], id="a bare number"),
        pytest.param(
            {"skatt-kontroll": 1},
            one(),
            ["AUDIT_ANSWER_DAYS: * must stand for the services that are not named."],
            id="nothing for the others",
        ),
        pytest.param(
            {"*": 1, "Skatt Kontroll": 1}, one(), ["AUDIT_ANSWER_DAYS: a name is no service's."], id="a title"
        ),
        pytest.param(
            {"*": 4746},
            one(),
            ["AUDIT_ANSWER_DAYS: * is kept longer than the records themselves."],
            id="answers outlive records",
        ),
        pytest.param(
            {"*": 400},
            {**one(), "skatt-kontroll": {"years": 1, "ground": "short"}},
            ["AUDIT_ANSWER_DAYS: skatt-kontroll is kept longer than the records themselves."],
            id="answers outlive the records of one service",
        ),
        pytest.param(
            {"*": 1},
            one(years=0),
            ["AUDIT_RETENTION: the years of * must be a whole number from 1 to 100."],
            id="no year",
        ),
        pytest.param(
            {"*": 1},
            one(years=True),
            ["AUDIT_RETENTION: the years of * must be a whole number from 1 to 100."],
            id="true years",
        ),
        pytest.param(
            {"*": 1},
            one(ground=" "),
            ["AUDIT_RETENTION: the ground of * must be written, in at most 500 characters."],
            id="no ground",
        ),
        pytest.param(
            {"*": 1},
            {"*": {"years": 13}},
            ["AUDIT_RETENTION: * must have years and ground, and nothing else."],
            id="a ground forgotten",
        ),
        pytest.param(
            {"*": 1},
            one(months=2),
            ["AUDIT_RETENTION: * must have years and ground, and nothing else."],
            id="an unknown word",
        ),
        pytest.param(
            {"*": 1}, {"*": 13}, ["AUDIT_RETENTION: * must have years and ground, and nothing else."], id="years alone"
        ),
        pytest.param({"*": 1}, [], ["AUDIT_RETENTION: must be a JSON object."], id="a list"),
        pytest.param(
            None,
            None,
            ["AUDIT_ANSWER_DAYS: must be a JSON object.", "AUDIT_RETENTION: must be a JSON object."],
            id="nothing",
        ),
    ],
)
def test_what_a_policy_may_say(days, retention, found):
    assert faults(days, retention) == found
    if found:
        with pytest.raises(ValueError, match="AUDIT_"):
            Policy.read(days, retention)
    else:
        assert Policy.read(days, retention).longest.years >= Policy.read(days, retention).years("*")


@pytest.mark.parametrize(
    ("service", "days", "retention"),
    [
        pytest.param("fi-utlegg-saldo", 365, Retention(13, LIMITATION), id="named for its answers"),
        pytest.param("skatt-kontroll", 0, Retention(13, LIMITATION), id="chooses nothing by name"),
        pytest.param("politi-utlevering", 90, Retention(20, POLICE), id="named for its records"),
        pytest.param("agencies:bsu", 90, Retention(13, LIMITATION), id="not named"),
        pytest.param("", 90, Retention(13, LIMITATION), id="no service"),
        pytest.param("-", 90, Retention(13, LIMITATION), id="no service, in the name of a key"),
    ],
)
def test_each_service_has_its_own(service, days, retention):
    policy = Policy.read(DAYS, RETENTION)
    assert (policy.answer_days(service), policy.retention(service)) == (days, retention)
    assert (policy.years(service), policy.ground(service)) == (retention.years, retention.ground)
    assert policy.longest == Retention(20, POLICE)


@pytest.mark.parametrize(
    ("what", "service", "month", "due"),
    [
        pytest.param(What.DOCUMENTS, "", date(2026, 8, 1), date(2026, 11, 30), id="documents after 90 days"),
        pytest.param(What.DOCUMENTS, "fi-utlegg-saldo", date(2026, 2, 1), date(2027, 3, 1), id="documents after 365"),
        pytest.param(What.DOCUMENTS, "skatt-kontroll", date(2026, 8, 1), date(2026, 9, 1), id="documents never kept"),
        pytest.param(What.NUMBERS, "skatt-kontroll", date(2026, 12, 1), date(2040, 1, 1), id="numbers after 13 years"),
        pytest.param(
            What.NUMBERS, "politi-utlevering", date(2028, 2, 1), date(2048, 3, 1), id="numbers of a leap month"
        ),
        pytest.param(What.RECORDS, "", date(2026, 11, 1), date(2046, 12, 1), id="records as the longest"),
        pytest.param(What.SUMS, "", date(2026, 11, 1), date(2039, 12, 1), id="sums as the default"),
        pytest.param(What.ACCESSES, "", date(2026, 11, 1), date(2039, 12, 1), id="accesses as the default"),
    ],
)
def test_from_which_day(what, service, month, due):
    policy = Policy.read(DAYS, RETENTION)
    assert policy.due_from(what, service, month) == due
    assert not policy.is_due(what, service, month, today=due - timedelta(days=1))
    assert policy.is_due(what, service, month, today=due)


@given(
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.integers(1, 36_500),
    st.integers(1, 100),
    st.sampled_from(What),
)
def test_no_month_is_due_before_its_last_day_is_old_enough(day, days, years, what):
    days = min(days, years * 365)
    policy, month = Policy.read({"*": days}, one(years=years)), day.replace(day=1)
    last = next_month(month) - timedelta(days=1)
    age = timedelta(days=days if what == What.DOCUMENTS else years * 365)
    assert policy.due_from(what, "", month) > last + age


def test_the_policy_of_this_installation(settings):
    assert policy_in_force() == Policy.read(settings.AUDIT_ANSWER_DAYS, settings.AUDIT_RETENTION)


def test_a_faulty_policy_stops_the_start(settings):
    assert check_retention() == []
    settings.AUDIT_ANSWER_DAYS = {"*": 0}
    sentence = "AUDIT_ANSWER_DAYS: 0 is chosen for a service by its name, never for all of them."
    assert [(error.id, error.msg) for error in check_retention()] == [("dsop.E056", sentence)]
