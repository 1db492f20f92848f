"""Whether a party is bankrupt, and by which ruling, as far as the notices of Konkursvarsel tell."""

import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from audit.secrecy import Kind, hash_of, hashes_of
from legal.models import BankruptcyNotice, NoticeParty
from legal.refusals import RegisterUnavailable
from legal.register import register

LARGEST = 10_000
TYPE, STATE = BankruptcyNotice.Type, BankruptcyNotice.State


@dataclass(frozen=True, slots=True)
class Event:
    """What one notice says about a party. A type is known only of a notice that was read."""

    registered_at: datetime
    type: str
    ruling_date: date | None = None


class Followed(Protocol):
    """What tells of changes in the tables of notices."""

    def generation(self) -> int: ...


def ruling_in_force(events: Iterable[Event], *, ended_by: Collection[str]) -> date | None:
    """Return the ruling date of the newest opening that nothing has ended since, or None.

    A notice that could not be read may have ended it. Of those registered together, the opening counts as the first.
    """
    ruling_date = None
    for event in sorted(events, key=lambda event: (event.registered_at, event.type != TYPE.OPENING)):
        if event.type == TYPE.OPENING:
            ruling_date = event.ruling_date
        elif not event.type or event.type in ended_by:
            ruling_date = None
    return ruling_date


def events_about(party_number: str) -> list[Event]:
    """Return what the notices say about a party, whether it is the debtor or a unit linked to one.

    An opening counts for the debtor and for the units that it names; whatever else there is about that debtor, for all.
    """
    named = NoticeParty.objects.filter(number_hash__in=hashes_of(Kind.PARTY, party_number))
    about = set(named.values_list("notice_id", flat=True))
    if not about:
        return []
    # One small statement after another, each by its index: joined, they were planned badly once the plan was kept.
    debtors = set(BankruptcyNotice.objects.filter(pk__in=about).values_list("debtor", flat=True))
    notices = BankruptcyNotice.objects.filter(debtor__in=debtors).exclude(state=STATE.DISMISSED)
    return [
        Event(registered_at, kind if state == STATE.READ else "", ruling_date)
        for notice, registered_at, kind, state, ruling_date in notices.values_list(
            "id", "registered_at", "type", "state", "ruling_date"
        )
        if notice in about or kind != TYPE.OPENING
    ]


class Bankruptcies:
    """Answers that were looked up since the last change of the notices, at most `largest`; the least asked for goes."""

    def __init__(self, followed: Followed, *, largest: int = LARGEST) -> None:
        self._followed = followed
        self._largest = largest
        self._lock = threading.Lock()
        self._generation: int | None = None
        self._ruling_dates: OrderedDict[bytes, date | None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._ruling_dates)

    def ruling_date_of(self, party_number: str) -> date | None:
        """Return the date of the ruling by which the party is bankrupt now, or None. Raise RegisterUnavailable."""
        generation = self._followed.generation()
        digest = hash_of(Kind.PARTY, party_number)
        with self._lock:
            self._follow(generation)
            if digest in self._ruling_dates:
                self._ruling_dates.move_to_end(digest)
                return self._ruling_dates[digest]
        try:
            events = events_about(party_number)
        except (DatabaseError, InterfaceError):
            raise RegisterUnavailable from None
        ruling_date = ruling_in_force(events, ended_by=settings.KONKURSVARSEL_ENDED_BY)
        with self._lock:
            if generation == self._generation:
                self._ruling_dates[digest] = ruling_date
                if len(self._ruling_dates) > self._largest:
                    self._ruling_dates.popitem(last=False)
        return ruling_date

    def _follow(self, generation: int) -> None:
        if generation != self._generation:
            self._generation = generation
            self._ruling_dates.clear()


bankruptcies = Bankruptcies(register)


def ruling_date_of(party_number: str) -> date | None:
    """Return the ruling date (kjennelsesdato) while the party is bankrupt, else None. Raise RegisterUnavailable."""
    return bankruptcies.ruling_date_of(party_number)
