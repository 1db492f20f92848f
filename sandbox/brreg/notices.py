"""The notices of one day: ten openings, two deletions, two reversals and a closing, registered the day before.

They tell the histories of the synthetic bank's characters; where it lacks one, and for the rest, of organisations that
are nobody's. Each day has notices of its own, so that rulings stay as long ago as they were.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.bank import DEFAULT_SEED, characters
from sandbox.number_series import NumberSeries

OPENING, DELETION, REVERSAL, CLOSING = "aapning", "sletting", "oppheving", "avslutning"
HISTORIES = {
    "bankrupt": (OPENING,),
    "bankruptcy-annulled": (OPENING, DELETION),
    "bankruptcy-appealed": (OPENING, REVERSAL),
    "bankruptcy-closed": (OPENING, CLOSING),
    "bankrupt-person": (OPENING,),
    "another, annulled": (OPENING, DELETION),
    "another, appealed": (OPENING, REVERSAL),
    "another": (OPENING,),
    "a second": (OPENING,),
    "a third": (OPENING,),
}
WITH_UNIT = "bankrupt-person"
RULED_DAYS_AGO, EACH_LATER_DAYS = 90, 20
FIRST, EVERY = time(8, 15), timedelta(minutes=15)
OSLO = ZoneInfo("Europe/Oslo")
FIRST_ORGANISATION = 15_000_000


@dataclass(frozen=True)
class Notice:
    """A notice as the register has it."""

    id: uuid.UUID
    type: str
    registered_at: datetime
    ruling_date: date
    debtor: str
    units: tuple[str, ...] = field(default=())


@lru_cache(maxsize=2)
def notices(day: date) -> tuple[Notice, ...]:
    """Return the day's notices in the order of their registration."""
    return tuple(_made(day))


def _made(day: date) -> Iterator[Notice]:
    known = {character.case: character.identifier for character in characters(DEFAULT_SEED)}
    numbers = NumberSeries(*known.values())
    debtors = {case: known.get(case) or numbers.organisation(FIRST_ORGANISATION) for case in HISTORIES}
    unit = numbers.organisation(FIRST_ORGANISATION)
    told = [(case, place, kind) for case, kinds in HISTORIES.items() for place, kind in enumerate(kinds)]
    begin = datetime.combine(day - timedelta(days=1), FIRST, OSLO).astimezone(UTC)
    # Later notices of a history follow all openings, as in life.
    for count, (case, place, kind) in enumerate(sorted(told, key=lambda step: step[1])):
        yield Notice(
            id=uuid.uuid5(uuid.NAMESPACE_URL, f"{day}/{case}/{kind}"),
            type=kind,
            registered_at=begin + count * EVERY,
            ruling_date=day - timedelta(days=RULED_DAYS_AGO - place * EACH_LATER_DAYS),
            debtor=debtors[case],
            units=(unit,) if case == WITH_UNIT else (),
        )


def as_listed(notice: Notice, address: str) -> dict[str, Any]:
    """Return what the list says: as in the test environment, when it was registered, not when the court ruled."""
    return {
        "uuid": str(notice.id),
        "type": notice.type,
        "registreringstidspunkt": written(notice.registered_at),
        "debitor": notice.debtor,
        "_links": {"self": {"href": address}},
    }


def in_full(notice: Notice, address: str) -> dict[str, Any]:
    """Return the notice behind the link."""
    return {
        **as_listed(notice, address),
        "kjennelsesdato": notice.ruling_date.isoformat(),
        "tilknyttedeEnheter": list(notice.units),
    }


def written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
