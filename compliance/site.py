"""The admin of this service: its start page is the desk, and each part of the room adds its pages and a panel."""

from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext as _

from compliance import verifying
from compliance.breach import pages as breach
from compliance.citizens import pages as citizens
from compliance.explaining import pages as explaining
from compliance.exporting import pages as exporting
from compliance.finding import pages as finding
from compliance.local.backend import is_open
from compliance.local.forms import LocalAccountForm
from compliance.local.sessions import is_verified
from compliance.paging import DeskPage, Panel
from compliance.signin import oidc
from compliance.signin.provider import is_configured
from compliance.watching import pages as watching

PARTS: tuple[Any, ...] = (finding, explaining, citizens, exporting, watching, breach, verifying)
"""In the order of their panels. Each has `PAGES` and `panel(request)`."""


class DeskSite(AdminSite):
    enable_nav_sidebar = False  # the trail's rows need the width
    site_url = None  # there is no page at the root
    index_template = "desk/index.html"
    login_form = LocalAccountForm

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether somebody is let in who came by a way that opens the admin."""
        return super().has_permission(request) and (oidc.is_by_provider(request) or is_verified(request))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        pages: list[DeskPage] = [page for part in PARTS for page in part.PAGES]
        own: list[URLPattern | URLResolver] = [
            path(f"desk/{page.route}", self.admin_view(page.view), name=page.name) for page in pages
        ]
        by_provider: list[URLPattern | URLResolver] = [
            path("oidc/start", oidc.start, name="oidc_start"),
            path("oidc/callback", oidc.callback, name="oidc_callback"),
        ]
        # Without Django's way from any row to its public page: it tells whether a row is there, and notes nothing.
        usual = [url for url in super().get_urls() if getattr(url, "name", None) != "view_on_site"]
        return own + by_provider + usual

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.method == "POST" and not is_open():
            raise PermissionDenied
        ways = {"by_provider": is_configured(), "local_accounts": is_open()}
        return super().login(request, {**(extra_context or {}), **ways})

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Sign out here, and then at the provider where the session was begun there."""
        address = oidc.end_session_address(request) if request.method == "POST" else None
        response = super().logout(request, extra_context)
        return HttpResponseRedirect(address) if address else response

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        found = (part.panel(request) for part in PARTS)
        panels: list[Panel] = [panel for panel in found if panel is not None]
        title = _("The compliance desk") if panels else _("Start page")
        return super().index(request, {"title": title, **(extra_context or {}), "panels": panels})
