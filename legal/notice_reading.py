"""Reading Konkursvarsel into the table: every notice once, nothing lost, whenever and however often it is done.

How far the feed has been read is written in the same transaction as the notices themselves. Each reading begins a day
earlier than that, so that neither notices of the same moment nor late ones are missed; what is known is not asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from audit.fetching import FetchFailed, NotThere
from legal.konkursvarsel import Feed, FeedUnavailable
from legal.models import BankruptcyNotice, NoticeReading
from legal.notice_documents import Listed, Unreadable, read_entry
from legal.notice_keeping import Found, finish, keep

AGAIN = timedelta(days=1)
BATCH = 50
FAILURES_IN_A_ROW = 5
"""So many notices that cannot be fetched are not the notices' fault."""
STATE = BankruptcyNotice.State


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reading brought, and the ids of all notices that wait to be read."""

    new: int
    waiting: tuple[str, ...]


def read(feed: Feed, *, now: datetime) -> Reading:
    """Read what is new, and try again what could not be read. Raise FeedUnavailable; what was read by then is kept."""
    reading = NoticeReading.objects.filter(pk=1).first()
    newest = reading.position if reading else None
    since = newest - AGAIN if newest else now - timedelta(days=settings.KONKURSVARSEL_FIRST_DAYS)
    again = waiting()
    listed = {entry.id: entry for entry in (read_entry(entry, now=now) for entry in feed.entries(since))}
    known = set(BankruptcyNotice.objects.filter(pk__in=list(listed)).values_list("pk", flat=True))
    unknown = [entry for entry in listed.values() if entry.id not in known]
    in_order = sorted(unknown, key=lambda entry: (entry.registered_at or now, entry.id))
    new = _read_all(feed, in_order, now=now, moves=True)
    # After the new ones, so that what is bad for ever does not stand in their way.
    new += _read_all(feed, [listed.get(kept.pk, _as_listed(kept)) for kept in again], now=now, moves=False)
    finish(now=now)
    return Reading(new, tuple(str(kept.pk) for kept in waiting()))


def waiting() -> Sequence[BankruptcyNotice]:
    """Return the notices that could not be read so far, oldest first."""
    return list(BankruptcyNotice.objects.filter(state=STATE.UNREADABLE).order_by("registered_at", "id"))


def _read_all(feed: Feed, entries: Sequence[Listed], *, now: datetime, moves: bool) -> int:
    """Return how many were read. Raise FeedUnavailable once so many in a row cannot be fetched."""
    read, failures = 0, 0
    for start in range(0, len(entries), BATCH):
        found: list[Found] = []
        for entry in entries[start : start + BATCH]:
            found.append(_read_one(feed, entry, now))
            failures = failures + 1 if found[-1].unreachable else 0
            if failures == FAILURES_IN_A_ROW:
                break
        read += keep(found, now=now, moves=moves)
        if failures == FAILURES_IN_A_ROW:
            raise FeedUnavailable("notices")
    return read


def _read_one(feed: Feed, entry: Listed, now: datetime) -> Found:
    if entry.fault:
        return Found(entry, None, entry.fault)
    try:
        notice = feed.notice(entry, now=now)
    except FetchFailed as error:
        return Found(entry, None, str(error), unreachable=not isinstance(error, NotThere))
    except Unreadable as error:
        return Found(entry, None, str(error))
    return Found(entry, notice) if notice.registered_at or entry.registered_at else Found(entry, None, "time")


def _as_listed(kept: BankruptcyNotice) -> Listed:
    return Listed(kept.pk, kept.type, None, None, kept.link, kept.fault if kept.fault == "entry" else "")
