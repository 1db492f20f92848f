"""One record explained on a page and as text; its numbers in full and its document to those who say why."""

import uuid
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from audit.access import unless_noted
from audit.models import AuditRecord
from audit.proof_section import with_proof
from audit.secrecy import NotRevealed
from compliance.acting import acting
from compliance.explaining.documents import kept_of
from compliance.explaining.numbers import numbers_of
from compliance.explaining.words import Section, explanation_of, printed
from compliance.finding.records import record_with
from compliance.finding.shielding import hidden_from
from compliance.paging import desk_page
from compliance.reasons import ReasonForm

VIEW, NUMBERS, DOCUMENT = "audit.view_auditrecord", "compliance.see_numbers", "compliance.open_document"
RULES = "legal.view_serviceversion"
FOLDER = "desk/explaining"


@require_safe
def explained(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show one record in plain words."""
    acting(request, VIEW)
    if refused := unless_noted(request, "desk explained", pk):
        return refused
    record = with_proof(seen(request, pk), request.user)
    told = explanation_of(record)
    return page(
        request,
        "explained",
        record,
        title=told.title,
        told=told,
        proof=proof_of(record),
        version=told.version if request.user.has_perm(RULES) else None,
        checkpoint=checkpoint_of(record, request.user),
        ask_numbers=ReasonForm(auto_id="numbers_%s") if request.user.has_perm(NUMBERS) else None,
        ask_document=ReasonForm(auto_id="document_%s") if request.user.has_perm(DOCUMENT) else None,
    )


@require_safe
def as_text(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Give the same as plain text, to be printed."""
    acting(request, VIEW)
    if refused := unless_noted(request, "desk explained", pk, "text"):
        return refused
    record = with_proof(seen(request, pk), request.user)
    text = printed(explanation_of(record), [Section(_("Proof"), tuple(proof_of(record)))])
    return never_kept(_file(text.encode(), "text/plain; charset=utf-8", f"{pk}.txt"))


@require_POST
def numbers(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show the numbers of a record in full, once, to whoever has said why."""
    acting(request, VIEW, NUMBERS)
    form = ReasonForm(request.POST, auto_id="numbers_%s")
    if not form.is_valid():
        return never_kept(desk_page(request, f"{FOLDER}/why.html", title=_("Numbers in full"), form=form, pk=pk))
    if refused := unless_noted(request, "desk numbers", pk, why=form.why):
        return refused
    record = seen(request, pk)
    return page(request, "numbers", record, title=_("Numbers in full"), numbers=opened(record))


@require_POST
def document(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show what was answered, or hand it out as a file, to whoever has said why."""
    acting(request, VIEW, DOCUMENT)
    form, title = ReasonForm(request.POST, auto_id="document_%s"), _("What was answered")
    as_file = "file" in request.POST
    if not form.is_valid():
        return never_kept(desk_page(request, f"{FOLDER}/why.html", title=title, form=form, pk=pk, opens_document=True))
    if refused := unless_noted(request, "desk document", pk, "file" if as_file else "", why=form.why):
        return refused
    record = seen(request, pk)
    kept = kept_of(record)
    if as_file and kept.document:
        return never_kept(_file(kept.document, "application/json", f"{pk}.json"))
    return page(request, "document", record, title=title, kept=kept, digest=digest_of(record))


def seen(request: HttpRequest, pk: uuid.UUID) -> AuditRecord:
    """Return the record. Raise Http404, or PermissionDenied where it is about a shielded person."""
    record = record_with(pk)
    if record is None:
        raise Http404
    if hidden_from(request.user, [record]):
        raise PermissionDenied
    return record


def opened(record: AuditRecord) -> Any:
    """Return the numbers of a record; None where they can be read no more."""
    try:
        return numbers_of(record)
    except NotRevealed:
        return None


def proof_of(record: Any) -> list[str]:
    """Return what can be said of a record's proof."""
    place, sealed = record.proof.checkpoint, _("The record is not sealed yet: the next checkpoint takes it in.")
    if place is not None:
        told = {"number": place.checkpoint, "position": place.position, "size": place.size or "?"}
        sealed = _("The record is sealed in checkpoint %(number)s, at position %(position)s of %(size)s.") % told
    digest = digest_of(record)
    said = _("SHA-256 of what was sent or answered: %(digest)s.") % {"digest": digest} if digest else ""
    answer = _("Answered document: %(state)s.") % {"state": record.proof.answer}
    return [sentence for sentence in (sealed, said, answer) if sentence]


def digest_of(record: AuditRecord) -> str:
    return bytes(record.document_digest).hex() if record.document_digest else ""


def checkpoint_of(record: Any, user: Any) -> int | None:
    """Return the checkpoint that a record is sealed in, for those who may look at it."""
    place = record.proof.checkpoint
    return place.checkpoint if place is not None and user.has_perm("audit.view_checkpoint") else None


def page(request: HttpRequest, name: str, record: AuditRecord, **context: Any) -> HttpResponse:
    """Return a page about a record, with the way to it; nobody keeps it."""
    return never_kept(desk_page(request, f"{FOLDER}/{name}.html", record=record, pk=record.pk, **context))


def never_kept(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response


def _file(content: bytes, media_type: str, name: str) -> HttpResponse:
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=media_type, headers=disposition)
