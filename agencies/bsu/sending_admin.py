"""Who asked for which BSU delivery to be sent, who agreed, and what came of it; newest first."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from agencies.bsu.admin_words import SendingStateFilter
from agencies.bsu.models import Sending
from audit.keyset import KeysetChangeList
from audit.pages import ReadOnlyAdmin, in_oslo


class SendingChangeList(KeysetChangeList):
    """The list, newest request first."""

    moment = "requested_at"


@admin.register(Sending)
class SendingAdmin(ReadOnlyAdmin):
    list_display = ("asked", "delivery_of", "number", "state", "requested_name", "approved_name", "outcome")
    list_filter = (SendingStateFilter,)
    list_select_related = ("delivery",)
    fields = (
        *("delivery_of", "number", "because", "state", "requested_name", "asked"),
        *("approved_name", "agreed", "ended_name", "recorded", "finished", "outcome", "sha256"),
    )
    readonly_fields = fields
    change_form_template = "admin/audit/change_form.html"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return SendingChangeList

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("delivery__body_sealed", "delivery__feedback_sealed")

    @admin.display(description=gettext_lazy("delivery"))
    def delivery_of(self, sending: Sending) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:bsu_delivery_change", args=[sending.delivery_id]), sending.delivery
        )

    @admin.display(description=gettext_lazy("SHA-256 of the bytes"))
    def sha256(self, sending: Sending) -> str:
        return bytes(sending.digest).hex()

    @admin.display(description=gettext_lazy("asked for (Oslo)"))
    def asked(self, sending: Sending) -> str:
        return in_oslo(sending.requested_at)

    @admin.display(description=gettext_lazy("agreed to (Oslo)"))
    def agreed(self, sending: Sending) -> str:
        return in_oslo(sending.approved_at)

    @admin.display(description=gettext_lazy("disclosure recorded (Oslo)"))
    def recorded(self, sending: Sending) -> str:
        return in_oslo(sending.recorded_at)

    @admin.display(description=gettext_lazy("finished (Oslo)"))
    def finished(self, sending: Sending) -> str:
        return in_oslo(sending.finished_at)
