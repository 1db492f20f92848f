"""What counts, month by month: the page's rules as a model of their own, held against what the stand-in answers."""

import itertools
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agencies import tokens
from agencies.errors import NotFound
from agencies.pension.client import JSON, XML, PensionClient, Question, Terms, Validity
from agencies.pension.codes import NothingThere
from agencies.pension.reading import EFFECT, VALIDITY, read_validity

SCOPE = "skatteetaten:tjenestepensjonsavtale"
PROVIDER = "213456008"
TODAY = "2022-08"
EMPLOYERS = itertools.count(311_000_000)
NUMBERS = st.integers(min_value=2019 * 12, max_value=2022 * 12 + 7)


def text(month):
    return f"{month // 12}-{month % 12 + 1:02}"


def number(month):
    year, _, place = month.partition("-")
    return int(year) * 12 + int(place) - 1


def both_reported(month, agreements, reports):
    """Both sides have reported the month, which counts from 2021-01 on; nobody reports what lies ahead."""
    if not number("2021-01") <= month <= number(TODAY):
        return False
    return all(any(first <= month <= (last or month) for first, last in side) for side in (agreements, reports))


def has_effect(month, agreements, reports):
    """The month lies no more than 15 before an agreement month, or one after; and not before 2020-01."""
    near = range(month - 1, month + 16)
    return month >= number("2020-01") and any(both_reported(other, agreements, reports) for other in near)


SPAN = st.tuples(NUMBERS, st.none() | NUMBERS).filter(lambda span: span[1] is None or span[0] <= span[1])
SIDE = st.lists(SPAN, min_size=1, max_size=3)
ASKED = st.tuples(NUMBERS, NUMBERS).map(sorted)


@pytest.fixture
def report(stand_ins):
    """Return a function that lets the bank register agreements and an employer report months; it gives the employer."""
    bearer = {"Authorization": f"Bearer {stand_ins.token(SCOPE)}", "Content-Type": "application/json"}
    stand_ins.switch(**{"pension.today": TODAY})

    def both(agreements, reports):
        employer = str(next(EMPLOYERS))
        for place, (first, last) in enumerate(agreements):
            terms = Terms(f"agreement {place}", employer, text(first), text(last) if last else "")
            assert stand_ins.ask("POST", "/otp/v1/otp/avtaleforhold", bearer, terms.body()).status == 201
        months = [[text(first), text(last) if last else None] for first, last in reports]
        stand_ins.switch(**{"pension.employer_months": {f"{PROVIDER}/{employer}": months}})
        return employer

    return both


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(agreements=SIDE, reports=SIDE, asked=ASKED)
def test_the_law_of_validity(stand_ins, report, agreements, reports, asked):
    employer = report(agreements, reports)
    question = Question(PROVIDER, employer, *map(text, asked))
    query = "&".join(f"{name}={value}" for name, value in question.parameters().items())
    bearer = {"Authorization": f"Bearer {stand_ins.token(SCOPE)}"}
    for path, shape, law in (
        ("gyldighet", VALIDITY, both_reported),
        ("virkningsperiode/gyldighet", EFFECT, has_effect),
    ):
        missing = [text(month) for month in range(asked[0], asked[1] + 1) if not law(month, agreements, reports)]
        for accept in (JSON, XML):
            address = f"/otp/v1/nav/avtaleforhold/{path}?{query}"
            answer = stand_ins.ask("GET", address, {**bearer, "Accept": accept})
            assert read_validity(answer.data, shape, accept=accept) == Validity(not missing, tuple(missing))


@pytest.fixture
def client(stand_ins, settings, db):
    """Return a function that gives the bank's client of a profile and format, before the stand-in."""
    for name, value in stand_ins.settings.items():
        setattr(settings, name, value)
    tokens.store.forget()

    def make(profile="current", accept=JSON):
        settings.OTP_PROFILE = profile
        settings.OTP_BASE_URL = stand_ins.base + ("" if profile == "seed" else "/otp/v1")
        return PensionClient(today=date(2022, 8, 15), accept=accept)

    return make


ALL_OF_2021 = [("2021-01", "2021-12")]
RUNNING = [("2021-01", None)]


@pytest.mark.parametrize(("profile", "accept"), [("seed", XML), ("current", JSON)])
@pytest.mark.parametrize(
    ("agreements", "reports", "asked", "not_valid", "no_effect"),
    [
        pytest.param(RUNNING, ALL_OF_2021, ("2021-01", "2021-06"), [], [], id="full cover"),
        pytest.param(
            RUNNING,
            ALL_OF_2021,
            ("2020-01", "2020-06"),
            ["2020-01", "2020-02", "2020-03", "2020-04", "2020-05", "2020-06"],
            [],
            id="before there were agreements",
        ),
        pytest.param(
            RUNNING,
            [("2021-01", "2021-03"), ("2021-06", "2021-12")],
            ("2021-02", "2021-07"),
            ["2021-04", "2021-05"],
            [],
            id="a gap",
        ),
        pytest.param(
            ALL_OF_2021,
            [("2021-01", "2021-06")],
            ("2021-05", "2021-09"),
            ["2021-07", "2021-08", "2021-09"],
            ["2021-08", "2021-09"],
            id="the employer stopped",
        ),
        pytest.param(
            [("2021-01", "2021-03"), ("2021-04", None)],
            ALL_OF_2021,
            ("2021-02", "2021-05"),
            [],
            [],
            id="two agreements",
        ),
        pytest.param(
            [("2021-07", None)],
            [("2021-07", "2021-12")],
            ("2020-01", "2020-06"),
            ["2020-01", "2020-02", "2020-03", "2020-04", "2020-05", "2020-06"],
            ["2020-01", "2020-02", "2020-03"],
            id="the page's sample of the second answer",
        ),
    ],
)
def test_the_fixtures_of_the_page(client, report, profile, accept, agreements, reports, asked, not_valid, no_effect):
    def numbers(spans):
        return [(number(first), number(last) if last else None) for first, last in spans]

    employer = report(numbers(agreements), numbers(reports))
    question, pension = Question(PROVIDER, employer, *asked), client(profile, accept)
    assert pension.validity(question) == Validity(not not_valid, tuple(not_valid))
    assert pension.effect(question) == Validity(not no_effect, tuple(no_effect))


@pytest.mark.parametrize(("profile", "code"), [("seed", "OTP-001"), ("current", "OTP-007")])
def test_a_pair_that_nobody_reported(client, profile, code):
    with pytest.raises(NotFound) as raised:
        client(profile).validity(Question(PROVIDER, "399999990", "2021-01", "2021-02"))
    assert raised.value.code == code


@pytest.mark.parametrize("accept", [JSON, XML])
@pytest.mark.parametrize("profile", ["seed", "current"])
def test_the_life_of_an_agreement(client, stand_ins, profile, accept):
    """Registered, changed, opened again and deleted; and deleted once more, which is an error."""
    pension, employer = client(profile, accept), str(next(EMPLOYERS))
    for last in ("", "2021-12", ""):
        pension.register(Terms("år/1", employer, "2021-01", last))
        held = stand_ins.ask("GET", "/control/pension/agreements").json()
        assert held == {f"{PROVIDER}/{employer}": {"år/1": ["2021-01", last or None]}}
    pension.delete(reference="år/1", employer=employer)
    assert stand_ins.ask("GET", "/control/pension/agreements").json() == {}
    with pytest.raises(NothingThere):
        pension.delete(reference="år/1", employer=employer)
