"""The synthetic bank: two institutions, the characters and a crowd, all made from a seed and a day."""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import chain

from sandbox import characters as fi_utlegg
from sandbox import service_characters
from sandbox.bsu_accounts import add_savers
from sandbox.characters import Character
from sandbox.counterparties import make_counterparties
from sandbox.crowd import CrowdMaker, Size
from sandbox.ledger_draft import LedgerDraft
from sandbox.ledger_rows import InstitutionRow, Row
from sandbox.number_series import NumberSeries
from sandbox.stage import Stage

DEFAULT_SEED = 1
BANK_NUMBER, OTHER_BANK_NUMBER = "213456008", "312345609"
# The characters included; the savers come on top.
FULL = Size(parties=1_000, accounts=5_000, transactions=250_000)
SMALL = Size(parties=160, accounts=525, transactions=20_000)
# In the order of the README's table.
SCENES = fi_utlegg.SCENES | service_characters.SCENES


class Cast:
    """The characters and those who stand beside them, as they are on one day."""

    def __init__(self, seed: int, day: date, as_of: datetime) -> None:
        self.seed = seed
        self.day = day
        self.institutions = institutions(day, as_of)
        self.numbers = NumberSeries(BANK_NUMBER, OTHER_BANK_NUMBER)
        stage = Stage(seed, day, self.numbers, *self.institutions)
        self.characters = [scene(stage, case) for case, scene in SCENES.items()]
        self.draft = stage.draft
        self.counterparties = make_counterparties(seed, self.numbers)
        self.size = Size(
            parties=len(self.draft.parties),
            accounts=len(self.draft.accounts),
            transactions=sum(len(book.movements) for book in self.draft.books),
        )
        add_savers(stage)

    def rows(self, table: str) -> Iterator[Row]:
        """Return the cast's rows of one table; the institutions are not the cast's."""
        yield from self.draft.rows(table, self.counterparties)


class Bank:
    """The whole bank; `rows` may be asked for each table, more than once."""

    def __init__(self, seed: int, day: date, as_of: datetime, size: Size) -> None:
        self.cast = cast = Cast(seed, day, as_of)
        maker = CrowdMaker(seed, day, cast.numbers, *cast.institutions)
        crowd = Size(
            parties=size.parties - cast.size.parties,
            accounts=size.accounts - cast.size.accounts,
            transactions=size.transactions - cast.size.transactions,
        )
        self.crowd: LedgerDraft = maker.make(crowd)

    def rows(self, table: str) -> Iterator[Row]:
        if table == "financial_institution":
            return iter(self.cast.institutions)
        return chain(self.cast.rows(table), self.crowd.rows(table, self.cast.counterparties))


def institutions(day: date, as_of: datetime) -> tuple[InstitutionRow, InstitutionRow]:
    """Return our bank, and one that no audience of the sandbox names.

    Their histories begin later than a mandate may reach back, as a bank's do that keeps its books as long as it must.
    """
    return (
        InstitutionRow(1, BANK_NUMBER, "Eksempelbanken", "NO", as_of, years_before(day, 6)),
        InstitutionRow(2, OTHER_BANK_NUMBER, "Annenbanken", "NO", as_of, years_before(day, 5)),
    )


def years_before(day: date, years: int) -> date:
    last_of_february = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - years, day=28 if last_of_february else day.day)


def characters(seed: int) -> list[Character]:
    """Return the characters of a seed; their numbers and expectations are the same on every day."""
    some_day = datetime(2026, 1, 1).astimezone()
    return Cast(seed, some_day.date(), some_day).characters
