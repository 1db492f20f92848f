"""The page of one request: who asks, what was told about them and what is decided of it, and the letters."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.parties import LedgerSilent
from audit.access import Why, unless_noted
from audit.secrecy import NotRevealed
from compliance.acting import acting
from compliance.citizens import words
from compliance.citizens.contents import Asker, asker_of, words_by_id
from compliance.citizens.forms import AskerForm, EndForm, LetterForm, ManyForm, SentForm, VerdictForm
from compliance.citizens.grounds import Decision, Ground
from compliance.citizens.listing import disclosures_page, sums
from compliance.citizens.models import CitizenDisclosure, CitizenLetter, CitizenRequest
from compliance.citizens.registering import since_then
from compliance.paging import desk_page
from compliance.reasons import Reason
from legal.models import DataConsumer, Person
from legal.register import today_in_oslo

PAGE = "desk citizen"
RIGHTS = ("compliance.answer_citizen", "compliance.view_shielded")
"""Whoever answers citizens answers shielded ones too, and has the right to see their records."""
MOST_LATER = 50
GROUNDS = dict(Ground.choices)


@dataclass(slots=True)
class Opened:
    """A request as somebody has opened it: who acts, who asks (nobody once that is deleted), and the forms."""

    request: HttpRequest
    row: CitizenRequest
    by: Person
    asker: Asker | None
    why: Why
    forms: dict[str, Form] = field(default_factory=dict)


@require_http_methods(["GET", "HEAD"])
def show(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return shown(opened(request, pk))


def opened(request: HttpRequest, pk: uuid.UUID) -> Opened:
    """Return the request with that id, for whoever may see it. Raise Http404, PermissionDenied."""
    person = acting(request, *RIGHTS)
    row = get_object_or_404(CitizenRequest, pk=pk)
    try:
        asker, sought = asker_of(row) or (None, None)
    except NotRevealed:
        asker, sought = None, None
    why = Why(reason=Reason.CITIZEN, case_reference=row.case_reference, sought_hash=sought)
    return Opened(request, row, person, asker, why)


def shown(open_: Opened, *, status: int = 200) -> HttpResponse:
    """Return the page, once it is noted that somebody looks; forms with faults are shown with them."""
    request, row = open_.request, open_.row
    decision, before = request.GET.get("decision", ""), request.GET.get("before", "")
    try:
        page = disclosures_page(row, before, decision=decision)
    except ValueError:
        raise Http404 from None
    if refused := unless_noted(request, PAGE, row.pk, f"decision={decision}" if decision else "", why=open_.why):
        return refused
    names = {**words.RECIPIENTS, **dict(DataConsumer.objects.values_list("organisation_number", "name"))}
    summed = sums(row)
    context = {
        "citizen": row,
        "asker": open_.asker,
        "page": page,
        "decision": decision,
        "decisions": Decision.choices,
        "rows": _rows(page.rows, names),
        "sums": [
            {**one, "decided": Decision(one["decision"]).label, "why": GROUNDS.get(one["ground"], "–")}
            for one in summed
        ],
        "undecided": any(one["decision"] == Decision.UNDECIDED for one in summed),
        "later": _later(open_, names),
        "letters": [{"row": letter, "digest": bytes(letter.digest).hex()} for letter in _letters(row)],
        "today": today_in_oslo(),
        **_forms(open_, sorted({one["service"] for one in summed if one["service"]})),
    }
    return desk_page(request, "desk/citizens/request.html", title=_("A citizen's request"), status=status, **context)


def _forms(open_: Opened, services: list[str]) -> dict[str, Form]:
    """Return a fresh form for each thing that can be done, or the one that came with faults."""
    asker, row = open_.asker, open_.row
    known = {"name": asker.name, "address": "\n".join(asker.address)} if asker else {}
    fresh: dict[str, Form] = {
        "asker_form": AskerForm(initial={**known, "identity": row.identity}, auto_id="asker_%s"),
        "single_form": VerdictForm(auto_id="single_%s"),
        "many_form": ManyForm(services=services),
        "letter_form": LetterForm(auto_id="letter_%s"),
        "sent_form": SentForm(initial={"sent_on": today_in_oslo()}, auto_id=False),
        "end_form": EndForm(auto_id="end_%s"),
    }
    return {**fresh, **open_.forms}


def _letters(row: CitizenRequest) -> list[CitizenLetter]:
    return list(row.letters.order_by("made_at", "id"))


def _rows(disclosures: list[CitizenDisclosure], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what the page says of each disclosure; words that nobody can open any more are left out."""
    try:
        said = words_by_id({row.reasoning for row in disclosures if row.reasoning})
    except NotRevealed:
        said = {}
    return [
        {
            "row": row,
            "agency": names.get(row.consumer, row.consumer),
            "words": said.get(row.reasoning, "") if row.reasoning else "",
        }
        for row in disclosures
    ]


def _later(open_: Opened, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the newest of what was recorded since the rows were laid down, or that the ledger is silent."""
    if open_.asker is None or not open_.row.is_open:
        return {}
    try:
        found = list(islice(since_then(open_.row, open_.asker.number), MOST_LATER + 1))
    except LedgerSilent:
        return {"is_silent": True}
    rows = [{"row": row, "agency": names.get(row.consumer, row.consumer)} for row in found[:MOST_LATER]]
    return {"rows": rows, "is_more": len(found) > MOST_LATER}
