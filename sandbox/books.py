"""The book of an account: its movements, and the transactions and balances that follow from them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from itertools import groupby
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
BOOKING_HOURS = ((9, 15), (12, 40), (15, 5))
BOOKED_BY = time(22)  # the night's run: a day's balance is of this hour
HUNDREDTH = Decimal("0.01")


class Movement(NamedTuple):
    day: int  # ordinal
    amount: int  # in hundredths
    kind: Kind


class Counterparty(NamedTuple):
    name: str
    account: str


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
    count: int,
    closing: int,
    settled: bool = False,
) -> Book:
    """Return a book with movements from one day to another that bring the account to its closing balance.

    They lie closer the later they are. An account that is then settled ends at zero.
    """
    span = last.toordinal() - first.toordinal() + 1
    days = sorted(last.toordinal() - int(span * dice.throw() * dice.throw()) for _ in range(count))
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
    number = first_id
    for book in books:
        if book.account.type == TYPE.WITHOUT_BALANCE:
            continue
        account_id, currency = book.account.id, book.account.currency
        line = None if book.credit_line is None else money(book.credit_line)
        line_currency = "" if line is None else currency
        for amount, moment in day_ends(book):
            yield BalanceRow(
                number, account_id, BOOKED, money(amount), currency, False, line, line_currency, moment
            )  # fmt: skip
            number += 1
        available = 0 if book.account.type == TYPE.LOAN else amount - book.reserved
        yield BalanceRow(
            number, account_id, AVAILABLE, money(available), currency, False, line, line_currency, moment
        )  # fmt: skip
        number += 1


def day_ends(book: Book) -> Iterator[tuple[int, datetime]]:
    """Return the booked balance at the opening and at the end of each day with movements."""
    amount = book.opening
    yield amount, datetime.combine(book.opened, time(), OSLO)
    for day, movements in groupby(book.movements, key=itemgetter(0)):
        amount += sum(movement.amount for movement in movements)
        yield amount, night(day)


def transactions(
    books: Iterable[Book], first_id: int, counterparties: list[Counterparty]
) -> Iterator[TransactionRow]:
    """Return a booked transaction for each movement, numbered in the order of the books."""
    number = first_id
    for book in books:
        account_id, currency = book.account.id, book.account.currency
        for movement in book.movements:
            kind = movement.kind
            other = counterparties[number * 7919 % len(counterparties)] if kind.counterparty else Counterparty("", "")
            performed, booked, valued = moments(movement.day, number % len(BOOKING_HOURS))
            yield TransactionRow(
                number, account_id, booked, valued, performed, f"EB{number:012}", "booked", money(movement.amount),
                currency, kind.reversal, kind.domain, kind.family, kind.sub_family, kind.text,
                other.name if kind.shop else "", other.name, other.account, kind.counterparty,
            )  # fmt: skip
            number += 1


def make_counterparties(seed: int, numbers: NumberSeries, count: int = 300) -> list[Counterparty]:
    dice = Dice(f"{seed}/counterparties")
    return [
        Counterparty(counterparty_name(dice), numbers.account(COUNTERPARTY_REGISTER, dice.below(990_000)))
        for _ in range(count)
    ]


def money(hundredths: int) -> Decimal:
    return Decimal(hundredths) * HUNDREDTH


@cache
def night(day: int) -> datetime:
    return datetime.combine(date.fromordinal(day), BOOKED_BY, OSLO)


@cache
def moments(day: int, slot: int) -> tuple[datetime, datetime, datetime]:
    """Return when a payer acted, when the bank booked it and from when it bears interest."""
    booked = datetime.combine(date.fromordinal(day), time(*BOOKING_HOURS[slot]), OSLO)
    return booked - timedelta(hours=17, minutes=30), booked, datetime.combine(booked.date(), time(), OSLO)
