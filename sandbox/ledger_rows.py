"""Rows of the ledger's tables, with the very columns that COPY fills.

Moments that come in great numbers are RFC 3339 text, made once for each day: half of a load's time went into
formatting them row by row. References and counterparties are JSON text for the same reason.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple


class InstitutionRow(NamedTuple):
    id: int
    organisation_number: str
    name: str
    country: str
    as_of: datetime
    history_from: date


class PartyRow(NamedTuple):
    id: int
    type: str
    name: str
    country: str
    protection_grade: str
    date_of_death: date | None


class IdentifierRow(NamedTuple):
    id: int
    party_id: int
    value: str
    kind: str
    start_date: date
    end_date: date | None


class GuardianshipRow(NamedTuple):
    id: int
    ward_id: int
    guardian_id: int
    service: str
    start_date: date
    end_date: date | None


class AccountRow(NamedTuple):
    id: int
    number: str
    servicer_id: int
    type: str
    name: str
    currency: str
    status: str
    start_date: date
    end_date: date | None
    nics_creditable: bool
    data_delivered: bool


class RoleRow(NamedTuple):
    id: int
    account_id: int
    party_id: int
    kind: str
    permission: str
    start_date: date
    end_date: date | None


class BalanceRow(NamedTuple):
    id: int
    account_id: int
    type: str
    amount: Decimal
    currency: str
    credit_line_included: bool
    credit_line_amount: Decimal | None
    credit_line_currency: str
    registered_at: str


class BalanceHistoryRow(NamedTuple):
    id: int
    account_id: int
    registered_at: str
    amount: Decimal
    currency: str
    credit_line_included: bool
    credit_line_amount: Decimal | None
    credit_line_currency: str


class BsuYearRow(NamedTuple):
    id: int
    account_id: int
    year: int
    saved: Decimal
    interest: Decimal
    saved_in_all: Decimal
    interest_in_all: Decimal
    balance: Decimal
    housing_date: date | None = None
    housing_amount: Decimal | None = None
    breach_date: date | None = None
    bankruptcy_date: date | None = None
    security_date: date | None = None
    seizure_date: date | None = None
    seizure_amount: Decimal | None = None
    moved_out_date: date | None = None
    moved_out_to_spouse: str = ""
    moved_out_to_manager: str = ""
    moved_in_date: date | None = None
    moved_in_from_spouse: str = ""
    moved_in_from_manager: str = ""
    contact_name: str = ""
    contact_telephone: str = ""
    contact_email: str = ""


class CardRow(NamedTuple):
    id: int
    account_id: int
    holder_id: int
    masked_number: str
    type: str
    status: str
    version_number: str
    start_month: str
    expiry_month: str
    issuer_name: str
    issuer_number: str
    issuer_country: str


class TransactionRow(NamedTuple):
    id: int
    account_id: int
    booked_at: str
    value_at: str
    performed_at: str | None
    identifier: str
    status: str
    amount: Decimal
    currency: str
    reversal: bool
    domain: str
    family: str
    sub_family: str
    additional_info: str
    merchant: str
    free_text_code: str
    bank_references: str
    counterparties: str
    original_amount: Decimal | None
    source_currency: str
    target_currency: str
    unit_currency: str
    exchange_rate: Decimal | None
    card_id: int | None


Row = (
    InstitutionRow
    | PartyRow
    | IdentifierRow
    | GuardianshipRow
    | AccountRow
    | RoleRow
    | BalanceRow
    | BalanceHistoryRow
    | BsuYearRow
    | CardRow
    | TransactionRow
)

TABLES: dict[str, type[Row]] = {
    "financial_institution": InstitutionRow,
    "party": PartyRow,
    "party_identifier": IdentifierRow,
    "guardianship": GuardianshipRow,
    "account": AccountRow,
    "account_role": RoleRow,
    "balance": BalanceRow,
    "balance_history": BalanceHistoryRow,
    "bsu_year": BsuYearRow,
    "payment_card": CardRow,
    "transaction": TransactionRow,
}
