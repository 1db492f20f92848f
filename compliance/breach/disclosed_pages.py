"""The pages of wrong disclosures: which answers, how many, to whom, about whom. Each look is noted first."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from audit.access import Why, unless_noted
from compliance.acting import acting
from compliance.breach.bounds import Bounds, BoundsForm
from compliance.breach.framing import HANDLE, PAGE, act_by_form, posted, to
from compliance.breach.hits import Tally, WrongDisclosure
from compliance.breach.persons import persons_after
from compliance.breach.reading import begun, go_on, left_of
from compliance.finding.looking import TooSlow
from compliance.paging import desk_page
from compliance.reasons import Reason, ReasonForm
from legal.models import DataConsumer

SECONDS = 4.0
"""How long one click reads."""
NEWEST, DAYS, PERSONS = 20, 100, 50
SHOWN_BOUNDS, LONGEST_NUMBER = 500, 19


class SearchForm(BoundsForm, ReasonForm):
    """Which answers, and why."""

    field_order = (*BoundsForm.base_fields, *ReasonForm.base_fields)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """Begin a search, or show the newest ones."""
    person = acting(request, HANDLE)
    form = SearchForm(posted(request), initial={"reason": Reason.BREACH})
    newest = WrongDisclosure.objects.order_by("-made_at", "-id")[:NEWEST] if request.method != "POST" else []

    def act() -> HttpResponse:
        why = form.why
        if page := unless_noted(request, PAGE, words=form.bounds.words[:SHOWN_BOUNDS], why=why):
            return page
        made = begun(form.bounds, by=str(person), now=timezone.now())
        _read_on(request, made)
        return to("desk_disclosure", made.pk)

    return act_by_form(
        request,
        form,
        act,
        title=_("Wrong disclosures"),
        words=_("Search"),
        lead=_("Answers that should not have been given: under a version of a service, to a certificate, in a period."),
        searches=[(one, Bounds.of(one.criteria).words) for one in newest],
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def disclosure(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show what was found so far, by agency; a post reads on."""
    found = _noted(request, pk)
    if isinstance(found, HttpResponse):
        return found
    if request.method == "POST":
        _read_on(request, found)
        return to("desk_disclosure", pk)
    return desk_page(
        request,
        "desk/breach/disclosure.html",
        title=_("Wrong disclosure"),
        found=found,
        bounds=Bounds.of(found.criteria).as_json(),
        left=left_of(found),
        agencies=[{**each, "name": name} for each, name in zip(found.agencies, _names(found.agencies), strict=True)],
    )


@never_cache
@require_http_methods(["GET", "HEAD"])
def days(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show the counts by agency and day, oldest first, in pages."""
    found = _noted(request, pk)
    if isinstance(found, HttpResponse):
        return found
    rows = Tally.objects.filter(disclosure=found).order_by("day", "consumer")
    if after := rows.filter(pk=number_of(request.GET.get("after", "")) or 0).first():
        rows = rows.filter(day__gte=after.day).exclude(day=after.day, consumer__lte=after.consumer)
    shown = list(rows[: DAYS + 1])
    context: dict[str, Any] = {"found": found, "rows": shown[:DAYS]}
    context["after"] = shown[DAYS - 1].pk if len(shown) > DAYS else None
    return desk_page(request, "desk/breach/days.html", title=_("By agency and day"), **context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def persons(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show the persons hit, masked; in full on a post with a reason, for those who may see numbers."""
    may = request.user.has_perm("compliance.see_numbers")
    form = ReasonForm(posted(request), initial={"reason": Reason.BREACH})
    if request.method == "POST" and not may:
        acting(request, HANDLE)
        raise PermissionDenied
    in_full = request.method == "POST" and form.is_valid()
    found = _noted(request, pk, "desk numbers" if in_full else PAGE, form.why if in_full else Why())
    if isinstance(found, HttpResponse):
        return found
    after = number_of(request.GET.get("after", "")) or 0
    rows, after_them = persons_after(found, after, request.user, limit=PERSONS, in_full=in_full)
    context: dict[str, Any] = {
        "found": found,
        "rows": rows,
        "after": after_them,
        "form": form,
        "may_see": may,
        "in_full": in_full,
    }
    page = desk_page(request, "desk/breach/persons.html", title=_("Persons hit"), **context)
    page["Cache-Control"] = "no-store, private"
    return page


def _read_on(request: HttpRequest, search: WrongDisclosure) -> None:
    """Read on for a click; what was read before stays where the database is too slow now."""
    try:
        list(go_on(search, seconds=SECONDS))
    except TooSlow:
        messages.warning(request, _("The database did not answer in time. Read on in a moment."))


def _noted(
    request: HttpRequest, pk: uuid.UUID, page: str = PAGE, why: Why | None = None
) -> WrongDisclosure | HttpResponse:
    """Return the search once it is noted that somebody looks at it; else the answer that says why not."""
    acting(request, HANDLE)
    found = get_object_or_404(WrongDisclosure, pk=pk)
    words = Bounds.of(found.criteria).words[:SHOWN_BOUNDS]
    return unless_noted(request, page, found.pk, words, why=why or Why()) or found


def number_of(text: str) -> int | None:
    """Return the number of a row that an address names; None where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < LONGEST_NUMBER else None


def _names(agencies: list[dict[str, Any]]) -> list[str]:
    names = dict(DataConsumer.objects.values_list("organisation_number", "name"))
    return [names.get(each["consumer"], "–") for each in agencies]
