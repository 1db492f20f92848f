"""The trail: one record for each question asked with a valid token, and sums of those turned away without one.

Of an agency's questions beyond its limit the first in a minute has a record, and the others are in the sums.
"""

from typing import Any

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.append_only import AppendOnly
from audit.retain.models import Decision, Held, MonthKey
from audit.seal.models import (
    AccessMembership,
    Checkpoint,
    DecisionMembership,
    RecordMembership,
    TurnedAwayMembership,
)
from audit.sealed import BEGINS_A_CHAIN, Sealed

__all__ = [
    "Access",
    "AccessMembership",
    "Answer",
    "AuditRecord",
    "Checkpoint",
    "Decision",
    "DecisionMembership",
    "Held",
    "MonthKey",
    "RecordMembership",
    "TurnedAway",
    "TurnedAwayMembership",
]


KINDS = ("consumer", "service", "legal_mandate", "endpoint", "outcome", "code")
"""Columns of few values each. Of every half a thousand records one index says which values are not among them, in a
thousandth of their size: a rare value is found without the rest being read, and a frequent one is near anyhow."""
SEEN_OR_NOT = "text_bloom_ops(n_distinct_per_range=16)"


class ByteaArrayField(models.Field):
    """A list of bytes. Django's own ArrayField wants an app installed that asks each new connection for types."""

    def db_type(self, connection: Any) -> str:
        return "bytea[]"


