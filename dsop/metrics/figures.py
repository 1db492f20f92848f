"""The gauges, and who reads them. A room that has a figure to show gives a function, and it gets a line here.

None is read on the path of a request. What differs between workers each of them reads from its own memory; what is
the same for all, one worker reads for the server, from the databases too.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection, connections
from django.utils import timezone

from accounts.freshness import moments_of_institutions
from audit.partitions import months_ready
from audit.seal.lag import lag
from dsop.certificates import certificates
from dsop.metrics import known
from dsop.metrics.known import Metric
from dsop.metrics.sums import Found, Labels
from legal.extradition import order_reader
from legal.keys import KeyStore
from legal.maskinporten import key_store
from legal.models import DataConsumer

Values = Iterable[tuple[Labels, float]]
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Figures:
    """Gauges that are read together. `name` says in the figures which of them could not be."""

    name: str
    read: Callable[[], Iterable[tuple[Metric, Values]]]


def stores() -> list[KeyStore]:
    reader = order_reader()
    return [key_store(), *([reader.keys] if reader else [])]


def ages_of_keys() -> Iterator[tuple[Metric, Values]]:
    now, held = time.time(), stores()
    for metric, ages in (
        (known.KEYS_FETCHED, [store.success_age for store in held]),
        (known.KEYS_ATTEMPTED, [store.attempt_age for store in held]),
    ):
        moments = [0.0 if age is None else now - age for age in ages]
        yield metric, [((store.name,), moment) for store, moment in zip(held, moments, strict=True)]


def state_of_certificates() -> Iterator[tuple[Metric, Values]]:
    """Yield how the certificates of the open agencies are; those of one that is not held yet are left out."""
    columns = ("name", "certificate_participant", "organisation_number")
    agencies = DataConsumer.objects.filter(is_open=True).values_list(*columns)
    store, now = certificates(), datetime.now(UTC)
    held = {(name,): store.held(participant or number) for name, participant, number in agencies}
    usable = {labels: one is not None and store.is_usable(one, now=now) for labels, one in held.items()}
    yield known.CERTIFICATE_USABLE, [(labels, float(is_usable)) for labels, is_usable in usable.items()]
    there = [(labels, one) for labels, one in held.items() if one and one.recipient]
    yield known.CERTIFICATE_FOUND, [(labels, one.found_at.timestamp()) for labels, one in there if one.found_at]
    ends = [(labels, one.recipient.certificate.not_valid_after_utc) for labels, one in there if one.recipient]
    yield known.CERTIFICATE_ENDS, [(labels, moment.timestamp()) for labels, moment in ends]


def age_of_ledger() -> Iterator[tuple[Metric, Values]]:
    yield known.AS_OF, [((number,), moment.timestamp()) for number, moment in moments_of_institutions()]


def state_of_seal() -> Iterator[tuple[Metric, Values]]:
    behind = lag(connection)
    yield known.SEAL_LAG, [((), behind.seconds)]
    yield known.SEAL_WAITING, [((), behind.rows)]
    yield known.SEAL_LATE, [((), float(bool(behind.cause)))]


def partitions_left() -> Iterator[tuple[Metric, Values]]:
    with connection.cursor() as cursor:
        yield known.PARTITIONS, [((), months_ready(cursor, today=timezone.now().astimezone(UTC).date()))]


OF_WORKER = (Figures("keys", ages_of_keys),)
OF_SERVICE = (
    Figures("certificates", state_of_certificates),
    Figures("ledger", age_of_ledger),
    Figures("seal", state_of_seal),
    Figures("partitions", partitions_left),
)


def read(figures: Iterable[Figures]) -> Found:
    """Return what the gauges show now. Those that cannot be read are left out, and counted as failed."""
    found: Found = {known.FIGURE_FAILED.name: {}}
    for one in figures:
        failed = 0.0
        try:
            for metric, values in one.read():
                found[metric.name] = {labels: [float(value)] for labels, value in values}
        except Exception as error:
            logger.warning("metrics.not_read", extra={"figures": one.name, "error": type(error).__name__})
            failed = 1.0
        found[known.FIGURE_FAILED.name][one.name,] = [failed]
    return found


def read_for_all() -> Found:
    """Return what is the same for all workers, and leave no connection open."""
    try:
        return read(OF_SERVICE) | {known.FIGURES_READ.name: {(): [time.time()]}}
    finally:
        connections.close_all()
