"""Who may decide over what the trail keeps: one person holds a case; a release and a deletion take two.

Each function appends the decision and returns its id, or refuses.
"""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from audit.appending import append
from audit.models import AuditRecord
from audit.retain.deletions import Deletion, deletable
from audit.retain.models import Decision, Held
from audit.retain.policy import Policy
from audit.retain.standing import APPROVAL, approved, holds, pending, waiting

Kind = Decision.Kind

LONGEST_GROUND = 1000


class NotDecided(ValidationError):
    """A decision that this person may not take, or not now."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who decides: the person, by the employee id that two accounts of one person share, and by which account."""

    person: str
    account: str

    def is_also(self, person: str) -> bool:
        """Return whether that is the same person."""
        return identity(self.person) == identity(person)


def identity(person: str) -> str:
    return person.strip().casefold()


def hold(case: uuid.UUID, *, ground: str, by: Actor) -> uuid.UUID:
    """Keep everything of a case beyond its time, at once."""
    words = _grounded(ground, by)
    for standing in holds().filter(account_info_request_id=case):
        if not approved().filter(concerning=standing.pk).exists():
            raise NotDecided(_("This case is held already."))
    if not _is_known(case):
        raise NotDecided(_("No record has this AccountInfoRequestID."))
    return _decided(Kind.HELD, by, ground=words, account_info_request_id=case)


def request_release(held: uuid.UUID, *, ground: str, by: Actor) -> uuid.UUID:
    """Ask for the end of a hold."""
    words, standing = _grounded(ground, by), holds().filter(pk=held).first()
    if standing is None:
        raise NotDecided(_("No case is held by this decision."))
    if pending().filter(kind=Kind.RELEASE_REQUESTED, concerning=held).exists():
        raise NotDecided(_("The release of this case is asked for already."))
    case = standing.account_info_request_id
    return _decided(Kind.RELEASE_REQUESTED, by, ground=words, concerning=held, account_info_request_id=case)


def request_deletion(deletion: Deletion, *, ground: str, by: Actor, today: date, policy: Policy) -> uuid.UUID:
    """Ask for a deletion that is due."""
    words = _grounded(ground, by)
    if deletion not in deletable():
        raise NotDecided(_("There is nothing of that kind to delete in that month."))
    _check_due(deletion, today=today, policy=policy)
    if pending().filter(kind=Kind.DELETION_REQUESTED, **deletion.columns).exists():
        raise NotDecided(_("This deletion is asked for already."))
    return _decided(Kind.DELETION_REQUESTED, by, ground=words, **deletion.columns)


def approve(request: uuid.UUID, *, by: Actor, today: date, policy: Policy) -> uuid.UUID:
    """Agree to a release or a deletion that another person has asked for."""
    _check_person(by)
    asked = waiting().filter(pk=request).first()
    if asked is None:
        raise NotDecided(_("Nobody waits for consent to this."))
    if by.is_also(asked.person):
        raise NotDecided(_("You asked for this. Another person must agree."))
    if asked.kind == Kind.DELETION_REQUESTED:
        _check_due(Deletion.of(asked), today=today, policy=policy)
    return _decided(APPROVAL[Kind(asked.kind)], by, **_subject(asked))


def turn_down(request: uuid.UUID, *, ground: str, by: Actor) -> uuid.UUID:
    """Let a request come to nothing, before or after its approval: one person can always keep what is there."""
    words, asked = _grounded(ground, by), pending().filter(pk=request).first()
    if asked is None:
        raise NotDecided(_("This is finished."))
    return _decided(Kind.TURNED_DOWN, by, ground=words, **_subject(asked))


def _subject(asked: Decision) -> dict[str, Any]:
    """Return the columns in which an answer repeats what was asked."""
    return {
        "concerning": asked.pk,
        "account_info_request_id": asked.account_info_request_id,
        "what": asked.what,
        "service": asked.service,
        "month": asked.month,
    }


def _decided(kind: Kind, by: Actor, **columns: Any) -> uuid.UUID:
    return append("audit_decision", {"kind": kind, "person": by.person, "account": by.account, **columns})


def _grounded(ground: str, by: Actor) -> str:
    """Return the ground, without the space around it. Refuse who is nobody, and what has no reason."""
    _check_person(by)
    words = ground.strip()
    if not words:
        raise NotDecided(_("Say why."))
    if len(words) > LONGEST_GROUND:
        raise NotDecided(_("The ground is too long."))
    return words


def _check_person(by: Actor) -> None:
    if not identity(by.person):
        raise NotDecided(_("This account belongs to nobody: it may look, and decide nothing."))


def _check_due(deletion: Deletion, *, today: date, policy: Policy) -> None:
    first = policy.due_from(deletion.what, deletion.service, deletion.month)
    if first > today:
        raise NotDecided(_("This may be deleted from %(day)s, and not before.") % {"day": first.isoformat()})


def _is_known(case: uuid.UUID) -> bool:
    return any(model.objects.filter(account_info_request_id=case).exists() for model in (AuditRecord, Held))
