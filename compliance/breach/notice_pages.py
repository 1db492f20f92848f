"""The page of a notice: its words, who wrote and agreed to them, and when they were sent; and the same as PDF."""

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from audit.access import unless_noted
from audit.secrecy import NotRevealed
from compliance.acting import acting
from compliance.breach import noticing
from compliance.breach.forms import SentForm, TextForm
from compliance.breach.framing import APPROVE, HANDLE, PAGE, act_by_form, done, to
from compliance.breach.models import Notice
from compliance.breach.notice_letter import pdf_of
from compliance.letters.typesetting import LetterNotSet
from compliance.paging import desk_page
from compliance.two_people import TwoPeople
from legal.models import Person

Consent = TwoPeople.Consent


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def notice(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show a notice and what may be done with it; a post says what is done."""
    person, found = acting(request, HANDLE), get_object_or_404(Notice, pk=pk)
    if refused := unless_noted(request, PAGE, pk):
        return refused
    if request.method == "POST":
        return _act(request, found, person)
    may = request.user.has_perm(APPROVE)
    waits, agreed = found.consent == Consent.WAITING, found.consent == Consent.AGREED
    return desk_page(
        request,
        "desk/breach/notice.html",
        title=_("Notice"),
        notice=found,
        text=found.shown("text"),
        seen=noticing.fingerprint(found),
        waits=waits,
        mine=found.asked_by_id == person.pk,
        may_agree=may and waits and found.asked_by_id != person.pk,
        may_end=may and waits,
        sendable=agreed and found.sent_at is None,
        told=noticing.addresses_of(found),
        addresses=noticing.sendable_to(found) if agreed and found.sent_at is None else [],
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def text(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Write a notice again that waits."""
    person, found = acting(request, HANDLE), get_object_or_404(Notice, pk=pk)
    if refused := unless_noted(request, PAGE, pk):
        return refused
    sending = request.method == "POST"
    form = TextForm(request.POST if sending else None, initial={"text": found.shown("text")})

    def act() -> HttpResponse:
        noticing.revise(found, form.cleaned_data["text"], seen=request.POST.get("seen", ""), by=person)
        return to("desk_notice", pk)

    hidden = {"seen": request.POST.get("seen", "") if sending else noticing.fingerprint(found)}
    lead = _("Whoever saves the words cannot agree to them. Lines with # are headings, lines with - are points.")
    return act_by_form(
        request, form, act, title=_("The words of a notice"), words=_("Save"), lead=lead, hidden=hidden, notice=found
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sent(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Mark a notice as sent."""
    person, found = acting(request, HANDLE), get_object_or_404(Notice, pk=pk)
    form = SentForm(request.POST if request.method == "POST" else None)

    def act() -> HttpResponse:
        noticing.mark_sent(found, how=form.cleaned_data["how"], at=form.cleaned_data["at"], by=person)
        return to("desk_notice", pk)

    return act_by_form(request, form, act, title=_("Mark as sent"), words=_("It was sent"), notice=found)


@never_cache
@require_http_methods(["GET", "HEAD"])
def pdf(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Return the notice as PDF."""
    acting(request, HANDLE)
    found = get_object_or_404(Notice, pk=pk)
    if refused := unless_noted(request, PAGE, pk, "pdf"):
        return refused
    try:
        content = pdf_of(found.read("text"), title=found.get_kind_display())
    except NotRevealed:
        raise Http404 from None
    except LetterNotSet as wrong:
        messages.error(request, str(wrong))
        return to("desk_notice", pk)
    named = {"Content-Disposition": f'attachment; filename="{found.kind}-{found.pk}.pdf"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type="application/pdf", headers=named)


def _act(request: HttpRequest, found: Notice, person: Person) -> HttpResponse:
    seen = request.POST.get("seen", "")
    acts: dict[str, tuple[str, Callable[[], None], str]] = {
        "agree": (APPROVE, lambda: noticing.decide(found, Consent.AGREED, seen=seen, by=person), _("You agreed.")),
        "turn_down": (
            APPROVE,
            lambda: noticing.decide(found, Consent.TURNED_DOWN, seen=seen, by=person),
            _("It was turned down."),
        ),
        "email": (HANDLE, lambda: noticing.send_by_email(found, by=person), _("It was sent by e-mail.")),
    }
    if len(asked := request.POST.getlist("do")) != 1 or asked[0] not in acts:
        raise Http404
    right, act, words = acts[asked[0]]
    if not request.user.has_perm(right):
        raise PermissionDenied
    done(request, act, words)
    return to("desk_notice", found.pk)
