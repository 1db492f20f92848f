"""The pages of breaches: opened, told of in words, decided over, and closed; with the clock of article 33 on each."""

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from audit.access import unless_noted
from compliance.acting import acting
from compliance.breach import noticing
from compliance.breach.bounds import Bounds
from compliance.breach.clock import Clock
from compliance.breach.forms import BreachForm, DecisionForm, DraftForm, StepForm, WordsForm
from compliance.breach.framing import HANDLE, PAGE, act_by_form, posted, to
from compliance.breach.models import Breach, Decided, Notice, Step, WrongDisclosure
from compliance.paging import desk_page

WORDS = ("happened", "categories", "consequences", "measures")
GROUNDS = ("authority_ground", "subjects_ground")
SNAPSHOT = ("criteria", "answers", "persons", "agencies")
LISTED = 100
both = require_http_methods(["GET", "HEAD", "POST"])


def clock_of(breach: Breach, sent_at: Any = None) -> Clock:
    """Return how the clock stands: now, or when Datatilsynet was told."""
    return Clock(breach.aware_at, sent_at or timezone.now(), told=sent_at is not None)


@never_cache
@require_http_methods(["GET", "HEAD"])
def breaches(request: HttpRequest) -> HttpResponse:
    """Show the breaches, the open ones first."""
    acting(request, HANDLE)
    rows = Breach.objects.order_by("closed_at", "-aware_at")[:LISTED]
    shown = [(breach, clock_of(breach)) for breach in sorted(rows, key=lambda each: each.closed_at is not None)]
    return desk_page(request, "desk/breach/breaches.html", title=_("Breaches"), rows=shown)


@never_cache
@both
def new(request: HttpRequest, disclosure: uuid.UUID | None = None) -> HttpResponse:
    """Open a breach, with what a search has counted where it follows from one."""
    person = acting(request, HANDLE)
    found = get_object_or_404(WrongDisclosure, pk=disclosure, finished_at__isnull=False) if disclosure else None
    form = BreachForm(posted(request), initial={"kind": Breach.Kind.WRONG_RULES} if found else None)

    def act() -> HttpResponse:
        given = form.cleaned_data
        named = {name: given[name] for name in ("kind", "discovered_at", "aware_at", "case_reference")}
        counted = {name: getattr(found, name) for name in SNAPSHOT} if found else {}
        breach = Breach(
            **named, **counted, disclosure=found, opened_by=person, opened_name=str(person), opened_at=timezone.now()
        )
        breach.write(**{name: given[name] for name in WORDS})
        breach.save(force_insert=True)
        return to("desk_breach", breach.pk)

    lead = _("The 72 hours of GDPR article 33 run from when the bank knew. All words are kept sealed.")
    return act_by_form(request, form, act, title=_("Open a breach"), words=_("Open it"), lead=lead)


