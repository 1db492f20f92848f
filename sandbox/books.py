"""The book of an account: its movements, and the transactions and balances that follow from them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from itertools import count, groupby
from operator import itemgetter
from typing import NamedTuple

from accounts.models import Balance
from legal.periods import OSLO
from sandbox.dice import Dice
from sandbox.ledger_rows import AccountRow, BalanceRow, TransactionRow
from sandbox.names import counterparty_name
from sandbox.number_series import COUNTERPARTY_REGISTER, NumberSeries
from sandbox.products import PRODUCTS, SETTLEMENT, TYPE, Kind

BOOKED, AVAILABLE = str(Balance.Type.BOOKED), str(Balance.Type.AVAILABLE)
ACTED_AT = time(18, 20)
BOOKED_AT = (time(9, 15), time(12, 40), time(15, 5))
BOOKED_BY = time(22)  # the night's run: a day's balance is of this hour
HUNDREDTH = Decimal("0.01")


class Movement(NamedTuple):
    day: int  # ordinal
    amount: int  # in hundredths
    kind: Kind


class Counterparty(NamedTuple):
    name: str
    account: str


NOBODY = Counterparty("", "")


@dataclass(slots=True)
class Book:
    """What was moved on one account. Amounts are signed, in hundredths of its currency."""

    account: AccountRow
    opened: date
    opening: int
    movements: list[Movement]
    reserved: int = 0
    credit_line: int | None = None


def write_book(
    dice: Dice,
    account: AccountRow,
    *,
    opened: date,
    first: date,
    last: date,
    movement_count: int,
    closing: int,
    settled: bool = False,
) -> Book:
    """Return a book with movements from one day to another that bring the account to its closing balance.

    They lie closer the later they are. An account that is then settled ends at zero.
    """
    span = last.toordinal() - first.toordinal() + 1
    days = sorted(last.toordinal() - int(span * dice.throw() * dice.throw()) for _ in range(movement_count))
    movements = []
    kinds = PRODUCTS[account.type].kinds
    for day in days:
        kind = dice.pick(kinds)
        movements.append(Movement(day, dice.between(kind.low * 100, kind.high * 100), kind))
    opening = closing - sum(movement.amount for movement in movements)
    if settled:
        movements.append(Movement(last.toordinal(), -closing, SETTLEMENT))
    return Book(account, opened, opening, movements)


def balances(books: Iterable[Book], first_id: int) -> Iterator[BalanceRow]:
    """Return each book's balance as it became, day by day, and what is available by the last one."""
    ids = count(first_id)
    for book in books:
        if book.account.type == TYPE.WITHOUT_BALANCE:
            continue
        account_id, currency = book.account.id, book.account.currency
        line = None if book.credit_line is None else money(book.credit_line)
        tail = (currency, False, line, "" if line is None else currency)
        for booked, moment in day_ends(book):
            yield BalanceRow(next(ids), account_id, BOOKED, money(booked), *tail, moment)
        available = 0 if book.account.type == TYPE.LOAN else booked - book.reserved
        yield BalanceRow(next(ids), account_id, AVAILABLE, money(available), *tail, moment)


def day_ends(book: Book) -> Iterator[tuple[int, str]]:
    """Return the booked balance at the opening and at the end of each day with movements."""
    amount = book.opening
    yield amount, in_oslo(book.opened, time())
    for day, movements in groupby(book.movements, key=itemgetter(0)):
        amount += sum(movement.amount for movement in movements)
        yield amount, night(day)


def transactions(books: Iterable[Book], first_id: int, counterparties: list[Counterparty]) -> Iterator[TransactionRow]:
    """Return a booked transaction for each movement, numbered in the order of the books."""
    ids = count(first_id)
    for book in books:
        for movement in book.movements:
            number = next(ids)
            other = counterparties[number * 7919 % len(counterparties)] if movement.kind.counterparty else NOBODY
            yield transaction(number, book.account, movement, other)


def transaction(number: int, account: AccountRow, movement: Movement, other: Counterparty) -> TransactionRow:
    kind = movement.kind
    acted, booked, valued = moments(movement.day, number % len(BOOKED_AT))
    return TransactionRow(
        id=number,
        account_id=account.id,
        booked_at=booked,
        value_at=valued,
        performed_at=acted if kind.counterparty else None,
        identifier=f"EB{number:012}",
        status="booked",
        amount=money(movement.amount),
        currency=account.currency,
        reversal=kind.reversal,
        domain=kind.domain,
        family=kind.family,
        sub_family=kind.sub_family,
        additional_info=kind.text,
        merchant=other.name if kind.shop else "",
        counterparty_name=other.name,
        counterparty_account=other.account,
        counterparty_kind=kind.counterparty,
    )


def make_counterparties(seed: int, numbers: NumberSeries, wanted: int = 300) -> list[Counterparty]:
    dice = Dice(f"{seed}/counterparties")
    return [
        Counterparty(counterparty_name(dice), numbers.account(COUNTERPARTY_REGISTER, dice.below(990_000)))
        for _ in range(wanted)
    ]


def money(hundredths: int) -> Decimal:
    return Decimal(hundredths) * HUNDREDTH


@cache
def night(day: int) -> str:
    return in_oslo(date.fromordinal(day), BOOKED_BY)


@cache
def moments(day: int, slot: int) -> tuple[str, str, str]:
    """Return when a payer acted, when the bank booked it and from when it bears interest."""
    booked = date.fromordinal(day)
    return in_oslo(booked - timedelta(days=1), ACTED_AT), in_oslo(booked, BOOKED_AT[slot]), in_oslo(booked, time())


def in_oslo(day: date, hour: time) -> str:
    return datetime.combine(day, hour, OSLO).isoformat()
