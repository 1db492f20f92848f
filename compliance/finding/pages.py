"""The pages of this part, and its panel on the start page."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from compliance.finding.cases import case
from compliance.finding.forms import SearchForms
from compliance.finding.searching import READ, find
from compliance.paging import DeskPage, Panel

PAGES: tuple[DeskPage, ...] = (
    DeskPage("find", find, "desk_find"),
    DeskPage("case/<uuid:case>", case, "desk_case"),
)


def panel(request: HttpRequest) -> Panel | None:
    """Return the form on the start page: an id, or a number with its reason, and the records are found."""
    if not request.user.has_perm(READ):
        return None
    return Panel(_("Find records"), "desk/finding/panel.html", {"forms": SearchForms(request)})