@never_cache
@require_http_methods(["GET", "HEAD"])
def breach(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show a breach with its clock, its decisions, its steps and its notices."""
    acting(request, HANDLE)
    if refused := unless_noted(request, PAGE, pk):
        return refused
    found = get_object_or_404(Breach, pk=pk)
    notices = list(found.notices.order_by("asked_at", "id").defer("text_sealed"))
    told = [each.sent_at for each in notices if each.kind == Notice.Kind.AUTHORITY and each.sent_at]
    steps = [(step, step.shown("done")) for step in found.steps.order_by("at", "id")]
    return desk_page(
        request,
        "desk/breach/breach.html",
        title=_("Breach"),
        breach=found,
        clock=clock_of(found, min(told, default=None)),
        words=[(WordsForm.base_fields[name].label, found.shown(name)) for name in WORDS],
        grounds={name: found.shown(name) for name in GROUNDS},
        bounds=Bounds.of(found.criteria).as_json() if found.criteria else {},
        notices=notices,
        steps=steps,
        may_close=found.closed_at is None and Decided.OPEN not in {found.authority, found.subjects},
    )


@never_cache
@both
def words(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Write again what is known."""
    return _changed(request, pk, WordsForm, WORDS, _("What is known"), _write)


@never_cache
@both
def decision(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Decide whether Datatilsynet and those hit are told, with the ground."""
    return _changed(request, pk, DecisionForm, GROUNDS, _("Decide on the risk"), _decide)


@never_cache
@both
def step(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Write down what was done."""
    return _changed(request, pk, StepForm, (), _("A step"), _step)


@never_cache
@both
def draft(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Write the draft of a notice."""
    person = acting(request, HANDLE)
    found, form = get_object_or_404(Breach, pk=pk), DraftForm(posted(request))

    def act() -> HttpResponse:
        _refuse_closed(found)
        given = form.cleaned_data
        if given["kind"] == Notice.Kind.CORRECTION and (refused := unless_noted(request, PAGE, found.disclosure_id)):
            return refused
        notice = noticing.write_about_breach(found, given["kind"], agency=given["agency"], by=person)
        return to("desk_notice", notice.pk)

    return act_by_form(request, form, act, title=_("Draft a notice"), words=_("Write the draft"), back=found)


@never_cache
@both
def close(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Close a breach once everything is decided."""
    return _changed(request, pk, StepForm, (), _("Close the breach"), _close)


def _write(breach: Breach, given: dict[str, Any], person: Any) -> None:
    breach.write(**{name: given[name] for name in WORDS})
    breach.save(update_fields=[f"{name}_sealed" for name in WORDS])


def _decide(breach: Breach, given: dict[str, Any], person: Any) -> None:
    breach.authority, breach.subjects = given["authority"], given["subjects"]
    breach.decided_name, breach.decided_at = str(person), timezone.now()
    breach.write(**{name: given[name] for name in GROUNDS})
    sealed = [f"{name}_sealed" for name in GROUNDS]
    breach.save(update_fields=["authority", "subjects", "decided_name", "decided_at", *sealed])


def _step(breach: Breach, given: dict[str, Any], person: Any) -> None:
    made = Step(breach=breach, at=timezone.now(), by=person, by_name=str(person))
    made.write(done=given["done"])
    made.save(force_insert=True)


def _close(breach: Breach, given: dict[str, Any], person: Any) -> None:
    if Decided.OPEN in {breach.authority, breach.subjects}:
        raise ValidationError(_("Decide first who is told."))
    sent = {each.kind for each in breach.notices.filter(sent_at__isnull=False)}
    wanted = {Notice.Kind.AUTHORITY: breach.authority, Notice.Kind.CUSTOMERS: breach.subjects}
    if any(decided == Decided.YES and kind not in sent for kind, decided in wanted.items()):
        raise ValidationError(_("It was decided to tell somebody who has not been told."))
    _step(breach, given, person)
    breach.closed_by, breach.closed_name, breach.closed_at = person, str(person), timezone.now()
    breach.save(update_fields=["closed_by", "closed_name", "closed_at"])


def _refuse_closed(breach: Breach) -> None:
    if breach.closed_at is not None:
        raise ValidationError(_("The breach is closed."))


def _changed(  # noqa: PLR0917 - each page says all of it
    request: HttpRequest, pk: uuid.UUID, kind: Any, sealed: tuple[str, ...], title: str, change: Any
) -> HttpResponse:
    """Show a form over a breach that is open, or make the change and show the breach."""
    person = acting(request, HANDLE)
    if refused := unless_noted(request, PAGE, pk):
        return refused
    found = get_object_or_404(Breach, pk=pk)
    initial = {name: found.shown(name) for name in sealed}
    initial |= {"authority": found.authority, "subjects": found.subjects}
    form = kind(posted(request), initial=initial)

    def act() -> HttpResponse:
        with transaction.atomic():
            fresh = Breach.objects.select_for_update().get(pk=pk)
            _refuse_closed(fresh)
            change(fresh, form.cleaned_data, person)
        return to("desk_breach", pk)

    return act_by_form(request, form, act, title=title, words=_("Save"), back=found)
