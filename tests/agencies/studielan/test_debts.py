"""The debt as Lånekassen's page prints it, read exactly, summed by ourselves and never called repaid."""

import contextlib
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agencies.studielan.debts import Debt, Kind, Part, Remark, Unreadable, masked, read_debt, rewritten, written

PERSON = "22899410096"
PRINTED = """
{"Accounts":[
  {"Balances":[{"BalanceType":"closingBooked",
                "BalanceAmount":{"currency":"NOK","amount":12684.79},
                "LastChangeDateTime":"2020-01-15T21:02:11.307Z"}],
   "Name":"Lån","Bban":"22899410096","Assert":""},
  {"Balances":[{"BalanceType":"closingBooked",
                "BalanceAmount":{"currency":"NOK","amount":90.44},
                "LastChangeDateTime":"2020-01-15T21:02:11.87Z"}],
   "Name":"Renter","Bban":"22899410096","Assert":""},
  {"Balances":[{"BalanceType":"closingBooked",
                "BalanceAmount":{"currency":"NOK","amount":280.0},
                "LastChangeDateTime":"2020-01-15T21:02:11.307Z"}],
   "Name":"Gebyr","Bban":"22899410096","Assert":""}],
 "TotalAmount":0}
"""
FIRST, SECOND = (datetime(2020, 1, 15, 21, 2, 11, fraction, UTC) for fraction in (307_000, 870_000))
HIDDEN = "•••••••••96"


def answer(*accounts, **members):
    return json.dumps({"Accounts": list(accounts), **members}).encode()


def account(*amounts, **members):
    balances = [{"BalanceAmount": {"currency": "NOK", "amount": amount}} for amount in amounts]
    return {"Balances": balances, "Name": "Lån", **members}


def balance(**members):
    return answer({"Balances": [members], "Name": "Lån"})


def test_the_printed_example():
    debt = read_debt(PRINTED.encode())
    assert debt == Debt(
        parts=(
            Part(Kind.PRINCIPAL, Decimal("12684.79"), FIRST, HIDDEN),
            Part(Kind.INTEREST, Decimal("90.44"), SECOND, HIDDEN),
            Part(Kind.FEES, Decimal("280.0"), FIRST, HIDDEN),
        ),
        stated_total=Decimal(0),
    )
    assert debt.total == Decimal("13055.23"), "its printed total of 0 is a placeholder"
    assert debt.remarks == (Remark.INTEREST_NOT_CURRENT, Remark.TOTAL_DIFFERS)
    assert PERSON not in repr(debt)
    assert "12684" not in repr(debt), "what is logged by mistake tells nothing"


