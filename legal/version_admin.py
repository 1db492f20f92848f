"""Versions of services: to look at, to draft in a form, to compare with what is in force, and to approve."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from audit.pages import ViewOnly
from legal import governance
from legal.history_admin import WithHistory
from legal.in_force import APPROVED, version_in_force
from legal.models import Person, ServiceVersion
from legal.people import person_of
from legal.register import today_in_oslo
from legal.service_documents import written
from legal.version_differences import Effect, differences
from legal.version_forms import DraftForm

PROPOSE, APPROVE = "legal.propose_serviceversion", "legal.approve_serviceversion"
State = ServiceVersion.State


@admin.register(ServiceVersion)
class ServiceVersionAdmin(WithHistory, ViewOnly, admin.ModelAdmin):
    list_display = ("service", "number", "standing", "origin", "author", "approver", "effective_from", "approved_at")
    list_select_related = ("service", "author", "approver")
    ordering = ("service__name", "-number")
    fields = (
        *("service", "number", "standing", "origin", "author", "approver"),
        *("effective_from", "created_at", "approved_at", "rules_as_written"),
    )
    readonly_fields = fields
    change_form_template = "admin/legal/serviceversion/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        def own(name: str, view: Callable[..., HttpResponse]) -> URLPattern:
            return path(f"<uuid:pk>/{name}/", self.admin_site.admin_view(view), name=f"legal_serviceversion_{name}")

        return [
            own("draft", require_POST(self.draft)),
            own("edit", require_http_methods(["GET", "HEAD", "POST"])(self.edit)),
            own("differences", require_http_methods(["GET", "HEAD"])(self.differences)),
            own("approve", require_POST(self.approve)),
            own("withdraw", require_POST(self.withdraw)),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        version, person = self.get_object(request, object_id), person_of(request.user)
        context = {} if version is None else what_may_be_done(version, person)
        context["may_propose"] = person is not None and request.user.has_perm(PROPOSE)
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def draft(self, request: HttpRequest, pk: Any) -> HttpResponse:
        version, person = self._found(request, pk), self._acting(request, PROPOSE)
        made = governance.draft_from(version, by=person)
        messages.success(
            request,
            _("Draft %(number)s was made. Nothing changes until another person approves it.") % {"number": made.number},
        )
        return HttpResponseRedirect(_page("edit", made))

    def edit(self, request: HttpRequest, pk: Any) -> HttpResponse:
        version, person = self._found(request, pk), self._acting(request, PROPOSE)
        if version.state != State.DRAFT or version.author_id != person.pk:
            raise PermissionDenied
        posted = request.POST if request.method == "POST" else None
        form = DraftForm(posted, rules=version.rules, initial={"effective_from": version.effective_from})
        if posted is not None and form.is_valid() and self._revised(form, version, person):
            messages.success(request, _("The draft was saved."))
            return HttpResponseRedirect(_page("differences", version))
        return self._page(request, version, "edit", title=_("Edit a draft"), form=form)

    def _revised(self, form: DraftForm, version: ServiceVersion, person: Person) -> bool:
        words = form.cleaned_data
        try:
            governance.revise(version, rules=words["rules"], effective_from=words["effective_from"], by=person)
        except ValidationError as refused:
            form.add_error(None, refused.messages)
            return False
        return True

    def differences(self, request: HttpRequest, pk: Any) -> HttpResponse:
        return self._compared(request, self._found(request, pk))

    def _compared(self, request: HttpRequest, version: ServiceVersion, *, refused: list[str] | None = None) -> Any:
        ruling = version_in_force(version.service_id, today=today_in_oslo())
        found = differences(ruling.rules if ruling else None, version.rules)
        person = person_of(request.user)
        return self._page(
            request,
            version,
            "differences",
            title=_("Differences from what is in force"),
            ruling=ruling,
            found=found,
            opening=sum(one.effect == Effect.OPENS for one in found),
            closing=sum(one.effect == Effect.CLOSES for one in found),
            waiting=version.service.versions.filter(state=State.WAITING).exclude(pk=version.pk).order_by("number"),
            seen=governance.fingerprint(version, ruling),
            may_approve=version.state == State.DRAFT and request.user.has_perm(APPROVE),
            person=person,
            is_mine=bool(person and version.author_id == person.pk),
            refused=refused or [],
        )

    def approve(self, request: HttpRequest, pk: Any) -> HttpResponse:
        version, person = self._found(request, pk), self._acting(request, APPROVE)
        try:
            done = governance.approve(version, seen=request.POST.get("seen", ""), by=person, today=today_in_oslo())
        except ValidationError as refused:
            return self._compared(request, self._found(request, pk), refused=refused.messages)
        day = done.effective_from
        words = _("Version %(number)s was approved and is in force from %(day)s.") % {"number": done.number, "day": day}
        messages.success(request, words)
        return HttpResponseRedirect(_page("change", version))

    def withdraw(self, request: HttpRequest, pk: Any) -> HttpResponse:
        version, person = self._found(request, pk), self._acting(request, PROPOSE)
        try:
            governance.withdraw(version, by=person, today=today_in_oslo())
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
        else:
            messages.success(request, _("The version was withdrawn."))
        return HttpResponseRedirect(_page("change", version))

    def _found(self, request: HttpRequest, pk: Any) -> ServiceVersion:
        version = ServiceVersion.objects.select_related("service", "author").filter(pk=pk).first()
        if version is None:
            raise Http404
        if not self.has_view_permission(request, version):
            raise PermissionDenied
        return version

    def _acting(self, request: HttpRequest, right: str) -> Person:
        """Return the person who acts. Refuse who lacks the right, and accounts that belong to nobody."""
        person = person_of(request.user)
        if person is None or not request.user.has_perm(right):
            raise PermissionDenied
        return person

    def _page(self, request: HttpRequest, version: ServiceVersion, name: str, **context: Any) -> TemplateResponse:
        whole = {**self.admin_site.each_context(request), "opts": self.opts, "version": version, **context}
        return TemplateResponse(request, f"admin/legal/serviceversion/{name}.html", {**whole, "subtitle": str(version)})

    @admin.display(description=gettext_lazy("state"))
    def standing(self, version: ServiceVersion) -> str:
        """Return the state as of today, whatever is stored."""
        return standing(version)

    @admin.display(description=gettext_lazy("rules"))
    def rules_as_written(self, version: ServiceVersion) -> SafeString:
        return format_html('<pre tabindex="0">{}</pre>', written(version.rules))


def what_may_be_done(version: ServiceVersion, person: Person | None) -> dict[str, bool]:
    """Return which buttons the page has for somebody with the right."""
    is_draft, is_mine = version.state == State.DRAFT, person is not None and version.author_id == person.pk
    withdrawable = version.state == State.WAITING or (is_draft and (is_mine or version.author_id is None))
    return {"is_draft": is_draft, "is_mine": is_mine, "may_withdraw": withdrawable}


def standing(version: ServiceVersion) -> str:
    """Return in words whether a version is in force today, has ended, or waits."""
    if version.state not in APPROVED:
        return str(version.get_state_display())
    ruling = version_in_force(version.service_id, today=today_in_oslo())
    if ruling == version:
        return _("in force")
    return _("ended") if ruling and governance.rank(version) < governance.rank(ruling) else _("waits for its day")


def _page(name: str, version: ServiceVersion) -> str:
    return reverse(f"admin:legal_serviceversion_{name}", args=[version.pk])
