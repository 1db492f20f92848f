"""The pages that say why: each field of a service, and what ruled a recorded question."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit.access import unless_noted
from legal.endpoints import Endpoint
from legal.explaining import Unexplained, explained_record, fields_in_force
from legal.models import Service


class Explaining:
    """Adds to the services' pages: `…/<service>/explain/` by endpoint, and `…/record/<id>/` for the trail."""

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
            path(
                "record/<uuid:record>/",
                self.admin_site.admin_view(require_safe(self.explain_record)),
                name="legal_explained_record",
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

    def explain_record(self, request: HttpRequest, record: Any) -> HttpResponse:
        """Show what ruled one recorded question: the rule that refused it, or the fields that left."""
        if not request.user.has_perms(("audit.view_auditrecord", "legal.view_serviceversion")):
            raise PermissionDenied
        if refused := unless_noted(request, "auditrecord explained", record):
            return refused
        try:
            told = explained_record(str(record))
        except Unexplained:
            raise Http404 from None
        return self._page(request, "explained_record", title=_("Why this answer?"), told=told, rows=told.fields)

    def _page(self, request: HttpRequest, name: str, **context: Any) -> TemplateResponse:
        whole = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/legal/service/{name}.html", whole)
