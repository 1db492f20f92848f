"""What must hold of bankruptcy notices before the service starts."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.utils import timezone

from audit.fetching import FetchFailed, check_address
from legal.in_force import APPROVED
from legal.konkursvarsel import identity
from legal.models import BankruptcyNotice, NoticeReading, ServiceVersion

ENDINGS = {*BankruptcyNotice.Type.values} - {BankruptcyNotice.Type.OPENING.value}


@register
def check_konkursvarsel(**kwargs: Any) -> list[CheckMessage]:
    """The feed's address, certificate and times are usable, and a deleted opening never counts."""
    return [Error(fault, id="dsop.E081") for fault in _faults()]


def _faults() -> Iterator[str]:
    if settings.KONKURSVARSEL_URL:
        try:
            check_address(settings.KONKURSVARSEL_URL, loopback_http=settings.SANDBOX)
        except FetchFailed:
            yield "KONKURSVARSEL_URL must be an https address."
    try:
        identity(settings.KONKURSVARSEL_CERTIFICATE_FILE, settings.KONKURSVARSEL_KEY_FILE)
    except (OSError, ValueError):
        yield "KONKURSVARSEL_CERTIFICATE_FILE and KONKURSVARSEL_KEY_FILE must be a certificate and its key."
    for name in ("KONKURSVARSEL_EVERY_MINUTES", "KONKURSVARSEL_FIRST_DAYS", "KONKURSVARSEL_MAX_AGE_HOURS"):
        if getattr(settings, name) < 1:
            yield f"{name} must be positive."
    ended_by = set(settings.KONKURSVARSEL_ENDED_BY)
    if not {BankruptcyNotice.Type.DELETION.value} <= ended_by <= ENDINGS:
        yield "KONKURSVARSEL_ENDED_BY must name sletting, and may name oppheving and avslutning."


@register(Tags.database)
def check_readings(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Where a service depends on bankruptcies, the notices are read, and were lately."""
    if "default" not in (databases or ()) or settings.AS_OWNER or not _bankruptcy_matters():
        return []
    reading = NoticeReading.objects.filter(pk=1).first()
    oldest = timezone.now() - timedelta(hours=settings.KONKURSVARSEL_MAX_AGE_HOURS)
    if settings.KONKURSVARSEL_URL and reading and reading.read_at and reading.read_at >= oldest:
        return []
    sentence = "A service depends on bankruptcy notices, which are not read or were not read lately."
    return [checks.Warning(sentence, hint="Run konkursvarsel --watch.", id="dsop.W082")]


def _bankruptcy_matters() -> bool:
    approved = ServiceVersion.objects.filter(state__in=APPROVED).values_list("rules", flat=True)
    steps = [step for rules in approved for step in rules.get("steps", {}).values()]
    return any(step.get("precondition") == "bankruptcy" for step in steps)
