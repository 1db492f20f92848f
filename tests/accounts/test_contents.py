"""What is in an account: balances of a day, cards of its months, and who may use it, as the endpoints tell it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from accounts import contents
from accounts.contents import BalanceRow, CardRow, HolderRow
from accounts.ledger import OWNED_OR_DISPOSED
from accounts.models import FinancialInstitution
from accounts.references import Referred, context_of, reference_to
from accounts.views import AccountDetails, Cards, Roles, Transactions
from legal.periods import Period
from tests.accounts.conftest import OURS
from tests.accounts.documents import sent
from tests.accounts.enquiries import AUDIENCE, NUMBER, TODAY, enquiry

PARTNER, THIRD = "15819010029", "55859010082"
AS_OF = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
HISTORY_FROM = date(2016, 11, 21)
SHIELDED = "Information about another party is not available through this channel."
OFFLINE = "Part of the period lies before the history that is available through this channel."
COMPLETE = {"status": "complete"}
YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))


@pytest.fixture(autouse=True)
def audiences(settings):
    settings.AUDIENCES = {AUDIENCE: [OURS]}


@pytest.fixture
def owned(bank):
    """An account that the party asked about has always owned."""
    bank.me = bank.party(NUMBER)
    bank.mine = bank.account()
    bank.role(bank.mine, bank.me)
    return bank


def answered(endpoint, account, period, *, number=NUMBER, **rules):
    """Return the endpoint's document about the account, walked through as the corridor does."""
    asked = enquiry(number=number, period=period, rules=rules)
    reference = reference_to(Referred(account.pk, number), context_of(asked))
    view = endpoint()
    asked = enquiry(reference=reference, period=period, rules=rules)
    assert view.control_object(asked) == number
    return sent(view.document(asked).document)


def balances(account, period):
    """Return the balances and whether the answer is complete."""
    document = answered(AccountDetails, account, period)
    found = [(row["type"], row["amount"], row["registered"]) for row in document["account"]["balances"]]
    return found, document["responseDetails"]


def at(text):
    return datetime.fromisoformat(text)


WINTER, SUMMER = date(2025, 12, 31), date(2025, 6, 30)


@pytest.mark.parametrize(
    ("history", "day", "amount"),
    [
        pytest.param(["2025-12-31T22:59:59.999999Z"], WINTER, 0, id="last moment of the day, in winter"),
        pytest.param(["2025-12-31T23:00:00Z"], WINTER, None, id="first moment of the next, in winter"),
        pytest.param(["2025-06-30T21:59:59.999999Z"], SUMMER, 0, id="last moment of the day, in summer"),
        pytest.param(["2025-06-30T22:00:00Z"], SUMMER, None, id="first moment of the next, in summer"),
        pytest.param(["2017-01-01T12:00:00Z"], WINTER, 0, id="years ago"),
        pytest.param(["2025-05-01T12:00:00Z", "2025-06-01T12:00:00Z", "2025-07-01T12:00:00Z"], SUMMER, 1, id="between"),
        pytest.param(["2025-06-01T12:00:00Z", "2025-05-01T12:00:00Z"], SUMMER, 0, id="stored in another order"),
        pytest.param([], SUMMER, None, id="none"),
    ],
)
def test_the_booked_balance_of_a_past_day(owned, history, day, amount):
    neighbour = owned.account()
    owned.booked(neighbour, 999, at("2025-06-29T12:00:00Z"))
    for number, moment in enumerate(history):
        owned.booked(owned.mine, number, at(moment))
    owned.balance(owned.mine, "bookedBalance", "500.00", AS_OF - timedelta(days=400))
    registered = None if amount is None else f"{at(history[amount]):%Y-%m-%dT%H:%M:%SZ}"
    expected = [] if amount is None else [("bookedBalance", Decimal(amount), registered)]
    assert balances(owned.mine, Period(day - timedelta(days=30), day)) == (expected, COMPLETE)


