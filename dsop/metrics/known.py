"""Every metric there is: name, kind, labels and meaning. docs/production.md lists them, and a test holds it to that.

The closed lists of the labels: endpoints are those of the standard and the words below; services are the mandates in
force; outcomes, codes and reasons are those of legal/refusals.py; agencies are those that are open, by name; peers are
the settings in `peers.py`; institutions and stores of keys are those of this installation.
"""

from dataclasses import dataclass
from enum import StrEnum

NONE, OTHER, HEALTH, ADMIN = "none", "other", "health", "admin"
UNREADABLE = "unreadable"
"""The endpoint of what never reached Django."""
ANSWERED, REFUSED, FAILED = "answered", "refused", "failed"


class Kind(StrEnum):
    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Whose(StrEnum):
    """Of whose figures a gauge is the one that is shown, where the workers of a server differ."""

    LOWEST = "lowest"
    HIGHEST = "highest"
    SERVICE = "service"  # one worker reads it for all


@dataclass(frozen=True, slots=True, eq=False)  # each is there once; hashing all of it costs time
class Metric:
    name: str
    kind: Kind
    meaning: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    whose: Whose = Whose.SERVICE

    @property
    def cells(self) -> int:
        """How many numbers a set of labels has: for a histogram each bucket, the one without an end, and the sum."""
        return len(self.buckets) + 2 if self.kind is Kind.HISTOGRAM else 1


def _counter(name: str, meaning: str, *labels: str) -> Metric:
    return Metric(name, Kind.COUNTER, meaning, labels)


def _gauge(name: str, meaning: str, *labels: str, whose: Whose = Whose.SERVICE) -> Metric:
    return Metric(name, Kind.GAUGE, meaning, labels, whose=whose)


def _histogram(name: str, meaning: str, *labels: str, buckets: tuple[float, ...]) -> Metric:
    return Metric(name, Kind.HISTOGRAM, meaning, labels, buckets)


REQUESTS = _counter("dsop_requests_total", "Requests answered.", "endpoint", "service", "outcome", "code")
REFUSALS = _counter("dsop_refusals_total", "Requests refused or failed, by the reason in the log.", "reason")
DURATIONS = _histogram(
    "dsop_request_seconds",
    "From a request's first step to its answer.",
    "endpoint",
    "outcome",
    buckets=(0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0),
)
DATABASE = _histogram(
    "dsop_request_database_seconds",
    "What a request waited for a database in all, of those that asked it.",
    "database",
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
OUTBOUND = _histogram(
    "dsop_outbound_seconds",
    "An exchange with somebody else's server.",
    "peer",
    "outcome",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
)
TOKEN_AGE = _histogram(
    "dsop_token_age_seconds",
    "Our clock minus iat, when a token is proven for the first time. Below 0: the clocks differ.",
    buckets=(-10.0, -5.0, -2.0, -1.0, -0.5, 0.0, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0),
)
WORKERS = _gauge("dsop_workers", "Processes of the server that count.")
FIGURES_READ = _gauge("dsop_figures_read_timestamp_seconds", "When a worker last read the gauges below.")
FIGURE_FAILED = _gauge("dsop_figure_failed", "1 when a gauge could not be read.", "figure")
KEYS_FETCHED = _gauge(
    "dsop_keys_fetched_timestamp_seconds",
    "When the keys were last fetched, by the worker for which it is longest ago; 0 before the first time.",
    "store",
    whose=Whose.LOWEST,
)
KEYS_ATTEMPTED = _gauge(
    "dsop_keys_attempted_timestamp_seconds",
    "When fetching the keys was last tried, whatever it ended in.",
    "store",
    whose=Whose.LOWEST,
)
CERTIFICATE_USABLE = _gauge(
    "dsop_certificate_usable", "1 when answers to an open agency can be encrypted now.", "agency"
)
CERTIFICATE_FOUND = _gauge(
    "dsop_certificate_found_timestamp_seconds", "When the agency's certificate was last found good.", "agency"
)
CERTIFICATE_ENDS = _gauge(
    "dsop_certificate_not_after_timestamp_seconds", "When the agency's certificate ends.", "agency"
)
AS_OF = _gauge("dsop_ledger_as_of_timestamp_seconds", "As of when the ledger tells of an institution.", "institution")
HOST_FRESH = _gauge(
    "dsop_ledger_host_fresh",
    "1 when the ledger's host, by its place in LEDGER_DATABASE_URL, answers and is fresh enough to be asked.",
    "host",
    whose=Whose.LOWEST,
)
REPLICA_LAG = _gauge(
    "dsop_ledger_replica_lag_seconds",
    "How late a replica of the ledger is, as the worker sees it that sees most.",
    "host",
    whose=Whose.HIGHEST,
)
REPLICA_BEHIND = _gauge(
    "dsop_ledger_replica_lag_bytes",
    "How much of the primary's log a replica of the ledger lacks, likewise.",
    "host",
    whose=Whose.HIGHEST,
)
SEAL_LAG = _gauge("dsop_audit_seal_lag_seconds", "How long the oldest row of the trail has waited for its seal.")
SEAL_WAITING = _gauge("dsop_audit_seal_rows_waiting", "Rows of the trail that are in no checkpoint yet.")
SEAL_LATE = _gauge("dsop_audit_seal_late", "1 when the lag has reached AUDIT_SEAL_ALARM_SECONDS.")
PARTITIONS = _gauge("dsop_audit_partition_months", "Months after this one for which every table of the trail is ready.")

METRICS = (
    REQUESTS,
    REFUSALS,
    DURATIONS,
    DATABASE,
    OUTBOUND,
    TOKEN_AGE,
    WORKERS,
    FIGURES_READ,
    FIGURE_FAILED,
    KEYS_FETCHED,
    KEYS_ATTEMPTED,
    CERTIFICATE_USABLE,
    CERTIFICATE_FOUND,
    CERTIFICATE_ENDS,
    AS_OF,
    HOST_FRESH,
    REPLICA_LAG,
    REPLICA_BEHIND,
    SEAL_LAG,
    SEAL_WAITING,
    SEAL_LATE,
    PARTITIONS,
)
BY_NAME = {metric.name: metric for metric in METRICS}
