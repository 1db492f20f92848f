"""The stand-in for Lånekassen: its answers, its cases, and its refusals in their order."""

import json
import uuid
from decimal import Decimal

import pytest
from hypothesis import given, strategies

from legal.numbers import is_person_number, is_synthetic
from sandbox.counterparts.lanekassen import throttle
from sandbox.counterparts.lanekassen.persons import PERSONS
from tests.sandbox.counterparts.consenting import (
    LOAN_SCOPE,
    balance_headers,
    balances,
    consent_token,
)

ACCOUNTS = "/lanekassen/saldo/v1/Accounts"
NUMBERS = {person.case: person.number for person in PERSONS}
PERSON = NUMBERS["13"]
NOBODY = "01859710189"

REQUIRED = ("ApiKey", "Authorization", "PSU_ID", "X-Request-Id")
LOAN, INTEREST, FEE, COSTS = "Lån", "Renter", "Gebyr", "Omkostninger"
MILLION = Decimal(1_000_000)
CASES = {
    "1a": ({LOAN}, "below"),
    "1b": ({LOAN}, "above"),
    "2": (set(), None),
    "3a": ({LOAN, INTEREST}, "below"),
    "3b": ({LOAN, INTEREST}, "above"),
    "4a": ({LOAN, INTEREST, FEE}, "below"),
    "4b": ({LOAN, INTEREST, FEE}, "above"),
    "5": ({LOAN, FEE}, None),
    "6": ({LOAN, INTEREST, COSTS}, None),
    "7": ({LOAN, INTEREST, FEE, COSTS}, None),
    "8": ({INTEREST, FEE}, None),
    "9": ({INTEREST}, None),
    "10": ({LOAN, COSTS}, None),
    "11": ({FEE}, None),
    "12": ({COSTS}, None),
    "13": ({LOAN, FEE, COSTS}, None),
    "14": ({INTEREST, FEE, COSTS}, None),
}
TEXTS = {
    400: "One or more headers are invalid",
    401: "Authorization token is invalid",
    403: "Consent token is invalid",
    404: "Requested PSU_ID does not exist",
    405: "Method not allowed",
    429: "Too busy",
    500: "Unknown error. Contact support if the error persists",
}


def is_refused(answered, status):
    assert (answered.status, answered.headers["Content-Type"]) == (status, "application/json; charset=utf-8")
    assert answered.json() == {"message": TEXTS[status]}


def with_consent(stand_ins, person, **changes):
    return balances(stand_ins, person, **{"Consent-ID": consent_token(stand_ins, person), **changes})


# --- answers ---


def test_the_persons_are_synthetic_and_each_has_one_case():
    assert list(NUMBERS) == [
        *CASES, "negative", "unknown", "expired", "withdrawn", "busy", "failing", "slow", "flawed",
    ]  # fmt: skip
    assert len(set(NUMBERS.values())) == len(PERSONS)
    for number in NUMBERS.values():
        assert is_person_number(number)
        assert is_synthetic(number)
        assert 81 <= int(number[2:4]) <= 92


def test_a_whole_answer(stand_ins):
    answered = with_consent(stand_ins, PERSON)

    assert (answered.status, answered.headers["Content-Type"]) == (200, "application/json; charset=utf-8")
    assert answered.data.decode() == (
        '{"Accounts":['
        '{"Balances":[{"BalanceType":"closingBooked","BalanceAmount":{"currency":"NOK","amount":12684.79},'
        '"LastChangeDateTime":"2026-01-15T21:02:11.307Z"}],"Name":"Lån","Bban":"22899410096","Assert":""},'
        '{"Balances":[{"BalanceType":"closingBooked","BalanceAmount":{"currency":"NOK","amount":280.0},'
        '"LastChangeDateTime":"2026-01-20T04:15:00.120Z"}],"Name":"Gebyr","Bban":"22899410096","Assert":""},'
        '{"Balances":[{"BalanceType":"closingBooked","BalanceAmount":{"currency":"NOK","amount":1120.0},'
        '"LastChangeDateTime":"2025-12-03T08:44:59.01Z"}],"Name":"Omkostninger","Bban":"22899410096","Assert":""}'
        '],"TotalAmount":14084.79}'
    )


