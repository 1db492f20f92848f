"""The pages of exports, and their panel on the start page."""

import uuid
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.parties import LedgerSilent
from audit.access import unless_noted
from audit.secrecy import shown
from compliance.acting import acting
from compliance.exporting.asking import NotReadable, Size, Wanted, size_of
from compliance.exporting.columns import label_of
from compliance.exporting.downloading import PAGE, begun, begun_alone, response_of
from compliance.exporting.forms import ExportForm
from compliance.exporting.models import Export, ExportRequest
from compliance.finding.criteria import Criteria, CriteriaForm
from compliance.finding.looking import TooSlow
from compliance.paging import DeskPage, Panel, desk_page
from compliance.two_people import asked_by, judge
from legal.models import Person
from legal.people import person_of

EXPORT, APPROVE, NUMBERS = "compliance.export_records", "compliance.approve_export", "compliance.see_numbers"
AGREED_FOR = timedelta(days=30)
"""How long after the consent an export may still be downloaded."""
LISTED = 25
Consent = ExportRequest.Consent


@require_http_methods(["GET", "HEAD"])
def exports(request: HttpRequest) -> HttpResponse:
    """Show which large exports there are, and what was downloaded."""
    person = anybody(request)
    rows = ExportRequest.objects.select_related("asked_by").order_by("-asked_at", "-id")[:LISTED]
    return desk_page(
        request,
        "desk/exporting/list.html",
        title=_("Exports"),
        rows=[{"row": row, "mine": row.asked_by == person} for row in rows],
        downloads=Export.objects.order_by("-begun_at", "-id")[:LISTED],
        may_ask=request.user.has_perm(EXPORT),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponseBase:
    """Ask what is to be exported, and send it at once, or keep the request until another person agrees."""
    person = acting(request, EXPORT)
    may = request.user.has_perm(NUMBERS)
    if request.method != "POST":
        return _form(request, CriteriaForm(), ExportForm(may_see_numbers=may))
    criteria, asked = CriteriaForm(request.POST), ExportForm(request.POST, may_see_numbers=may)
    if criteria.is_valid() and asked.is_valid() and not any(criteria.cleaned_data.values()):
        criteria.add_error(None, _("Say which records: at least one thing to look for."))
    if not (criteria.is_valid() and asked.is_valid()):
        return _form(request, criteria, asked)
    wanted = wanted_by(Criteria.of(criteria.cleaned_data), asked)
    if refused := unless_noted(request, PAGE, words=wanted.words, why=wanted.why):
        return refused
    try:
        size = size_of(wanted)
    except (LedgerSilent, TooSlow):
        criteria.add_error(None, _("It could not be looked up now. Try again, or say more to look for."))
        return _form(request, criteria, asked)
    if not size.rows and not size.is_large:
        criteria.add_error(None, _("There is no such record."))
        return _form(request, criteria, asked)
    return _made(request, person, wanted, size)


def _made(request: HttpRequest, person: Person, wanted: Wanted, size: Size) -> HttpResponseBase:
    alone = None if size.is_large else begun_alone(wanted, person, rows=size.rows)
    if alone is not None:
        return response_of(alone, wanted, request.user)
    row = ExportRequest(**wanted.kept(uuid.uuid4()), **asked_by(person))
    row.save()
    messages.warning(
        request, _("These are many records for one day: another person has to agree. Nothing was sent yet.")
    )
    return HttpResponseRedirect(reverse("admin:desk_export_request", args=[row.pk]))


@require_http_methods(["GET", "HEAD", "POST"])
def asked_for(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show a large export, and let another person agree to it or turn it down."""
    person = anybody(request)
    row: ExportRequest = get_object_or_404(ExportRequest.objects.select_related("asked_by"), pk=pk)
    if request.method != "POST":
        return _request(request, person, row, "")
    act = request.POST.get("act")
    if act == "show":
        acting(request, NUMBERS)
        return _with_number(request, person, row)
    if act not in {"agree", "end"}:
        return HttpResponseBadRequest()
    return _judged(request, person, row, agreed=act == "agree")


def _judged(request: HttpRequest, person: Person, row: ExportRequest, *, agreed: bool) -> HttpResponse:
    """Agree, or turn down; who asked may take the request back."""
    if row.asked_by != person or agreed:
        acting(request, APPROVE, *([NUMBERS] if row.with_numbers and agreed else []))
    try:
        with transaction.atomic():
            judge(row, person, Consent.AGREED if agreed else Consent.TURNED_DOWN)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, _("You agreed.") if agreed else _("It will not be sent."))
    return HttpResponseRedirect(reverse("admin:desk_export_request", args=[row.pk]))


def _with_number(request: HttpRequest, person: Person, row: ExportRequest) -> HttpResponse:
    try:
        wanted = Wanted.of(row)
    except NotReadable:
        messages.error(request, _("What was asked for cannot be read any more. Ask anew."))
        return HttpResponseRedirect(reverse("admin:desk_export_request", args=[row.pk]))
    if refused := unless_noted(request, "desk numbers", words=f"export request={row.pk}", why=wanted.why):
        return refused
    answer = _request(request, person, row, " ".join(wanted.criteria.numbers))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@require_POST
def download(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """Send a large export to the person who asked for it, once another has agreed."""
    person = acting(request, EXPORT)
    row: ExportRequest = get_object_or_404(ExportRequest.objects.select_related("asked_by", "judged_by"), pk=pk)
    if not may_download(row, person) or (row.with_numbers and not request.user.has_perm(NUMBERS)):
        raise PermissionDenied
    try:
        wanted = Wanted.of(row)
    except NotReadable:
        messages.error(request, _("What was asked for cannot be read any more. Ask anew."))
        return HttpResponseRedirect(reverse("admin:desk_export_request", args=[row.pk]))
    if refused := unless_noted(request, PAGE, words=f"request={row.pk} {wanted.words}", why=wanted.why):
        return refused
    return response_of(begun(wanted, person, row), wanted, request.user)


def may_download(row: ExportRequest, person: Person) -> bool:
    """Return whether this person may download it now: it is theirs, and was agreed to not long ago."""
    agreed = row.consent == Consent.AGREED and row.judged_by != row.asked_by
    return (
        agreed and row.asked_by == person and row.judged_at is not None and timezone.now() < row.judged_at + AGREED_FOR
    )


def anybody(request: HttpRequest) -> Person:
    """Return the person behind an account that may ask for exports or agree to them. Raise PermissionDenied."""
    return acting(request, EXPORT if request.user.has_perm(EXPORT) else APPROVE)


def wanted_by(criteria: Criteria, asked: ExportForm) -> Wanted:
    """Return what a valid form asks for, of the records that there are now."""
    chosen = asked.cleaned_data["columns"]
    return Wanted(
        criteria=criteria,
        until=timezone.now(),
        chosen=tuple(chosen),
        with_numbers=asked.cleaned_data.get("with_numbers", False),
        **asked.kept,
    )


def _form(request: HttpRequest, criteria: CriteriaForm, asked: ExportForm) -> HttpResponse:
    if criteria.is_bound:
        criteria.data = {**criteria.data.dict(), "number": ""}  # type: ignore[attr-defined]  # it never comes back
    failed = bool(criteria.errors or asked.errors)
    title = _("Export records")
    return desk_page(request, "desk/exporting/form.html", title=title, criteria=criteria, asked=asked, failed=failed)


def _request(request: HttpRequest, person: Person, row: ExportRequest, number: str) -> HttpResponse:
    mine, waits = row.asked_by == person, row.consent == Consent.WAITING
    may_agree = request.user.has_perm(APPROVE) and (not row.with_numbers or request.user.has_perm(NUMBERS))
    return desk_page(
        request,
        "desk/exporting/request.html",
        title=_("Large export"),
        row=row,
        mine=mine,
        columns=[label_of(name) for name in row.columns.split()],
        mark=shown(bytes(row.sought_hash)) if row.sought_hash else "",
        number=number,
        may_show=request.user.has_perm(NUMBERS) and row.sought_hash is not None and not number,
        may_agree=waits and may_agree and not mine,
        may_end=waits and (mine or request.user.has_perm(APPROVE)),
        may_download=may_download(row, person) and request.user.has_perm(EXPORT),
        until=row.judged_at + AGREED_FOR if row.consent == Consent.AGREED and row.judged_at else None,
    )


PAGES: tuple[DeskPage, ...] = (
    DeskPage("exports/", exports, "desk_exports"),
    DeskPage("exports/new/", export, "desk_export"),
    DeskPage("exports/<uuid:pk>/", asked_for, "desk_export_request"),
    DeskPage("exports/<uuid:pk>/download/", download, "desk_export_download"),
)


def panel(request: HttpRequest) -> Panel | None:
    """Return what the start page shows to those who export or agree: the way there, and what waits for them."""
    may_ask, may_agree = request.user.has_perm(EXPORT), request.user.has_perm(APPROVE)
    person = person_of(request.user) if may_ask or may_agree else None
    if person is None:
        return None
    waiting: Any = []
    if may_agree:
        others = ExportRequest.objects.filter(consent=Consent.WAITING).exclude(asked_by=person)
        waiting = list(others.order_by("asked_at")[:LISTED])
    context = {"waiting": waiting, "may_ask": may_ask, "may_agree": may_agree}
    return Panel(gettext_lazy("Exports for a court or a supervisor"), "desk/exporting/panel.html", context)
