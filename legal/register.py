"""The mandates in force, held in memory by every worker and followed within a second.

One thread per worker asks for a single number; only when it has moved are the tables read. A register that could
not be confirmed for a while is no longer used: a closed agency must stay closed.
"""

import logging
import time

from django.db import connections

from audit.background import Background
from legal.mandates import Agency, Mandates, service_in_force
from legal.models import DataConsumer, ServiceVersion
from legal.refusals import RegisterUnavailable
from legal.service_files import faults

ASK_EVERY_SECONDS = 0.4
TRUSTED_FOR_SECONDS = 10.0
logger = logging.getLogger(__name__)


class Register:
    """What is in force now, and when that was last confirmed."""

    def __init__(self) -> None:
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
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT number FROM legal_register_change WHERE id = 1")
            number = cursor.fetchone()[0]
        if number != self._number:
            # Read after the number: a change in between is seen again at the next turn.
            self._mandates, self._number = read_mandates(), number
        self._confirmed_at = asked_at
        return ASK_EVERY_SECONDS


def read_mandates() -> Mandates:
    """Return what the database holds as open and approved. A version with a fault does not serve."""
    columns = ("organisation_number", "certificate_participant", "key_algorithm", "content_encryption")
    agencies = [
        Agency(number, participant or number, *algorithms)
        for number, participant, *algorithms in DataConsumer.objects.filter(is_open=True).values_list(*columns)
    ]
    versions = ServiceVersion.objects.filter(state=ServiceVersion.State.APPROVED, service__is_open=True)
    services = []
    for slug, number, rules in versions.order_by("service__slug").values_list("service__slug", "number", "rules"):
        if faults(rules) or rules["service"] != slug:
            logger.error("register.faulty_version", extra={"service": slug, "version": number})
        else:
            services.append(service_in_force(rules, version=number))
    by_number = {agency.organisation_number: agency for agency in agencies}
    return Mandates(agencies=by_number, services=tuple(services))


register = Register()


def ensure() -> None:
    """Start the worker's own thread."""
    register.start()


def ready() -> bool:
    """Return whether requests can be judged at all."""
    return register.ready()
