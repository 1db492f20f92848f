"""The form of every header and query parameter, in one table; read once, at the edge, strictly.

A single-valued header that holds a comma was sent twice. Nothing is stripped, folded or guessed: blanks, other
digits than ASCII's, and `urn:` or braces around a uuid are refused.
"""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import unquote_to_bytes

from legal import refusals
from legal.refusals import BadQuery, Refusal

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
PARTY_NUMBER = re.compile(r"[0-9]{11}|[0-9]{9}")
ACCOUNT_NUMBER = re.compile(r"[0-9]{11,35}")
CURSOR = re.compile(r"[A-Za-z0-9_-]{1,100}")
PRINTABLE = re.compile(r"[\x20-\x7e]+")
ESCAPED = re.compile(r"(?:[^%]|%[0-9a-fA-F]{2})*")


def read_uuid(text: str) -> uuid.UUID:
    if not UUID.fullmatch(text):
        raise ValueError
    return uuid.UUID(text)


def read_date(text: str) -> date:
    if not DATE.fullmatch(text):
        raise ValueError
    return date.fromisoformat(text)


def read_boolean(text: str) -> bool:
    """Any letter case of true and false (NET-02)."""
    if not text.isascii():
        raise ValueError
    return {"true": True, "false": False}[text.lower()]


def read_party_number(text: str) -> str:
    """Eleven or nine ASCII digits (PID-01)."""
    if not PARTY_NUMBER.fullmatch(text):
        raise ValueError
    return text


def read_account_number(text: str) -> str:
    """Eleven ASCII digits, more for some products; the check digit is not looked at (protocol section 2)."""
    if not ACCOUNT_NUMBER.fullmatch(text):
        raise ValueError
    return text


def read_cursor(text: str) -> str:
    """The opaque value of a `next` link; whether it is one of ours is seen when it is opened."""
    if not CURSOR.fullmatch(text):
        raise ValueError
    return text


def read_mandate(text: str) -> str:
    """Percent-decode once; an invalid escape or invalid UTF-8 is refused (NET-03)."""
    decoded = percent_decoded(text)
    if not decoded.strip() or len(decoded) > 500 or not decoded.isprintable():
        raise ValueError
    return decoded


def read_printable(longest: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not PRINTABLE.fullmatch(text) or len(text) > longest:
            raise ValueError
        return text

    return read


def read_reference_type(text: str) -> str:
    if text not in {"pol1", "srf"}:
        raise ValueError
    return text


def percent_decoded(text: str) -> str:
    """Return the text behind valid percent-encoded UTF-8. Raise ValueError otherwise."""
    if not text.isascii() or not ESCAPED.fullmatch(text):
        raise ValueError
    return unquote_to_bytes(text).decode("utf-8")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One header or query parameter: its names on the wire, how it is read, and how it is refused."""

    names: tuple[str, ...]
    read: Callable[[str], Any]
    refusal: type[Refusal]
    required: bool = True
    blank_is_absent: bool = False
    key: str = field(init=False)
    """Where a server puts a header of that name."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", "HTTP_" + self.names[0].upper().replace("-", "_"))


@dataclass(frozen=True, slots=True)
class Parameters:
    """What an endpoint takes beside the headers that all of them take."""

    headers: Mapping[str, Parameter] = field(default_factory=dict)
    query: Mapping[str, Parameter] = field(default_factory=dict)


