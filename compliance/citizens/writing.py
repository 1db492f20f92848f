"""Letters as they are made from what was decided, kept with their exact bytes, sent, and ended with."""

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.retain.policy import policy_in_force
from compliance.citizens import letters, words
from compliance.citizens.clock import due_on
from compliance.citizens.contents import Asker, keep_letter
from compliance.citizens.deciding import refuse_ended
from compliance.citizens.grounds import Decision, Identity, Refusal
from compliance.citizens.models import CitizenContent, CitizenDisclosure, CitizenLetter, CitizenRequest
from compliance.citizens.typesetting import typeset
from compliance.letters.letterhead import letterhead
from compliance.letters.typesetting import LetterNotSet
from legal.models import DataConsumer, Person
from legal.register import today_in_oslo

Kind, Ending = CitizenLetter.Kind, CitizenRequest.Ending
MOST_ROWS = 20_000
"""Of one letter; that is some two thousand pages."""
ENDING = {Kind.ANSWER: Ending.ANSWERED, Kind.REFUSAL: Ending.REFUSED}


@dataclass(frozen=True, slots=True)
class Made:
    """A letter that is set and not kept yet."""

    id: uuid.UUID
    kind: str
    refusal: str
    content: bytes
    made_at: datetime
    """When what it says was read; whatever is decided later is not in it."""

    @property
    def digest(self) -> bytes:
        return digest_of(self.content)


