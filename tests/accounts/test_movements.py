"""What moved: pages that lose nothing and double nothing, on the very days, and who stands on them."""

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.contents import CardRow
from accounts.models import Transaction
from accounts.movement_documents import Page
from accounts.movements import Movement, Named, Position, named_on, transactions_of
from accounts.partitions import make_partitions
from legal.periods import Period, day_in_oslo, merged, moments_of
from tests.accounts.conftest import OTHER

FIRST = 2**40  # no number of a row fits into 32 bits
ACCOUNT, NEIGHBOUR = 8_000_000_000_001, 8_000_000_000_002
NOON = datetime(2025, 11, 21, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MIDNIGHTS = [
    datetime(2025, 3, 29, 23, 0, tzinfo=UTC),  # the day of 23 hours begins
    datetime(2025, 3, 30, 22, 0, tzinfo=UTC),  # and ends
    datetime(2025, 3, 31, 22, 0, tzinfo=UTC),  # a new month, in summer time
    datetime(2025, 10, 25, 22, 0, tzinfo=UTC),  # the day of 25 hours begins
    datetime(2025, 10, 26, 23, 0, tzinfo=UTC),  # and ends
    datetime(2025, 10, 31, 23, 0, tzinfo=UTC),
]
MOMENTS = st.sampled_from(
    [moment + after for moment in MIDNIGHTS for after in (timedelta(0), -timedelta(microseconds=1), timedelta(hours=5))]
)
DAYS = st.sampled_from([date(2025, 3, day) for day in (28, 29, 30, 31)]) | st.sampled_from(
    [
        date(2025, 4, 1),
        date(2025, 10, 25),
        date(2025, 10, 26),
        date(2025, 10, 27),
        date(2025, 10, 31),
        date(2025, 11, 1),
    ]
)
PERIODS = st.tuples(DAYS, DAYS).map(lambda days: Period(min(days), max(days)))
ONE_LEDGER = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def months(owning_ledger):
    """Make the partitions of those days, where no load has made them."""
    with owning_ledger.cursor() as cursor:
        make_partitions(cursor, date(2025, 3, 1), date(2025, 11, 30))


@contextmanager
def taken_back():
    """Undo what an example wrote."""
    with transaction.atomic("ledger"):
        yield
        transaction.set_rollback(True, using="ledger")


def insert(moments, first=FIRST, account=ACCOUNT):
    """Add a transaction for each moment; their numbers do not follow the order of booking."""
    rows = [
        Transaction(
            id=first + number * 7919 % 104_729,
            account_id=account,
            booked_at=moment,
            value_at=moment,
            identifier=str(number),
            amount=Decimal(number),
            currency="NOK",
        )
        for number, moment in enumerate(moments)
    ]
    Transaction.objects.bulk_create(rows)
    return rows


def order(rows):
    return [row.id for row in sorted(rows, key=lambda row: (row.booked_at, row.id))]


def pages(days, size, between=None):
    """Follow the cursor to the end as the endpoint does, and give the numbers on each page."""
    spans = [moments_of(period) for period in days]
    after, more = None, True
    while more:
        rows = transactions_of(
            ACCOUNT,
            begin=spans[0][0],
            end=spans[-1][1],
            spans=spans if len(spans) > 1 else (),
            after=after,
            limit=size + 1,
        )
        more = len(rows) > size
        yield [row.id for row in rows[:size]]
        if more:
            after = Page(rows[:size]).last
            if between:
                between()


@pytest.mark.usefixtures("months")
@ONE_LEDGER
@given(
    moments=st.lists(MOMENTS, max_size=24), periods=st.lists(PERIODS, min_size=1, max_size=3), size=st.integers(1, 26)
)
def test_pages_are_the_days_asked_for_each_transaction_once_and_in_order(moments, periods, size):
    days = merged(periods)
    wanted = {day for period in days for day in days_in(period)}
    with taken_back():
        insert(moments, account=NEIGHBOUR)
        rows = insert(moments)
        found = [*pages(days, size)]
    assert [number for page in found for number in page] == order(
        row for row in rows if day_in_oslo(row.booked_at) in wanted
    )
    assert all(len(page) == size for page in found[:-1])
    assert found[-1] or len(found) == 1, "the last page is never an empty one"


def days_in(period):
    return [period.from_date + timedelta(days=n) for n in range((period.to_date - period.from_date).days + 1)]


@pytest.mark.usefixtures("months")
@ONE_LEDGER
@given(
    before=st.lists(MOMENTS, min_size=2, max_size=16),
    meanwhile=st.lists(st.lists(MOMENTS, max_size=4), max_size=4),
    size=st.integers(1, 8),
)
def test_what_was_there_comes_once_whatever_is_added_meanwhile(before, meanwhile, size):
    days = (Period(date(2025, 3, 28), date(2025, 11, 1)),)
    arriving = iter(enumerate(meanwhile, 1))

    def arrive():
        for turn, moments in arriving:
            insert(moments, first=FIRST + turn * 200_000)
            return

    with taken_back():
        rows = insert(before)
        found = [number for page in pages(days, size, between=arrive) for number in page]
    there = {row.id for row in rows}
    assert [number for number in found if number in there] == order(rows)
    assert len(found) == len(set(found))


@pytest.mark.usefixtures("months")
def test_more_of_one_moment_than_fill_a_page():
    with taken_back():
        rows = insert([NOON] * 2_500)
        found = [*pages((Period(NOON.date(), NOON.date()),), 1000)]
    assert [len(page) for page in found] == [1000, 1000, 500]
    assert [number for page in found for number in page] == order(rows)


@pytest.mark.usefixtures("months")
def test_nothing_is_one_empty_page():
    assert [*pages((Period(date(2025, 3, 28), date(2025, 11, 1)),), 1000)] == [[]]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        pytest.param(date(2025, 1, 1), date(2025, 12, 31), id="within the partitions"),
        pytest.param(date(1916, 1, 1), date(1926, 1, 1), id="before all partitions"),
        pytest.param(date(2025, 1, 1), date.max, id="until the end of days"),
    ],
)
def test_any_days_can_be_asked_for(months, first, last):
    begin, end = moments_of(Period(first, last))
    after = Position(begin, 5)
    assert transactions_of(ACCOUNT, begin=begin, end=end, limit=3) == []
    assert transactions_of(ACCOUNT, begin=begin, end=end, after=after, limit=3) == []


