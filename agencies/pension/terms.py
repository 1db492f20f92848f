"""What an agreement and a question consist of, and what must hold of them before anything is sent (section 8)."""

import json
import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from agencies.pension.months import is_month
from legal.numbers import has_organisation_form

LONGEST_REFERENCE = 4000
UNWRITABLE = frozenset({"Cc", "Cs"})
"""Control characters, which XML cannot carry, and halves of characters, which UTF-8 cannot."""

WORDS = {
    "provider": _("The provider's number is not nine digits."),
    "employer": _("The employer's number is not nine digits."),
    "reference": _("The reference must have 1 to 4000 characters, and no control characters."),
    "first month": _("The first month must be written as 2021-01."),
    "last month": _("The last month must be written as 2021-01, or be empty."),
    "period": _("The last month is before the first."),
    "future end": _("The last month lies ahead, and nobody has said that this is meant."),
    "future question": _("The last month that is asked about lies ahead."),
}
"""Each fault, and the sentence for whoever can mend it."""


@dataclass(frozen=True, slots=True)
class Terms:
    """One agreement of a provider as the agency is told of it. An empty last month: it is still running."""

    reference: str
    employer: str
    from_month: str
    to_month: str = ""

    def body(self) -> bytes:
        """Return the document that registers or changes it."""
        last = {"tilOgMed": self.to_month} if self.to_month else {}
        named = {"norskIdentifikator": self.employer}
        return _written(
            {"avtalereferanse": self.reference, "fraOgMed": self.from_month, **last, "opplysningspliktig": named}
        )


@dataclass(frozen=True, slots=True)
class Question:
    """Whether a provider has valid agreements with an employer in every month of a period, both ends included."""

    provider: str
    employer: str
    from_month: str
    to_month: str

    def parameters(self) -> dict[str, str]:
        return {
            "pensjonsinnretning": self.provider,
            "opplysningspliktig": self.employer,
            "fraOgMed": self.from_month,
            "tilOgMed": self.to_month,
        }


def deletion_body(*, reference: str, employer: str) -> bytes:
    """Return the document that deletes an agreement."""
    return _written({"avtalereferanse": reference, "opplysningspliktig": {"norskIdentifikator": employer}})


def trimmed(reference: str) -> str:
    return reference.strip()


def fault_in_name(*, provider: str, employer: str, reference: str) -> str:
    """Return which of the three that name an agreement is wrong, as a key of WORDS, or nothing."""
    if not has_organisation_form(provider):
        return "provider"
    if not has_organisation_form(employer):
        return "employer"
    return "" if is_reference(reference) else "reference"


def fault_in_period(from_month: str, to_month: str, *, this_month: str, future_end: bool) -> str:
    """Return what is wrong with an agreement's months, as a key of WORDS, or nothing."""
    if not is_month(from_month):
        return "first month"
    if not to_month:
        return ""
    if not is_month(to_month):
        return "last month"
    if to_month < from_month:
        return "period"
    return "future end" if to_month > this_month and not future_end else ""


def fault_in_question(question: Question, *, this_month: str) -> str:
    """Return what is wrong with a question, as a key of WORDS, or nothing."""
    if not has_organisation_form(question.provider):
        return "provider"
    if not has_organisation_form(question.employer):
        return "employer"
    if not question.to_month:
        return "last month"
    fault = fault_in_period(question.from_month, question.to_month, this_month=this_month, future_end=True)
    return fault or ("future question" if question.to_month > this_month else "")


def is_reference(reference: str) -> bool:
    """Return whether it is a trimmed reference of the right length, in code points."""
    return (
        1 <= len(reference) <= LONGEST_REFERENCE
        and reference == trimmed(reference)
        and not any(unicodedata.category(character) in UNWRITABLE for character in reference)
    )


def _written(document: dict[str, object]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
