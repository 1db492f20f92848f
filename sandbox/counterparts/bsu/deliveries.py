"""What has been delivered: once for each key, and the documents that came of it.

A delivery counts when its key is written down, which is the last thing done. Whatever was kept before that, when this
process died in between, is reached by no one, and the same submission sent again takes its place.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition
from typing import Any

from sandbox.counterparts.bsu.faults import Fault
from sandbox.counterparts.control import switch
from sandbox.counterparts.state import shelf

KEYS, SUBMISSIONS, DOCUMENTS, HELD = "bsu-keys", "bsu-submissions", "bsu-documents", "bsu-held"
KEPT_DAYS = 30  # made for the sandbox
WAIT_SECONDS = 25.0

_running: set[str] = set()
_changed = Condition()


def sameness(body: bytes, path: str, organisation: str) -> str:
    """Return what two requests with one key must have in common."""
    return hashlib.sha256(b"\n".join([path.encode(), organisation.encode(), body])).hexdigest()


def once(key: str, same: str, deliver: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return the record of the delivery: the first one where this key has been here before. Raise Fault."""
    with _alone(key):
        known = shelf(KEYS).get(key, [])
        days = switch("bsu.key_days", KEPT_DAYS)
        if known and known[-1]["at"] > time.time() - days * 24 * 3600:
            if known[-1]["same"] != same:
                raise Fault("GLD_019")
            return dict(known[-1])
        record = {**deliver(), "same": same, "at": time.time()}
        shelf(KEYS)[key] = [*known, record]
        return record


@contextmanager
def _alone(key: str) -> Iterator[None]:
    """Hold the key. While the first request with it runs, another waits, or gives up by the switch or the time."""
    with _changed:
        waits = 0.0 if switch("bsu.while_running", "wait") == "conflict" else WAIT_SECONDS
        if not _changed.wait_for(lambda: key not in _running, waits):
            raise Fault("GLD_019")
        _running.add(key)
    try:
        yield
    finally:
        with _changed:
            _running.discard(key)
            _changed.notify_all()


def counts() -> list[dict[str, Any]]:
    """Return how many deliveries were processed for each organisation, year and reference."""
    found = Counter(
        (record["organisation"], record["year"], record["reference"])
        for records in shelf(KEYS).values()
        for record in records
    )
    names = ("organisation", "year", "reference")
    return [{**dict(zip(names, key, strict=True)), "processed": found[key]} for key in sorted(found, key=str)]


def hold(delivery: dict[str, Any], submission_id: str) -> int:
    """Note which submission each account was delivered by last. Return how many accounts are new."""
    reporter, year = delivery["oppgavegiver"]["organisasjonsnummer"], delivery["inntektsaar"]
    accounts = {
        f"{each['kontonummer']}/{each['oppgaveeier']['foedselsnummer']}" for each in delivery.get("oppgave", [])
    }
    new = 0

    def replace(before: dict[str, str] | None) -> dict[str, str]:
        nonlocal new
        new = len(accounts - (before or {}).keys())
        return {**(before or {}), **dict.fromkeys(accounts, submission_id)}

    shelf(HELD).update(f"{year}/{reporter}", replace)
    return new


def held(year: str, reporter: str) -> dict[str, str]:
    """Return, for each `account/holder` of the reporter's year, the submission that it was delivered by last."""
    return dict(shelf(HELD).get(f"{year}/{reporter}", {}))
