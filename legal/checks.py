"""What must hold of the services before the service starts."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import ProgrammingError

from legal import limit_checks, notice_checks
from legal.in_force import APPROVED, all_in_force
from legal.models import ServiceVersion
from legal.register import today_in_oslo
from legal.service_files import conflicts, faults, read_services

__all__ = ["limit_checks", "notice_checks"]


@register
def check_service_files(**kwargs: Any) -> list[CheckMessage]:
    """A file that names an unknown field, endpoint or rule is refused, and so are files that contradict each other."""
    files = read_services()
    found = [f"{rules.get('service', 'a service file')}: {fault}" for rules in files for fault in faults(rules)]
    return [Error(f"{fault}.", id="dsop.E011") for fault in found + conflicts(files)]


@register(Tags.database)
def check_versions(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """What a file is refused for, a version in the database is refused for too; none at all serves nobody."""
    if "default" not in (databases or ()) or settings.AS_OWNER:
        return []
    approved = ServiceVersion.objects.filter(state__in=APPROVED).select_related("service")
    approved = approved.order_by("service__slug", "number")
    try:
        ruling = all_in_force(approved, today=today_in_oslo())
    except ProgrammingError:  # columns of this release are missing: dsop.E069 says so
        return []
    wrong = [
        f"{version.service.slug} {version.number}: {fault}" for version in approved for fault in faults(version.rules)
    ]
    wrong += conflicts(version.rules for version in ruling)
    found: list[CheckMessage] = [Error(f"{fault}.", id="dsop.E012") for fault in wrong]
    if not ruling:
        found.append(_serves_nobody())
    return found


def _serves_nobody() -> CheckMessage:
    """A new installation may start before its services are loaded, but not where agencies already call."""
    sentence = "No service is approved: every request will be refused."
    if settings.ENVIRONMENT == "production":
        return Error(sentence, hint="Run load_services.", id="dsop.E068")
    return checks.Warning(sentence, id="dsop.W013")
