"""What a record's page says of its proof: where it is sealed, whether its answer is kept, and who wrote it."""

from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.contrib import admin
from django.db.models import CharField, Exists, Func, OuterRef, Subquery
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from audit.models import Answer, AuditRecord, Checkpoint, Decision, MonthKey, RecordMembership
from audit.retain.month_keys import LONGEST_NAME
from audit.retain.policy import policy_in_force

KEY = Func(
    OuterRef("document"),
    template=f"split_part(encode(substring(%(expressions)s FROM 1 FOR {LONGEST_NAME}), 'escape'), ':', 1)",
    output_field=CharField(),
)
"""The name of the key that an answer is encrypted with, without reading more of it."""
PROOF = ("sealed_in", "answer_kept", "written_by", "who_looked")


@dataclass(frozen=True, slots=True)
class Proof:
    """What the section says. `checkpoint` is the row's membership with the size beside it, or nothing yet."""

    checkpoint: RecordMembership | None
    answer: str
    reader: Any


class Proving:
    """An admin of records whose page has this section."""

    @admin.display(description=_("sealed"))
    def sealed_in(self, record: Any) -> SafeString | str:
        place = record.proof.checkpoint
        if place is None:
            return str(_("not sealed yet"))
        told = _("checkpoint %(number)s, position %(position)s of %(size)s") % {
            "number": place.checkpoint,
            "position": place.position,
            "size": "?" if place.size is None else place.size,
        }
        return _link(record, "audit.view_checkpoint", "audit_checkpoint_change", [place.checkpoint], told)

    @admin.display(description=_("answered document"))
    def answer_kept(self, record: Any) -> str:
        return record.proof.answer

    @admin.display(description=_("written by"))
    def written_by(self, record: Any) -> str:
        """Return the connection that wrote it; the release before this one named none."""
        if record.writer is None:
            return "–"
        return str(_("%(writer)s, its row %(number)s") % {"writer": record.writer, "number": record.writer_number})

    @admin.display(description=_("who looked"))
    def who_looked(self, record: Any) -> SafeString | str:
        told = str(_("those who opened this record"))
        return _link(record, "audit.view_access", "audit_access_changelist", [], told, query=f"?q={record.pk}")


def with_proof(record: AuditRecord, reader: Any) -> AuditRecord:
    """Return the record with what its page says of its proof, in two statements whatever there is."""
    place = RecordMembership.objects.filter(pk=record.pk, at=record.at).annotate(
        size=Subquery(Checkpoint.objects.filter(pk=OuterRef("checkpoint")).values("size"))
    )
    record.proof = Proof(place.first(), _answer(record), reader)  # type: ignore[attr-defined]
    return record


def _answer(record: AuditRecord) -> str:
    """Return whether what was answered can still be opened, and from which day on it may be deleted."""
    kept = Answer.objects.filter(pk=record.pk, at=record.at).annotate(opens=Exists(MonthKey.objects.filter(name=KEY)))
    opens = kept.values_list("opens", flat=True).first()
    if record.answer_digest is None:
        return str(_("none was kept"))
    if not opens:
        return str(_("deleted; its digest remains"))
    month = record.at.astimezone(UTC).date().replace(day=1)
    due = policy_in_force().due_from(Decision.What.DOCUMENTS, record.service, month)
    return str(_("kept; may be deleted from %(day)s on") % {"day": due.isoformat()})


def _link(record: Any, right: str, page: str, arguments: list[Any], told: str, *, query: str = "") -> SafeString | str:
    """Return the words, as a link for those who may follow it."""
    if not record.proof.reader.has_perm(right):
        return told
    return format_html('<a href="{}{}">{}</a>', reverse(f"admin:{page}", args=arguments), query, told)