def test_whole_past_balance(owned):
    line = {"credit_line_included": True, "credit_line_amount": Decimal("1000.00"), "credit_line_currency": "NOK"}
    moment = at("2025-06-01T12:00:00.500000Z")
    owned.booked(owned.mine, "-12345678901234567890.12345", moment, **line)
    assert contents.booked_balance_of(owned.mine.pk, before=moment) == []
    assert contents.booked_balance_of(owned.mine.pk, before=moment + timedelta(microseconds=1)) == [
        BalanceRow(
            *("bookedBalance", Decimal("-12345678901234567890.12345"), "NOK", True, Decimal(1000), "NOK", moment),
            as_of=AS_OF,
        )
    ]


BOTH = [
    ("availableBalance", Decimal("8.00"), "2026-11-21T04:00:00Z"),
    ("bookedBalance", Decimal("10.00"), "2026-11-21T04:00:00Z"),
]
PAST = [("bookedBalance", Decimal("7.00"), "2025-06-01T12:00:00Z")]


@pytest.fixture
def with_balances(owned):
    owned.balance(owned.mine, "availableBalance", "8.00", AS_OF - timedelta(hours=1))
    owned.balance(owned.mine, "bookedBalance", "10.00", AS_OF - timedelta(hours=1))
    owned.booked(owned.mine, "3.00", at("2015-06-01T12:00:00Z"))
    owned.booked(owned.mine, "7.00", at("2025-06-01T12:00:00Z"))
    return owned


@pytest.mark.parametrize(
    ("period", "expected", "response_details"),
    [
        pytest.param(Period(TODAY, TODAY), BOTH, COMPLETE, id="today: both"),
        pytest.param(Period(date(2017, 1, 1), TODAY), BOTH, COMPLETE, id="until today: both"),
        pytest.param(Period(date(2017, 1, 1), date(2026, 11, 20)), PAST, COMPLETE, id="until yesterday: booked"),
        pytest.param(Period(HISTORY_FROM, HISTORY_FROM), 3, COMPLETE, id="the first day of history"),
        pytest.param(
            Period(date(2016, 11, 20), date(2016, 11, 20)),
            [],
            {"status": "partial", "message": OFFLINE},
            id="the day before: none, and partial",
        ),
    ],
)
def test_which_balances(with_balances, period, expected, response_details):
    expected = [("bookedBalance", Decimal("3.00"), "2015-06-01T12:00:00Z")] if expected == 3 else expected
    assert balances(with_balances.mine, period) == (expected, response_details)


@pytest.mark.parametrize(
    ("end", "period", "expected", "message"),
    [
        pytest.param(date(2025, 7, 1), YEAR, PAST, None, id="role ended inside the period: its last day"),
        pytest.param(date(2025, 5, 31), Period(YEAR.from_date, TODAY), [], None, id="before the first change: none"),
        pytest.param(date(2025, 7, 1), Period(YEAR.from_date, TODAY), PAST, None, id="ended, and asked until today"),
        pytest.param(TODAY, Period(YEAR.from_date, TODAY), BOTH, None, id="ends today"),
        pytest.param(date(2012, 1, 1), Period(date(2011, 1, 1), TODAY), [], OFFLINE, id="ended before history"),
    ],
)
def test_balances_of_a_party_whose_role_ended(bank, end, period, expected, message):
    bank.mine = bank.account()
    bank.role(bank.mine, bank.party(NUMBER), end=end)
    bank.role(bank.mine, bank.party(PARTNER), start=end + timedelta(days=1))
    bank.balance(bank.mine, "availableBalance", "8.00", AS_OF - timedelta(hours=1))
    bank.balance(bank.mine, "bookedBalance", "10.00", AS_OF - timedelta(hours=1))
    if end.year > 2012 and end > date(2025, 6, 1):
        bank.booked(bank.mine, "7.00", at("2025-06-01T12:00:00Z"))
    bank.booked(bank.mine, "99.00", at("2025-07-02T12:00:00Z"))
    details = {"status": "partial", "message": message} if message else COMPLETE
    assert balances(bank.mine, period) == (expected, details)


