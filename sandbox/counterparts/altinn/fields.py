"""What a consent request must hold. Names are taken with a small or a capital first letter, as the samples mix them."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from legal.numbers import has_organisation_form, has_person_form

SERVICE, EDITION = "5498", 1
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
# One of the page's samples spells it so.
MISSPELT = {"reguiredDelegatorName": "requiredDelegatorName"}
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class FieldRefused(Exception):
    """The first argument is the field that is missing or wrong."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A consent request that holds."""

    covered_by: str
    offered_by: str
    handled_by: str
    valid_to: datetime
    redirect_url: str
    bank_name: str


def opened(body: bytes) -> dict[str, Any]:
    """Return the JSON object in the body. Raise FieldRefused."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise FieldRefused("body") from None
    return _members(document, "body")


def read(fields: dict[str, Any], now: datetime) -> Wanted:
    """Return what the request asks for. Raise FieldRefused."""
    person = _number(fields, "offeredBy", has_person_form)
    if _number(fields, "requiredDelegator", has_person_form) != person:
        raise FieldRefused("requiredDelegator")
    for name in ("offeredByName", "requiredDelegatorName"):
        if not _text(fields, name).strip():
            raise FieldRefused(name)
    if fields.get("requestMessage") != {}:
        raise FieldRefused("requestMessage")
    return Wanted(
        covered_by=_number(fields, "coveredBy", has_organisation_form),
        offered_by=person,
        handled_by=_number(fields, "handledBy", has_organisation_form) if "handledBy" in fields else "",
        valid_to=end(_text(fields, "validTo"), now),
        redirect_url=address(_text(fields, "redirectUrl")),
        bank_name=_bank_name(fields.get("requestResources")),
    )


def end(text: str, now: datetime) -> datetime:
    """Return the moment that a consent ends, which lies ahead and at most a year off. Raise FieldRefused."""
    try:
        moment = datetime.fromisoformat(text) if MOMENT.fullmatch(text) else None
    except ValueError:
        moment = None
    if moment is None or not now < moment <= _a_year_after(now):
        raise FieldRefused("validTo")
    return moment


def address(text: str) -> str:
    """Return where the customer returns to: https, or this machine. Raise FieldRefused."""
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        raise FieldRefused("redirectUrl") from None
    fits = parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)
    if not (fits and host and len(text) <= 2000 and text.isascii() and text.isprintable() and " " not in text):
        raise FieldRefused("redirectUrl")
    return text


def _bank_name(resources: object) -> str:
    if not isinstance(resources, list) or len(resources) != 1:
        raise FieldRefused("requestResources")
    resource = _members(resources[0], "requestResources")
    if resource.get("serviceCode") != SERVICE:
        raise FieldRefused("serviceCode")
    edition = resource.get("serviceEditionCode")
    if type(edition) is not int or edition != EDITION:
        raise FieldRefused("serviceEditionCode")
    metadata = _members(resource.get("metadata"), "Metadata")
    if not isinstance(metadata.get("navn"), str):
        raise FieldRefused("Navn")
    return str(metadata["navn"])  # may be blank: then no name is shown


def _members(value: object, name: str) -> dict[str, Any]:
    """Return the object with small first letters. Refuse what is none, or has a member in both spellings."""
    if not isinstance(value, dict):
        raise FieldRefused(name)
    small = {key[:1].lower() + key[1:]: member for key, member in value.items()}
    members = {MISSPELT.get(key, key): member for key, member in small.items()}
    if len(members) != len(value):
        raise FieldRefused(name)
    return members


def _text(fields: dict[str, Any], name: str) -> str:
    if not isinstance(fields.get(name), str):
        raise FieldRefused(name)
    return str(fields[name])


def _number(fields: dict[str, Any], name: str, has_form: Any) -> str:
    if not has_form(fields.get(name)):
        raise FieldRefused(name)
    return str(fields[name])


def _a_year_after(now: datetime) -> datetime:
    last_of_february = (now.month, now.day) == (2, 29)
    return now.astimezone(UTC).replace(year=now.year + 1, day=28 if last_of_february else now.day)
