"""What is told to the person and what is withheld: decided one by one, or for many at once with single exceptions."""

from collections.abc import Collection
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from compliance.citizens.contents import keep_words
from compliance.citizens.grounds import Decision, Ground
from compliance.citizens.models import CitizenDisclosure, CitizenRequest
from legal.models import Person


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision, its ground where it withholds, and words that are sealed."""

    decision: str
    ground: str = ""
    words: str = ""

    def check(self) -> None:
        """Raise ValidationError unless it withholds on a ground, or tells without one."""
        if self.decision == Decision.WITHHELD and not self.ground:
            raise ValidationError(_("Say on which ground it is withheld."))
        if self.decision != Decision.WITHHELD and self.ground:
            raise ValidationError(_("Only what is withheld has a ground."))
        if self.ground == Ground.OTHER_LAW and not self.words:
            raise ValidationError(_("Say in words which other law it is."))


def decide_singly(request: CitizenRequest, rows: Collection[int], verdict: Verdict, *, by: Person) -> int:
    """Decide these rows of the request, and return how many. Raise ValidationError."""
    if not rows:
        raise ValidationError(_("Tick the rows that you decide."))
    return _decide(request, request.disclosures.filter(pk__in=rows), verdict, by=by, single=True)


def decide_many(
    request: CitizenRequest, verdict: Verdict, *, service: str, decision: str, ground: str, by: Person
) -> int:
    """Decide every row of a service that stands as it is named, and return how many. Raise ValidationError.

    An empty word means any. What somebody decided by itself stays as it is.
    """
    named = {"service": service, "decision": decision, "ground": ground}
    chosen = {name: word for name, word in named.items() if word}
    return _decide(request, request.disclosures.filter(is_single=False, **chosen), verdict, by=by, single=False)


def refuse_ended(request: CitizenRequest) -> CitizenRequest:
    """Return the request, locked for this transaction. Raise ValidationError when it has ended."""
    fresh = CitizenRequest.objects.select_for_update().get(pk=request.pk)
    if not fresh.is_open:
        raise ValidationError(_("This request has ended; nothing of it is changed any more."))
    return fresh


def _decide(
    request: CitizenRequest, rows: QuerySet[CitizenDisclosure], verdict: Verdict, *, by: Person, single: bool
) -> int:
    verdict.check()
    with transaction.atomic():
        refuse_ended(request)
        return rows.update(
            decision=verdict.decision,
            ground=verdict.ground,
            reasoning=keep_words(request, verdict.words),
            is_single=single,
            decided_by=by,
            decided_name=str(by),
            decided_at=timezone.now(),
        )
