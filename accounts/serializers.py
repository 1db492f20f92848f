"""The endpoints' documents, field by field as the standard spells them; absent data is left out (D), lists are `[]`.

Built from ledger rows, before the disclosure filter. Amounts become exact JSON numbers, moments RFC 3339 in UTC.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson

from accounts.contents import BalanceRow, CardRow, HolderRow
from accounts.models import OPEN_GRADES, Party
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
            "balances": [_balance(row, row.registered_at or account.as_of) for row in balances],
            "startDate": day(account.start_date),
            **present(endDate=day(account.end_date)),
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
        **present(ownershipType=ownership_type),
    }


def servicing_provider_document(*, organisation_number: str, name: str) -> Document:
    """KAR 1.1.2, *Account Servicing Provider*, which spells its number unlike Customer Relationships."""
    return {"organizationId": organisation_number, "bankName": name}


def cards_document(cards: list[Document], *, message: str = "") -> Document:
    """Common Standard 2.0, *Cards*."""
    return {"responseDetails": response_details(message), "paymentCards": cards}


def card_document(card: CardRow, *, party_id: int, withhold_shielded: bool) -> tuple[Document, bool]:
    """Return a card, and whether its holder was left out of it: a shielded person that nobody asked about."""
    hidden = withhold_shielded and card.holder_id != party_id and card.holder_grade not in OPEN_GRADES
    issuer = identifier(card.issuer_country, card.issuer_number, Party.Type.ORGANISATION)
    document = {
        "cardIdentifier": card.masked_number,
        **present(
            holderName=None if hidden else card.holder_name or None,
            startDate=card.start_month or None,
            expiryDate=card.expiry_month or None,
            cardIssuerName=card.issuer_name or None,
            type=card.type or None,
            cardStatus=card.status or None,
            versionNumber=card.version_number or None,
            cardIssuerIdentifier=issuer if card.issuer_number else None,
        ),
    }
    return document, hidden


def roles_document(holders: list[Document], *, message: str = "") -> Document:
    """Common Standard 2.0, *Roles*."""
    return {"responseDetails": response_details(message), "roles": holders}


def holder_document(holder: HolderRow, *, hidden: bool) -> Document:
    identified = holder.number is not None and not hidden
    return present(
        permission=holder.permission or None,
        identifier=identifier(holder.country, holder.number or "", holder.type) if identified else None,
        name=None if hidden else holder.name or None,
        startDate=day(holder.start_date),
        endDate=day(holder.end_date),
    )


def link(relation: str, address: str) -> Document:
    return {"rel": relation, "href": address}


def _listed(account: HeldAccount, reference: str) -> Document:
    return {
        "status": account.status,
        "servicer": {
            "identifier": identifier(account.servicer_country, account.servicer_number, Party.Type.ORGANISATION),
            **present(name=account.servicer_name or None),
        },
        "accountIdentifier": account.number,
        "accountReference": reference,
        "type": account.type,
        "currency": account.currency,
        **present(primaryOwner=_owner(account.owner) if account.owner else None, name=account.name or None),
    }


def _owner(owner: Owner) -> Document:
    identified = owner.number is not None and not owner.withheld
    return present(
        permission=owner.permission or None,
        identifier=identifier(owner.country, owner.number or "", owner.type) if identified else None,
        name=None if owner.withheld else owner.name or None,
        startDate=day(owner.start_date),
        endDate=day(owner.end_date),
    )


def identifier(country: str, value: str, party_type: str) -> Document:
    is_person = party_type == Party.Type.PERSON
    return {
        **present(countryOfResidence=country or None),
        "value": value,
        "type": "nationalIdentityNumber" if is_person else "countryIdentificationCode",
    }


def _balance(row: BalanceRow, registered_at: datetime) -> Document:
    line = row.credit_line_amount
    return {
        "creditLineIncluded": row.credit_line_included,
        "amount": amount(row.amount.copy_abs()),
        "creditDebitIndicator": "debit" if row.amount < 0 else "credit",
        "registered": moment(registered_at),
        "type": row.type,
        **present(
            creditLineAmount=None if line is None else amount(line.copy_abs()),
            creditLineCurrency=None if line is None else row.credit_line_currency or row.currency,
        ),
        "currency": row.currency,
    }


def present(**fields: Any) -> Document:
    return {name: value for name, value in fields.items() if value is not None}


def amount(value: Decimal) -> orjson.Fragment:
    """Return the exact number as `number` does. Raise ValueError for what is none."""
    if not value.is_finite():
        raise ValueError("not a number")  # a column of PostgreSQL can hold NaN, JSON cannot
    return number(format(value, "f"))


def number(text: str) -> orjson.Fragment:
    """Return the exact number, at least two decimals and no zeros beyond them. Raise ValueError for what is none."""
    whole, _, decimals = text.partition(".")
    if not (whole + decimals).removeprefix("-").isdigit():
        raise ValueError("not a number")
    return orjson.Fragment(f"{whole}.{decimals.rstrip('0').ljust(2, '0')}")


def moment(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(value: date | None) -> str | None:
    return value.isoformat() if value else None
