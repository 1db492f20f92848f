"""The buckets in Valkey instead of the database, where the bank has one: the same sums, in one script on its server.

While it does not answer, those of the database are used. They are others: at each change an agency may be answered one
burst more, and twice its limit as long as some servers reach the cache and others do not.
"""

import logging
from urllib.parse import urlsplit

from legal.limits import Draw, Limit

try:
    import valkey
except ImportError:  # the optional extra `valkey`
    valkey = None  # type: ignore[assignment]

SECONDS = 0.5
"""For connecting and for an answer: the next agency waits for its turn."""
SCHEMES = ("valkey", "valkeys", "unix")
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
# As legal/permit_levels.py: a new bucket is full, and a clock that was set back fills nothing. A full one is forgotten.
DRAW = """
local burst, per_second, spent = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local read = redis.call('TIME')
local now = tonumber(read[1]) + tonumber(read[2]) / 1000000
local held = redis.call('HMGET', KEYS[1], 'level', 'at')
local level, at = tonumber(held[1]) or burst, tonumber(held[2]) or now
level = math.min(burst, level + per_second * math.max(0, now - at)) - spent
if now >= at - 10 then now = math.max(at, now) end
redis.call('HSET', KEYS[1], 'level', string.format('%.6f', level), 'at', string.format('%.6f', now))
redis.call('EXPIRE', KEYS[1], math.ceil((burst - level) / per_second) + 60)
return string.format('%.6f', level)
"""
logger = logging.getLogger(__name__)


def fault_of(url: str, *, production: bool) -> str:
    """Return what is wrong with an address, in words that do not repeat it, or nothing."""
    if valkey is None:
        return "wants the optional extra valkey: install what requirements/valkey.txt lists"
    try:
        parts = urlsplit(url)
        valkey.ConnectionPool.from_url(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in SCHEMES or not (parts.path if parts.scheme == "unix" else parts.hostname):
        return "must be an address such as valkeys://user:password@host:6379/0, percent-encoded"
    if production and parts.scheme == "valkey" and parts.hostname not in LOOPBACK:
        return "must be encrypted in production (valkeys), unless the server is this machine"
    return ""


class CachedBuckets:
    """What draws from the cache, and from `instead` while that does not answer."""

    def __init__(self, url: str, *, instead: Draw) -> None:
        self._instead, self._is_away = instead, False
        client = valkey.Valkey.from_url(url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS)
        self._script = client.register_script(DRAW)

    def draw(self, consumer: str, service: str, spent: int, limit: Limit) -> float:
        """Take what was spent from a bucket and return how full it is then."""
        key, values = f"dsop:permits:{consumer}:{service}", [limit.burst, limit.per_second, spent]
        try:
            level = float(self._script(keys=[key], args=values))
        except valkey.ValkeyError as error:
            if not self._is_away:
                logger.error("limits.cache_away", extra={"error": type(error).__name__})
            self._is_away = True
            return self._instead(consumer, service, spent, limit)
        self._is_away = False
        return level
