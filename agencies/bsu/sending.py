"""Carrying out an approved sending, so that it may die at any step and be begun again.

Bytes and key are kept before anything leaves, and never change: whoever sends them again is given the first answer
again. The disclosure is recorded, and committed, before the first byte. Two commands at once do no harm either.
"""

import json
import logging
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from agencies import errors
from agencies.bsu.approvals import approved_sending
from agencies.bsu.checks_of_report import check_body
from agencies.bsu.client import RECIPIENT, Intake, Receipt
from agencies.bsu.dialogs import Attached, Dialogs
from agencies.bsu.errors import BytesChanged, HasFaults, NotApproved
from agencies.bsu.models import Delivery, Sending
from agencies.bsu.preparing import body_kept, expected_of
from agencies.errors import AgencyError
from audit import outbound
from audit.models import AuditRecord

STATE = Delivery.State
UNANSWERED = (STATE.PREPARED, STATE.SENDING, STATE.REFUSED)
OPERATION, SERVICE = "bsu.innsending", "agencies:bsu"

logger = logging.getLogger(__name__)


def send(delivery: Delivery, *, now: datetime) -> Delivery:
    """Return the delivery received by the agency. Raise an AgencyError; what may have left can be sent again."""
    sending = approved_sending(delivery)
    if sending is None:
        raise NotApproved(api="bsu")
    body = body_kept(delivery)
    if bytes(sending.digest) != bytes(delivery.digest):
        raise BytesChanged(api="bsu")
    if any(finding.hard for finding in check_body(body, expected_of(delivery.year))):
        raise HasFaults(api="bsu")
    if outlived_its_key(delivery, now=now):
        found = found_in_dialogporten(delivery)
        if found is not None:
            return receive(delivery, sending, found, now=now)
    intake = Intake(delivery.institution)
    intake.session.token()  # without one nothing will leave, and nothing need be recorded
    again = delivery.sent_at is not None
    record(delivery, sending, body, now=now)
    try:
        receipt = intake.submit(delivery.year, body, key=delivery.key)
    except AgencyError as error:
        remember(delivery, error)
        receipt = _receipt_all_the_same(delivery, sending, error, again=again, now=now)
    return receive(delivery, sending, receipt, now=now)


def _receipt_all_the_same(
    delivery: Delivery, sending: Sending, error: AgencyError, *, again: bool, now: datetime
) -> Receipt:
    """Return the receipt of what the agency has though it says no. Raise the error where it does not have it."""
    known = None
    if _may_be_known(error, again=again):
        try:
            known = _known_already(delivery)
        except AgencyError:
            raise error from None  # nothing is settled: whether the agency has it is still to be asked
    if known is None:
        _settle_refusal(delivery, sending, error, now=now)
        raise error
    return known


def outlived_its_key(delivery: Delivery, *, now: datetime) -> bool:
    """Return whether the agency may have forgotten the key, so that sending again could deliver twice."""
    lifetime = timedelta(days=settings.BSU_KEY_LIFETIME_DAYS)
    return delivery.sent_at is not None and now - delivery.sent_at >= lifetime


def record(delivery: Delivery, sending: Sending, body: bytes, *, now: datetime) -> None:
    """Commit the record of what is about to be disclosed, once for each sending, and then that it may leave."""
    if sending.recorded_at is None and not _is_recorded(delivery, sending):
        try:
            outbound.record_sent(
                recipient=RECIPIENT,
                service=SERVICE,
                operation=OPERATION,
                parties=parties_of(body),
                body=body,
                correlation_id=delivery.key,
                evidence={"delivery": str(delivery.pk), "sending": sending.number},
            )
        except outbound.NotRecorded:
            raise errors.NotRecorded(api="bsu") from None
    with transaction.atomic():
        Sending.objects.filter(pk=sending.pk, recorded_at=None).update(recorded_at=now)
        held = Delivery.objects.select_for_update().defer("body_sealed", "feedback_sealed").get(pk=delivery.pk)
        if held.state in UNANSWERED:
            held.state, held.sent_at = STATE.SENDING, held.sent_at or now
            held.save(update_fields=["state", "sent_at"])
    delivery.refresh_from_db(fields=["state", "sent_at"])


def _is_recorded(delivery: Delivery, sending: Sending) -> bool:
    """Return whether an earlier try came so far and no further. All of its records were committed at once."""
    told = AuditRecord.objects.filter(correlation_id=delivery.key, endpoint=OPERATION)
    return told.filter(evidence__sending=sending.number).exists()


def parties_of(body: bytes) -> dict[str, list[str]]:
    """Return every person whom the report names, each holder with the accounts."""
    accounts: dict[str, list[str]] = {}
    for account in json.loads(body)["leveranse"].get("oppgave", []):
        accounts.setdefault(account["oppgaveeier"]["foedselsnummer"], []).append(account["kontonummer"])
        for spouse in _spouses(account):
            accounts.setdefault(spouse, [])
    return accounts


