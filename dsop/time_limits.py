"""How long a request may take: consumers give up after thirty seconds, and then an answer helps nobody.

The clock starts when the head of the request is here. What waits for a thread, works and is recorded each has a part
of it; the steps' own limits, which are shorter, cannot make the parts longer.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.http import HttpRequest

from audit import deadlines, turned_away
from audit.postgresql.base import hosts_of
from dsop import certificates
from dsop.databases import STATEMENT_SECONDS
from dsop.errors import is_for_browsers, refuse
from legal.refusals import WaitedTooLong

CONSUMERS_WAIT = 30.0
LONGEST = 25.0  # what is left of those thirty seconds is the network's
SHORTEST_RECORD = 2.0  # for the statement itself
HEALTH = "/health/"


class InTime:
    """Give each request of a machine its clock, and refuse at once what has waited for a thread too long.

    The refusal is judged by nothing but the clock, before the token: it is counted, like a request without a valid
    one, and not recorded. No ledger was asked.
    """

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        if is_for_browsers(request.path_info) or request.path_info.startswith(HEALTH):
            return self.get_response(request)
        here_since = deadlines.arrived_at()
        if time.monotonic() - here_since > settings.QUEUE_SECONDS:
            turned_away.count(WaitedTooLong.reason)
            return refuse(WaitedTooLong, request)
        work_until = here_since + settings.QUEUE_SECONDS + settings.WORK_SECONDS
        deadlines.begin(work_until=work_until, last=work_until + settings.RECORD_SECONDS)
        try:
            return self.get_response(request)
        finally:
            deadlines.end()


def parts() -> dict[str, float]:
    """Return the parts of a request's time, one after another: together they are the longest way to an answer."""
    return {"queue": settings.QUEUE_SECONDS, "work": settings.WORK_SECONDS, "record": settings.RECORD_SECONDS}


def steps() -> dict[str, float]:
    """Return the longest that each step of the work and the record may take by its own limits, over all hosts."""
    default, ledger = (settings.DATABASES[alias] for alias in ("default", "ledger"))
    return {
        "a question to the ledger": connecting(ledger) + STATEMENT_SECONDS,
        "a question to our own database": connecting(default) + STATEMENT_SECONDS,
        "CertPub and revocation": certificates.LOOK_UP_SECONDS,
        "the record": connecting(default) + SHORTEST_RECORD,
    }


def connecting(server: Mapping[str, Any]) -> float:
    """Return how long it takes to find that no host of a database takes a connection."""
    return float(server["OPTIONS"]["connect_timeout"]) * len(hosts_of(server["HOST"]))


@register
def check_time(**kwargs: Any) -> list[CheckMessage]:
    """The parts end before the consumer gives up, and each step fits into its part, however many hosts there are."""
    if settings.DATABASE_ROLE != "serving":
        return []
    found = [f"{name.upper()}_SECONDS must be positive" for name, seconds in parts().items() if not seconds > 0]
    if not sum(parts().values()) < LONGEST:
        found.append(f"QUEUE_SECONDS, WORK_SECONDS and RECORD_SECONDS must be less than {LONGEST:g} together")
    for name, seconds in steps().items():
        part = "record" if name == "the record" else "work"
        if seconds > parts()[part]:
            found.append(f"{name} may take {seconds:g} seconds, more than {part.upper()}_SECONDS")
    return [Error(f"A request may take too long: {fault}.", id="dsop.E165") for fault in found]