def digest_of(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def make(request: CitizenRequest, asker: Asker, kind: str, *, refusal: str = "") -> Made:
    """Return the letter of that kind, ready to be kept. Raise ValidationError, with what is missing for it."""
    with transaction.atomic():
        fresh, made_at = refuse_ended(request), timezone.now()  # locked: nobody decides while it is read
        refuse_unready(fresh, asker, kind, refusal)
        letter = WRITERS[Kind(kind)](fresh, _matter(fresh, asker), refusal)
    try:
        return Made(uuid.uuid4(), kind, refusal, typeset(letter), made_at)
    except LetterNotSet as wrong:
        raise ValidationError(str(wrong)) from None


def keep(request: CitizenRequest, made: Made, *, by: Person) -> CitizenLetter:
    """Keep a letter with its exact bytes. Raise ValidationError."""
    with transaction.atomic():
        refuse_ended(request)
        letter = CitizenLetter.objects.create(
            id=made.id,
            request=request,
            kind=made.kind,
            refusal=made.refusal,
            digest=made.digest,
            size=len(made.content),
            made_by=by,
            made_name=str(by),
            made_at=made.made_at,
        )
        keep_letter(request, letter.pk, made.content)
    return letter


def refuse_unready(request: CitizenRequest, asker: Asker, kind: str, refusal: str) -> None:
    """Raise ValidationError when a letter of that kind cannot be made now."""
    if not request.is_open:
        raise ValidationError(_("This request has ended; nothing of it is changed any more."))
    if not asker.has_address:
        raise ValidationError(_("Fill in name and address first."))
    if kind == Kind.REFUSAL and refusal not in Refusal.values:
        raise ValidationError(_("Say why the request is refused."))
    if kind == Kind.EXTENSION:
        _refuse_late_notice(request, today_in_oslo())
    if kind == Kind.ANSWER:
        _refuse_unanswerable(request)


def mark_sent(request: CitizenRequest, letter: CitizenLetter, sent_on: date, *, by: Person) -> CitizenRequest:
    """Keep when a letter was sent, and what that changes: a longer time, or the end. Raise ValidationError."""
    with transaction.atomic():
        fresh = refuse_ended(request)
        if letter.sent_on is not None:
            raise ValidationError(_("This letter is marked as sent already."))
        if not timezone.localtime(letter.made_at).date() <= sent_on <= today_in_oslo():
            raise ValidationError(_("A letter is sent on the day it was made or later, and not in the future."))
        if letter.kind == Kind.ANSWER:
            _refuse_outdated(fresh, letter)
        letter.sent_on, letter.sent_name = sent_on, str(by)
        letter.save(update_fields=["sent_on", "sent_name"])
        if letter.kind == Kind.EXTENSION:
            _extend(fresh, sent_on)
        else:
            end(fresh, ENDING[Kind(letter.kind)], sent_on, by=by)
    return fresh


def end(request: CitizenRequest, ending: str, day: date, *, by: Person) -> None:
    """End a request. Raise ValidationError when it has ended already.

    Of what was registered by mistake nothing is kept that names the person: nobody has to be shown an answer.
    """
    with transaction.atomic():
        fresh = refuse_ended(request)
        fresh.ending, fresh.ended_on, fresh.ended_name = ending, day, str(by)
        if ending == Ending.MISTAKE:
            CitizenContent.objects.filter(request=fresh).delete()
            fresh.tidied_at = timezone.now()
        fresh.save(update_fields=["ending", "ended_on", "ended_name", "tidied_at"])


def _extend(request: CitizenRequest, sent_on: date) -> None:
    _refuse_late_notice(request, sent_on)
    request.is_extended, request.due_on = True, due_on(request.received_on, extended=True)
    request.save(update_fields=["is_extended", "due_on"])


def _refuse_late_notice(request: CitizenRequest, day: date) -> None:
    if request.is_extended:
        raise ValidationError(_("The time has been extended once already; the law allows no more."))
    if day > request.due_on:
        raise ValidationError(_("The month is over: the time can no longer be extended."))


def _refuse_unanswerable(request: CitizenRequest) -> None:
    if request.identity == Identity.NOT_VERIFIED:
        raise ValidationError(_("Nothing is told before the identity is verified."))
    if request.disclosures.filter(decision=Decision.UNDECIDED).exists():
        raise ValidationError(_("Some disclosures are not decided yet."))


def _refuse_outdated(request: CitizenRequest, letter: CitizenLetter) -> None:
    changed = request.disclosures.filter(decided_at__gt=letter.made_at).exists()
    if changed or request.looked_at > letter.made_at:
        raise ValidationError(_("Something was decided or taken in after this letter was made. Make a new one."))


def _matter(request: CitizenRequest, asker: Asker) -> letters.Matter:
    return letters.Matter(
        asker=asker,
        case_reference=request.case_reference,
        received_on=request.received_on,
        written_on=today_in_oslo(),
        sender=letterhead(),
    )


def _answer(request: CitizenRequest, matter: letters.Matter, refusal: str) -> letters.Letter:
    names = dict(DataConsumer.objects.values_list("organisation_number", "name"))
    included = request.disclosures.filter(decision=Decision.INCLUDED).order_by("record")
    rows = [_row(disclosure, names) for disclosure in included[: MOST_ROWS + 1].iterator(chunk_size=500)]
    if len(rows) > MOST_ROWS:
        raise ValidationError(_("More than %(most)d disclosures do not fit into a letter.") % {"most": MOST_ROWS})
    grounds = request.disclosures.exclude(ground="").order_by().values_list("ground", flat=True).distinct()
    years = policy_in_force().longest.years
    return letters.answer(matter, rows, until=request.looked_at, grounds=grounds, years=years)


def _row(told: CitizenDisclosure, names: dict[str, str]) -> letters.Row:
    recipient, purpose = words.recipient(told.consumer, names), words.purpose(told.service)
    became = words.outcome(told.outcome, is_empty=told.is_empty)
    return (
        words.short_moment(told.at),
        f"{recipient}: {purpose}" if purpose else recipient,
        words.basis(told.service, told.legal_mandate),
        f"{became}. Gjelder {words.kind(told.endpoint)}.",
        words.period(told.from_date, told.to_date),
    )


def _extension(request: CitizenRequest, matter: letters.Matter, refusal: str) -> letters.Letter:
    return letters.extension(matter, due=request.due_on, extended=due_on(request.received_on, extended=True))


def _refusal(request: CitizenRequest, matter: letters.Matter, refusal: str) -> letters.Letter:
    return letters.refusal(matter, refusal)


WRITERS: dict[CitizenLetter.Kind, Callable[[CitizenRequest, letters.Matter, str], letters.Letter]] = {
    Kind.ANSWER: _answer,
    Kind.EXTENSION: _extension,
    Kind.REFUSAL: _refusal,
}