@pytest.mark.parametrize(
    ("closed", "period", "found"),
    [
        pytest.param(date(2025, 12, 31), YEAR, 0, id="on the last day"),
        pytest.param(date(2025, 1, 1), YEAR, 0, id="on the first day"),
        pytest.param(date(2026, 1, 1), YEAR, 1, id="the day after the period"),
        pytest.param(TODAY, Period(YEAR.from_date, TODAY), 0, id="today"),
        pytest.param(date(2012, 1, 1), Period(date(2011, 1, 1), date(2013, 1, 1)), 0, id="before history: complete"),
    ],
)
def test_an_account_closed_in_the_period_has_no_balance(bank, closed, period, found):
    account = bank.account(end_date=closed)
    bank.role(account, bank.party(NUMBER))
    bank.balance(account, "bookedBalance", "10.00", AS_OF - timedelta(days=4000))
    bank.booked(account, "7.00", at("2010-06-01T12:00:00Z"))
    rows, details = balances(account, period)
    assert (len(rows), details) == (found, COMPLETE)


CARD = CardRow(
    masked_number="999001XXXXXX1234",
    type="debitCard",
    status="active",
    version_number="1",
    start_month="2020-01",
    expiry_month="2030-12",
    issuer_name=f"Bank {OURS}",
    issuer_number=OURS,
    issuer_country="NO",
    holder_id=0,
    holder_name="Rank Bjørk",
    holder_grade="ugradert",
)


def test_whole_card(owned):
    owned.card(owned.mine, owned.me)
    owned.card(owned.account(), owned.me, "999001XXXXXX9999")
    assert contents.cards_of(owned.mine.pk, days=[YEAR]) == [CARD._replace(holder_id=owned.me.pk, as_of=AS_OF)]


def shown_cards(account, period=YEAR, **rules):
    document = answered(Cards, account, period, **rules)
    return [(row["cardIdentifier"][-4:], row.get("holderName")) for row in document["paymentCards"]], document[
        "responseDetails"
    ]


@pytest.mark.parametrize(
    ("start", "expiry", "period", "valid"),
    [
        pytest.param("2020-01", "2030-12", YEAR, True, id="throughout"),
        pytest.param("2020-01", "2025-01", YEAR, True, id="until its first month"),
        pytest.param("2020-01", "2024-12", YEAR, False, id="until the month before"),
        pytest.param("2025-12", "2030-12", YEAR, True, id="from its last month"),
        pytest.param("2026-01", "2030-12", YEAR, False, id="from the month after"),
        pytest.param("2025-06", "2025-06", YEAR, True, id="a month in it"),
        pytest.param("2025-06", "2025-06", Period(date(2025, 6, 30), date(2025, 6, 30)), True, id="a day of the month"),
        pytest.param("2025-06", "2025-06", Period(date(2025, 7, 1), date(2025, 7, 1)), False, id="the day after"),
        pytest.param("2025-06", "2025-06", Period(date(2025, 5, 31), date(2025, 5, 31)), False, id="the day before"),
    ],
)
def test_cards_valid_in_a_month_of_the_period(owned, start, expiry, period, valid):
    owned.card(owned.mine, owned.me, start_month=start, expiry_month=expiry)
    assert shown_cards(owned.mine, period) == ([("1234", "Rank Bjørk")] * valid, COMPLETE)


def test_cards_of_the_time_in_which_the_party_had_its_role(bank):
    """Who owned the account before and after is nobody's business here."""
    account, me, other = bank.account(), bank.party(NUMBER), bank.party(PARTNER, name="Tett Nordavind")
    bank.role(account, me, start=date(2025, 3, 1), end=date(2025, 3, 31))
    bank.role(account, me, start=date(2025, 9, 1), end=date(2025, 9, 30))
    for number, month in enumerate(("2025-02", "2025-03", "2025-06", "2025-09", "2025-10")):
        bank.card(account, other, f"999001XXXXXX000{number}", start_month=month, expiry_month=month)
    assert shown_cards(account) == ([("0001", "Tett Nordavind"), ("0003", "Tett Nordavind")], COMPLETE)