def page_of(account, **limits):
    begin, end = moments_of(Period(date(2025, 11, 1), date(2025, 11, 30)))
    return transactions_of(account.pk, **{"begin": begin, "end": end, "limit": 10} | limits)


def test_whole_row(bank):
    account = bank.account()
    card = bank.card(account, bank.party("15869010089"))
    row = bank.transaction(
        account,
        NOON,
        "-12345678901234567890.10",
        identifier="T1",
        value_at=NOON + timedelta(hours=12),
        performed_at=NOON - timedelta(microseconds=1),
        reversal=True,
        domain="payments",
        family="issuedCreditTransfers",
        sub_family="domesticCreditTransfer",
        free_text_code="77",
        bank_references=[{"value": "1", "type": "archiveReference"}],
        counterparties=[{"name": "Tett Nordavind"}],
        additional_info="Husleie",
        original_amount=Decimal("10.5"),
        source_currency="SEK",
        target_currency="NOK",
        unit_currency="SEK",
        exchange_rate=Decimal("0.9876543210"),
        merchant="Butikken",
        card=card,
    )
    assert page_of(account) == [
        Movement(
            id=row.pk,
            booked_at="2025-11-21 12:00:00+00",
            identifier="T1",
            status="booked",
            amount="-12345678901234567890.10000",
            currency="NOK",
            reversal=True,
            domain="payments",
            family="issuedCreditTransfers",
            sub_family="domesticCreditTransfer",
            free_text_code="77",
            booked="2025-11-21T12:00:00Z",
            valued="2025-11-22T00:00:00Z",
            performed="2025-11-21T11:59:59Z",
            references='[{"type": "archiveReference", "value": "1"}]',
            counterparties='[{"name": "Tett Nordavind"}]',
            additional_info="Husleie",
            original_amount="10.50000",
            source_currency="SEK",
            target_currency="NOK",
            unit_currency="SEK",
            exchange_rate="0.9876543210",
            merchant="Butikken",
            card_id=card.pk,
        )
    ]


def test_what_a_row_lacks(bank):
    account = bank.account()
    bank.transaction(account, NOON)
    (row,) = page_of(account)
    assert (row.performed, row.original_amount, row.exchange_rate, row.card_id) == (None, None, None, None)
    assert (row.references, row.counterparties, row.domain, row.source_currency) == ("[]", "[]", "", "")


@pytest.mark.parametrize(
    ("limits", "found"),
    [
        pytest.param({}, [0, 1, 2], id="all"),
        pytest.param({"limit": 2}, [0, 1], id="two of them"),
        pytest.param({"begin": NOON}, [0, 1, 2], id="from that very moment"),
        pytest.param({"end": NOON}, [], id="until before that moment"),
        pytest.param({"begin": NOON + SECOND}, [2], id="from later"),
        pytest.param({"end": NOON + SECOND}, [0, 1], id="until before later"),
        pytest.param({"after": Position(NOON, 0)}, [0, 1, 2], id="after a lower number of that moment"),
        pytest.param({"after": Position(NOON, 2**62)}, [2], id="after a higher number of that moment"),
        pytest.param({"after": Position(NOON + SECOND, 2**62)}, [], id="after the last one"),
        pytest.param({"after": Position(NOON - SECOND, 2**62)}, [0, 1, 2], id="after an earlier moment"),
        pytest.param(
            {"spans": [(NOON - SECOND, NOON), (NOON + SECOND, NOON + 2 * SECOND)]}, [2], id="with a gap at that moment"
        ),
        pytest.param(
            {"spans": [(NOON, NOON + SECOND), (NOON + 2 * SECOND, NOON + 3 * SECOND)], "after": Position(NOON, 0)},
            [0, 1],
            id="with a gap later, after a position",
        ),
    ],
)
def test_limits_of_a_page(bank, limits, found):
    account = bank.account()
    rows = [bank.transaction(account, moment) for moment in (NOON, NOON, NOON + SECOND)]
    assert [row.id for row in page_of(account, **limits)] == [rows[place].pk for place in found]


