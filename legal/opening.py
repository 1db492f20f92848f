"""Closing takes one person and a second; opening takes two people. Each function does what is allowed, or refuses."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from legal.governance import NotAllowed, locked
from legal.in_force import version_in_force
from legal.models import Closing, DataConsumer, Person, Service


@transaction.atomic
def close_consumer(consumer: DataConsumer, *, by: Person, reason: str) -> Closing:
    """Close an agency in every service."""
    held = DataConsumer.objects.select_for_update().get(pk=consumer.pk)
    if not held.is_open:
        raise NotAllowed(_("It is closed already."))
    DataConsumer.objects.filter(pk=held.pk).update(is_open=False)
    return _close(consumer=held, by=by, reason=reason)


@transaction.atomic
def close_service(service: Service, *, by: Person, reason: str) -> Closing:
    """Close a service for every agency."""
    held = locked(service.pk)
    if not held.is_open:
        raise NotAllowed(_("It is closed already."))
    Service.objects.filter(pk=held.pk).update(is_open=False)
    return _close(service=held, by=by, reason=reason)


@transaction.atomic
def close_field(service: Service, endpoint: str, path: str, *, by: Person, reason: str, today: date) -> Closing:
    """Close a field of an endpoint in one service, whatever its versions say, until two people open it."""
    held = locked(service.pk)
    ruling = version_in_force(held.pk, today=today)
    if ruling is None or path not in ruling.rules["fields"].get(endpoint, {}):
        raise NotAllowed(_("The version in force has no such field."))
    if Closing.objects.filter(service=held, endpoint=endpoint, path=path, opened_at=None).exists():
        raise NotAllowed(_("It is closed already."))
    return _close(service=held, endpoint=endpoint, path=path, by=by, reason=reason)


def closing_of(target: DataConsumer | Service) -> Closing | None:
    """Return what was written down when an agency or a service was closed, while it still is."""
    known = {"consumer": target} if isinstance(target, DataConsumer) else {"service": target, "endpoint": ""}
    return Closing.objects.filter(**known, opened_at=None).first()


@transaction.atomic
def written_down(target: DataConsumer | Service) -> Closing:
    """Return the closing of an agency or a service, also when it was closed past the admin."""
    model: Any = type(target)
    held = model.objects.select_for_update().get(pk=target.pk)
    if held.is_open:
        raise NotAllowed(_("It is open already."))
    name = "consumer" if isinstance(target, DataConsumer) else "service"
    unknown = {name: target, "reason": str(_("It was closed past the admin.")), "closed_at": timezone.now()}
    return closing_of(target) or Closing.objects.create(**unknown)


@transaction.atomic
def ask_to_open(closing: Closing, *, by: Person, reason: str) -> None:
    """Ask for an opening, which another person may agree to."""
    held = _still_closed(closing)
    if held.asked_by_id is not None:
        raise NotAllowed(_("Somebody has asked for it already."))
    held.asked_by, held.asked_at, held.asked_because = by, timezone.now(), _words(reason)
    held.save()


@transaction.atomic
def take_back(closing: Closing, *, by: Person) -> None:
    """Let go of a request for an opening; whoever could agree to it may also turn it down."""
    held = _still_closed(closing)
    if held.asked_by_id is None:
        raise NotAllowed(_("Nobody has asked for it."))
    held.asked_by, held.asked_at, held.asked_because = None, None, ""
    held.save()


@transaction.atomic
def open_again(closing: Closing, *, by: Person) -> None:
    """Open what another person has asked to be opened."""
    held = _still_closed(closing)
    if held.asked_by_id is None:
        raise NotAllowed(_("Nobody has asked for it."))
    if held.asked_by_id == by.pk:
        raise NotAllowed(_("You asked for it. Another person must agree."))
    held.opened_by, held.opened_at = by, timezone.now()
    held.save()
    if held.consumer_id is not None:
        DataConsumer.objects.filter(pk=held.consumer_id).update(is_open=True)
    elif held.service_id is not None and not held.path:
        Service.objects.filter(pk=held.service_id).update(is_open=True)


def _close(
    *,
    by: Person,
    reason: str,
    consumer: DataConsumer | None = None,
    service: Service | None = None,
    endpoint: str = "",
    path: str = "",
) -> Closing:
    return Closing.objects.create(
        consumer=consumer,
        service=service,
        endpoint=endpoint,
        path=path,
        reason=_words(reason),
        closed_by=by,
        closed_at=timezone.now(),
    )


def _still_closed(closing: Closing) -> Closing:
    held = Closing.objects.select_for_update().get(pk=closing.pk)
    if held.opened_at is not None:
        raise NotAllowed(_("It is open already."))
    return held


def _words(reason: str) -> str:
    if not reason.strip():
        raise NotAllowed(_("Say why."))
    return reason.strip()
