"""What is done with a request, each by one POST: who asks, decisions, letters, and its end."""

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.parties import LedgerSilent
from audit.access import unless_noted
from audit.secrecy import NotRevealed
from compliance.citizens import writing
from compliance.citizens.contents import keep_asker, letter_bytes
from compliance.citizens.deciding import Verdict, decide_many, decide_singly, refuse_ended
from compliance.citizens.forms import AskerForm, EndForm, LetterForm, ManyForm, SentForm, VerdictForm
from compliance.citizens.models import CitizenLetter
from compliance.citizens.registering import take_in
from compliance.citizens.request_page import PAGE, Opened, opened, shown
from legal.register import today_in_oslo

LETTER = "desk letter"
MOST_TICKED = 500


@require_POST
def asker(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Keep to whom the letters go, and how the identity was verified."""
    open_, form = opened(request, pk), AskerForm(request.POST, auto_id="asker_%s")

    def act() -> str:
        if open_.asker is None:
            raise ValidationError(_("Who asked is deleted."))
        with transaction.atomic():
            row = refuse_ended(open_.row)
            row.identity = form.cleaned_data["identity"]
            row.save(update_fields=["identity"])
            keep_asker(row, form.asker(open_.asker.number))
        return _("Name and address are kept.")

    return _done(open_, "asker_form", form, act)


@require_POST
def rows(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Decide the rows that were ticked."""
    open_, form = opened(request, pk), VerdictForm(request.POST, auto_id="single_%s")
    ticked = request.POST.getlist("row")
    if len(ticked) > MOST_TICKED or not all(text.isascii() and text.isdecimal() and len(text) < 19 for text in ticked):
        raise Http404

    def act() -> str:
        return decided(decide_singly(open_.row, [int(text) for text in ticked], _verdict(form), by=open_.by))

    return _done(open_, "single_form", form, act)


@require_POST
def many(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Decide all rows of a service, or all that stand alike; those that were decided by themselves stay."""
    open_ = opened(request, pk)
    services = sorted(set(open_.row.disclosures.order_by().values_list("service", flat=True).distinct()) - {""})
    form = ManyForm(request.POST, services=services)

    def act() -> str:
        told = form.cleaned_data
        which = {"service": told["service"], "decision": told["standing"], "ground": told["standing_ground"]}
        return decided(decide_many(open_.row, _verdict(form), **which, by=open_.by))

    return _done(open_, "many_form", form, act)


@require_POST
def take_in_later_ones(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Lay down what was recorded since then too, once it is noted that somebody looks for it."""
    open_ = opened(request, pk)
    if refused := unless_noted(request, PAGE, pk, "later ones", why=open_.why):
        return refused

    def act() -> str:
        if open_.asker is None or not open_.row.is_open:
            raise ValidationError(_("This request has ended; nothing of it is changed any more."))
        came = take_in(open_.row, open_.asker.number)
        return ngettext("%(n)d disclosure was taken in.", "%(n)d disclosures were taken in.", came) % {"n": came}

    return _done(open_, "", Form({}), act)


@require_POST
def letters(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Make a letter: its digest is noted first, and then its exact bytes are kept."""
    open_, form = opened(request, pk), LetterForm(request.POST, auto_id="letter_%s")
    if not form.is_valid():
        return _faulty(open_, "letter_form", form)
    kind, refusal = form.cleaned_data["kind"], form.cleaned_data["refusal"]
    try:
        if open_.asker is None:
            raise ValidationError(_("Who asked is deleted."))
        made = writing.make(open_.row, open_.asker, kind, refusal=refusal)
        words = f"made {kind} sha256={made.digest.hex()}"
        if refused := unless_noted(request, LETTER, made.id, words, why=open_.why):
            return refused
        writing.keep(open_.row, made, by=open_.by)
    except ValidationError as refused_because:
        form.add_error(None, refused_because)
        return _faulty(open_, "letter_form", form)
    messages.success(request, _("The letter is made. Read it before you send it."))
    return _back(pk)


@require_POST
def download(request: HttpRequest, pk: uuid.UUID, letter: uuid.UUID) -> HttpResponse:
    """Return the exact bytes of a letter, once it is noted."""
    open_ = opened(request, pk)
    row = get_object_or_404(CitizenLetter, pk=letter, request=open_.row)
    digest = bytes(row.digest)
    if refused := unless_noted(request, LETTER, row.pk, f"downloaded sha256={digest.hex()}", why=open_.why):
        return refused
    try:
        content = letter_bytes(row.pk)
    except NotRevealed:
        content = None
    if content is None or writing.digest_of(content) != digest:
        raise Http404
    name = f"{row.kind}-{row.pk}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


@require_POST
def sent(request: HttpRequest, pk: uuid.UUID, letter: uuid.UUID) -> HttpResponse:
    """Keep on which day a letter was sent."""
    open_, form = opened(request, pk), SentForm(request.POST, auto_id=False)
    row = get_object_or_404(CitizenLetter, pk=letter, request=open_.row)

    def act() -> str:
        writing.mark_sent(open_.row, row, form.cleaned_data["sent_on"], by=open_.by)
        return _("The letter is marked as sent.")

    return _done(open_, "sent_form", form, act)


@require_POST
def end_without_letter(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """End a request that nobody answers: it was withdrawn, or a mistake."""
    open_, form = opened(request, pk), EndForm(request.POST, auto_id="end_%s")

    def act() -> str:
        writing.end(open_.row, form.cleaned_data["ending"], today_in_oslo(), by=open_.by)
        return _("The request has ended.")

    return _done(open_, "end_form", form, act)


def decided(rows_: int) -> str:
    """Return how many rows were decided, in words."""
    return ngettext("%(n)d disclosure was decided.", "%(n)d disclosures were decided.", rows_) % {"n": rows_}


def _verdict(form: Form) -> Verdict:
    return Verdict(form.cleaned_data["decision"], form.cleaned_data["ground"], form.cleaned_data["words"])


def _done(open_: Opened, name: str, form: Form, act: Callable[[], str]) -> HttpResponse:
    """Do what a valid form says and show the request again, or the form with what is wrong."""
    if not form.is_valid():
        return _faulty(open_, name, form)
    try:
        messages.success(open_.request, act())
    except ValidationError as refused:
        form.add_error(None, refused)
        return _faulty(open_, name, form)
    except LedgerSilent:
        messages.error(open_.request, _("The ledger could not be asked. Nothing was changed."))
    return _back(open_.row.pk)


def _faulty(open_: Opened, name: str, form: Form) -> HttpResponse:
    if not name:
        messages.error(open_.request, " ".join(map(str, form.non_field_errors())))
        return _back(open_.row.pk)
    open_.forms[name] = form
    return shown(open_)


def _back(pk: uuid.UUID) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:desk_citizen", args=[pk]))
