"""The page on which records are looked for, and the list of what was found. A number is in no address and no page."""

import uuid
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.parties import KnownParty, LedgerSilent, party_known_by
from audit.access import Why, unless_noted
from audit.keyset import Cursor
from audit.models import AuditRecord
from audit.pages import in_oslo
from audit.secrecy import Kind, hash_of
from compliance.acting import acting
from compliance.finding.criteria import Criteria
from compliance.finding.forms import SearchForms
from compliance.finding.kept import Search, keep, kept
from compliance.finding.looking import Looked, TooSlow, look
from compliance.finding.marks import marks_of
from compliance.finding.records import walk_of
from compliance.finding.shielding import NEEDED, hidden_from
from compliance.paging import desk_page
from legal.models import Person

READ, BY_NUMBER = "audit.view_auditrecord", "compliance.search_person"
PAGE = "desk search"
ROWS = 50
COLUMNS = ("id", "at", "consumer", "service", "endpoint", "outcome", "code", "account_info_request_id", *NEEDED)
UNAVAILABLE = 503


@dataclass(frozen=True, slots=True)
class Party:
    """Whose records are looked for: every number of the party, and what the ledger knows of it."""

    numbers: tuple[str, ...] = ()
    known: KnownParty | None = None
    silent: bool = False


@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Show the form, or what it found, or the next page of that."""
    person = acting(request, READ)
    if request.method != "POST":
        return _form(request, SearchForms(request))
    if "search" in request.POST:
        return _next_page(request, person)
    forms = SearchForms(request, request.POST)
    if request.POST.get("number") and not request.user.has_perm(BY_NUMBER):
        raise PermissionDenied
    if not forms.are_valid():
        return _form(request, forms)
    search = Search(Criteria.of(forms.criteria.cleaned_data), forms.why)
    return _found(request, person, search, None)


def _next_page(request: HttpRequest, person: Person) -> HttpResponse:
    try:
        [name], [place] = request.POST.getlist("search"), request.POST.getlist("older")
        search, after = kept(request.session, uuid.UUID(name)), Cursor.parse(place)
    except ValueError:
        search = None
    if search is None:
        messages.warning(request, _("That search is not kept any longer. Search again."))
        return HttpResponseRedirect(reverse("admin:desk_find"))
    if search.criteria.numbers:
        acting(request, BY_NUMBER)
    return _found(request, person, search, after, name=uuid.UUID(name))


def _found(
    request: HttpRequest, person: Person, search: Search, after: Cursor | None, *, name: uuid.UUID | None = None
) -> HttpResponse:
    """Note the search, and show a page of what is found."""
    party = _party(search.criteria)
    words = f"{search.criteria.said} {after or ''}".strip()
    if refused := unless_noted(request, PAGE, words=words, why=_why(person, search, party)):
        return refused
    page = partial(desk_page, request, "desk/finding/found.html", title=_("What was found"))
    if party.silent:
        return page(silent=True, status=UNAVAILABLE)
    walk = walk_of(replace(search.criteria, numbers=party.numbers), former=False, after=after)
    walk.rows = walk.rows.only(*COLUMNS)
    try:
        looked = look(walk, limit=ROWS)
    except TooSlow:
        return page(slow=True, status=UNAVAILABLE)
    name = name or (keep(request.session, search) if looked.older else None)
    return page(rows=_shown(request, looked), search=name, looked=looked, back_to=in_oslo(looked.back_to))


def _party(criteria: Criteria) -> Party:
    if not criteria.numbers:
        return Party()
    [number] = criteria.numbers
    try:
        known = party_known_by(number)
    except LedgerSilent:
        return Party((number,), silent=True)
    return Party(tuple({number: None, **dict.fromkeys(known.numbers if known else ())}), known)


def _why(person: Person, search: Search, party: Party) -> Why:
    why = Why(reason=search.why.get("reason"), case_reference=search.why.get("case_reference"))
    if not party.numbers:
        return why
    marks = marks_of(person, party.numbers, party.known, case_reference=why.case_reference or "")
    return replace(why, sought_hash=hash_of(Kind.PARTY, search.criteria.numbers[0]), marks=marks)


def _shown(request: HttpRequest, looked: Looked) -> list[dict[str, Any]]:
    """Return the lines of the list; of what this account may not see, the time and nothing else."""
    hidden = hidden_from(request.user, looked.rows)
    return [
        {"time": in_oslo(row.at), "record": None if row.pk in hidden else row, "page": _page_of(row)}
        for row in looked.rows
    ]


def _page_of(record: AuditRecord) -> str:
    return reverse("admin:desk_explained", args=[record.pk])


def _form(request: HttpRequest, forms: SearchForms) -> HttpResponse:
    return desk_page(request, "desk/finding/find.html", title=_("Find records"), forms=forms)
