"""BSU deliveries in the admin: what they hold, what became of them, and the two people who let each one go."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from agencies.bsu import approvals, sending_admin  # noqa: F401 - registers pages of its own
from agencies.bsu.admin_words import (
    APPROVE,
    REQUEST,
    DeliveryStateFilter,
    YearFilter,
    accounts_at,
    as_written,
    pairs,
    positions_of,
    verdict,
    what_may_be_done,
)
from agencies.bsu.errors import BytesChanged
from agencies.bsu.models import Delivery, Sending
from agencies.bsu.preparing import body_kept
from audit.keyset import KeysetChangeList
from audit.pages import ReadOnlyAdmin, in_oslo
from legal.closing_forms import ReasonForm
from legal.models import Person
from legal.people import person_of

FINDINGS_ON_A_PAGE = 100


SECTIONS: list[tuple[Any, list[Any]]] = [
    (
        gettext_lazy("What it reports"),
        ["institution", "year", "type", "which_part", "accounts", "totals", "checks"],
    ),
    (gettext_lazy("What is sent"), ["reference", "key", "sha256", "size", "report", "replaces"]),
    (
        gettext_lazy("What became of it"),
        ["state", "prepared", "sent", "answered", "status", "code", "correlation_id", "named_faults"],
    ),
    (
        gettext_lazy("Receipt and feedback"),
        [
            *("dialog_id", "submission_id", "received_accounts", "whole_receipt"),
            *("asked", "times_asked", "feedback_read", "whole_feedback"),
        ],
    ),
]


class DeliveryChangeList(KeysetChangeList):
    """The list, newest first."""

    moment = "prepared_at"


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("prepared", "institution", "year", "which_part", "type", "accounts", "state", "checks")
    list_filter = (DeliveryStateFilter, YearFilter)
    fieldsets = [(title, {"fields": names}) for title, names in SECTIONS]
    readonly_fields = [name for _title, names in SECTIONS for name in names]
    change_form_template = "admin/bsu/delivery/change_form.html"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return DeliveryChangeList

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("body_sealed", "feedback_sealed")

    def get_urls(self) -> list[URLPattern]:
        def own(route: str, name: str, view: Callable[..., HttpResponse]) -> URLPattern:
            return path(route, self.admin_site.admin_view(view), name=f"bsu_delivery_{name}")

        both = require_http_methods(["GET", "HEAD", "POST"])
        return [
            own("<uuid:pk>/findings/", "findings", require_http_methods(["GET", "HEAD"])(self.findings)),
            own("<uuid:pk>/numbers/", "numbers", require_POST(self.numbers)),
            own("<uuid:pk>/send/", "send", both(self.send)),
            own("sendings/<uuid:pk>/agree/", "agree", require_POST(self.agree)),
            own("sendings/<uuid:pk>/end/", "end", require_POST(self.end)),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        delivery, person = self.get_object(request, object_id), person_of(request.user)
        context = {} if delivery is None else what_may_be_done(delivery, person, request.user)
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def findings(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Show what the checks found, account by account; an account is told by its place and the end of its number."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        delivery, person = self._found(pk), person_of(request.user)
        start = _start(request.GET.get("from", "1"))
        end = start + FINDINGS_ON_A_PAGE
        context = {
            "title": _("What the checks found"),
            "found": delivery.findings[start - 1 : end - 1],
            "verdict": verdict(delivery.findings),
            "earlier": max(start - FINDINGS_ON_A_PAGE, 1) if start > 1 else None,
            "later": end if len(delivery.findings) >= end else None,
            "has_accounts": bool(positions_of(delivery)),
            "may_see": person is not None and any(request.user.has_perm(right) for right in (REQUEST, APPROVE)),
        }
        return self._whole_page(request, delivery, "findings", **context)

    def numbers(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Show whose accounts are told of, to who may let them go; that somebody looked is written down first."""
        self._acting(request, REQUEST, APPROVE)
        delivery = self._found(pk)
        try:
            found = accounts_at(body_kept(delivery), positions_of(delivery))
        except BytesChanged:
            messages.error(request, _("The bytes of this delivery cannot be read any more."))
            return HttpResponseRedirect(_page(delivery))
        self.log_change(request, delivery, str(_("Looked at the numbers of accounts and persons.")))
        return self._whole_page(request, delivery, "numbers", title=_("Accounts that are told of"), found=found)

    def send(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Ask for the first sending, or another one. Nothing is sent before another person agrees."""
        person, delivery = self._acting(request, REQUEST), self._found(pk)
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                approvals.request_sending(delivery, because=form.cleaned_data["reason"], by=person, now=timezone.now())
            except ValidationError as refused:
                form.add_error(None, refused.messages)
            else:
                messages.success(request, _("Asked. Nothing is sent before another person agrees."))
                return HttpResponseRedirect(_page(delivery))
        again = delivery.sent_at is not None
        title = _("Ask for another sending") if again else _("Ask for the first sending")
        return self._whole_page(request, delivery, "send", title=title, form=form, again=again)

    def agree(self, request: HttpRequest, pk: Any) -> HttpResponse:
        person, sending = self._acting(request, APPROVE), self._asked(pk)
        seen = request.POST.get("seen", "")
        words = _("You agreed. The command bsu_report carries it out now.")
        return self._done(request, sending, words, approvals.approve_sending, seen=seen, by=person)

    def end(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Turn a request down, or take it back: whoever could ask or agree may."""
        person, sending = self._acting(request, REQUEST, APPROVE), self._asked(pk)
        return self._done(request, sending, _("It will not be sent."), approvals.end_sending, by=person)

    def _whole_page(self, request: HttpRequest, delivery: Delivery, name: str, **context: Any) -> TemplateResponse:
        whole = {**self.admin_site.each_context(request), "opts": self.opts, "delivery": delivery, **context}
        return TemplateResponse(request, f"admin/bsu/delivery/{name}.html", whole)

    def _done(
        self, request: HttpRequest, sending: Sending, words: str, act: Callable[..., Sending], **how: Any
    ) -> HttpResponse:
        try:
            act(sending, now=timezone.now(), **how)
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
        else:
            messages.success(request, words)
        return HttpResponseRedirect(_page(sending.delivery))

    def _found(self, pk: Any) -> Delivery:
        delivery = Delivery.objects.defer("body_sealed", "feedback_sealed").filter(pk=pk).first()
        if delivery is None:
            raise Http404
        return delivery

    def _asked(self, pk: Any) -> Sending:
        sending = Sending.objects.filter(pk=pk).first()
        if sending is None:
            raise Http404
        return sending

    def _acting(self, request: HttpRequest, *rights: str) -> Person:
        """Return the person who acts. Refuse who has none of the rights, and accounts that belong to nobody."""
        person = person_of(request.user)
        may = self.has_view_permission(request) and any(request.user.has_perm(right) for right in rights)
        if person is None or not may:
            raise PermissionDenied
        return person

    @admin.display(description=gettext_lazy("part"))
    def which_part(self, delivery: Delivery) -> str:
        return f"{delivery.part}/{delivery.parts}"

    @admin.display(description=gettext_lazy("checks"))
    def checks(self, delivery: Delivery) -> str:
        return verdict(delivery.findings)

    @admin.display(description=gettext_lazy("sums"))
    def totals(self, delivery: Delivery) -> SafeString | str:
        return pairs(delivery.sums)

    @admin.display(description=gettext_lazy("SHA-256 of the bytes"))
    def sha256(self, delivery: Delivery) -> str:
        return bytes(delivery.digest).hex()

    @admin.display(description=gettext_lazy("prepared (Oslo)"))
    def prepared(self, delivery: Delivery) -> str:
        return in_oslo(delivery.prepared_at)

    @admin.display(description=gettext_lazy("first sent (Oslo)"))
    def sent(self, delivery: Delivery) -> str:
        return in_oslo(delivery.sent_at)

    @admin.display(description=gettext_lazy("answered (Oslo)"))
    def answered(self, delivery: Delivery) -> str:
        return in_oslo(delivery.answered_at)

    @admin.display(description=gettext_lazy("feedback asked for (Oslo)"))
    def asked(self, delivery: Delivery) -> str:
        return in_oslo(delivery.asked_at)

    @admin.display(description=gettext_lazy("feedback read (Oslo)"))
    def feedback_read(self, delivery: Delivery) -> str:
        return in_oslo(delivery.feedback_at)

    @admin.display(description=gettext_lazy("faults named by the agency"))
    def named_faults(self, delivery: Delivery) -> SafeString | str:
        return as_written(delivery.faults)

    @admin.display(description=gettext_lazy("receipt"))
    def whole_receipt(self, delivery: Delivery) -> SafeString | str:
        return as_written(delivery.receipt)

    @admin.display(description=gettext_lazy("feedback"))
    def whole_feedback(self, delivery: Delivery) -> SafeString | str:
        return as_written(delivery.feedback)


def _page(delivery: Delivery) -> str:
    return reverse("admin:bsu_delivery_change", args=[delivery.pk])


def _start(text: str) -> int:
    """Return which finding a page begins with. Refuse what is no number."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 7 and int(text) >= 1):
        raise Http404
    return int(text)
