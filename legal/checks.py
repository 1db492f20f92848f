"""What must hold of the services before the service starts."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register

from legal.models import ServiceVersion
from legal.service_files import faults, read_services


@register
def check_service_files(**kwargs: Any) -> list[CheckMessage]:
    """A file that names an unknown field, endpoint or rule is refused."""
    return [
        Error(f"{rules.get('service', 'a service file')}: {fault}.", id="dsop.E011")
        for rules in read_services()
        for fault in faults(rules)
    ]


@register(Tags.database)
def check_versions(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """A version in the database that names an unknown field, endpoint or rule is refused; none at all serves nobody."""
    if "default" not in (databases or ()) or settings.AS_OWNER:
        return []
    approved = ServiceVersion.objects.filter(state=ServiceVersion.State.APPROVED).select_related("service")
    found: list[CheckMessage] = [
        Error(f"{version.service.slug} {version.number}: {fault}.", id="dsop.E012")
        for version in approved
        for fault in faults(version.rules)
    ]
    if not approved:
        found.append(_serves_nobody())
    return found


def _serves_nobody() -> CheckMessage:
    """A new installation may start before its services are loaded, but not where agencies already call."""
    sentence = "No service is approved: every request will be refused."
    if settings.ENVIRONMENT == "production":
        return Error(sentence, hint="Run load_services.", id="dsop.E068")
    return checks.Warning(sentence, id="dsop.W013")
