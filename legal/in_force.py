"""Which version of a service rules on a day: of the approved ones, the latest whose day has come."""

from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet

from legal.models import ServiceVersion
from legal.periods import day_in_oslo

State = ServiceVersion.State
APPROVED = (State.APPROVED, State.WAITING)


def first_day(version: ServiceVersion) -> date:
    """Return the day from which an approved version may rule; those of earlier releases rule since their approval."""
    if version.effective_from is not None:
        return version.effective_from
    if version.approved_at is None:
        raise ValueError("A draft has no first day.")
    return day_in_oslo(version.approved_at)


def rank(version: ServiceVersion) -> tuple[date, int]:
    """Return what decides between two approved versions of a service: the later day, then the higher number."""
    return first_day(version), version.number


def in_force(versions: Iterable[ServiceVersion], *, today: date) -> ServiceVersion | None:
    """Return the one of a service's approved versions that rules today."""
    return max((version for version in versions if first_day(version) <= today), key=rank, default=None)


def all_in_force(versions: QuerySet[ServiceVersion], *, today: date) -> list[ServiceVersion]:
    """Return the version that rules today of each service among these, in the order of the services' names."""
    of_services: dict[int, list[ServiceVersion]] = {}
    for version in versions.filter(state__in=APPROVED).order_by("service__slug").select_related("service"):
        of_services.setdefault(version.service_id, []).append(version)
    return [ruling for found in of_services.values() if (ruling := in_force(found, today=today))]


def version_in_force(service_id: int, *, today: date) -> ServiceVersion | None:
    """Return the version of one service that rules today."""
    return next(iter(all_in_force(ServiceVersion.objects.filter(service_id=service_id), today=today)), None)