@pytest.mark.parametrize(
    ("kind", "withheld", "shown"),
    [
        pytest.param("authorisedUser", True, ["me", "owner"], id="may use it, other users withheld"),
        pytest.param("authorisedUser", False, ["me", "other", "owner"], id="may use it, others delivered"),
        pytest.param("secondaryOwner", True, ["me", "other", "owner"], id="owns it second"),
        pytest.param("primaryOwner", True, ["me", "other", "owner"], id="owns it"),
    ],
)
def test_other_holders(bank, kind, withheld, shown):
    account = bank.account()
    parties = {
        name: bank.party(number, name=name) for name, number in (("me", NUMBER), ("other", PARTNER), ("owner", THIRD))
    }
    bank.role(account, parties["me"], kind)
    bank.role(account, parties["other"], "authorisedUser")
    bank.role(account, parties["owner"], "primaryOwner", start=date(2009, 1, 1))
    for number, name in enumerate(sorted(parties)):
        bank.card(account, parties[name], f"999001XXXXXX000{number}")
    cards, details = shown_cards(account, other_holders_withheld=withheld)
    assert ([name for _, name in cards], details) == (shown, COMPLETE)
    roles = answered(Roles, account, YEAR, other_holders_withheld=withheld)
    assert sorted(row["name"] for row in roles["roles"]) == sorted({*shown, "owner"}), "who owns it is always told"
    assert roles["responseDetails"] == COMPLETE


@pytest.mark.parametrize(
    ("grade", "hidden"),
    [
        pytest.param("ugradert", False, id="open"),
        pytest.param("klientadresse", False, id="client address"),
        pytest.param("fortrolig", True, id="confidential"),
        pytest.param("strengtFortrolig", True, id="strictly confidential"),
        pytest.param("nyGradering", True, id="a grade that is not known"),
    ],
)
@pytest.mark.parametrize("setting", [True, False], ids=["withheld", "delivered by the setting"])
def test_a_shielded_holder(owned, settings, grade, hidden, setting):
    settings.SHIELDED_OTHERS_WITHHELD = setting
    other = owned.party(PARTNER, grade=grade, name="Tett Nordavind")
    owned.card(owned.mine, other)
    owned.role(owned.mine, other, "authorisedUser", permission="rightToSeeOnly")
    hidden = hidden and setting
    details = {"status": "partial", "message": SHIELDED} if hidden else COMPLETE
    assert shown_cards(owned.mine) == ([("1234", None if hidden else "Tett Nordavind")], details)
    document = answered(Roles, owned.mine, YEAR)
    known = {} if hidden else {
        "identifier": {"countryOfResidence": "NO", "value": PARTNER, "type": "nationalIdentityNumber"},
        "name": "Tett Nordavind",
    }  # fmt: skip
    assert document == {
        "responseDetails": details,
        "roles": [
            {
                "permission": "rightToUseAlone",
                "identifier": {"countryOfResidence": "NO", "value": NUMBER, "type": "nationalIdentityNumber"},
                "name": "Rank Bjørk",
                "startDate": "2010-01-01",
            },
            {"permission": "rightToSeeOnly", **known, "startDate": "2010-01-01"},
        ],
    }


def test_whole_holder(owned):
    other = owned.party((PARTNER, date(2000, 1, 1), date(2025, 5, 31)), (THIRD, date(2025, 6, 1)), kind="organisation")
    owned.role(owned.mine, other, "authorisedUser", start=date(2025, 2, 1), end=date(2025, 3, 1))
    row = HolderRow(
        party_id=other.pk,
        kind="authorisedUser",
        permission="rightToUseAlone",
        start_date=date(2025, 2, 1),
        end_date=date(2025, 3, 1),
        type="organisation",
        name="Rank Bjørk",
        country="NO",
        grade="ugradert",
        number=THIRD,
        as_of=AS_OF,
    )
    found = contents.holders_of(owned.mine.pk, days=[YEAR], kinds=OWNED_OR_DISPOSED)
    assert found[1:] == [row]
    until_march = Period(YEAR.from_date, date(2025, 3, 31))
    found = contents.holders_of(owned.mine.pk, days=[until_march], kinds=OWNED_OR_DISPOSED)
    assert found[1:] == [row._replace(number=PARTNER)], "the number of the last day"


