"""How many look-ups a consumer may make: a bucket that fills evenly."""

import time
from typing import Any

from sandbox.counterparts.control import switch
from sandbox.counterparts.lanekassen.answers import Refused
from sandbox.counterparts.state import shelf

PER_SECOND = 10  # made for the sandbox: Lånekassen documents no limit


def check(consumer: str) -> None:
    """Refuse a look-up that comes too soon after too many others."""
    rate = float(switch("lanekassen.requests_per_second", PER_SECOND))
    now = time.time()
    if not shelf("lanekassen-buckets").update(consumer, lambda bucket: drawn(bucket, now, rate))["drawn"]:
        raise Refused(429)


def drawn(bucket: dict[str, Any] | None, now: float, rate: float) -> dict[str, Any]:
    """Return the bucket after a draw at that time; `drawn` says whether there was anything in it."""
    full = max(1.0, rate) if rate else 0.0
    level = full if bucket is None else min(full, bucket["level"] + max(0.0, now - bucket["at"]) * rate)
    enough = level >= 1
    return {"level": level - 1 if enough else level, "at": now, "drawn": enough}
