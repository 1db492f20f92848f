"""The endpoints' documents, field by field as the standard spells them; absent data is left out (D), lists are `[]`.

Built from ledger rows, before the disclosure filter. Amounts become exact JSON numbers, moments RFC 3339 in UTC.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson

from accounts.ledger import BalanceRow
from accounts.models import Party
from accounts.ownership import HeldAccount, Owner

Document = dict[str, Any]


def response_details(message: str = "") -> Document:
    """`complete`, or `partial` with the reason (protocol section 8)."""
    return {"status": "partial", "message": message} if message else {"status": "complete"}


def accounts_document(accounts: Iterable[tuple[HeldAccount, str]], *, message: str = "") -> Document:
    """Common Standard 2.0, *Accounts*: each account with its reference, never paged."""
    return {
        "responseDetails": response_details(message),
        "accounts": [_listed(account, reference) for account, reference in accounts],
        "links": [],
    }


def account_details_document(
    account: HeldAccount, reference: str, balances: Iterable[BalanceRow], *, message: str = ""
) -> Document:
    """Common Standard 2.0, *Account Details*."""
    return {
        "responseDetails": response_details(message),
        "account": {
            **_listed(account, reference),
            "balances": [_balance(row, account.as_of) for row in balances],
            "startDate": day(account.start_date),
            **_present(endDate=day(account.end_date)),
        },
    }


def customer_relationships_document(banks: Iterable[Document]) -> Document:
    """Common Standard 2.0, *Customer Relationships*."""
    return {"banks": list(banks)}


def bank(*, organisation_number: str, name: str, active_account: bool, ownership_type: str | None) -> Document:
    return {
        "organizationID": organisation_number,
        "bankName": name,
        "activeAccount": active_account,
        **_present(ownershipType=ownership_type),
    }


def _listed(account: HeldAccount, reference: str) -> Document:
    return {
        "status": account.status,
        "servicer": {
            "identifier": _identifier(account.servicer_country, account.servicer_number, Party.Type.ORGANISATION),
            **_present(name=account.servicer_name or None),
        },
        "accountIdentifier": account.number,
        "accountReference": reference,
        "type": account.type,
        "currency": account.currency,
        **_present(primaryOwner=_owner(account.owner) if account.owner else None, name=account.name or None),
    }


def _owner(owner: Owner) -> Document:
    identified = owner.number is not None and not owner.withheld
    return _present(
        permission=owner.permission or None,
        identifier=_identifier(owner.country, owner.number or "", owner.type) if identified else None,
        name=None if owner.withheld else owner.name or None,
        startDate=day(owner.start_date),
        endDate=day(owner.end_date),
    )


def _identifier(country: str, value: str, party_type: str) -> Document:
    is_person = party_type == Party.Type.PERSON
    return {
        **_present(countryOfResidence=country or None),
        "value": value,
        "type": "nationalIdentityNumber" if is_person else "countryIdentificationCode",
    }


def _balance(row: BalanceRow, as_of: datetime) -> Document:
    line = row.credit_line_amount
    return {
        "creditLineIncluded": row.credit_line_included,
        "amount": amount(row.amount.copy_abs()),
        "creditDebitIndicator": "debit" if row.amount < 0 else "credit",
        "registered": moment(as_of),
        "type": row.type,
        **_present(
            creditLineAmount=None if line is None else amount(line.copy_abs()),
            creditLineCurrency=None if line is None else row.credit_line_currency or row.currency,
        ),
        "currency": row.currency,
    }


def _present(**fields: Any) -> Document:
    return {name: value for name, value in fields.items() if value is not None}


def amount(value: Decimal) -> orjson.Fragment:
    """Return the exact number, at least two decimals and no zeros beyond them. Raise ValueError for what is none."""
    if not value.is_finite():
        raise ValueError("not a number")  # a column of PostgreSQL can hold NaN, JSON cannot
    text = format(value, "f")
    whole, _, decimals = text.partition(".")
    return orjson.Fragment(f"{whole}.{decimals.rstrip('0').ljust(2, '0')}")


def moment(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(value: date | None) -> str | None:
    return value.isoformat() if value else None