@pytest.mark.parametrize(
    ("roles", "shown"),
    [
        pytest.param([("authorisedUser", "2025-01-01", "2025-02-01")], ["2025-01-01"], id="one"),
        pytest.param(
            [("authorisedUser", "2025-06-01", None), ("authorisedUser", "2025-01-01", "2025-02-01")],
            ["2025-06-01"],
            id="lost and regained: the latest",
        ),
        pytest.param(
            [("authorisedUser", "2025-01-01", None), ("secondaryOwner", "2025-03-01", None)],
            ["2025-01-01", "2025-03-01"],
            id="two kinds",
        ),
        pytest.param([("authorisedUser", "2026-01-01", None)], [], id="after the period"),
        pytest.param([("authorisedUser", "2024-01-01", "2024-12-31")], [], id="before the period"),
        pytest.param([("coBorrower", "2024-01-01", None), ("guarantor", "2024-01-01", None)], [], id="no right to use"),
    ],
)
def test_roles_of_the_period(owned, roles, shown):
    other = owned.party(PARTNER)
    for kind, start, end in roles:
        owned.role(owned.mine, other, kind, date.fromisoformat(start), date.fromisoformat(end) if end else None)
    document = answered(Roles, owned.mine, YEAR)
    assert [row["startDate"] for row in document["roles"][1:]] == shown


def test_roles_of_the_time_in_which_the_party_had_its_own(bank):
    account, me, other, third = bank.account(), bank.party(NUMBER), bank.party(PARTNER), bank.party(THIRD)
    bank.role(account, me, start=date(2025, 1, 1), end=date(2025, 3, 31))
    bank.role(account, other, "authorisedUser", start=date(2025, 3, 31))
    bank.role(account, third, start=date(2025, 4, 1))
    document = answered(Roles, account, YEAR)
    assert [row["identifier"]["value"] for row in document["roles"]] == [NUMBER, PARTNER]


BEFORE = {"status": "partial", "message": OFFLINE}


@pytest.mark.parametrize("endpoint", [Transactions, Cards, Roles])
@pytest.mark.parametrize(
    ("opened", "role", "period", "response_details"),
    [
        pytest.param(date(2010, 1, 1), (date(2010, 1, 1), None), YEAR, COMPLETE, id="a year of history"),
        pytest.param(
            date(2010, 1, 1), (date(2010, 1, 1), None), Period(HISTORY_FROM, TODAY), COMPLETE, id="from its first day"
        ),
        pytest.param(
            date(2010, 1, 1),
            (date(2010, 1, 1), None),
            Period(date(2016, 11, 20), TODAY),
            BEFORE,
            id="from the day before",
        ),
        pytest.param(
            date(2010, 1, 1),
            (date(2010, 1, 1), None),
            Period(date(2016, 11, 20), date(2016, 11, 20)),
            BEFORE,
            id="the day before alone",
        ),
        pytest.param(
            date(2018, 1, 1), (date(2018, 1, 1), None), Period(date(2016, 1, 1), TODAY), COMPLETE, id="opened later"
        ),
        pytest.param(
            date(2010, 1, 1),
            (date(2018, 1, 1), None),
            Period(date(2016, 1, 1), TODAY),
            COMPLETE,
            id="the role began later",
        ),
        pytest.param(
            date(2010, 1, 1),
            (date(2010, 1, 1), date(2016, 2, 1)),
            Period(date(2016, 1, 1), TODAY),
            BEFORE,
            id="the role ended before",
        ),
    ],
)
def test_history_that_is_not_online(bank, endpoint, opened, role, period, response_details):
    account = bank.account(start_date=opened)
    bank.role(account, bank.party(NUMBER), start=role[0], end=role[1])
    assert answered(endpoint, account, period)["responseDetails"] == response_details
    FinancialInstitution.objects.update(history_from=date(2000, 1, 1))
    assert answered(endpoint, account, period)["responseDetails"] == COMPLETE