@pytest.mark.parametrize(
    ("body", "total", "remarks"),
    [
        pytest.param(b'{"Accounts":[],"TotalAmount":0}', "0", {Remark.NOTHING_OWED}, id="no sub-accounts"),
        pytest.param(answer(account(0.0), TotalAmount=0), "0.0", {Remark.NOTHING_OWED}, id="a balance of zero"),
        pytest.param(b'{"TotalAmount":0}', "0", {Remark.NOTHING_OWED}, id="no list at all"),
        pytest.param(b'{"Accounts":[]}', "0", {Remark.NOTHING_OWED}, id="no total"),
        pytest.param(answer(account(-1540.25), TotalAmount=-1540.25), "-1540.25", {Remark.OVERPAID}, id="negative"),
        pytest.param(answer(account(10.1, 0.2), TotalAmount=10.3), "10.3", set(), id="several balances are summed"),
        pytest.param(answer(account(10.1), TotalAmount=10.11), "10.1", {Remark.TOTAL_DIFFERS}, id="an øre too much"),
        pytest.param(answer(account(10.10), TotalAmount=10.1), "10.1", set(), id="trailing zeros vary"),
        pytest.param(
            answer({"Name": "Renter"}), "0", {Remark.INTEREST_NOT_CURRENT, Remark.INCOMPLETE}, id="no balance"
        ),
        pytest.param(answer(account(None, 5)), "5", {Remark.INCOMPLETE}, id="an amount is absent"),
        pytest.param(balance(BalanceType="closingBooked"), "0", {Remark.INCOMPLETE}, id="no amount"),
        pytest.param(balance(BalanceAmount={"amount": 7}), "7", set(), id="neither type nor currency nor time"),
        pytest.param(answer(account(7, Name="Noe nytt")), "7", set(), id="a name the page does not have"),
        pytest.param(answer(account(7, Bban="x", New={"a": [1]}), New=1), "7", set(), id="unknown members"),
        pytest.param(answer(account(7, Balances=None)), "0", {Remark.INCOMPLETE}, id="null is absent"),
    ],
)
def test_what_is_said(body, total, remarks):
    debt = read_debt(body)
    assert (debt.total, set(debt.remarks)) == (Decimal(total), remarks)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<html></html>", id="a page"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"{}", id="an object of something else"),
        pytest.param(b'{"message":"Too busy"}', id="an error"),
        pytest.param(b'\xff{"Accounts":[]}', id="not UTF-8"),
        pytest.param(b'{"Accounts":[],"Accounts":[]}', id="a member twice"),
        pytest.param(b'{"Accounts":{}}', id="accounts are no list"),
        pytest.param(b'{"Accounts":["Laan"]}', id="an account is no object"),
        pytest.param(answer(*[account(1)] * 51), id="more accounts than can be"),
        pytest.param(b'{"Accounts":[],"TotalAmount":NaN}', id="not a number"),
        pytest.param(b'{"Accounts":[],"TotalAmount":"0"}', id="a number in quotation marks"),
        pytest.param(b'{"Accounts":[],"TotalAmount":true}', id="a truth"),
        pytest.param(b'{"Accounts":[],"TotalAmount":1E+999999999999999999999}', id="a number without end"),
        pytest.param(b'{"Accounts":[],"TotalAmount":1e12}', id="a number too large"),
        pytest.param(b'{"Accounts":[],"TotalAmount":1e-11}', id="a number too fine"),
        pytest.param(b'{"Accounts":[],"TotalAmount":' + b"1" * 5000 + b"}", id="a number too long"),
        pytest.param(b"[" * 200_000, id="nested too deeply"),
        pytest.param(balance(BalanceAmount={"currency": "EUR", "amount": 7}), id="another currency"),
        pytest.param(balance(BalanceType="expected", BalanceAmount={"amount": 7}), id="another type of balance"),
        pytest.param(balance(BalanceType=["closingBooked"], BalanceAmount={"amount": 7}), id="a type that is none"),
        pytest.param(balance(BalanceAmount=7), id="an amount without its object"),
    ],
)
def test_what_is_not_an_answer(body):
    with pytest.raises(Unreadable) as refused:
        read_debt(body)
    assert refused.value.__cause__ is None
    assert len(str(refused.value)) < 20, "a fixed word"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020-01-15T21:02:11Z", datetime(2020, 1, 15, 21, 2, 11, tzinfo=UTC)),
        ("2020-01-15T21:02:11.3Z", datetime(2020, 1, 15, 21, 2, 11, 300_000, UTC)),
        ("2020-01-15T21:02:11.87Z", SECOND),
        ("2020-01-15T21:02:11.307Z", FIRST),
        ("2020-01-15T21:02:11.3070000Z", FIRST),
        ("2020-01-15T22:02:11.307+01:00", FIRST),
        ("2020-01-15T21:02:11.307", None),
        ("yesterday", None),
        (17, None),
    ],
)
def test_moments(text, moment):
    body = balance(BalanceAmount={"amount": 1}, LastChangeDateTime=text)
    assert read_debt(body).parts[0].changed_at == moment


amounts = st.decimals(min_value=Decimal("-1e11"), max_value=Decimal("1e11"), places=2, allow_nan=False)


def as_balance(amount):
    return f'{{"BalanceAmount":{{"amount":{amount:f}}}}}'


@given(st.lists(st.tuples(st.sampled_from(list(Kind)), st.lists(amounts, min_size=1, max_size=4)), max_size=6))
def test_the_sum_is_exact_and_survives_being_written(accounts):
    whole = sum((amount for _, each in accounts for amount in each), Decimal(0))
    listed = [
        f'{{"Name":{json.dumps(kind.value)},"Balances":[{",".join(map(as_balance, each))}]}}' for kind, each in accounts
    ]
    debt = read_debt(f'{{"Accounts":[{",".join(listed)}],"TotalAmount":0}}'.encode())
    assert debt.total == whole
    assert debt.total_differs == (whole != 0)
    assert rewritten(json.loads(json.dumps(written(debt)))) == debt


@given(st.from_regex(r"[0-9]{11}", fullmatch=True))
def test_a_masked_number_shows_two_digits(number):
    assert masked(number) == "•••••••••" + number[-2:]


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reading(body):
    with contextlib.suppress(Unreadable):
        read_debt(body)
