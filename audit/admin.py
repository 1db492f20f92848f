"""The trail as compliance staff see it: to be read, in pages and in sections, and never touched."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit import access_admin, checkpoint_admin  # noqa: F401 - register pages of their own
from audit.filters import AgencyFilter, DayFilter, EndpointFilter, OutcomeFilter, ServiceFilter
from audit.keyset import KeysetChangeList
from audit.models import AuditRecord, TurnedAway
from audit.pages import BoundedChangeList, LoggedAdmin, in_oslo, stored
from audit.proof_section import PROOF, Proving, with_proof

SLACK = timedelta(seconds=1)


class AuditChangeList(BoundedChangeList):
    """The list of records; it fetches the columns it shows."""

    columns: tuple[str, ...] = (
        "id",
        "at",
        "consumer",
        "service",
        "endpoint",
        "outcome",
        "code",
        "account_info_request_id",
    )

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        records = super().get_queryset(request, exclude_parameters)
        return records.only(*self.columns)


class TurnedAwayChangeList(KeysetChangeList):
    """The list of sums."""

    moment = "minute"


SECTIONS: list[tuple[Any, list[Any]]] = [
    (_("Who asked"), ["consumer", "supplier", "client_id", "scopes", "audience", "requester_id"]),
    (_("By which law"), ["service", "service_version", "legal_mandate", "reference", "additional_reference_type"]),
    (
        _("What was asked"),
        [
            *("time", "method", "endpoint", "control_object", "account_reference"),
            *("from_date", "to_date", "only_primary_owner", "malformed"),
        ],
    ),
    (
        _("What was answered"),
        [
            *("outcome", "http_status", "code", "refusal", "items", "empty_because"),
            *("ledger_as_of", "accounts", "digest"),
            *("key_encryption", "content_encryption", "certificate_serial", "certificate_sha256"),
        ],
    ),
    (_("Proof"), [*PROOF]),
    (_("Technical"), ["account_info_request_id", "correlation_id", "jti", "duration_us", "id"]),
]


class AuditRecordAdmin(Proving, LoggedAdmin):
    """The records' pages. The desk registers them, without what whoever looks may not see."""

    list_display = ("time", "consumer", "service", "endpoint", "outcome", "code", "account_info_request_id")
    list_filter = (DayFilter, AgencyFilter, ServiceFilter, EndpointFilter, OutcomeFilter)
    search_fields = ("=account_info_request_id", "=correlation_id")  # never a person's number: searches end up in URLs
    search_help_text = _("An AccountInfoRequestID or a CorrelationID, whole. Never type a person's number here.")
    search_label = _("AccountInfoRequestID or CorrelationID")
    fieldsets = [(title, {"fields": names}) for title, names in SECTIONS]
    readonly_fields = [name for _title, names in SECTIONS for name in names]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return AuditChangeList

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> AuditRecord | None:
        """Look where the id's own time points: into one partition."""
        try:
            record_id = uuid.UUID(object_id)
            moment = datetime.fromtimestamp((record_id.int >> 80) / 1000, UTC)
            window = (moment - SLACK, moment + SLACK)
        except (ValueError, OverflowError):
            return None
        record = self.get_queryset(request).filter(pk=record_id, at__range=window).first()
        return with_proof(record, request.user) if record else None

    @admin.display(description=_("time (Oslo)"))
    def time(self, record: AuditRecord) -> str:
        return in_oslo(record.at)

    @admin.display(description=_("ledger as of (Oslo)"))
    def ledger_as_of(self, record: AuditRecord) -> str:
        return in_oslo(record.as_of)

    @admin.display(description="AdditionalReferenceID")
    def reference(self, record: AuditRecord) -> str:
        return _stored(record, "additional_reference")

    @admin.display(description=_("control object"))
    def control_object(self, record: AuditRecord) -> str:
        return _stored(record, "control_object")

    @admin.display(description=_("account reference"))
    def account_reference(self, record: AuditRecord) -> str:
        return _stored(record, "account_reference")

    @admin.display(description=_("refused for its form"))
    def malformed(self, record: AuditRecord) -> str:
        return stored(record.malformed_sealed)

    @admin.display(description=_("accounts answered"))
    def accounts(self, record: AuditRecord) -> str:
        return stored(record.accounts_sealed, *record.account_hashes)

    @admin.display(description=_("SHA-256 of the document"))
    def digest(self, record: AuditRecord) -> str:
        return bytes(record.document_digest).hex() if record.document_digest else "–"

    @admin.display(description=_("key encryption"))
    def key_encryption(self, record: AuditRecord) -> str:
        return _evidence(record, "key_algorithm")

    @admin.display(description=_("content encryption"))
    def content_encryption(self, record: AuditRecord) -> str:
        return _evidence(record, "content_encryption")

    @admin.display(description=_("serial number of the certificate"))
    def certificate_serial(self, record: AuditRecord) -> str:
        return _evidence(record, "certificate_serial")

    @admin.display(description=_("SHA-256 of the certificate"))
    def certificate_sha256(self, record: AuditRecord) -> str:
        return _evidence(record, "certificate_sha256")


def _evidence(record: AuditRecord, name: str) -> str:
    """Return what the record says of the encryption; an answer in plain JSON had none."""
    return str((record.evidence or {}).get(name, "–"))


def _stored(record: AuditRecord, name: str) -> str:
    digest = getattr(record, f"{name}_hash")
    return stored(getattr(record, f"{name}_sealed"), *([digest] if digest else []))


@admin.register(TurnedAway)
class TurnedAwayAdmin(LoggedAdmin):
    list_display = ("time", "reason", "agency", "count")
    list_display_links = None
    fields = ("time", "reason", "agency", "count")
    readonly_fields = fields

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return TurnedAwayChangeList

    @admin.display(description=_("minute (Oslo)"))
    def time(self, summed: TurnedAway) -> str:
        return f"{timezone.localtime(summed.minute):%Y-%m-%d %H:%M %Z}"

    @admin.display(description=_("agency"))
    def agency(self, summed: TurnedAway) -> str:
        return summed.consumer or str(_("not known: no valid signature"))