def test_no_debt(stand_ins):
    assert with_consent(stand_ins, NUMBERS["2"]).data == b'{"Accounts":[],"TotalAmount":0}'


def read(answered):
    """Return the amounts by name, and the total."""
    assert answered.status == 200
    document = json.loads(answered.data, parse_float=Decimal)
    amounts = {each["Name"]: each["Balances"][0]["BalanceAmount"]["amount"] for each in document["Accounts"]}
    return amounts, document["TotalAmount"]


@pytest.mark.parametrize("case", CASES)
def test_a_case(stand_ins, case):
    names, place = CASES[case]
    amounts, total = read(with_consent(stand_ins, NUMBERS[case]))
    assert set(amounts) == names
    assert total == sum(amounts.values())
    assert all(amount > 0 for amount in amounts.values())
    assert place is None or (place == "below") == (total < MILLION)


def test_a_negative_total(stand_ins):
    amounts, total = read(with_consent(stand_ins, NUMBERS["negative"]))
    assert amounts == {LOAN: total} == {LOAN: Decimal("-1540.25")}


def test_a_total_that_is_not_the_sum_as_in_the_published_example(stand_ins):
    expected = {LOAN: Decimal("12684.79"), INTEREST: Decimal("90.44"), FEE: Decimal("280.0")}
    assert read(with_consent(stand_ins, NUMBERS["flawed"])) == (expected, 0)

    stand_ins.switch(**{"lanekassen.flawed_total": True})
    assert read(with_consent(stand_ins, PERSON))[1] == 0


# --- refusals, in the order of the checks ---


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "HEAD"])
def test_another_method(stand_ins, method):
    answered = stand_ins.ask(method, ACCOUNTS)
    assert (answered.status, answered.headers["Allow"]) == (405, "GET")


@pytest.mark.parametrize(
    "change",
    [
        *(
            pytest.param({name: None}, id=f"no {name}")
            for name in ("ApiKey", "Authorization", "PSU_ID", "X-Request-Id")
        ),
        pytest.param({"PSU_ID": None, "PSU-ID": PERSON}, id="PSU-ID with a hyphen"),
        pytest.param({"PSU_ID": PERSON[:10]}, id="ten digits"),
        pytest.param({"PSU_ID": f"{PERSON}0"}, id="twelve digits"),
        pytest.param({"PSU_ID": f"{PERSON[:6]} {PERSON[6:]}"}, id="a blank"),
        pytest.param({"X-Request-Id": "1"}, id="an X-Request-Id that is no UUID"),
    ],
)
def test_headers(stand_ins, change):
    """Nothing else is right about these calls: headers come first."""
    stand_ins.switch(**{"lanekassen.requests_per_second": 0})
    is_refused(balances(stand_ins, NOBODY, **{"ApiKey": "wrong", "Authorization": "wrong", **change}), 400)


def test_a_query_is_refused(stand_ins):
    assert stand_ins.ask("GET", f"{ACCOUNTS}?x=y", balance_headers(stand_ins, PERSON)).status == 400


def test_a_request_id_is_new_each_time(stand_ins):
    own = str(uuid.uuid4())
    answers = [with_consent(stand_ins, PERSON, **{"X-Request-Id": each}).status for each in (own, own.upper())]
    assert answers == [200, 400]


TOKENS = {
    "sent with Bearer": lambda token: f"Bearer {token()}",
    "in quotation marks": lambda token: f'"{token()}"',
    "no token": lambda token: "x",
    "expired": lambda token: token(exp=1_700_000_000),
    "of another issuer": lambda token: token(iss="https://test.maskinporten.no/"),
    "with a wrong signature": lambda token: f"{token()[:-8]}{'A' * 8}",
    "for another scope": lambda token: token(scope="skatteetaten:aktivkonto"),
}


