"""Decisions about the trail in the admin: cases held by one person, releases and deletions that take two."""

import json
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from audit.access import employee_of, unless_noted
from audit.appending import NotRecorded
from audit.filters import DayFilter
from audit.keyset import KeysetChangeList
from audit.models import Decision
from audit.pages import BoundedChangeList, LoggedAdmin, in_oslo
from audit.retain import deciding
from audit.retain.deciding import Actor
from audit.retain.deletions import Deletion, due
from audit.retain.policy import policy_in_force
from audit.retain.standing import holds, pending, waiting
from compliance.retention_forms import DeletionForm, GroundForm, HoldForm, title
from legal.models import Person

HOLD, DELETE = "audit.hold_case", "audit.decide_deletion"
Kind = Decision.Kind
RIGHT = {Kind.RELEASE_REQUESTED: HOLD, Kind.DELETION_REQUESTED: DELETE}
SECTIONS: list[tuple[Any, list[Any]]] = [
    (gettext_lazy("What was decided"), ["time", "kind", "what_about", "account_info_request_id", "ground"]),
    (gettext_lazy("By whom"), ["who", "account"]),
    (gettext_lazy("What was done"), ["concerning", "done", "id"]),
]


@admin.register(Decision)
class DecisionAdmin(LoggedAdmin):
    list_display = ("time", "kind", "what_about", "account_info_request_id", "who", "ground")
    list_filter = (DayFilter,)
    search_fields = ("=account_info_request_id",)
    search_help_text = gettext_lazy("An AccountInfoRequestID, whole. Never type a person's number here.")
    search_label = "AccountInfoRequestID"
    fieldsets = [(heading, {"fields": names}) for heading, names in SECTIONS]
    readonly_fields = [name for _heading, names in SECTIONS for name in names]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return BoundedChangeList

    def get_urls(self) -> list[URLPattern]:
        def own(route: str, name: str, view: Callable[..., HttpResponse]) -> URLPattern:
            return path(route, self.admin_site.admin_view(view), name=f"audit_decision_{name}")

        both = require_http_methods(["GET", "HEAD", "POST"])
        return [
            own("hold/", "hold", both(self.hold)),
            own("deletions/", "deletions", both(self.deletions)),
            own("waiting/", "waiting", require_http_methods(["GET", "HEAD"])(self.waiting)),
            own("approve/", "approve", require_POST(self.approve)),
            own("<uuid:pk>/release/", "release", both(self.release)),
            own("<uuid:pk>/turn-down/", "turn_down", both(self.turn_down)),
            *super().get_urls(),
        ]

    def hold(self, request: HttpRequest) -> HttpResponse:
        by, form = self._acting(request, HOLD), HoldForm(request.POST or None)

        def act() -> str:
            deciding.hold(form.cleaned_data["case"], ground=form.cleaned_data["ground"], by=by)
            return _("The case is held.")

        return self._form(request, form, act, title=_("Hold a case"), words=_("Hold it at once"))

    def release(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        by, form = self._acting(request, HOLD), GroundForm(request.POST or None)
        held = holds().filter(pk=pk).first()
        if held is None:
            raise Http404

        def act() -> str:
            deciding.request_release(pk, ground=form.cleaned_data["ground"], by=by)
            return _("Asked. The case stays held until another person agrees.")

        about = str(held.account_info_request_id)
        words = _("Ask another person to agree")
        return self._form(request, form, act, title=_("Ask for a release"), words=words, subject=about)

    def deletions(self, request: HttpRequest) -> HttpResponse:
        """Ask for deletions that are due, several at once."""
        by, policy, today = self._acting(request, DELETE), policy_in_force(), today_in_utc()
        form = DeletionForm(request.POST or None, due=not_asked_for(today), policy=policy)

        def act() -> str:
            for one in form.chosen:
                deciding.request_deletion(one, ground=form.cleaned_data["ground"], by=by, today=today, policy=policy)
            return _("Asked. Nothing is deleted before another person agrees.")

        words = _("Ask another person to agree")
        return self._form(request, form, act, title=_("Ask for deletions"), words=words, empty=_("Nothing is due."))

    def waiting(self, request: HttpRequest) -> HttpResponse:
        """Show which cases are held, and which requests wait for consent or to be carried out."""
        self._refuse_strangers(request)
        if refused := unless_noted(request, self._page("list")):
            return refused
        mine = employee_of(request.user)
        may = {right: bool(mine) and request.user.has_perm(right) for right in (HOLD, DELETE)}
        rows = shown(list(pending()), mine, may)
        context = {"held": list(holds()), "rows": rows, "may_hold": may[HOLD], "may_delete": may[DELETE]}
        agreeable = any(row["may_agree"] for row in rows)
        return self._whole(request, "waiting", title=_("What waits"), agreeable=agreeable, **context)

    def approve(self, request: HttpRequest) -> HttpResponse:
        """Agree to what was ticked, one by one; what is refused does not keep the others."""
        agreed, policy, today = 0, policy_in_force(), today_in_utc()
        for text in request.POST.getlist("request"):
            asked = self._asked(text)
            by = self._acting(request, RIGHT[Kind(asked.kind)])
            try:
                deciding.approve(asked.pk, by=by, today=today, policy=policy)
            except (ValidationError, NotRecorded) as refused:
                messages.error(request, f"{words_of(asked)}: {sentence(refused)}")
            else:
                agreed += 1
        if agreed:
            words = ngettext("You agreed to %(n)d request.", "You agreed to %(n)d requests.", agreed) % {"n": agreed}
            messages.success(request, words)
        return HttpResponseRedirect(reverse("admin:audit_decision_waiting"))

    def turn_down(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        asked = self._asked(str(pk))
        by, form = self._acting(request, RIGHT[Kind(asked.kind)]), GroundForm(request.POST or None)

        def act() -> str:
            deciding.turn_down(pk, ground=form.cleaned_data["ground"], by=by)
            return _("It will not be done.")

        words = _("Turn the request down")
        return self._form(request, form, act, title=words, words=words, subject=words_of(asked))

    def _asked(self, text: str) -> Decision:
        """Return a request that is not finished."""
        try:
            found = pending().filter(pk=uuid.UUID(text)).first()
        except ValueError:
            found = None
        if found is None:
            raise Http404
        request: Decision = found
        return request

    def _acting(self, request: HttpRequest, right: str) -> Actor:
        """Return who acts. Refuse who lacks the right, and accounts that belong to nobody."""
        person = employee_of(request.user)
        if not person or not self.has_view_permission(request) or not request.user.has_perm(right):
            raise PermissionDenied
        return Actor(person, request.user.get_username())

    def _form(self, request: HttpRequest, form: GroundForm, act: Callable[[], str], **context: Any) -> HttpResponse:
        """Show the form, or do what it says and show what waits."""
        if refused := unless_noted(request, self._page("list")):
            return refused
        if request.method == "POST" and form.is_valid():
            try:
                messages.success(request, act())
            except (ValidationError, NotRecorded) as reason:
                form.add_error(None, sentence(reason))
            else:
                return HttpResponseRedirect(reverse("admin:audit_decision_waiting"))
        return self._whole(request, "form", form=form, **context)

    def _whole(self, request: HttpRequest, name: str, **context: Any) -> TemplateResponse:
        whole = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/audit/decision/{name}.html", whole)

    @admin.display(description=gettext_lazy("time (Oslo)"))
    def time(self, decision: Decision) -> str:
        return in_oslo(decision.at)

    @admin.display(description=gettext_lazy("what"))
    def what_about(self, decision: Decision) -> str:
        return title(Deletion.of(decision)) if decision.what else "–"

    @admin.display(description=gettext_lazy("person"))
    def who(self, decision: Decision) -> str:
        return decision.person or "–"

    @admin.display(description=gettext_lazy("what was done"))
    def done(self, decision: Decision) -> SafeString | str:
        if not decision.evidence:
            return "–"
        return format_html('<pre tabindex="0">{}</pre>', json.dumps(decision.evidence, indent=2, ensure_ascii=False))


def not_asked_for(today: date) -> list[Deletion]:
    """Return which deletions are due that nobody has asked for."""
    asked = {Deletion.of(row) for row in pending().filter(kind=Kind.DELETION_REQUESTED)}
    return [one for one in due(policy_in_force(), today=today) if one not in asked]


def words_of(request: Decision) -> str:
    """Return what a request is about."""
    if request.kind == Kind.DELETION_REQUESTED:
        return title(Deletion.of(request))
    return f"{request.get_kind_display()} · {request.account_info_request_id}"


def shown(requests: list[Decision], me: str, may: dict[str, bool]) -> list[dict[str, Any]]:
    """Return what the page says of each request, and what whoever looks may do about it."""
    people = Person.objects.filter(employee_id__in={request.person for request in requests})
    names, waits = {person.employee_id: str(person) for person in people}, {row.pk for row in waiting()}
    found = []
    for request in requests:
        allowed, mine = may[RIGHT[Kind(request.kind)]], Actor(me, "").is_also(request.person)
        found.append(
            {
                "row": request,
                "words": words_of(request),
                "who": names.get(request.person, request.person),
                "waits": request.pk in waits,
                "mine": mine,
                "may_agree": allowed and request.pk in waits and not mine,
                "may_end": allowed,
            }
        )
    return found


def sentence(refused: Exception) -> str:
    """Return why something was not decided."""
    if isinstance(refused, ValidationError):
        return " ".join(refused.messages)
    return _("It could not be written down. Nothing was changed.")


def today_in_utc() -> date:
    """Return the day by which months are counted."""
    return datetime.now(UTC).date()
