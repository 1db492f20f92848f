"""The dashboard: what is usual and what stands out, for a day, a week, a month or a year."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from audit.access import Why, unless_noted
from audit.secrecy import shown
from compliance.acting import acting
from compliance.fields import day_of
from compliance.paging import desk_page
from compliance.watching import dashboard, naming, reading
from compliance.watching.behind import Found, entries, headings, of_person
from compliance.watching.charts import Figure
from compliance.watching.checks import LATE
from compliance.watching.counting import told
from compliance.watching.forms import PeriodForm
from compliance.watching.models import Folding
from compliance.watching.settling import visible_to
from compliance.watching.windows import Length, Window, oslo_day, window_of_day

SEE, SEE_STAFF, SEE_RECORDS = "compliance.view_watch", "compliance.view_staff_watch", "audit.view_auditrecord"
PAGE = "desk watch"
TEMPLATES = "desk/watching"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the dashboard shows: a window, one agency or all, and the day of it that is held against its history."""

    window: Window
    agency: str
    day: Window

    @classmethod
    def by(cls, form: PeriodForm, now: datetime) -> Self:
        """Return what was chosen; what has not its form is as if it were not there, and no day lies ahead."""
        valid: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
        day, length = min(valid.get("day") or oslo_day(now), oslo_day(now)), Length(valid.get("period") or Length.DAY)
        return cls(window_of_day(length, day), valid.get("agency") or "", window_of_day(Length.DAY, day))


@require_http_methods(["GET", "HEAD"])
def watch(request: HttpRequest) -> HttpResponse:
    acting(request, SEE)
    now, names = timezone.now(), naming.agencies()
    form = PeriodForm(request.GET, agencies=names)
    chosen = Chosen.by(form, now)
    words = f"period={chosen.window.length.value} day={chosen.day.first_day} agency={chosen.agency}"
    if refused := unless_noted(request, PAGE, words=words):
        return refused
    state = Folding.objects.filter(pk=1).first()
    context = {
        "form": form,
        "heading": naming.window_words(chosen.window),
        "agency": names.get(chosen.agency, ""),
        "state": state,
        "late": state is None or state.succeeded_at is None or now - state.succeeded_at > LATE,
        "open_alerts": visible_to(request.user).filter(settled_at__isnull=True).count(),
        "figures": figures(chosen, names, state, now),
        **stand_outs(chosen, names),
        "staff_figures": staff_figures(chosen.window) if request.user.has_perm(SEE_STAFF) else None,
    }
    status = 400 if form.is_bound and form.errors else 200
    return desk_page(request, f"{TEMPLATES}/watch.html", title=_("What is strange"), status=status, **context)


def figures(chosen: Chosen, names: dict[str, str], state: Folding | None, now: datetime) -> list[Figure]:
    """Return the charts about agencies, the day against its history first."""
    asked = reading.asked_in(dashboard.hours_of_history(chosen.day), chosen.agency)
    history = dashboard.against_history(chosen.day, asked, state.first if state else None, now)
    rows = reading.sums(chosen.window, chosen.agency)
    return [history, *dashboard.of_agencies(dashboard.Asked(chosen.window, rows, names))]


def stand_outs(chosen: Chosen, names: dict[str, str]) -> dict[str, Any]:
    """Return who stood out: RequesterIDs by name, persons by hash alone."""
    requesters, persons = reading.standing_out(chosen.window, chosen.agency)
    return {
        "requesters": [
            {"row": row, "agency": names.get(row.consumer, row.consumer), "name": naming.requester_words(row)}
            for row in requesters
        ],
        "persons": [
            {"row": row, "subject": told(row.subject_hash), "hash": shown(row.subject_hash)} for row in persons
        ],
    }


def staff_figures(window: Window) -> list[Figure]:
    counted = reading.staff_in(window)
    return dashboard.of_staff(counted, naming.people({person for person, _mark in counted}))


@require_POST
def person(request: HttpRequest) -> HttpResponse:
    """Show what was asked about a person in the week of a day; known here by a keyed hash alone."""
    acting(request, SEE, SEE_RECORDS)
    try:
        [subject], [text] = request.POST.getlist("subject"), request.POST.getlist("day")
        sought, window = naming.stored(subject), window_of_day(Length.WEEK, day_of(text))
    except ValueError:
        raise BadRequest from None
    words = f"person week={window.first_day}"
    if refused := unless_noted(request, PAGE, words=words, why=Why(sought_hash=sought)):
        return refused
    found, names = of_person(subject, request.user, window.start, window.end), naming.agencies()
    return behind_page(
        request, found, names, subject=naming.hash_words(subject), heading=naming.window_words(window), alert=None
    )


def behind_page(request: HttpRequest, found: Found, names: dict[str, str], **context: Any) -> HttpResponse:
    """Return the page of the entries of the trail that something was counted from."""
    told: dict[str, Any] = {"found": found, "headings": headings(found.kind), "entries": entries(found, names)}
    return desk_page(request, f"{TEMPLATES}/behind.html", title=_("What lies behind it"), **told, **context)