@pytest.mark.parametrize("make", TOKENS.values(), ids=TOKENS)
def test_token(stand_ins, make):
    stand_ins.switch(**{"lanekassen.requests_per_second": 0})
    token = make(lambda **claims: stand_ins.token(claims.pop("scope", LOAN_SCOPE), **claims))
    is_refused(balances(stand_ins, PERSON, Authorization=token), 401)


def test_key(stand_ins):
    stand_ins.switch(**{"lanekassen.requests_per_second": 0})
    is_refused(balances(stand_ins, PERSON, ApiKey="sandbox-altinn"), 401)


def test_too_busy_comes_before_the_consent(stand_ins):
    stand_ins.switch(**{"lanekassen.requests_per_second": 0.001})
    headers = [balance_headers(stand_ins, PERSON) for _ in range(3)]
    asked = [stand_ins.ask("GET", ACCOUNTS, each) for each in headers]
    assert asked[0].status == 403
    is_refused(asked[1], 429)

    stand_ins.switch(**{"lanekassen.requests_per_second": None})
    is_refused(balances(stand_ins, NUMBERS["busy"]), 429)


def test_each_consumer_has_its_own_bucket(stand_ins):
    stand_ins.switch(**{"lanekassen.requests_per_second": 0.001})
    other = stand_ins.token(LOAN_SCOPE, consumer="351000007")
    tokens = [stand_ins.token(LOAN_SCOPE), other]
    assert [balances(stand_ins, PERSON, Authorization=token).status for token in tokens] == [403, 403]


@pytest.mark.parametrize(
    ("draws", "rate", "expected"),
    [
        pytest.param([0] * 11, 10, [True] * 10 + [False], id="ten at once"),
        pytest.param([0, 0, 0.5, 0.5], 2, [True, True, True, False], id="half a second fills one of two"),
        pytest.param([0, 99, 99, 99], 2, [True, True, True, False], id="it holds no more than it holds"),
        pytest.param([0, -5, -5], 1, [True, False, False], id="a clock put back fills nothing"),
        pytest.param([0, 0, 500, 1000], 0.001, [True, False, False, True], id="one in a thousand seconds"),
        pytest.param([0, 1, 2], 0, [False] * 3, id="nothing"),
    ],
)
def test_the_bucket(draws, rate, expected):
    bucket, drawn = None, []
    for at in draws:
        bucket = throttle.drawn(bucket, 1000 + at, rate)
        drawn.append(bucket["drawn"])
    assert drawn == expected


@given(
    rate=strategies.integers(1, 50),
    waits=strategies.lists(strategies.floats(0, 3), min_size=1, max_size=200),
)
def test_no_bucket_gives_more_than_it_held_and_was_filled_with(rate, waits):
    bucket, at, drawn = None, 1_000.0, 0
    for wait in waits:
        at += wait
        bucket = throttle.drawn(bucket, at, rate)
        drawn += bucket["drawn"]
    assert 1 <= drawn <= rate + (at - 1_000 - waits[0]) * rate + 1e-6


@pytest.mark.parametrize(
    ("case", "status"), [("unknown", 404), ("expired", 403), ("withdrawn", 403), ("busy", 429), ("failing", 500)]
)
def test_a_persons_fate(stand_ins, case, status):
    is_refused(with_consent(stand_ins, NUMBERS[case]), status)
    assert stand_ins.ask("GET", "/control/lanekassen/consents").json() == {"consents": {}}


def test_a_number_that_nobody_knows(stand_ins):
    is_refused(with_consent(stand_ins, "03819512085"), 404)


def test_a_slow_answer(stand_ins):
    stand_ins.switch(**{"lanekassen.slow_seconds": 0.01})
    assert with_consent(stand_ins, NUMBERS["slow"]).status == 200
