"""The list of records and a record's page, as the trail's room has them, without what is about shielded persons."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from audit.admin import AuditChangeList, AuditRecordAdmin
from audit.keyset import KeysetChangeList
from audit.models import AuditRecord
from audit.pages import in_oslo
from compliance.finding.shielding import hidden_from
from compliance.reasons import masked_in

NOTHING = "–"


class FoundChangeList(AuditChangeList):
    """The list of records, of which some are hidden from whoever looks."""

    columns = (*AuditChangeList.columns, "empty_because", "control_object_sealed")

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        hidden = hidden_from(request.user, self.result_list)
        for record in self.result_list:
            record.is_hidden = record.pk in hidden


class FoundRecordAdmin(AuditRecordAdmin):
    list_display = ("opened", "agency", "of_service", "at_endpoint", "what_came", "with_code", "of_case")
    list_display_links = None

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return FoundChangeList

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> AuditRecord | None:
        """Return the record. Refuse it to who may not see whom it is about."""
        record = super().get_object(request, object_id, from_field)
        if record and hidden_from(request.user, [record]):
            raise PermissionDenied
        if record:  # an agency writes what it likes there
            record.requester_id, record.legal_mandate = masked_in(record.requester_id), masked_in(record.legal_mandate)
        return record

    @admin.display(description=_("time (Oslo)"))
    def opened(self, record: Any) -> SafeString | str:
        if record.is_hidden:
            return format_html("{} · {}", in_oslo(record.at), _("about a shielded person"))
        address = reverse("admin:audit_auditrecord_change", args=[record.pk])
        return format_html('<a href="{}">{}</a>', address, in_oslo(record.at))

    @admin.display(description=_("agency"))
    def agency(self, record: Any) -> str:
        return _told(record, record.consumer)

    @admin.display(description=_("service"))
    def of_service(self, record: Any) -> str:
        return _told(record, record.service)

    @admin.display(description=_("endpoint"))
    def at_endpoint(self, record: Any) -> str:
        return _told(record, record.endpoint)

    @admin.display(description=_("outcome"))
    def what_came(self, record: Any) -> str:
        return _told(record, record.get_outcome_display())

    @admin.display(description=_("code"))
    def with_code(self, record: Any) -> str:
        return _told(record, record.code)

    @admin.display(description="AccountInfoRequestID")
    def of_case(self, record: Any) -> SafeString | str:
        if record.is_hidden or record.account_info_request_id is None:
            return NOTHING
        case = record.account_info_request_id
        return format_html('<a href="{}">{}</a>', reverse("admin:desk_case", args=[case]), case)


def _told(record: Any, text: str) -> str:
    return NOTHING if record.is_hidden else text or NOTHING


admin.site.register(AuditRecord, FoundRecordAdmin)
