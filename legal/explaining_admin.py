"""The page that says why: each field of a service, with its word and the version that says so."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from legal.endpoints import Endpoint
from legal.explaining import Unexplained, fields_in_force
from legal.models import Service


class Explaining:
    """Adds to the services' pages: `…/<service>/explain/` by endpoint."""

    admin_site: admin.AdminSite
    opts: Any

    def get_urls(self) -> list[URLPattern]:
        whole: Any = super()
        return [
            path(
                "<int:pk>/explain/",
                self.admin_site.admin_view(require_safe(self.explain)),
                name="legal_service_explain",
            ),
            *whole.get_urls(),
        ]

    def explain(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show each field of an endpoint: delivered or not, the standard's word, and which version says so."""
        service = Service.objects.filter(pk=pk).first()
        if service is None:
            raise Http404
        if not request.user.has_perm("legal.view_serviceversion"):
            raise PermissionDenied
        endpoint = request.GET.get("endpoint", Endpoint.ACCOUNTS)
        try:
            rows, nothing = fields_in_force(service.slug, endpoint), ""
        except Unexplained as why:
            rows, nothing = [], str(why)
        return self._page(
            request,
            "explain",
            title=_("Why? Field by field"),
            row=service,
            endpoints=[*Endpoint],
            endpoint=endpoint,
            rows=rows,
            nothing=nothing,
        )

    def _page(self, request: HttpRequest, name: str, **context: Any) -> TemplateResponse:
        whole = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/legal/service/{name}.html", whole)
