"""Fetching the agency's verdict on a delivery: soon after the receipt by itself, later whenever the command is run."""

import hashlib
import json
import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from django.db.models import F
from django.utils import timezone

from agencies.bsu.client import Intake
from agencies.bsu.dialogs import Attached, Dialogs
from agencies.bsu.errors import BytesChanged
from agencies.bsu.feedback import APPROVED, Feedback, NotFeedback, matched, read_feedback
from agencies.bsu.models import Delivery
from agencies.bsu.preparing import FEEDBACK, body_kept
from agencies.errors import NotFound
from audit.secrecy import seal

WAITS = (2.0, 5.0, 15.0, 60.0)
"""Seconds before each time that the verdict is asked for after a receipt; later, `--status` asks."""
STATE = Delivery.State

logger = logging.getLogger(__name__)


def follow(
    delivery: Delivery,
    *,
    waits: Sequence[float] = WAITS,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], datetime] = timezone.now,
) -> bool:
    """Return whether the verdict has come before the waits were over."""
    for seconds in waits:
        sleep(seconds)
        if ask(delivery, now=clock()):
            return True
    return False


def ask(delivery: Delivery, *, now: datetime) -> bool:
    """Return whether the verdict is there; it is kept with the delivery. Raise an AgencyError."""
    Delivery.objects.filter(pk=delivery.pk).update(asked_at=now, times_asked=F("times_asked") + 1)
    dialog = Dialogs(delivery.institution).dialog(delivery.dialog_id, year=delivery.year)
    intake = Intake(delivery.institution)
    for attached in dialog.attached if dialog else ():
        if attached.submission_id == delivery.submission_id and attached.media_type.endswith("xml"):
            found = _fetched(delivery, intake, attached)
            if found is not None:
                _keep(delivery, *found, now=now)
                return True
    return False


def _fetched(delivery: Delivery, intake: Intake, attached: Attached) -> tuple[Feedback, bytes] | None:
    """Return the feedback on this very delivery with its bytes; None where it is not there yet, or about another."""
    try:
        document = intake.document(attached.url, attached.media_type)
        feedback = read_feedback(document)
    except NotFound:
        return None
    except NotFeedback:
        logger.info("bsu.not_feedback", extra={"delivery": str(delivery.pk)})
        return None
    if feedback.submission_id not in ("", delivery.submission_id) or feedback.reference not in (
        "",
        delivery.reference,
    ):
        logger.warning("bsu.feedback_of_another", extra={"delivery": str(delivery.pk)})
        return None
    return feedback, document


def _keep(delivery: Delivery, feedback: Feedback, document: bytes, *, now: datetime) -> None:
    state = STATE.ACCEPTED if feedback.status == APPROVED else STATE.REJECTED
    told = matched(feedback, numbers=_numbers(delivery), accounts=delivery.accounts)
    sealed = seal(document.decode("utf-8", "replace"), column=FEEDBACK, record=delivery.pk)
    Delivery.objects.filter(pk=delivery.pk, submission_id=delivery.submission_id).update(
        state=state,
        feedback_at=now,
        feedback_sealed=sealed,
        feedback={**told, "sha256": hashlib.sha256(document).hexdigest()},
    )
    delivery.refresh_from_db(fields=["state", "feedback_at", "feedback"])


def _numbers(delivery: Delivery) -> list[str]:
    """Return the account numbers of the delivery in its order; none where the bytes are no longer kept."""
    try:
        told = json.loads(body_kept(delivery))["leveranse"]
    except BytesChanged:
        return []
    return [account["kontonummer"] for account in told.get("oppgave", [])]
