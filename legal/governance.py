"""Who may change what is governed: drafts and their approval. Each function does what is allowed, or refuses.

Every act on a service waits for the one before it; today is the day in Oslo.
"""

import hashlib
import json
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from legal.in_force import APPROVED, all_in_force, in_force, rank, version_in_force
from legal.models import DataConsumer, Person, Service, ServiceVersion
from legal.service_files import conflicts

State, Origin = ServiceVersion.State, ServiceVersion.Origin


class NotAllowed(ValidationError):
    """An act that this person may not do, or not now."""


def draft_from(version: ServiceVersion, *, by: Person) -> ServiceVersion:
    """Return a new draft with the rules of a version, which itself stays as it is."""
    with transaction.atomic():
        service = locked(version.service_id)
        return ServiceVersion.objects.create(
            service=service, number=next_number(service), rules=version.rules, author=by, origin=Origin.ADMIN
        )


@transaction.atomic
def revise(version: ServiceVersion, *, rules: dict[str, Any], effective_from: date | None, by: Person) -> None:
    """Change a draft. Only its author may: whoever writes a part of it cannot judge the whole."""
    locked(version.service_id)
    draft = ServiceVersion.objects.get(pk=version.pk)
    if draft.state != State.DRAFT:
        raise NotAllowed(_("This version is no draft any more."))
    if draft.author_id != by.pk:
        raise NotAllowed(_("Only its author changes a draft. Make a draft of your own from it."))
    draft.rules, draft.effective_from = rules, effective_from
    draft.save(update_fields=["rules", "effective_from"])


def approve(version: ServiceVersion, *, seen: str, by: Person, today: date) -> ServiceVersion:
    """Return the version approved, in force from its day or from today. `seen` says what the approver looked at."""
    with transaction.atomic():
        list(Service.objects.select_for_update().order_by("pk"))  # what others answer must hold still too
        draft = ServiceVersion.objects.select_related("service").get(pk=version.pk)
        service = draft.service
        check_approval(draft, by=by)
        if seen != fingerprint(draft, version_in_force(service.pk, today=today)):
            raise NotAllowed(_("The draft or the version in force has changed since you looked. Look again."))
        check_beside_others(draft, today=today)
        draft.approver, draft.approved_at = by, timezone.now()
        draft.effective_from = max(draft.effective_from or today, today)
        # It waits until the others have been told apart: the database lets only one be `approved`.
        draft.state = State.WAITING
        draft.save()
        make_consumers(draft.rules)
        settle(service, today=today)
        draft.refresh_from_db()
        return draft


def check_approval(draft: ServiceVersion, *, by: Person) -> None:
    """Refuse what is no draft, and its author, under whatever account."""
    if draft.state != State.DRAFT:
        raise NotAllowed(_("This version is no draft any more."))
    if draft.author_id == by.pk:
        raise NotAllowed(_("You wrote this draft. Another person must approve it."))
    draft.clean()


def check_beside_others(draft: ServiceVersion, *, today: date) -> None:
    """Refuse rules that answer a question which another service answers too."""
    others = ServiceVersion.objects.exclude(service_id=draft.service_id)
    ruling = [version.rules for version in all_in_force(others, today=today)]
    if found := conflicts([*ruling, draft.rules]):
        raise NotAllowed(found)


def withdraw(version: ServiceVersion, *, by: Person, today: date) -> None:
    """End one's own draft, or an approved version before its day. What is in force is closed instead."""
    with transaction.atomic():
        service = locked(version.service_id)
        settle(service, today=today)
        held = ServiceVersion.objects.get(pk=version.pk)
        if held.state not in (State.DRAFT, State.WAITING):
            raise NotAllowed(_("Only a draft, or a version whose day has not come, can be withdrawn."))
        if held.state == State.DRAFT and held.author_id not in (None, by.pk):
            raise NotAllowed(_("Only its author withdraws a draft."))
        held.state = State.ENDED
        held.save(update_fields=["state"])


def settle(service: Service, *, today: date) -> None:
    """Write down which version is in force, which have ended and which wait, as it follows from their days."""
    versions = list(service.versions.filter(state__in=APPROVED))
    ruling = in_force(versions, today=today)
    for version in sorted(versions, key=lambda one: one == ruling):  # the one in force last: there is room for one only
        if version == ruling:
            state = State.APPROVED
        elif ruling and rank(version) < rank(ruling):
            state = State.ENDED
        else:
            state = State.WAITING
        if version.state != state:
            ServiceVersion.objects.filter(pk=version.pk).update(state=state)


def locked(service_id: int) -> Service:
    """Return the service, which nobody else changes until this transaction ends."""
    return Service.objects.select_for_update().get(pk=service_id)


def next_number(service: Service) -> int:
    latest = service.versions.order_by("-number").first()
    return latest.number + 1 if latest else 1


def make_consumers(rules: dict[str, Any]) -> None:
    """Add the agencies that are not known yet; those that are stay as they are, closed ones closed."""
    for consumer in rules["consumers"]:
        DataConsumer.objects.get_or_create(
            organisation_number=consumer["organisation_number"],
            defaults={
                "name": consumer["name"],
                "certificate_participant": consumer.get("certificate_participant", ""),
            },
        )


def fingerprint(draft: ServiceVersion, ruling: ServiceVersion | None) -> str:
    """Return a value that changes when the draft, or what it is compared with, does."""
    day = draft.effective_from and draft.effective_from.isoformat()
    seen = [str(draft.pk), draft.rules, day, str(ruling.pk) if ruling else None]
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()
