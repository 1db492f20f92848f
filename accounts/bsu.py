"""What did the BSU accounts of an institution do in a year? Asked page by page, for the bank's own yearly report.

Everybody is in it, shielded persons too: the report is the bank's duty, not an answer to a question about somebody.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from accounts.models import AccountRole, BsuYear, FinancialInstitution, PartyIdentifier

PAGE_SIZE = 1000
YEAR_COLUMNS = (
    *("saved", "interest", "saved_in_all", "interest_in_all", "balance"),
    *("housing_date", "housing_amount", "breach_date", "bankruptcy_date", "security_date"),
    *("seizure_date", "seizure_amount"),
    *("moved_out_date", "moved_out_to_spouse", "moved_out_to_manager"),
    *("moved_in_date", "moved_in_from_spouse", "moved_in_from_manager"),
    *("contact_name", "contact_telephone", "contact_email"),
)
NAMED = (PartyIdentifier.Kind.BIRTH_NUMBER, PartyIdentifier.Kind.D_NUMBER)


@dataclass(frozen=True, slots=True, kw_only=True)
class BsuAccount:
    """An account and its year. The holder is the year's last primary owner; `holder_number` is empty without one."""

    number: str
    start_date: date
    holder_number: str
    holder_name: str
    saved: Decimal
    interest: Decimal
    saved_in_all: Decimal
    interest_in_all: Decimal
    balance: Decimal
    housing_date: date | None
    housing_amount: Decimal | None
    breach_date: date | None
    bankruptcy_date: date | None
    security_date: date | None
    seizure_date: date | None
    seizure_amount: Decimal | None
    moved_out_date: date | None
    moved_out_to_spouse: str
    moved_out_to_manager: str
    moved_in_date: date | None
    moved_in_from_spouse: str
    moved_in_from_manager: str
    contact_name: str
    contact_telephone: str
    contact_email: str


@dataclass(frozen=True, slots=True)
class Holder:
    number: str
    name: str


NOBODY = Holder("", "")


def reporting_institution(organisation_number: str) -> tuple[str, datetime] | None:
    """Return the institution's name and as of when the ledger knows it, or None where the ledger does not have it."""
    found = FinancialInstitution.objects.filter(organisation_number=organisation_number)
    return found.values_list("name", "as_of").first()


def count_bsu_accounts(organisation_number: str, *, year: int) -> int:
    return _years(organisation_number, year).count()


def bsu_accounts(organisation_number: str, *, year: int, page_size: int = PAGE_SIZE) -> Iterator[BsuAccount]:
    """Yield the institution's BSU accounts of the year in the order of their numbers: two statements for each page."""
    after = ""
    while page := _page(organisation_number, year, after, page_size):
        holders = _holders([row["account_id"] for row in page], year)
        for row in page:
            account_id, number, start_date = (row.pop(name) for name in ("account_id", "number", "start_date"))
            holder = holders.get(account_id, NOBODY)
            yield BsuAccount(
                number=number, start_date=start_date, holder_number=holder.number, holder_name=holder.name, **row
            )
            after = number
        if len(page) < page_size:
            return


def _years(organisation_number: str, year: int) -> Any:
    return BsuYear.objects.filter(year=year, account__servicer__organisation_number=organisation_number)


def _page(organisation_number: str, year: int, after: str, size: int) -> list[dict[str, Any]]:
    rows = _years(organisation_number, year).filter(account__number__gt=after).order_by("account__number")
    columns = ("account_id", "account__number", "account__start_date", *YEAR_COLUMNS)
    names = ("account_id", "number", "start_date", *YEAR_COLUMNS)
    return [dict(zip(names, row, strict=True)) for row in rows.values_list(*columns)[:size]]


def _holders(account_ids: list[int], year: int) -> dict[int, Holder]:
    """Return who owned each account last in the year, by the newest number of that person."""
    roles = AccountRole.objects.filter(
        account_id__in=account_ids, kind=AccountRole.Kind.PRIMARY_OWNER, start_date__lte=date(year, 12, 31)
    ).exclude(end_date__lt=date(year, 1, 1))
    rows = (
        roles.filter(party__identifiers__kind__in=NAMED)
        .order_by("account_id", "start_date", "pk", "party__identifiers__start_date", "party__identifiers__pk")
        .values_list("account_id", "party__identifiers__value", "party__name")
    )
    return {account_id: Holder(number, name) for account_id, number, name in rows}
