"""What a request leaves in the figures: no statement, and a few microseconds."""

import time
from collections.abc import Callable
from typing import Any

from django.db.backends.signals import connection_created
from django.http import HttpRequest

from audit.measuring import exchanged, spent, token_seen
from dsop.errors import is_for_browsers
from dsop.metrics.known import (
    ADMIN,
    ANSWERED,
    DATABASE,
    DURATIONS,
    FAILED,
    HEALTH,
    NONE,
    OTHER,
    OUTBOUND,
    REFUSALS,
    REFUSED,
    REQUESTS,
    TOKEN_AGE,
    Metric,
)
from dsop.metrics.peers import peers
from dsop.metrics.sums import Labels, sums


def start() -> None:
    """Begin to count in this process, and in those that will be forked from it."""
    known = peers()

    def outbound(host: str, seconds: float, answered: bool) -> None:
        labels = (known.get(host, OTHER), ANSWERED if answered else FAILED)
        sums.add(observed=[(OUTBOUND, labels, seconds)])

    exchanged.listen(outbound)
    token_seen.listen(lambda seconds: sums.add(observed=[(TOKEN_AGE, (), seconds)]))
    connection_created.connect(time_statements, dispatch_uid="dsop.metrics")


def request(asked: HttpRequest, response: Any, seconds: float) -> None:
    """Count a request that has its answer."""
    entry = getattr(response, "entry", None)
    if entry is not None:
        endpoint, outcome = entry.endpoint, entry.outcome
        key = (endpoint, entry.service or NONE, outcome, entry.code or NONE)
    else:
        endpoint, outcome = kind_of(asked.path_info), outcome_of(response.status_code)
        key = (endpoint, NONE, outcome, NONE)
    counts: list[tuple[Metric, Labels]] = [(REQUESTS, key)]
    if reason := getattr(response, "reason", ""):
        counts.append((REFUSALS, (reason,)))
    observed: list[tuple[Metric, Labels, float]] = [(DURATIONS, (endpoint, outcome), seconds)]
    observed += [(DATABASE, (alias,), waited) for alias, waited in spent.seconds.items()]
    sums.add(*counts, observed=observed)


def kind_of(path: str) -> str:
    """Return what stands for the endpoint of a request that met none: paths are free text."""
    if is_for_browsers(path):
        return ADMIN
    return HEALTH if path.startswith("/health/") else OTHER


def outcome_of(status: int) -> str:
    if status < 400:
        return ANSWERED
    return REFUSED if status < 500 else FAILED


def time_statements(connection: Any, **kwargs: Any) -> None:
    """Time what a connection is asked from now on; it may be one that came back."""
    if timed not in connection.execute_wrappers:
        connection.execute_wrappers.append(timed)


def timed(execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: dict[str, Any]) -> Any:
    begun = time.perf_counter()
    try:
        return execute(sql, parameters, many, context)
    finally:
        spent.add(context["connection"].alias, time.perf_counter() - begun)
