"""Closings: one person closes an agency, a service or a field at once; another agrees before it is opened again."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from audit.pages import ViewOnly
from legal import opening
from legal.closing_forms import FieldForm, ReasonForm
from legal.history_admin import WithHistory
from legal.in_force import version_in_force
from legal.models import Closing, DataConsumer, Person, Service
from legal.people import person_of
from legal.register import today_in_oslo

CLOSE, OPEN = "legal.close_mandate", "legal.open_mandate"


@admin.register(Closing)
class ClosingAdmin(WithHistory, ViewOnly, admin.ModelAdmin):
    list_display = ("__str__", "closed_at", "closed_by", "asked_by", "opened_by", "opened_at")
    list_select_related = ("consumer", "service", "closed_by", "asked_by", "opened_by")
    ordering = ("-closed_at",)
    fields = (
        *("consumer", "service", "endpoint", "path", "reason", "closed_by", "closed_at"),
        *("asked_by", "asked_at", "asked_because", "opened_by", "opened_at"),
    )
    readonly_fields = fields
    change_form_template = "admin/legal/closing/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        def own(route: str, name: str, view: Callable[..., HttpResponse]) -> URLPattern:
            return path(route, self.admin_site.admin_view(view), name=f"legal_closing_{name}")

        both = require_http_methods(["GET", "HEAD", "POST"])
        return [
            own("close/field/<int:pk>/", "close_field", both(self.close_field)),
            own("close/<str:kind>/<int:pk>/", "close", both(self.close)),
            own("found/<str:kind>/<int:pk>/", "found", require_POST(self.found)),
            own("<int:pk>/ask/", "ask", both(self.ask)),
            own("<int:pk>/take-back/", "take_back", require_POST(self.take_back)),
            own("<int:pk>/open/", "open", require_POST(self.open)),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        closing, person = self.get_object(request, object_id), person_of(request.user)
        acts = closing is not None and closing.opened_at is None and person is not None
        context = {
            "may_open": acts and request.user.has_perm(OPEN),
            "is_mine": closing is not None and person is not None and closing.asked_by_id == person.pk,
            "closing": closing,
        }
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def close(self, request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        target, person = self._target(kind, pk), self._acting(request, CLOSE)
        form = ReasonForm(request.POST if request.method == "POST" else None)

        def act() -> Closing:
            reason = form.cleaned_data["reason"]
            if isinstance(target, DataConsumer):
                return opening.close_consumer(target, by=person, reason=reason)
            return opening.close_service(target, by=person, reason=reason)

        return self._form(request, form, act, title=_("Close at once"), subject=target, words=_("Close at once"))

    def close_field(self, request: HttpRequest, pk: int) -> HttpResponse:
        service, person = get_object_or_404(Service, pk=pk), self._acting(request, CLOSE)
        ruling = version_in_force(service.pk, today=today_in_oslo())
        if ruling is None:
            raise Http404
        form = FieldForm(request.POST if request.method == "POST" else None, version=ruling)

        def act() -> Closing:
            endpoint, _colon, field = form.cleaned_data["field"].partition(":")
            reason = form.cleaned_data["reason"]
            return opening.close_field(service, endpoint, field, by=person, reason=reason, today=today_in_oslo())

        return self._form(
            request, form, act, title=_("Close a field at once"), subject=service, words=_("Close at once")
        )

    def found(self, request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        """Write down what was closed past the admin, so that it can be opened."""
        target = self._target(kind, pk)
        self._acting(request, OPEN)
        try:
            return HttpResponseRedirect(_page("change", opening.written_down(target)))
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
            return HttpResponseRedirect(reverse(f"admin:legal_{target._meta.model_name}_change", args=[target.pk]))

    def ask(self, request: HttpRequest, pk: int) -> HttpResponse:
        closing, person = get_object_or_404(Closing, pk=pk), self._acting(request, OPEN)
        form = ReasonForm(request.POST if request.method == "POST" else None)

        def act() -> Closing:
            opening.ask_to_open(closing, by=person, reason=form.cleaned_data["reason"])
            return closing

        return self._form(
            request, form, act, title=_("Ask for an opening"), subject=closing, words=_("Ask another person to open it")
        )

    def take_back(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._done(request, pk, opening.take_back, _("The request was let go of. It stays closed."))

    def open(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._done(request, pk, opening.open_again, _("It is open."))

    def _done(self, request: HttpRequest, pk: int, act: Callable[..., None], words: str) -> HttpResponse:
        closing, person = get_object_or_404(Closing, pk=pk), self._acting(request, OPEN)
        try:
            act(closing, by=person)
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
        else:
            messages.success(request, words)
        return HttpResponseRedirect(_page("change", closing))

    def _form(self, request: HttpRequest, form: ReasonForm, act: Callable[[], Closing], **context: Any) -> HttpResponse:
        """Show the form, or do what it says and show the closing."""
        if request.method == "POST" and form.is_valid():
            try:
                return HttpResponseRedirect(_page("change", act()))
            except ValidationError as refused:
                form.add_error(None, refused.messages)
        whole = {**self.admin_site.each_context(request), "opts": self.opts, "form": form, **context}
        return TemplateResponse(request, "admin/legal/closing/form.html", whole)

    def _acting(self, request: HttpRequest, right: str) -> Person:
        """Return the person who acts. Refuse who lacks the right, and accounts that belong to nobody."""
        person = person_of(request.user)
        if person is None or not self.has_view_permission(request) or not request.user.has_perm(right):
            raise PermissionDenied
        return person

    def _target(self, kind: str, pk: int) -> DataConsumer | Service:
        if kind == "consumer":
            return get_object_or_404(DataConsumer, pk=pk)
        if kind == "service":
            return get_object_or_404(Service, pk=pk)
        raise Http404


def _page(name: str, closing: Closing) -> str:
    return reverse(f"admin:legal_closing_{name}", args=[closing.pk])
