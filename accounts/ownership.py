"""Whose is it? The accounts behind the ledger's rows, each with the owner at the end of the period.

The owner is the one of the last day of the period, or of the last day on which the party asked about still had
its role, if that was earlier (protocol section 6).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from accounts.ledger import OWNERS, Held, Span
from accounts.models import OPEN_GRADES
from legal.periods import Period, merged, within


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
    history_from: date
    data_delivered: bool
    party_id: int
    owned: bool
    """Whether the party is an owner, and not only a user of it."""
    spans: tuple[Period, ...]
    """The days of the period on which the party had its role, or roles, and the guardian named his task."""
    owner: Owner | None


def held_accounts(rows: Iterable[Held], *, period: Period, withhold_shielded: bool) -> list[HeldAccount]:
    """Return each account once, in the order of the rows, which must be grouped by account.

    Rows of a role that did not reach into the period are passed over, and days outside a guardian's task as well.
    """
    grouped = groupby(rows, key=lambda row: row.account_id)
    each = ([row for row in group if _days(row, period)] for _, group in grouped)
    return [_account(group, period, withhold_shielded) for group in each if group]


def disposed_by_guardian(rows: Iterable[Held], *, period: Period) -> list[Held]:
    """Return the rows of accounts that the guardian could use too, on a day on which the ward held it under him."""
    return [
        row
        for row in rows
        if any(within(Period(*days_of(span)), days) for span in row.disposals for days in _days(row, period))
    ]


def days_of(span: Span) -> tuple[date, date]:
    """Return the first and the last day of a time in a JSON column; the last one of all while it lasts."""
    return date.fromisoformat(span["start"]), date.fromisoformat(span["end"]) if span["end"] else date.max


def _days(row: Held, period: Period) -> list[Period]:
    """Return the days of the period on which the role held; where a guardian was named, those of the task alone."""
    held = within(Period(row.role_start_date, row.role_end_date or date.max), period)
    if held is None or not row.guardianships:
        return [held] if held else []
    return [days for task in row.guardianships if (days := within(Period(*days_of(task)), held))]


def _account(rows: list[Held], period: Period, withhold_shielded: bool) -> HeldAccount:
    row = rows[0]
    spans = merged(days for held in rows for days in _days(held, period))
    owning = _owning(rows, spans[-1].to_date)
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
        history_from=row.history_from,
        data_delivered=row.data_delivered,
        party_id=row.party_id,
        owned=any(held.kind in OWNERS for held in rows),
        spans=spans,
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
