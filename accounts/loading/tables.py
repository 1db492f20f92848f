"""The tables that a delivery can bring, what makes a row of each the same row, and what rows owe each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import LiteralString

from django.db import models

from accounts.loading.columns import Column, columns_of
from accounts.models import (
    Account,
    AccountRole,
    Balance,
    BalanceHistory,
    BsuYear,
    FinancialInstitution,
    Guardianship,
    Party,
    PartyIdentifier,
    PaymentCard,
    Transaction,
)

ENDS_BEFORE: tuple[str, str, LiteralString] = ("end_date", "lies before the start", "end_date < start_date")


@dataclass(frozen=True)
class Table:
    """A table of the ledger. `days` is the column whose days a delivery replaces; the others are replaced whole."""

    model: type[models.Model]
    unique: tuple[str, ...] = ()
    """What no two rows share, beside their key."""
    days: str | None = None
    rules: tuple[tuple[str, str, LiteralString], ...] = field(default=())
    """Column, reason and the SQL condition of a row that is refused."""
    from_manifest: frozenset[str] = frozenset()
    """Columns that no file has."""

    @property
    def name(self) -> str:
        return self.model._meta.db_table

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        """Return the columns that a file may have, by name."""
        return {name: column for name, column in columns_of(self.model).items() if name not in self.from_manifest}

    @cached_property
    def needed(self) -> frozenset[str]:
        return frozenset(name for name, column in self.columns.items() if column.default is None)

    @property
    def key(self) -> tuple[str, ...]:
        return ("account_id", self.days, "id") if self.days else ("id",)

    @cached_property
    def references(self) -> Mapping[str, str]:
        """Return the table behind each column that names a row of another."""
        return {
            each.attname: each.related_model._meta.db_table
            for each in self.model._meta.concrete_fields
            if isinstance(each, models.ForeignKey)
        }


TABLES = {
    table.name: table
    for table in (
        Table(FinancialInstitution, unique=("organisation_number",), from_manifest=frozenset({"as_of"})),
        Table(Party),
        Table(
            PartyIdentifier,
            unique=("value",),
            rules=(
                ENDS_BEFORE,
                ("kind", "does not go with the value", "(kind = 'organisationNumber') <> (length(value) = 9)"),
            ),
        ),
        Table(Guardianship, rules=(ENDS_BEFORE,)),
        Table(
            Account,
            unique=("servicer_id", "number"),
            rules=(("end_date", "does not lie after the start", "end_date <= start_date"),),
        ),
        Table(AccountRole, rules=(ENDS_BEFORE,)),
        Table(
            Balance,
            rules=(
                (
                    "credit_line_currency",
                    "does not go with the amount",
                    "(credit_line_amount IS NULL) <> (credit_line_currency = '')",
                ),
            ),
        ),
        Table(
            BalanceHistory,
            days="registered_at",
            rules=(
                (
                    "credit_line_currency",
                    "does not go with the amount",
                    "(credit_line_amount IS NULL) <> (credit_line_currency = '')",
                ),
            ),
        ),
        Table(PaymentCard, rules=(("expiry_month", "lies before the start", "expiry_month < start_month"),)),
        Table(Transaction, days="booked_at", rules=(("original_amount", "is negative", "original_amount < 0"),)),
        Table(BsuYear, unique=("account_id", "year")),
    )
}
"""Those that others refer to come first."""
