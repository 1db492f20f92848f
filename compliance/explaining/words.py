"""One record in plain words, in the reader's language: derived from it and from the rules then, never guessed."""

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.models import AuditRecord
from compliance.explaining import answering, asking, errands
from compliance.explaining.then import Known, known_of

Outcome = AuditRecord.Outcome
Sentences = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it."""

    heading: str
    sentences: Sentences


@dataclass(frozen=True, slots=True)
class FieldThen:
    """A field of the standard: whether the version lets it out, and by which word or rule."""

    path: str
    delivered: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """What one record says, sentence by sentence; a part of which there is nothing to say is empty.

    Numbers of persons, companies and accounts are masked. `fields` has every field of the endpoint where it was
    answered, and `version` is the key of the version that ruled.
    """

    title: str
    who: Sentences
    law: Sentences
    rules: Sentences
    asked: Sentences
    given: Sentences
    withheld: Sentences
    refused: Sentences
    encrypted: Sentences
    fields: tuple[FieldThen, ...]
    version: uuid.UUID | None

    @property
    def sections(self) -> list[Section]:
        """Return the parts that say something, in the order in which they are read."""
        parts = ((heading, getattr(self, name)) for name, heading in HEADINGS.items())
        return [Section(str(heading), sentences) for heading, sentences in parts if sentences]


HEADINGS: dict[str, Promise] = {
    "who": gettext_lazy("Who"),
    "law": gettext_lazy("By which law"),
    "rules": gettext_lazy("Under which rules"),
    "asked": gettext_lazy("For what"),
    "given": gettext_lazy("What was given"),
    "refused": gettext_lazy("Why nothing was given"),
    "withheld": gettext_lazy("What was withheld"),
    "encrypted": gettext_lazy("How it left"),
}
PARTS: dict[str, Callable[[Known], Iterator[str]]] = {
    "who": asking.who,
    "law": asking.law,
    "rules": asking.rules,
    "asked": asking.asked,
    "given": answering.given,
    "withheld": answering.withheld,
    "refused": answering.refused,
    "encrypted": answering.encrypted,
}
SENT: dict[str, Callable[[Known], Iterator[str]]] = {
    "who": errands.to_whom,
    "law": errands.by_which_law,
    "asked": errands.sent,
}
TITLES: dict[str, Promise] = {
    Outcome.ANSWERED: gettext_lazy("%(agency)s asked, and was answered"),
    Outcome.REFUSED: gettext_lazy("%(agency)s asked, and was refused"),
    Outcome.FAILED: gettext_lazy("%(agency)s asked, and the bank's service failed"),
    Outcome.SENT: gettext_lazy("The bank sent something to %(agency)s"),
}


def explanation_of(record: AuditRecord) -> Explanation:
    """Return the record in plain words, in the active language."""
    known = known_of(record)
    parts = SENT if record.outcome == Outcome.SENT else PARTS
    said = {name: tuple(parts[name](known)) if name in parts else () for name in PARTS}
    fields = (FieldThen(one.path, one.delivered, answering.reason_for(one, known)) for one in known.ruled.fields)
    version = known.version.pk if known.version else None
    return Explanation(title=_title(known), **said, fields=tuple(fields), version=version)


def _title(known: Known) -> str:
    title = TITLES.get(known.record.outcome)
    name = known.agency.name if known.agency else errands.RECIPIENTS.get(known.record.consumer, "")
    agency = name or asking.known_number(known.record.consumer) or _("Nobody")
    return str(title) % {"agency": agency} if title else agency


def printed(explanation: Explanation, more: Iterable[Section] = ()) -> str:
    """Return the explanation as plain text, to be printed or put into a letter."""
    lines = [explanation.title, "=" * len(explanation.title)]
    for section in (*explanation.sections, *more):
        lines += ["", section.heading, "-" * len(section.heading), *section.sentences]
    if explanation.fields:
        heading = _("Field by field")
        widest = max(len(field.path) for field in explanation.fields)
        lines += ["", heading, "-" * len(heading)]
        lines += [
            f"{field.path:{widest}}  {_('sent') if field.delivered else _('withheld')}: {field.reason}"
            for field in explanation.fields
        ]
    return "\n".join([*lines, ""])
