"""The alerts: their list, one of them with what it says, what lies behind it, and how it is settled."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from audit.access import Why, unless_noted
from audit.keyset import Cursor, KeysetPaginator
from compliance.acting import acting
from compliance.paging import desk_page
from compliance.watching import naming
from compliance.watching.behind import found_behind
from compliance.watching.forms import SettleForm, StateForm
from compliance.watching.kinds import Subject
from compliance.watching.models import Alert
from compliance.watching.settling import may_settle, refused_to, settle, visible_to
from compliance.watching.views import PAGE, SEE, SEE_RECORDS, TEMPLATES, behind_page
from compliance.watching.windows import Length, Window
from legal.models import Person

PER_PAGE = 25
SEE_LOOKS = "audit.view_access"


@require_http_methods(["GET", "HEAD"])
def alerts(request: HttpRequest) -> HttpResponse:
    """Show the alerts, newest first: those that are open, unless others are asked for."""
    acting(request, SEE)
    form = StateForm(request.GET)
    state = (form.cleaned_data["state"] if form.is_valid() else "") or "open"
    cursor = cursor_of(request)
    if refused := unless_noted(request, PAGE, words=f"alerts state={state}"):
        return refused
    rows = visible_to(request.user).select_related("about").order_by("-raised_at", "-pk")
    if state != "all":
        rows = rows.filter(settled_at__isnull=state == "open")
    page = KeysetPaginator(rows, PER_PAGE).keyset_page(cursor, moment="raised_at")
    names = naming.agencies()
    context: dict[str, Any] = {
        "state": state,
        "form": StateForm(request.GET) if request.GET else form,
        "rows": [described(alert, names) for alert in page],
        "newest": url_of(state, None) if cursor else None,
        "newer": url_of(state, page.newer) if page.newer else None,
        "older": url_of(state, page.older) if page.older else None,
    }
    return desk_page(request, f"{TEMPLATES}/alerts.html", title=_("Alerts"), **context)


def cursor_of(request: HttpRequest) -> Cursor | None:
    """Return beside which alert the page lies. Raise BadRequest."""
    texts = request.GET.getlist("p")
    try:
        return Cursor.parse(*texts) if texts else None
    except (ValueError, TypeError):
        raise BadRequest from None


def url_of(state: str, cursor: Any) -> str:
    words = {"state": state, **({"p": str(cursor)} if cursor else {})}
    return f"{reverse('admin:desk_alerts')}?{urlencode(words)}"


def described(alert: Alert, names: dict[str, str]) -> dict[str, Any]:
    """Return what the pages say of an alert."""
    window = Window(Length(alert.window), alert.begins_at, alert.ends_at)
    return {"alert": alert, "subject": naming.subject_words(alert, names), "when": naming.window_words(window)}


def shown_to(request: HttpRequest, pk: uuid.UUID, *rights: str) -> tuple[Person, Alert]:
    """Return who looks and the alert; one that is not for that person's eyes is as if it were not there."""
    person = acting(request, SEE, *rights)
    found = visible_to(request.user).select_related("about", "rule", "mail").filter(pk=pk).first()
    if found is None:
        raise Http404
    return person, found


@require_http_methods(["GET", "HEAD"])
def alert(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    person, found = shown_to(request, pk)
    refused = unless_noted(request, PAGE, concerning=found.pk, words="alert")
    return refused or _page(request, person, found, SettleForm())


def _page(request: HttpRequest, person: Person, found: Alert, form: SettleForm, status: int = 200) -> HttpResponse:
    behind = SEE_LOOKS if found.known.subject is Subject.STAFF else SEE_RECORDS
    is_open = found.settled_at is None
    why_not = refused_to(person, found) if is_open else ""
    context = {
        **described(found, naming.agencies()),
        "form": form,
        "may_settle": is_open and not why_not and may_settle(request.user, found),
        "why_not": why_not,
        "may_look": request.user.has_perm(behind),
    }
    return desk_page(request, f"{TEMPLATES}/alert.html", title=str(found), status=status, **context)


@require_POST
def settle_alert(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Settle an alert in words."""
    person, found = shown_to(request, pk)
    if not may_settle(request.user, found):
        raise PermissionDenied
    form = SettleForm(request.POST)
    if form.is_valid():
        try:
            settle(found, person, form.cleaned_data["words"])
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("The alert is settled."))
            return HttpResponseRedirect(reverse("admin:desk_alert", args=[pk]))
    refused_page = unless_noted(request, PAGE, concerning=found.pk, words="alert")
    return refused_page or _page(request, person, found, form, status=400)


@require_POST
def behind_alert(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show the entries of the trail that an alert was counted from."""
    _person, found = shown_to(request, pk)
    staff = found.known.subject is Subject.STAFF
    acting(request, SEE_LOOKS if staff else SEE_RECORDS)
    sought = naming.stored(found.subject) if found.known.subject is Subject.PERSON else None
    if refused := unless_noted(request, PAGE, concerning=found.pk, words="behind", why=Why(sought_hash=sought)):
        return refused
    names = naming.agencies()
    told, behind = described(found, names), found_behind(found, request.user)
    return behind_page(request, behind, names, subject=told["subject"], heading=told["when"], alert=found)