class AuditRecord(Sealed):
    """One question and what became of it, as values of their own: nothing here points at another table.

    In the database the key is (id, at), because the table is partitioned by the month of `at`; Django is told
    that it is `id`. The hashes are keyed and the sealed values encrypted: see secrecy.py.
    """

    class Outcome(models.TextChoices):
        ANSWERED = "answered", _("Answered")
        REFUSED = "refused", _("Refused")
        FAILED = "failed", _("Failed")
        SENT = "sent", _("Sent")

    at = models.DateTimeField(_("time"))
    duration_us = models.BigIntegerField(_("duration (µs)"))

    consumer = models.CharField(_("agency"), max_length=32)
    supplier = models.CharField(_("supplier"), max_length=32)
    client_id = models.CharField(_("client id"), max_length=255)
    jti = models.CharField(_("token id (jti)"), max_length=255)
    scopes = models.CharField(_("scopes"), max_length=2000)
    audience = models.CharField(_("audience"), max_length=255)
    requester_id = models.CharField("RequesterID", max_length=255)

    service = models.CharField(_("service"), max_length=64)
    service_version = models.IntegerField(_("version of the rules"), null=True)
    legal_mandate = models.CharField("Legal-Mandate", max_length=500)
    additional_reference_type = models.CharField(_("type of reference"), max_length=16)
    additional_reference_hash = models.BinaryField(null=True)
    additional_reference_sealed = models.BinaryField("AdditionalReferenceID", null=True)

    account_info_request_id = models.UUIDField("AccountInfoRequestID", null=True)
    correlation_id = models.UUIDField("CorrelationID", null=True)
    method = models.CharField(_("method"), max_length=16)
    endpoint = models.CharField(_("endpoint"), max_length=64)
    control_object_hash = models.BinaryField(null=True)
    control_object_sealed = models.BinaryField(_("control object"), null=True)
    account_reference_hash = models.BinaryField(null=True)
    account_reference_sealed = models.BinaryField(_("account reference"), null=True)
    from_date = models.DateField(_("from date"), null=True)
    to_date = models.DateField(_("to date"), null=True)
    only_primary_owner = models.BooleanField("OnlyPrimaryOwner", null=True)
    malformed_sealed = models.BinaryField(_("refused for its form"), null=True)

    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome)
    http_status = models.SmallIntegerField(_("HTTP status"))
    code = models.CharField(_("code"), max_length=16)
    refusal = models.CharField(_("refusal"), max_length=64)
    items = models.IntegerField(_("number of items"), null=True)
    as_of = models.DateTimeField(_("ledger as of"), null=True)
    empty_because = models.CharField(_("why the list was empty"), max_length=64)
    account_hashes = ByteaArrayField()
    accounts_sealed = models.BinaryField(_("accounts answered"), null=True)
    document_digest = models.BinaryField(_("SHA-256 of the document"), null=True)
    evidence = models.JSONField(null=True)
    control_object_commitment = models.BinaryField(null=True)
    answer_digest = models.BinaryField(null=True)

    class Meta(Sealed.Meta):
        db_table = "audit_record"
        verbose_name = _("audit record")
        verbose_name_plural = _("audit records")
        # Each one is paid for by every request; what compliance asks for is here and no more.
        indexes = [
            models.Index(fields=["at", "id"], name="audit_record_newest"),
            models.Index(fields=["account_info_request_id", "at"], name="audit_record_case"),
            models.Index(fields=["correlation_id", "at"], name="audit_record_correlation"),
            models.Index(fields=["control_object_hash", "at"], name="audit_record_control_object"),
            models.Index(
                fields=["requester_id", "at"], condition=~models.Q(requester_id=""), name="audit_record_requester"
            ),
            BrinIndex(
                fields=KINDS,
                name="audit_record_kinds",
                opclasses=[SEEN_OR_NOT] * len(KINDS),
                pages_per_range=64,
                autosummarize=True,
            ),
            models.Index(fields=["xact"], name="audit_record_xact"),
            models.Index(fields=["writer"], condition=BEGINS_A_CHAIN, name="audit_record_writer"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class TurnedAway(Sealed):
    """How many requests one worker turned away in one minute for one reason: without a valid token, or beyond a limit.

    The consumer is known only where the token's signature was valid; `other` stands for those past the bound.
    """

    minute = models.DateTimeField()
    reason = models.CharField(_("reason"), max_length=64)
    consumer = models.CharField(_("agency"), max_length=32)
    count = models.BigIntegerField(_("count"))

    class Meta(Sealed.Meta):
        db_table = "audit_turned_away"
        verbose_name = _("sum of requests turned away")
        verbose_name_plural = _("sums of requests turned away")
        indexes = [
            models.Index(fields=["minute", "id"], name="audit_turned_away_newest"),
            models.Index(fields=["xact"], name="audit_turned_away_xact"),
            models.Index(fields=["writer"], condition=BEGINS_A_CHAIN, name="audit_turned_away_writer"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Answer(AppendOnly):
    """The document that was answered, as a ciphertext; the record of the same id holds this ciphertext's digest.

    Written in one statement with its record. In the database the key is (id, at), as the record's.
    """

    at = models.DateTimeField()
    document = models.BinaryField()

    class Meta(AppendOnly.Meta):
        db_table = "audit_answer"
        default_permissions = ()  # type: ignore[assignment]


class Access(Sealed):
    """Somebody looked at the trail: who, at which page, and at which record or by which filters.

    At the desk also why, in which of the bank's own cases, by whose number (the keyed hash that records have), and what
    was noticed of it: `marks`, words with blanks between them.
    """

    at = models.DateTimeField(_("time"))
    person = models.CharField(_("person"), max_length=140)
    account = models.CharField(_("account"), max_length=150)
    page = models.CharField(_("page"), max_length=64)
    concerning = models.UUIDField(_("what was opened"), null=True)
    words = models.CharField(_("filters"), max_length=500)
    reason = models.CharField(_("reason"), max_length=400, null=True)
    case_reference = models.CharField(_("the bank's case"), max_length=64, null=True)
    sought_hash = models.BinaryField(null=True)
    marks = models.CharField(_("marks"), max_length=200, null=True)

    class Meta(Sealed.Meta):
        db_table = "audit_access"
        verbose_name = _("access to the trail")
        verbose_name_plural = _("accesses to the trail")
        indexes = [
            models.Index(fields=["at", "id"], name="audit_access_newest"),
            models.Index(fields=["concerning", "at"], name="audit_access_concerning"),
            models.Index(fields=["xact"], name="audit_access_xact"),
            models.Index(fields=["writer"], condition=BEGINS_A_CHAIN, name="audit_access_writer"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