_blank = {"required": False, "blank_is_absent": True}
CORRELATION_ID = Parameter(("CorrelationID",), read_uuid, refusals.BadCorrelationID)
CASE_HEADERS = {
    "correlation_id": CORRELATION_ID,
    "account_info_request_id": Parameter(("AccountInfoRequestID",), read_uuid, refusals.BadAccountInfoRequestID),
    "legal_mandate": Parameter(("Legal-Mandate",), read_mandate, refusals.BadLegalMandate),
}
REFERENCE_HEADERS = {
    "requester_id": Parameter(("RequesterID",), read_printable(255), refusals.BadRequesterID, **_blank),
    "additional_reference_type": Parameter(
        ("AdditionalReferenceIDType",), read_reference_type, refusals.BadAdditionalReferenceIDType, **_blank
    ),
    "additional_reference": Parameter(
        ("AdditionalReferenceID",), read_printable(16_384), refusals.BadAdditionalReferenceID, **_blank
    ),
}
PARTY_HEADER = {"party_number": Parameter(("PartyID",), read_party_number, refusals.BadPartyID)}
CUSTOMER_HEADER = {"party_number": Parameter(("CustomerID",), read_party_number, refusals.BadCustomerID)}
ACCOUNT_HEADER = {"account_number": Parameter(("AccountID",), read_account_number, refusals.BadAccountID)}
CURSOR_OF_PAGE = {"cursor": Parameter(("cursor",), read_cursor, refusals.BadCursor, required=False)}
PERIOD = {
    "from_date": Parameter(("fromDate",), read_date, refusals.BadFromDate, required=False),
    "to_date": Parameter(("toDate",), read_date, refusals.BadToDate, required=False),
}
OWNER = {
    "only_primary_owner": Parameter(
        ("OnlyPrimaryOwner", "onlyPrimaryOwner"), read_boolean, refusals.BadOnlyPrimaryOwner, required=False
    )
}


def read_headers(meta: Mapping[str, Any], parameters: Mapping[str, Parameter]) -> dict[str, Any]:
    """Return the named values, None where absent. Raise the first parameter's own refusal."""
    return {name: read_header(meta, parameter) for name, parameter in parameters.items()}


def read_header(meta: Mapping[str, Any], parameter: Parameter) -> Any:
    """Return the header's value, or None where it may be absent. Raise its refusal."""
    text = raw_header(meta, parameter)
    if text is not None and "," in text:  # the server joins a header that was sent twice
        raise parameter.refusal
    return read_one(parameter, [] if text is None else [text])


def valid_correlation_id(meta: Mapping[str, Any]) -> uuid.UUID | None:
    """Return the CorrelationID when it has the right form; every answer and log line repeats it then."""
    try:
        value: uuid.UUID = read_header(meta, CORRELATION_ID)
    except Refusal:
        return None
    return value


def raw_header(meta: Mapping[str, Any], parameter: Parameter) -> str | None:
    """Return the header as the server handed it over, None where it was not sent."""
    return meta.get(parameter.key)


def read_query(query_string: str, parameters: Mapping[str, Parameter]) -> dict[str, Any]:
    """Return the named values of the query, None where absent. Unknown parameters are ignored.

    Raise BadQuery when the string is no percent-encoded UTF-8, else the first parameter's own refusal.
    """
    pairs = query_pairs(query_string)
    values = {}
    for name, parameter in parameters.items():
        sent = [(key, value) for key, value in pairs if key in parameter.names]
        if len({key for key, _ in sent}) < len(sent):
            raise parameter.refusal
        values[name] = read_one(parameter, [value for _, value in sent])
    return values


def query_pairs(query_string: str) -> list[tuple[str, str]]:
    """Return the query's names and values, decoded once; `+` stays a plus sign. Raise BadQuery."""
    pairs = []
    try:
        for part in filter(None, query_string.split("&")):
            name, _, value = part.partition("=")
            pairs.append((percent_decoded(name), percent_decoded(value)))
    except ValueError:
        raise BadQuery from None
    return pairs


def read_one(parameter: Parameter, texts: list[str]) -> Any:
    """Return the one value that all spellings of a parameter have, or None where it may be absent."""
    if parameter.blank_is_absent:
        texts = [text for text in texts if text.strip(" \t")]
    if not texts:
        if parameter.required:
            raise parameter.refusal
        return None
    try:
        values = {parameter.read(text) for text in texts}
    except (ValueError, KeyError):
        raise parameter.refusal from None
    if len(values) > 1:
        raise parameter.refusal
    return values.pop()
