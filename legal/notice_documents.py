"""The documents of Konkursvarsel 1.1.1, read strictly; a bank whose feed looks different adapts this file alone.

Members that are not named here are passed over. What is a reading of ours is said in docs/konkursvarsel.md.
"""

import json
import re
import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from legal.bankruptcy_notices import BankruptcyNotice
from legal.numbers import has_organisation_form, has_party_form
from legal.untrusted import read_object

LIST, NEXT, UNITS = "konkursvarsler", "next", "tilknyttedeEnheter"
MOST_UNITS = 1000
LINK = re.compile(r"[!-~]{1,500}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})")
CLOCKS_APART = timedelta(hours=1)


class Unreadable(ValueError):
    """The document is not of the agreed form. Its text is a fixed word and never holds what was received."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What the list says of a notice, as far as it is of the agreed form. Without an id of its own it has a fault."""

    id: uuid.UUID
    type: str = ""
    registered_at: datetime | None = None
    debtor: str | None = None
    link: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice in full. Only an opening must tell the date of the ruling."""

    id: uuid.UUID
    type: str
    registered_at: datetime | None
    debtor: str
    ruling_date: date | None
    units: tuple[str, ...]


def read_list(text: bytes) -> tuple[list[Any], str | None]:
    """Return the entries as they are and the address of the next page, if there is one. Raise Unreadable."""
    try:
        document = read_object(text)
    except ValueError:
        raise Unreadable("json") from None
    embedded, links = document.get("_embedded", {}), document.get("_links", {})
    entries = embedded.get(LIST, []) if isinstance(embedded, dict) else None
    if not isinstance(entries, list):
        raise Unreadable("list")
    if not isinstance(links, dict):
        raise Unreadable("next")
    if NEXT not in links:
        return entries, None
    if not (following := _link(links[NEXT])):
        raise Unreadable("next")
    return entries, following


def read_entry(entry: Any, *, now: datetime) -> Listed:
    """Return what the list says of one notice. Never raises: one bad entry must not hide the others.

    Only its id is needed, because the notice in full tells everything again.
    """
    if not isinstance(entry, dict):
        return Listed(_id_of_nothing(entry), fault="entry")
    found, links, debtor = _uuid(entry.get("uuid")), entry.get("_links"), entry.get("debitor")
    listed = Listed(
        id=found or _id_of_nothing(entry),
        type=_type(entry.get("type")),
        registered_at=_moment(entry.get("registreringstidspunkt"), now),
        debtor=debtor if has_party_form(debtor) else None,
        link=_link(links.get("self")) if isinstance(links, dict) else "",
    )
    return listed if found else replace(listed, fault="entry")


def read_notice(text: bytes, *, now: datetime) -> Notice:
    """Return the notice in full. Raise Unreadable."""
    try:
        document = read_object(text)
    except ValueError:
        raise Unreadable("json") from None
    found = _uuid(document.get("uuid"))
    kind, debtor, day = _type(document.get("type")), document.get("debitor"), document.get("kjennelsesdato")
    ruling_date = None if day is None else _day(day)
    if not found or not kind:
        raise Unreadable("notice")
    if not has_party_form(debtor):
        raise Unreadable("debtor")
    if ruling_date is None and (day is not None or kind == BankruptcyNotice.Type.OPENING):
        raise Unreadable("ruling")
    if ruling_date and ruling_date > (now + timedelta(days=1)).date():
        raise Unreadable("ruling")
    moment = _moment(document.get("registreringstidspunkt"), now)
    return Notice(found, kind, moment, debtor, ruling_date, _units(document.get(UNITS, [])))


def _units(value: Any) -> tuple[str, ...]:
    """Return the numbers of linked units (ENK, TVAM)."""
    if not isinstance(value, list) or len(value) > MOST_UNITS or not all(map(has_organisation_form, value)):
        raise Unreadable("units")
    return tuple(dict.fromkeys(value))


def _link(value: Any) -> str:
    address = value.get("href") if isinstance(value, dict) else None
    return address if isinstance(address, str) and LINK.fullmatch(address) else ""


def _type(value: Any) -> str:
    return value if isinstance(value, str) and value in BankruptcyNotice.Type else ""


def _uuid(value: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(value) if isinstance(value, str) and len(value) == 36 else None
    except ValueError:
        return None


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) and DAY.fullmatch(value) else None
    except ValueError:
        return None


def _moment(value: Any, now: datetime) -> datetime | None:
    """Return the moment. One in the future would make the next reading begin too late."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) and MOMENT.fullmatch(value) else None
        return moment if moment and moment <= now + CLOCKS_APART else None
    except (ValueError, OverflowError):
        return None


def _id_of_nothing(entry: Any) -> uuid.UUID:
    """Return an id for an entry that has none: the same for the same entry."""
    return uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(entry, sort_keys=True))
