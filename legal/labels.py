"""What people read where rules are chosen or compared; the code of each rule and word stays beside it."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from legal.disclosure import DELIVER, MAY_OMIT, TECHNICAL, UNDECIDED, WITHHOLD

Labels = Mapping[str, str | Promise]

KINDS: Labels = {
    "period": _("Period"),
    "owner": _("Owners"),
    "requester": _("RequesterID"),
    "additional_reference": _("Additional reference"),
    "precondition": _("Precondition"),
    "scope": _("Scope"),
    "undecided": _("Fields that the standard leaves undecided"),
    "data_not_delivered": _("Accounts may be listed as dataNotDelivered"),
    "other_holders": _("Others who may use the account"),
}
WORDS: Labels = {
    TECHNICAL: _("always sent"),
    DELIVER: _("sent"),
    MAY_OMIT: _("left out, as the standard allows"),
    WITHHOLD: _("never sent"),
    UNDECIDED: _("as the service chooses for undecided fields"),
}
SWITCHED: Labels = {DELIVER: _("sent"), WITHHOLD: _("not sent")}
CHOICES: Mapping[str, Labels] = {
    "period": {
        "today_only": _("today alone"),
        "ten_years": _("at most ten years back"),
        "year_before_ruling": _("from twelve months before the bankruptcy ruling until today"),
        "three_months_before_death": _("from three months before the death until today"),
        "last_calendar_year": _("within last calendar year"),
    },
    "owner": {
        "primary_owner_only": _("primary owners alone"),
        "any_owner": _("all roles, where the agency asks for them"),
    },
    "requester": {
        "accepted": _("may be given"),
        "empty": _("must be empty"),
        "required": _("must be given"),
    },
    "additional_reference": {
        "empty": _("must be empty"),
        "guardian": _("names the guardian (srf)"),
        "extradition_order": _("holds an extradition order (pol1)"),
    },
    "precondition": {
        "none": _("none"),
        "bankruptcy": _("a bankruptcy that stands"),
        "death": _("the death is known"),
        "guardianship": _("a guardianship with the daily banking"),
    },
    "undecided": SWITCHED,
    "data_not_delivered": {"false": _("no"), "true": _("yes")},
    "other_holders": SWITCHED,
}
"""For each kind of rule and each switch, what its choices mean."""


def titled(kind: str) -> str:
    """Return what people call a kind of rule, or a switch."""
    return str(KINDS.get(kind, kind))


def choice(kind: str, code: str) -> str:
    """Return what is chosen of that kind, in words and with its code."""
    return with_code(code, CHOICES.get(kind, {}))


def with_code(code: str, labels: Labels) -> str:
    """Return what a code means, and the code; one that has no label stands for itself."""
    return f"{labels[code]} ({code})" if code in labels else code


def word_first(word: str) -> str:
    """Return the standard's own word for a field, and what it means."""
    return f"{word} ({WORDS[word]})" if word in WORDS else word
