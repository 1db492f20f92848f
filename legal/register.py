"""The mandates in force, held in memory by every worker and followed within a second.

One thread per worker asks for a single number; only when it has moved, or the day in Oslo has, are the tables read. A
register that could not be confirmed for a while is no longer used: a closed agency must stay closed.
"""

import logging
import time
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any

from django.db import connections
from django.utils import timezone

from audit import deadlines
from audit.background import Background
from legal.in_force import all_in_force
from legal.limits import Key, Limit
from legal.mandates import Agency, Mandates, service_in_force
from legal.models import Closing, DataConsumer, RateLimit, ServiceVersion
from legal.periods import day_in_oslo
from legal.refusals import RegisterUnavailable
from legal.service_files import faults

ASK_EVERY_SECONDS = 0.4
TRUSTED_FOR_SECONDS = 10.0
logger = logging.getLogger(__name__)


def today_in_oslo() -> date:
    return day_in_oslo(timezone.now())


class Register:
    """What is in force now, and when that was last confirmed."""

    def __init__(self, today: Callable[[], date] = today_in_oslo) -> None:
        self._today = today
        self._day = date.min
        self._mandates = Mandates()
        self._number = -1
        self._confirmed_at = float("-inf")
        self._background = Background("register", self.refresh)

    def in_force(self) -> Mandates:
        """Return the mandates in force. Raise RegisterUnavailable when they were not confirmed lately."""
        self._check()
        return self._mandates

    def generation(self) -> int:
        """Return a number that is another one after any change that is followed. Raise RegisterUnavailable.

        What was read from a followed table after this call may be kept as long as the number stays.
        """
        self._check()
        return self._number

    def _check(self) -> None:
        self._background.ensure()
        if time.monotonic() - self._confirmed_at > TRUSTED_FOR_SECONDS:
            raise RegisterUnavailable

    def start(self) -> None:
        self._background.ensure()

    def ready(self) -> bool:
        self._background.ensure()
        return time.monotonic() - self._confirmed_at <= TRUSTED_FOR_SECONDS

    def refresh(self) -> float:
        """Confirm or read what is in force; return the seconds until it should be asked again."""
        asked_at = time.monotonic()
        with deadlines.turn(TRUSTED_FOR_SECONDS):
            with connections["default"].cursor() as cursor:
                cursor.execute("SELECT number FROM legal_register_change WHERE id = 1")
                number = cursor.fetchone()[0]
            today = self._today()
            if (number, today) != (self._number, self._day):
                # Read after the number: a change in between is seen again at the next turn.
                self._mandates, self._number, self._day = mandates_on(today), number, today
        self._confirmed_at = asked_at
        return ASK_EVERY_SECONDS


def read_mandates() -> Mandates:
    """Return what the database holds as in force now."""
    return mandates_on(today_in_oslo())


def mandates_on(today: date) -> Mandates:
    """Return what is open and in force on a day. A version with a fault does not serve, a closed field is not in it."""
    columns = ("organisation_number", "certificate_participant", "key_algorithm", "content_encryption")
    agencies = [
        Agency(number, participant or number, *algorithms)
        for number, participant, *algorithms in DataConsumer.objects.filter(is_open=True).values_list(*columns)
    ]
    closed = closed_fields()
    services = []
    for version in all_in_force(ServiceVersion.objects.filter(service__is_open=True), today=today):
        slug, rules = version.service.slug, version.rules
        if faults(rules) or rules["service"] != slug:
            logger.error("register.faulty_version", extra={"service": slug, "version": version.number})
        else:
            left = without(rules, closed.get(version.service_id, ()))
            services.append(service_in_force(left, version=version.number))
    by_number = {agency.organisation_number: agency for agency in agencies}
    return Mandates(agencies=by_number, services=tuple(services), limits=limits_set())


def limits_set() -> dict[Key, Limit]:
    """Return the limits by agency and service; those of all agencies of a service stand under no agency."""
    columns = ("consumer__organisation_number", "service__slug", "per_second", "burst")
    return {
        (consumer or "", service): Limit(per_second, burst)
        for consumer, service, per_second, burst in RateLimit.objects.values_list(*columns)
    }


def closed_fields() -> dict[int, set[tuple[str, str]]]:
    """Return the closed fields by service, each as endpoint and path."""
    found: dict[int, set[tuple[str, str]]] = {}
    closings = Closing.objects.filter(opened_at=None).exclude(path="")
    for service, endpoint, path in closings.values_list("service_id", "endpoint", "path"):
        found.setdefault(service, set()).add((endpoint, path))
    return found


def without(rules: Mapping[str, Any], closed: Collection[tuple[str, str]]) -> dict[str, Any]:
    """Return rules that do not name the closed fields: what is not named is not sent."""
    fields = {
        endpoint: {path: word for path, word in categories.items() if (endpoint, path) not in closed}
        for endpoint, categories in rules["fields"].items()
    }
    return {**rules, "fields": fields}


register = Register()


def ensure() -> None:
    """Start the worker's own thread."""
    register.start()


def ready() -> bool:
    """Return whether requests can be judged at all."""
    return register.ready()
