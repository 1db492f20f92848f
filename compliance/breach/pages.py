"""The pages of this part, and its panel on the start page."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from compliance.breach import breach_pages, disclosed_pages, notice_pages, outage_pages, routine_pages
from compliance.breach.framing import HANDLE
from compliance.breach.models import Breach
from compliance.paging import DeskPage, Panel

SHOWN = 10
PAGES: tuple[DeskPage, ...] = (
    DeskPage("disclosed/", disclosed_pages.search, "desk_disclosed"),
    DeskPage("disclosed/<uuid:pk>/", disclosed_pages.disclosure, "desk_disclosure"),
    DeskPage("disclosed/<uuid:pk>/days/", disclosed_pages.days, "desk_disclosure_days"),
    DeskPage("disclosed/<uuid:pk>/persons/", disclosed_pages.persons, "desk_disclosure_persons"),
    DeskPage("breaches/", breach_pages.breaches, "desk_breaches"),
    DeskPage("breaches/new/", breach_pages.new, "desk_breach_new"),
    DeskPage("breaches/new/<uuid:disclosure>/", breach_pages.new, "desk_breach_from"),
    DeskPage("breaches/<uuid:pk>/", breach_pages.breach, "desk_breach"),
    DeskPage("breaches/<uuid:pk>/words/", breach_pages.words, "desk_breach_words"),
    DeskPage("breaches/<uuid:pk>/decision/", breach_pages.decision, "desk_breach_decision"),
    DeskPage("breaches/<uuid:pk>/step/", breach_pages.step, "desk_breach_step"),
    DeskPage("breaches/<uuid:pk>/notice/", breach_pages.draft, "desk_breach_notice"),
    DeskPage("breaches/<uuid:pk>/close/", breach_pages.close, "desk_breach_close"),
    DeskPage("notices/<uuid:pk>/", notice_pages.notice, "desk_notice"),
    DeskPage("notices/<uuid:pk>/text/", notice_pages.text, "desk_notice_text"),
    DeskPage("notices/<uuid:pk>/sent/", notice_pages.sent, "desk_notice_sent"),
    DeskPage("notices/<uuid:pk>/pdf/", notice_pages.pdf, "desk_notice_pdf"),
    DeskPage("routines/", routine_pages.routines, "desk_routines"),
    DeskPage("routines/contacts/new/", routine_pages.contact, "desk_contact_new"),
    DeskPage("routines/contacts/<int:pk>/gone/", routine_pages.contact_gone, "desk_contact_gone"),
    DeskPage("routines/<slug:kind>/", routine_pages.routine, "desk_routine"),
    DeskPage("routines/<slug:kind>/change/", routine_pages.change, "desk_routine_change"),
    DeskPage("outages/", outage_pages.outages, "desk_outages"),
    DeskPage("outages/new/", outage_pages.new, "desk_outage_new"),
    DeskPage("outages/<uuid:pk>/", outage_pages.outage, "desk_outage"),
    DeskPage("outages/<uuid:pk>/call-off/", outage_pages.call_off, "desk_outage_call_off"),
)


def panel(request: HttpRequest) -> Panel | None:
    """Return the open breaches with the hours left, for those who handle them."""
    if not request.user.has_perm(HANDLE):
        return None
    rows = Breach.objects.filter(closed_at__isnull=True).order_by("aware_at", "id")[:SHOWN]
    shown = [(breach, breach_pages.clock_of(breach)) for breach in rows]
    return Panel(_("Breaches and notices"), "desk/breach/panel.html", {"rows": shown})
