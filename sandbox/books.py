"""The book of an account: its movements, and the balances that follow from them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from itertools import count, groupby
from operator import itemgetter
from typing import Any, NamedTuple

from accounts.models import Balance
from legal.periods import OSLO
from sandbox.dice import Dice
from sandbox.ledger_rows import AccountRow, BalanceHistoryRow, BalanceRow
from sandbox.products import OPENING, PRODUCTS, RESERVATION, SETTLEMENT, TYPE, Kind

BOOKED, AVAILABLE = str(Balance.Type.BOOKED), str(Balance.Type.AVAILABLE)
HUNDREDTH = Decimal("0.01")


class Movement(NamedTuple):
    day: int  # ordinal
    amount: int  # in hundredths
    kind: Kind
    particular: Mapping[str, Any] | None = None  # columns of its transaction that are not as usual


@dataclass(slots=True)
class Book:
    """What was moved on one account, by day. Amounts are signed, in hundredths of its currency.

    It begins on the account's opening or, if that was earlier, on the first day of the institution's history, with
    what the account held by then.
    """

    account: AccountRow
    opened: date
    begins: date
    opening: int
    movements: list[Movement]
    reserved: int = 0
    credit_line: int | None = None
    cards: list[tuple[int, int]] = field(default_factory=list)
    """The ordinal of its first day, and the id, of each card, oldest first."""

    def card_on(self, day: int) -> int | None:
        return next((card for first, card in reversed(self.cards) if first <= day), None)

    def reserve(self, day: date, amount: int) -> None:
        """Hold an amount back for a purchase that is not booked yet."""
        self.reserved = amount
        if amount:
            self.movements.append(Movement(day.toordinal(), -amount, RESERVATION))


def write_book(
    dice: Dice,
    account: AccountRow,
    *,
    opened: date,
    history_from: date,
    first: date,
    last: date,
    movement_count: int,
    closing: int,
    settled: bool = False,
) -> Book:
    """Return a book with movements from one day to another that bring the account to its closing balance.

    They lie closer the later they are. An account that is then settled ends at zero.
    """
    begins = max(opened, history_from)
    span = last.toordinal() - max(first, begins).toordinal() + 1
    days = sorted(last.toordinal() - int(span * dice.throw() * dice.throw()) for _ in range(movement_count))
    movements = []
    kinds = PRODUCTS[account.type].kinds
    for day in days:
        kind = dice.pick(kinds)
        movements.append(Movement(day, dice.between(kind.low * 100, kind.high * 100), kind))
    return complete_book(account, opened, begins, movements, closing, settled=last if settled else None)


def complete_book(
    account: AccountRow,
    opened: date,
    begins: date,
    movements: list[Movement],
    closing: int,
    *,
    settled: date | None = None,
) -> Book:
    """Return the book that reaches its closing balance by these movements, after what it began or opened with."""
    opening = closing - sum(movement.amount for movement in booked(movements))
    if opened == begins and opening:
        movements.insert(0, Movement(opened.toordinal(), opening, OPENING))
        opening = 0
    if settled:
        movements.append(Movement(settled.toordinal(), -closing, SETTLEMENT))
    return Book(account, opened, begins, opening, movements)


def booked(movements: Iterable[Movement]) -> list[Movement]:
    return [movement for movement in movements if movement.kind.status == "booked"]


def balances(books: Iterable[Book], first_id: int) -> Iterator[BalanceRow]:
    """Return each account's present balances: what is booked and what is available."""
    ids = count(first_id)
    for book in books:
        account = book.account
        if account.type == TYPE.WITHOUT_BALANCE or book.opened < account.start_date:
            continue
        closing = book.opening + sum(movement.amount for movement in booked(book.movements))
        moment = _night(max((movement.day for movement in booked(book.movements)), default=book.begins.toordinal()))
        available = 0 if account.type == TYPE.LOAN else closing - book.reserved
        for kind, amount in ((BOOKED, closing), (AVAILABLE, available)):
            yield BalanceRow(next(ids), account.id, kind, money(amount), *tail(book), moment)


def balance_history(books: Iterable[Book], first_id: int) -> Iterator[BalanceHistoryRow]:
    """Return each book's booked balance as it became, day by day."""
    ids = count(first_id)
    for book in books:
        if book.account.type == TYPE.WITHOUT_BALANCE or not is_online(book):
            continue
        account_id, line = book.account.id, tail(book)
        for amount, moment in day_ends(book):
            yield BalanceHistoryRow(next(ids), account_id, moment, money(amount), *line)


def is_online(book: Book) -> bool:
    """Return whether the account lived to see its institution's history begin."""
    return book.account.end_date is None or book.account.end_date >= book.begins


def tail(book: Book) -> tuple[str, bool, Decimal | None, str]:
    line, currency = book.credit_line, book.account.currency
    return currency, False, None if line is None else money(line), "" if line is None else currency


def day_ends(book: Book) -> Iterator[tuple[int, str]]:
    """Return the booked balance with which the book begins, and at the end of each day that moved it."""
    amount = book.opening
    yield amount, in_oslo(book.begins, time())
    for day, movements in groupby(booked(book.movements), key=itemgetter(0)):
        amount += sum(movement.amount for movement in movements)
        yield amount, _night(day)


def money(hundredths: int) -> Decimal:
    return Decimal(hundredths) * HUNDREDTH


@cache
def _night(day: int) -> str:
    return in_oslo(date.fromordinal(day), time.max)


def in_oslo(day: date, hour: time) -> str:
    return datetime.combine(day, hour, OSLO).isoformat()
