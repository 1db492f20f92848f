"""The JSON columns of a transaction: what the standard knows of them, in its own forms. All else is passed over.

The ledger may be views over a bank's own tables, so that nothing holds those columns to any form.
"""

import re
from typing import Any, NamedTuple

import orjson

from accounts.serializers import Document

OTHER_REFERENCE = "otherReference"
REFERENCE_TYPES = frozenset(
    (
        *("accountServicerReference", "archiveReference", "chequeNumber", "endToEndIdentification"),
        *("instructionIdentification", "invoiceNumber", "mandateIdentification", "messageIdentification"),
        *(OTHER_REFERENCE, "paymentInformationIdentification", "remittanceReference"),
    )
)
COUNTERPARTY_TYPES = frozenset({"debtor", "creditor", "ultimateDebtor", "ultimateCreditor"})
IDENTIFIER_TYPES = frozenset({"countryIdentificationCode", "nationalIdentityNumber"})
ADDRESS_TYPES = frozenset({"residential", "business", "mailTo", "deliveryTo"})
ADDRESS_TEXTS = {"postCode": 16, "streetName": 70, "buildingNumber": 16, "townName": 35}
LONGEST_NAME, LONGEST_LINE = 140, 70
COUNTRY = re.compile(r"[A-Z]{2}")
NOT_IN_NUMBERS = re.compile(r"[^0-9A-Za-z]")
NO_NUMBERS: frozenset[str] = frozenset()
NORWEGIAN_IBAN = re.compile(r"NO[0-9]{2}([0-9]{11})")


class Counterparty(NamedTuple):
    """A counterparty as it may be shown, and every way in which its numbers could be known to the ledger."""

    document: Document
    numbers: frozenset[str]
    accounts: frozenset[str]


def references_in(column: str) -> list[Document]:
    """Return the references of a transaction; one of an unknown type is an `otherReference`."""
    return [
        {"value": text, "type": _word(each.get("type"), REFERENCE_TYPES) or OTHER_REFERENCE}
        for each in _objects(column)
        if isinstance(text := each.get("value"), str) and text
    ]


def counterparties_in(column: str) -> list[Counterparty]:
    """Return the counterparties of a transaction."""
    return [_counterparty(each) for each in _objects(column)]


def _counterparty(source: Document) -> Counterparty:
    identifier = _object(source.get("identifier"))
    number = _text(identifier.get("value"))
    account = _text(source.get("accountIdentifier"))
    document: Document = {}
    if account:
        document["accountIdentifier"] = account
    if number and (identified := _identifier(identifier, number)):
        document["identifier"] = identified
    if name := _text(source.get("name"), LONGEST_NAME):
        document["name"] = name
    if kind := _word(source.get("type"), COUNTERPARTY_TYPES):
        document["type"] = kind
    if "postalAddress" in source and (address := _address(_object(source["postalAddress"]))):
        document["postalAddress"] = address
    return Counterparty(document, _spellings(number), _spellings(account))


def _spellings(number: str | None) -> frozenset[str]:
    """Return a number as it stands, without signs between its digits, and an IBAN's account number."""
    if not number:
        return NO_NUMBERS
    if number.isascii() and number.isdigit():
        return frozenset((number,))
    plain = NOT_IN_NUMBERS.sub("", number)
    iban = NORWEGIAN_IBAN.fullmatch(plain.upper())
    # PostgreSQL cannot be asked about a zero byte.
    return frozenset((number.replace("\0", ""), plain, *(iban.groups() if iban else ())))


def _identifier(source: Document, number: str) -> Document | None:
    kind = _word(source.get("type"), IDENTIFIER_TYPES)
    country = _country(source.get("countryOfResidence"))
    return {**({"countryOfResidence": country} if country else {}), "value": number, "type": kind} if kind else None


def _address(source: Document) -> Document:
    lines = source.get("addressLines")
    address = {
        **{name: _text(source.get(name), longest) for name, longest in ADDRESS_TEXTS.items()},
        "type": _word(source.get("type"), ADDRESS_TYPES),
        "country": _country(source.get("country")),
        "addressLines": [text for line in lines if (text := _text(line, LONGEST_LINE))]
        if isinstance(lines, list)
        else None,
    }
    return {name: value for name, value in address.items() if value}


def _objects(column: str) -> list[Document]:
    """Return the objects of a column that should hold a list of them."""
    if column == "[]":
        return []
    try:
        value = orjson.loads(column)
    except orjson.JSONDecodeError:  # JSON of PostgreSQL may be deeper than this reader goes
        return []
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _object(value: Any) -> Document:
    return value if isinstance(value, dict) else {}


def _text(value: Any, longest: int | None = None) -> str | None:
    """Return a text cut to the standard's length, None for an empty one and for what is no text."""
    return value[:longest] or None if isinstance(value, str) else None


def _word(value: Any, words: frozenset[str]) -> str | None:
    return value if isinstance(value, str) and value in words else None


def _country(value: Any) -> str | None:
    return value if isinstance(value, str) and COUNTRY.fullmatch(value) else None