def _spouses(account: dict[str, Any]) -> Iterator[str]:
    for notice, branch in (("avgangsmelding", "overfoertTilEktefelle"), ("mottaksmelding", "mottattFraEktefelle")):
        told = account.get(notice, {}).get(branch)
        if told:
            yield told["foedselsnummer"]


def _may_be_known(error: AgencyError, *, again: bool) -> bool:
    """Return whether the agency may have the delivery though it says no: its key was used, or an attempt was lost."""
    return isinstance(error, errors.Conflict) or (is_final(error) and (again or error.repeated))


def _known_already(delivery: Delivery) -> Receipt | None:
    """Return the receipt of a delivery whose key was used: from our own journal, else from Dialogporten."""
    delivery.refresh_from_db(fields=["dialog_id", "submission_id", "received_accounts", "status"])
    if delivery.submission_id:
        return Receipt(
            delivery.dialog_id,
            delivery.submission_id,
            delivery.reference,
            delivery.received_accounts,
            delivery.status or 200,
        )
    return found_in_dialogporten(delivery)


def found_in_dialogporten(delivery: Delivery) -> Receipt | None:
    """Return a receipt for the delivery where Dialogporten has it, told by our reference in the submission itself."""
    dialogs, intake = Dialogs(delivery.institution), Intake(delivery.institution)
    for dialog in dialogs.since(delivery.sent_at or delivery.prepared_at, year=delivery.year):
        for attached in dialog.attached:
            if attached.media_type == "application/json" and _is_of(delivery, intake, attached):
                return Receipt(dialog.id, attached.submission_id, delivery.reference, None, 200)
    return None


def _is_of(delivery: Delivery, intake: Intake, attached: Attached) -> bool:
    try:
        told = json.loads(intake.document(attached.url, attached.media_type))["leveranse"]
        return bool(
            told.get("oppgavegiversLeveranseReferanse") == delivery.reference
            and told["oppgaveoppsummering"] == delivery.sums
        )
    except (errors.NotFound, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return False


@transaction.atomic
def receive(delivery: Delivery, sending: Sending, receipt: Receipt, *, now: datetime) -> Delivery:
    """Return the delivery with its receipt, and the sending carried out."""
    held = Delivery.objects.select_for_update().defer("body_sealed", "feedback_sealed").get(pk=delivery.pk)
    if held.submission_id != receipt.submission_id:
        held.feedback_at, held.feedback_sealed, held.feedback, held.times_asked = None, None, None, 0
        held.state = STATE.RECEIVED
    elif held.state in UNANSWERED:
        held.state = STATE.RECEIVED
    held.sent_at, held.answered_at = held.sent_at or now, now
    held.dialog_id, held.submission_id = receipt.dialog_id, receipt.submission_id
    held.received_accounts, held.receipt = receipt.accounts, asdict(receipt)
    held.status, held.code, held.correlation_id, held.faults = receipt.status, "", "", []
    held.save()
    Sending.objects.filter(pk=sending.pk).update(state=Sending.State.DONE, finished_at=now, outcome="received")
    if receipt.accounts not in (None, held.accounts) or receipt.reference not in ("", held.reference):
        logger.warning("bsu.receipt_differs", extra={"delivery": str(held.pk)})
    return held


def remember(delivery: Delivery, error: AgencyError) -> None:
    """Keep what went wrong, without the agency's texts: those may repeat what was reported."""
    delivery.status, delivery.code, delivery.correlation_id = error.status, error.code[:16], error.correlation_id[:64]
    delivery.faults = [{"code": each.code, "path": each.path[:200]} for each in error.specifications]
    delivery.save(update_fields=["status", "code", "correlation_id", "faults"])


@transaction.atomic
def _settle_refusal(delivery: Delivery, sending: Sending, error: AgencyError, *, now: datetime) -> None:
    """End the sending where the agency has refused it for good; all else stays as it is, to be sent again."""
    if not is_final(error):
        return
    Delivery.objects.filter(pk=delivery.pk, state__in=UNANSWERED).update(state=STATE.REFUSED, answered_at=now)
    Sending.objects.filter(pk=sending.pk).update(
        state=Sending.State.DONE, finished_at=now, outcome=f"refused {error.status} {error.code}".strip()
    )


def is_final(error: AgencyError) -> bool:
    """Return whether the agency itself has judged the request. A refused token says nothing of what was sent."""
    return isinstance(error, errors.Refused) and not isinstance(
        error, errors.Unauthenticated | errors.Busy | errors.Conflict
    )
