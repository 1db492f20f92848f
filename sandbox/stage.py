"""The stage on which the characters are set up: parties, accounts and roles, with days counted back from one day."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from operator import itemgetter
from typing import Any

from accounts.models import Account, Party
from sandbox.books import Book, Movement, complete_book, write_book
from sandbox.dice import Dice
from sandbox.ledger_draft import LedgerDraft, Made
from sandbox.ledger_rows import AccountRow, InstitutionRow
from sandbox.names import organisation_name, person_name
from sandbox.number_series import BANK_REGISTER, OTHER_REGISTER, NumberSeries
from sandbox.products import PRODUCTS, Kind

FIRST_ID = 1
MOVEMENTS = 8  # on each account of a character
REACH = 700  # days from the oldest of them to the latest
LONG_AGO = 2_200
OLDEST_CARD = 2_600


class Stage:
    """Sets up parties whose numbers, names and amounts follow from the seed and whose dates from the day."""

    def __init__(
        self, seed: int, day: date, numbers: NumberSeries, bank: InstitutionRow, other_bank: InstitutionRow
    ) -> None:
        self.seed = seed
        self.day = day
        self.numbers = numbers
        self.bank = bank
        self.other_bank = other_bank
        self.draft = LedgerDraft(FIRST_ID)

    def ago(self, days: int) -> date:
        return self.day - timedelta(days=days)

    def number_for_nobody(self, who: str) -> str:
        """Return a person number that stays out of the ledger."""
        dice = Dice(f"{self.seed}/{who}")
        return self.numbers.person(_birth_date(dice), dice.below(500))

    def person(
        self,
        who: str,
        *,
        grade: str = Party.ProtectionGrade.OPEN,
        date_of_death: date | None = None,
        d_number: bool = False,
        d_number_until: date | None = None,
    ) -> Made:
        """Add a person; one who had a D-number until some day is found by that one too, and shown by it here."""
        dice = Dice(f"{self.seed}/{who}")
        born, name = _birth_date(dice), person_name(dice)
        number = self.numbers.person(born, dice.below(500), d_number=d_number)
        if d_number_until is None:
            return self.draft.add_party(name, number, born, grade=grade, date_of_death=date_of_death)
        former = self.numbers.person(born, dice.below(500), d_number=True)
        person = self.draft.add_party(name, number, born, former_identifier=former, changed=d_number_until)
        return person._replace(identifier=former)

    def organisation(self, who: str) -> Made:
        dice = Dice(f"{self.seed}/{who}")
        name = organisation_name(dice)
        since = dice.day(date(1996, 1, 1), date(2014, 12, 31))
        return self.draft.add_party(name, self.numbers.organisation(dice.below(20_000_000)), since)

    def account(
        self,
        owner: Made,
        account_type: str,
        booked: str = "0.00",
        *,
        start: date | None = None,
        end: date | None = None,
        reserved: str = "0.00",
        line: str = "",
        currency: str = "NOK",
        status: str = Account.Status.ENABLED,
        owned_from: date | None = None,
        in_other_bank: bool = False,
        data_delivered: bool = True,
        carded: bool = True,
        movements: int = MOVEMENTS,
        reach: int = REACH,
        told: Iterable[Movement] | None = None,
    ) -> AccountRow:
        """Add an account with its owner, its book (by chance, unless it is told) and its product's cards."""
        register, servicer = (OTHER_REGISTER, self.other_bank) if in_other_bank else (BANK_REGISTER, self.bank)
        dice = Dice(f"{self.seed}/account {len(self.draft.accounts)}")
        number = self.numbers.account(register, dice.below(990_000))
        start = start or self.ago(LONG_AGO + dice.below(1_000))
        account = self.draft.add_account(
            number, servicer, account_type, start, end=end, currency=currency, status=status,
            data_delivered=data_delivered,
        )  # fmt: skip
        self.draft.add_role(account, owner, start=owned_from)
        if told is None:
            book = self.write_book(account, booked, start=start, movements=movements, reach=reach)
        else:
            book = self.tell_book(account, booked, told)
        book.reserve(self.ago(1), _hundredths(reserved))
        book.credit_line = _hundredths(line) if line else None
        if carded and PRODUCTS[account_type].card:
            first = max(start, self.ago(OLDEST_CARD))
            last_four, last = dice.below(10_000), end or self.day
            book.cards = self.draft.add_cards(account, owner, last_four, servicer, first=first, last=last)
        return account

    def write_book(
        self,
        account: AccountRow,
        booked: str,
        *,
        start: date,
        settled: date | None = None,
        movements: int = MOVEMENTS,
        reach: int = REACH,
    ) -> Book:
        """Add movements up to yesterday, or to the day on which the account was settled."""
        product = PRODUCTS[account.type]
        last = settled or min(account.end_date or self.day, self.ago(1))
        book = write_book(
            Dice(f"{self.seed}/{account.number}/{len(self.draft.books)}"),
            account,
            opened=start,
            history_from=self.history_from(account),
            first=max(start, last - timedelta(days=reach)),
            last=last,
            movement_count=movements if product.kinds else 0,
            closing=_hundredths(booked),
            settled=bool(settled or account.end_date),
        )
        self.draft.books.append(book)
        return book

    def tell_book(self, account: AccountRow, booked: str, told: Iterable[Movement]) -> Book:
        """Add the book of an open account with these movements."""
        begins = max(account.start_date, self.history_from(account))
        movements = sorted(told, key=itemgetter(0))
        book = complete_book(account, account.start_date, begins, movements, _hundredths(booked))
        self.draft.books.append(book)
        return book

    def movement(self, days_ago: int, amount: str, kind: Kind, **particular: Any) -> Movement:
        """Return a movement whose transaction has these columns, beside those that are as usual."""
        return Movement(self.ago(days_ago).toordinal(), _hundredths(amount), kind, particular or None)

    def history_from(self, account: AccountRow) -> date:
        servicer = self.bank if account.servicer_id == self.bank.id else self.other_bank
        return servicer.history_from


def _birth_date(dice: Dice) -> date:
    return dice.day(date(1941, 1, 1), date(1999, 12, 31))


def _hundredths(amount: str) -> int:
    return int(Decimal(amount) * 100)
