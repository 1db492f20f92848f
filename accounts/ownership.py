"""Whose is it? The accounts behind the ledger's rows, each with the owner at the end of the period.

The owner is the one of the last day of the period, or of the last day on which the party asked about still had
its role, if that was earlier (protocol section 6).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from accounts.ledger import Held
from accounts.models import OPEN_GRADES
from legal.periods import Period


@dataclass(frozen=True, slots=True)
class Owner:
    """A primary owner; `withheld` means that name and number of a shielded person stay here."""

    permission: str
    number: str | None
    type: str
    name: str
    country: str
    start_date: date
    end_date: date | None
    withheld: bool


@dataclass(frozen=True, slots=True)
class HeldAccount:
    """An account the party holds."""

    id: int
    number: str
    status: str
    type: str
    name: str
    currency: str
    start_date: date
    end_date: date | None
    servicer_number: str
    servicer_name: str
    servicer_country: str
    as_of: datetime
    owner: Owner | None


def held_accounts(rows: Iterable[Held], *, period: Period, withhold_shielded: bool) -> list[HeldAccount]:
    """Return each account once, in the order of the rows, which must be grouped by account."""
    return [
        _account(list(group), period, withhold_shielded) for _, group in groupby(rows, key=lambda row: row.account_id)
    ]


def _account(rows: list[Held], period: Period, withhold_shielded: bool) -> HeldAccount:
    row = rows[0]
    last_day = min(period.to_date, max(held.role_end_date or date.max for held in rows))
    owning = _owning(rows, last_day)
    return HeldAccount(
        id=row.account_id,
        number=row.number,
        status=row.status,
        type=row.type,
        name=row.name,
        currency=row.currency,
        start_date=row.account_start_date,
        end_date=row.account_end_date,
        servicer_number=row.servicer_number,
        servicer_name=row.servicer_name,
        servicer_country=row.servicer_country,
        as_of=row.as_of,
        owner=_owner(owning, withhold_shielded) if owning else None,
    )


def _owning(rows: list[Held], last_day: date) -> Held | None:
    """Return the row of the owner of that day; of several, the party asked about, then the latest to begin."""
    candidates = [
        row
        for row in rows
        if row.owner_start_date is not None
        and row.owner_start_date <= last_day
        and (row.owner_end_date is None or row.owner_end_date >= last_day)
    ]
    return max(
        candidates, key=lambda row: (row.owner_id == row.party_id, row.owner_start_date or date.min), default=None
    )


def _owner(row: Held, withhold_shielded: bool) -> Owner:
    shielded = row.owner_id != row.party_id and row.owner_grade not in OPEN_GRADES
    return Owner(
        permission=row.owner_permission or "",
        number=row.owner_number,
        type=row.owner_type or "",
        name=row.owner_name or "",
        country=row.owner_country or "",
        start_date=row.owner_start_date or date.min,
        end_date=row.owner_end_date,
        withheld=shielded and withhold_shielded,
    )
