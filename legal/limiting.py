"""The limits at work in this process: its permits, the thread that settles them, and which refusals are recorded."""

import os
import time
from functools import cache

from django.conf import settings

from audit import turned_away
from audit.background import Background
from audit.recording import Entry
from legal.limits import MOST_KEYS, Draw, Limit, Permits, limit_of, read_default
from legal.permit_cache import CachedBuckets
from legal.permit_levels import draw, first_of_minute
from legal.refusals import TooManyRequests
from legal.register import register


@cache
def default_limit() -> Limit:
    return read_default(settings.RATE_LIMIT_DEFAULT)


@cache
def buckets() -> Draw:
    """Return what draws from the buckets that all workers share."""
    return CachedBuckets(settings.CACHE_URL, instead=draw).draw if settings.CACHE_URL else draw


def check_limit(consumer: str, service: str) -> None:
    """Refuse more than an agency may ask of a service. `consumer` is the one that the token proves."""
    _background.ensure()
    limits = register.in_force().limits if service else {}
    permits.spend(consumer, service, limit_of(limits, consumer, service, default_limit()))


def summed(entry: Entry) -> bool:
    """Return whether this answer was added to a sum: an agency's 429 is, after the first of its minute.

    All others have a record of their own. Raise NotRecorded when nobody can say which is the first.
    """
    if entry.refusal != TooManyRequests.__name__ or _is_first(entry.consumer, int(time.time() // 60)):
        return False
    turned_away.count(TooManyRequests.reason, entry.consumer)
    return True


def _is_first(consumer: str, minute: int) -> bool:
    """Return whether this is the first of its minute on any server. Once a minute the database is asked."""
    if _told.get(consumer, -1) in (minute, minute + 1):  # a later one is of a clock that has been set back
        return False
    first = first_of_minute(consumer, minute)
    if len(_told) >= MOST_KEYS:
        _told.clear()
    _told[consumer] = minute
    return first


def _drawn(consumer: str, service: str, spent: int, limit: Limit) -> float:
    return buckets()(consumer, service, spent, limit)


def _turn() -> float:
    return permits.turn()


_told: dict[str, int] = {}
_background = Background("permits", _turn)
permits = Permits(_drawn, wake=_background.wake)
os.register_at_fork(after_in_child=permits.forget)


def ensure() -> None:
    """Start the worker's own thread."""
    _background.ensure()