NUMBER, SHIELDED, NEW_GRADE = "15869010089", "15819010029", "55859010082"


@pytest.fixture
def street(bank):
    """An account among shielded and open neighbours."""
    bank.own = bank.account()
    bank.open = bank.party(NUMBER)
    bank.role(bank.own, bank.open)
    bank.hidden = bank.party(SHIELDED, grade="strengtFortrolig")
    bank.party(NEW_GRADE, grade="nyGradering")
    return bank


def named(street, *, numbers=(), accounts=(), cards=()):
    return named_on(street.own.pk, numbers=numbers, accounts=accounts, cards=cards)


NOBODY = Named(frozenset(), frozenset(), {}, (datetime(2026, 11, 21, 4, 0, tzinfo=UTC),))


def test_nobody_on_a_page(street):
    assert named(street) == NOBODY


@pytest.mark.parametrize(
    ("number", "shielded"),
    [
        pytest.param(NUMBER, False, id="open"),
        pytest.param(SHIELDED, True, id="shielded"),
        pytest.param(NEW_GRADE, True, id="a grade that is not known"),
        pytest.param("00000000000", False, id="nobody's"),
        pytest.param("", False, id="none"),
        pytest.param("x" * 5000, False, id="over-long"),
        pytest.param("' OR true --", False, id="no number at all"),
    ],
)
def test_shielded_by_number(street, number, shielded):
    assert named(street, numbers={number}) == NOBODY._replace(shielded_numbers=frozenset({number} if shielded else ()))
    assert named(street, numbers={number, SHIELDED}).shielded_numbers == {SHIELDED, *([number] if shielded else [])}


@pytest.mark.parametrize(
    ("kind", "shielded"),
    [
        pytest.param("primaryOwner", True, id="owner"),
        pytest.param("secondaryOwner", True, id="second owner"),
        pytest.param("authorisedUser", False, id="a user of another's account"),
        pytest.param("coBorrower", False, id="co-borrower"),
        pytest.param("guarantor", False, id="guarantor"),
    ],
)
@pytest.mark.parametrize("at", ["312345617", OTHER], ids=["our bank", "the other bank of the ledger"])
@pytest.mark.parametrize("end", [None, date(2020, 1, 1)], ids=["still", "once"])
def test_shielded_by_account(street, kind, shielded, at, end):
    account = street.account(at=at)
    street.role(account, street.open)
    street.role(account, street.hidden, kind, end=end)
    found = named(street, accounts={account.number, street.own.number, "00000000000"})
    assert found == NOBODY._replace(shielded_accounts=frozenset({account.number} if shielded else ()))


def test_cards_of_the_account_only(street):
    own, foreign = street.card(street.own, street.hidden), street.card(street.account(), street.open)
    assert named(street, cards={own.pk, foreign.pk, 0}).cards == {
        own.pk: CardRow(
            masked_number="999001XXXXXX1234",
            type="debitCard",
            status="active",
            version_number="1",
            start_month="2020-01",
            expiry_month="2030-12",
            issuer_name="Bank 312345617",
            issuer_number="312345617",
            issuer_country="NO",
            holder_id=street.hidden.pk,
            holder_name="Rank Bjørk",
            holder_grade="strengtFortrolig",
        )
    }


def test_one_statement_for_all(street, owning_ledger):
    numbers = {f"{number:011}" for number in range(2000)} | {SHIELDED}
    with counted(owning_ledger) as asked:
        assert named(street, numbers=numbers, accounts=numbers, cards=range(1000)).shielded_numbers == {SHIELDED}
    assert len(asked) == 1


@contextmanager
def counted(connection):
    asked = []

    def count(execute, *question):
        asked.append(question)
        return execute(*question)

    with connection.execute_wrapper(count):
        yield asked


def test_the_ledger_was_written_to_by_nobody_else(months):
    assert connections["ledger"].settings_dict["USER"] == "postgres"
    assert not Transaction.objects.filter(account_id__gte=ACCOUNT).exists()
