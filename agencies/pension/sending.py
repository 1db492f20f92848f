"""Sending what differs of one agreement, so that a process may die at any step and the next one goes on.

That something may be under way is committed before its first byte leaves, and taken back only by what says how it
ended. Whatever is left under way still differs, and sending it again is harmless.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from agencies.commandline import told
from agencies.errors import AgencyError, BadInput, NoDatabase
from agencies.pension.client import Course, PensionClient
from agencies.pension.codes import NothingThere, meaning_of
from agencies.pension.holding import Holder
from agencies.pension.models import NOTHING, REGISTERED, UNDER_WAY, Agreement
from agencies.pension.terms import WORDS, Terms
from legal.periods import day_in_oslo

LONGEST_FAILURE = 300
BEGIN = "UPDATE pension_agreement SET sent_state = %s WHERE id = %s"
CONFIRM = """
UPDATE pension_agreement
SET sent_state = %s, sent_from = %s, sent_to = %s, sent_at = %s, failure = '', failed_at = NULL WHERE id = %s
"""
FAIL = "UPDATE pension_agreement SET sent_state = %s, failure = %s, failed_at = %s WHERE id = %s"


class Became(StrEnum):
    """What came of it."""

    REGISTERED = "registered"
    DELETED = "deleted"
    NOTHING_TO_SEND = "nothing to send"
    WITH_ANOTHER = "another process is sending it"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of sending one agreement; the error and its words where it failed."""

    agreement: uuid.UUID
    became: Became
    error: AgencyError | None = None
    words: str = ""


def send_one(agreement: uuid.UUID) -> Sent:
    """Send what differs of the agreement by a connection made for it."""
    holder = Holder()
    try:
        return send(agreement, holder)
    finally:
        holder.close()


def send(agreement: uuid.UUID, holder: Holder) -> Sent:
    """Send what differs of the agreement and keep what came of it. Never raises an AgencyError."""
    close_old_connections()
    try:
        with holder.held(agreement) as held:
            if held is None:
                return Sent(agreement, Became.WITH_ANOTHER)
            # Read under the lock: another may just have sent it.
            row = Agreement.objects.filter(pk=agreement, differs=True).first()
            return _send(row, held) if row else Sent(agreement, Became.NOTHING_TO_SEND)
    except (DatabaseError, InterfaceError):
        return _failed(agreement, NoDatabase(api="pension"))


def _send(row: Agreement, held: BaseDatabaseWrapper) -> Sent:
    course = _Marked(row)
    try:
        client = PensionClient(provider=row.provider, today=day_in_oslo(timezone.now()))
        if row.wanted:
            terms = Terms(row.reference, row.employer, row.from_month, row.to_month)
            client.register(terms, future_end=True, course=course)  # it was asked for when it was kept
            after = (REGISTERED, row.from_month, row.to_month)
        else:
            client.delete(reference=row.reference, employer=row.employer, course=course)
            after = (NOTHING, "", "")
    except AgencyError as error:
        return _keep_failure(row, held, course, error)
    _write(held, CONFIRM, *after, timezone.now(), row.pk)
    return Sent(row.pk, Became.REGISTERED if row.wanted else Became.DELETED)


def _keep_failure(row: Agreement, held: BaseDatabaseWrapper, course: Course, error: AgencyError) -> Sent:
    if isinstance(error, NothingThere) and not row.wanted:
        state = NOTHING  # told once; there is nothing left to delete
    else:
        state = UNDER_WAY if course.lost else row.sent_state
    failed = _failed(row.pk, error)
    _write(held, FAIL, state, failed.words[:LONGEST_FAILURE], timezone.now(), row.pk)
    return failed


class _Marked(Course):
    """Commits that the agreement is under way before anything leaves."""

    def __init__(self, row: Agreement) -> None:
        super().__init__(lost=row.sent_state == UNDER_WAY)
        self._row = row

    def begin(self) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute(BEGIN, [UNDER_WAY, self._row.pk])
        except (DatabaseError, InterfaceError):
            raise NoDatabase(api="pension") from None


def in_words(error: AgencyError) -> str:
    """Return one line on what failed, with what the code says in the profile of the settings."""
    if isinstance(error, BadInput) and error.what in WORDS:
        return f"Nothing was sent: {WORDS[error.what]}"
    meaning = meaning_of(settings.OTP_PROFILE, error.code)
    return f"{told(error)}: {meaning}" if meaning else told(error)


def _failed(agreement: uuid.UUID, error: AgencyError) -> Sent:
    return Sent(agreement, Became.FAILED, error, in_words(error))


def _write(held: BaseDatabaseWrapper, statement: str, *values: str | datetime | uuid.UUID) -> None:
    with held.cursor() as cursor:
        cursor.execute(statement, values)
