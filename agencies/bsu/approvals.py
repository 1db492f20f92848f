"""Who lets a delivery go: one signed-in person asks, another agrees. Each function does what is allowed, or refuses.

Every act on a delivery waits for the one before it.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from agencies.bsu.models import Delivery, Sending
from legal.governance import NotAllowed
from legal.models import Person

STATE = Sending.State
OPEN = (STATE.WAITING, STATE.APPROVED)
SENDABLE = (
    Delivery.State.PREPARED,
    Delivery.State.SENDING,
    Delivery.State.REFUSED,
    Delivery.State.RECEIVED,
    Delivery.State.REJECTED,
)


@transaction.atomic
def request_sending(delivery: Delivery, *, because: str, by: Person, now: datetime) -> Sending:
    """Return a request to send the delivery, for the first time or again."""
    held = locked(delivery)
    if held.state not in SENDABLE:
        raise NotAllowed(_("A delivery that is accepted or withdrawn is not sent."))
    if held.body_sealed is None:
        raise NotAllowed(_("The bytes of this delivery are no longer kept. Prepare a correction."))
    if has_newer(held):
        raise NotAllowed(_("A newer report of that year takes the place of this one."))
    if has_hard_findings(held):
        raise NotAllowed(_("The checks found faults that forbid sending. Mend the ledger and prepare anew."))
    if not because.strip():
        raise NotAllowed(_("Say why."))
    if held.sendings.filter(state__in=OPEN).exists():
        raise NotAllowed(_("Its sending is asked for already."))
    return Sending.objects.create(
        delivery=held,
        number=held.sendings.count() + 1,
        digest=held.digest,
        because=because.strip(),
        requested_by=by,
        requested_name=str(by),
        requested_at=now,
    )


@transaction.atomic
def approve_sending(sending: Sending, *, seen: str, by: Person, now: datetime) -> Sending:
    """Return the request approved. `seen` is the SHA-256, in hex, of the bytes that the approver looked at."""
    held = reread(sending)
    if held.state != STATE.WAITING:
        raise NotAllowed(_("Nobody waits for consent to this."))
    if held.requested_by_id == by.pk:
        raise NotAllowed(_("You asked for this. Another person must agree."))
    delivery = held.delivery
    if delivery.state not in SENDABLE or bytes(delivery.digest).hex() != seen or held.digest != delivery.digest:
        raise NotAllowed(_("The delivery has changed since you looked. Look again."))
    held.state, held.approved_by, held.approved_name, held.approved_at = STATE.APPROVED, by, str(by), now
    held.save(update_fields=["state", "approved_by", "approved_name", "approved_at"])
    return held


@transaction.atomic
def end_sending(sending: Sending, *, by: Person, now: datetime) -> Sending:
    """Return the request turned down or withdrawn. One that may have reached the agency is carried out instead."""
    held = reread(sending)
    if held.state not in OPEN:
        raise NotAllowed(_("This is finished."))
    if held.recorded_at is not None:
        raise NotAllowed(_("The sending has begun. Run the command again, and it will be finished."))
    held.state, held.ended_name, held.finished_at = STATE.ENDED, str(by), now
    held.save(update_fields=["state", "ended_name", "finished_at"])
    return held


def approved_sending(delivery: Delivery) -> Sending | None:
    """Return the approved request that is still to be carried out, or to be finished."""
    return delivery.sendings.filter(state=STATE.APPROVED).first()


def has_newer(delivery: Delivery) -> bool:
    """Return whether a later report of that year stands."""
    of_year = Delivery.objects.filter(institution=delivery.institution, year=delivery.year)
    later = of_year.filter(prepared_at__gt=delivery.prepared_at).exclude(report=delivery.report)
    return later.exclude(state=Delivery.State.WITHDRAWN).exists()


def has_hard_findings(delivery: Delivery) -> bool:
    return any(finding["hard"] for finding in delivery.findings)


def locked(delivery: Delivery) -> Delivery:
    """Return the delivery, which nobody else changes until this transaction ends."""
    return Delivery.objects.select_for_update().get(pk=delivery.pk)


def reread(sending: Sending) -> Sending:
    delivery = locked(sending.delivery)
    held = Sending.objects.get(pk=sending.pk)
    held.delivery = delivery
    return held
