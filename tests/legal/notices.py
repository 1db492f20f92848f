"""Bankruptcy notices for tests: kept as a reading keeps them, or as the feed tells them."""

import uuid
from datetime import UTC, date, datetime, timedelta

from legal.notice_documents import Listed, Notice
from legal.notice_keeping import Found, keep

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
RULED = date(2026, 8, 24)
COMPANY, OTHER_COMPANY, UNIT, OTHER_UNIT = "313000006", "313000014", "213000003", "213000011"
PERSON, OTHER_PERSON = "01810112345", "02810154321"
ORIGIN = "https://feed.example"


def id_of(number):
    return uuid.UUID(int=number)


def at(minutes):
    """Return a moment of registration, in minutes after midnight of the day before."""
    return datetime(2026, 11, 21, tzinfo=UTC) + timedelta(minutes=minutes)


def found(number, kind, debtor, *, units=(), ruled=RULED, fault="", minutes=None):
    """Return what a reading has found; with a fault, only what the list said."""
    moment = at(number if minutes is None else minutes)
    listed = Listed(id_of(number), kind, moment, debtor, f"{ORIGIN}/konkursvarsler/{id_of(number)}")
    notice = None if fault else Notice(id_of(number), kind, moment, debtor, ruled, tuple(units))
    return Found(listed, notice, fault)


def kept(*all_found):
    """Keep them, one after the other."""
    for each in all_found:
        keep([each], now=NOW, moves=True)


def entry(number, kind, debtor, *, minutes=None, origin=ORIGIN, **changes):
    """Return what the feed lists; a change to None leaves the member out."""
    ordinary = {
        "uuid": str(id_of(number)),
        "type": kind,
        "registreringstidspunkt": written(at(number if minutes is None else minutes)),
        "debitor": debtor,
        "_links": {"self": {"href": f"{origin}/konkursvarsler/{id_of(number)}"}},
    }
    return {name: value for name, value in (ordinary | changes).items() if value is not None}


def in_full(number, kind, debtor, *, ruled=RULED, **changes):
    """Return the notice as the feed tells it in full."""
    return entry(number, kind, debtor, **({"kjennelsesdato": ruled.isoformat(), "navn": "Et navn"} | changes))


def written(moment):
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
