"""The pages of this part, and its panel on the start page."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.parties import LedgerSilent, party_known_by
from audit.access import Why, unless_noted
from audit.secrecy import Kind, hash_of, hashes_of
from compliance.acting import acting
from compliance.citizens import acts
from compliance.citizens.contents import Asker
from compliance.citizens.forms import RegisterForm
from compliance.citizens.listing import requests_page
from compliance.citizens.models import CitizenContent
from compliance.citizens.registering import register
from compliance.citizens.request_page import PAGE, RIGHTS, show
from compliance.paging import DeskPage, Panel, desk_page
from compliance.reasons import Reason
from legal.models import Person
from legal.register import today_in_oslo

SOONEST = 5


@require_http_methods(["GET", "HEAD"])
def requests(request: HttpRequest) -> HttpResponse:
    """Show the requests by the day on which they are due; nobody's name stands there."""
    acting(request, *RIGHTS)
    ended = request.GET.get("ended") == "1"
    try:
        page = requests_page(request.GET.get("after", ""), ended=ended)
    except ValueError:
        raise Http404 from None
    context: dict[str, Any] = {"page": page, "ended": ended, "today": today_in_oslo()}
    return desk_page(request, "desk/citizens/list.html", title=_("Citizens' requests"), **context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Register a request, and show what was found about whoever asks."""
    person = acting(request, *RIGHTS)
    form = RegisterForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _form(request, form)
    key, number, case = uuid.uuid4(), form.cleaned_data["number"], form.cleaned_data["case_reference"]
    why = Why(reason=Reason.CITIZEN, case_reference=case, sought_hash=hash_of(Kind.PARTY, number))
    if refused := unless_noted(request, PAGE, key, "register", why=why):
        return refused
    try:
        again = _has_open_request(number)
        if not _registered(form, key, person):
            return _form(request, form)
    except LedgerSilent:
        form.add_error(None, _("The ledger could not be asked: former numbers would be missing. Nothing was kept."))
        return _form(request, form, status=503)
    if again:
        messages.warning(request, _("Another request of the same person is open."))
    return HttpResponseRedirect(reverse("admin:desk_citizen", args=[key]))


def panel(request: HttpRequest) -> Panel | None:
    """Return the requests due soonest and the way to register one, in one statement, for those who answer them."""
    if not request.user.has_perms(RIGHTS):
        return None
    context = {"page": requests_page("", ended=False, size=SOONEST), "today": today_in_oslo(), "form": RegisterForm()}
    return Panel(gettext_lazy("Citizens' requests"), "desk/citizens/panel.html", context)


def _registered(form: RegisterForm, key: uuid.UUID, person: Person) -> bool:
    """Keep the request; say no of a company that goes by eleven digits. Raise LedgerSilent."""
    told: dict[str, Any] = form.cleaned_data
    known = party_known_by(told["number"])
    if known and not known.is_person:
        form.add_error("number", _("A company has no right of access: GDPR article 15 is for people."))
        return False
    asker = Asker(told["number"], known.name if known else "", ())
    register(
        asker,
        key=key,
        received_on=told["received_on"],
        case_reference=told["case_reference"],
        identity=told["identity"],
        by=person,
    )
    return True


def _has_open_request(number: str) -> bool:
    hashes = hashes_of(Kind.PARTY, number)
    return CitizenContent.objects.filter(number_hash__in=hashes, request__ending="").exists()


def _form(request: HttpRequest, form: RegisterForm, status: int = 200) -> HttpResponse:
    return desk_page(request, "desk/citizens/new.html", title=_("Register a request"), status=status, form=form)


PAGES: tuple[DeskPage, ...] = (
    DeskPage("citizens/", requests, "desk_citizens"),
    DeskPage("citizens/new/", new, "desk_citizen_new"),
    DeskPage("citizens/<uuid:pk>/", show, "desk_citizen"),
    DeskPage("citizens/<uuid:pk>/asker/", acts.asker, "desk_citizen_asker"),
    DeskPage("citizens/<uuid:pk>/rows/", acts.rows, "desk_citizen_rows"),
    DeskPage("citizens/<uuid:pk>/many/", acts.many, "desk_citizen_many"),
    DeskPage("citizens/<uuid:pk>/take-in/", acts.take_in_later_ones, "desk_citizen_take_in"),
    DeskPage("citizens/<uuid:pk>/letters/", acts.letters, "desk_citizen_letters"),
    DeskPage("citizens/<uuid:pk>/letters/<uuid:letter>/", acts.download, "desk_citizen_letter"),
    DeskPage("citizens/<uuid:pk>/letters/<uuid:letter>/sent/", acts.sent, "desk_citizen_sent"),
    DeskPage("citizens/<uuid:pk>/end/", acts.end_without_letter, "desk_citizen_end"),
)
