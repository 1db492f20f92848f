"""The pages of the five routines: read by everybody who is signed in, changed by those with the right."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from compliance.acting import acting
from compliance.breach.forms import ContactForm, RoutineForm
from compliance.breach.framing import CHANGE, act_by_form, posted, to
from compliance.breach.models import Contact, Routine
from compliance.breach.routines import all_routines
from compliance.paging import desk_page
from legal.models import DataConsumer
from legal.register import today_in_oslo


@never_cache
@require_http_methods(["GET", "HEAD"])
def routines(request: HttpRequest) -> HttpResponse:
    """Show the five routines, and whom the notices go to."""
    today = today_in_oslo()
    names = dict(DataConsumer.objects.values_list("organisation_number", "name"))
    return desk_page(
        request,
        "desk/breach/routines.html",
        title=_("Routines"),
        rows=[(routine, routine.is_overdue(today)) for routine in all_routines()],
        contacts=[(contact, names.get(contact.agency, "Bits")) for contact in Contact.objects.order_by("agency", "id")],
        may_change=request.user.has_perm(CHANGE),
    )


@never_cache
@require_http_methods(["GET", "HEAD"])
def routine(request: HttpRequest, kind: str) -> HttpResponse:
    """Show a routine."""
    found = _routine(kind)
    return desk_page(
        request,
        "desk/breach/routine.html",
        title=found.get_kind_display(),
        routine=found,
        overdue=found.is_overdue(today_in_oslo()),
        may_change=request.user.has_perm(CHANGE),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, kind: str) -> HttpResponse:
    """Change a routine, or say that it was read again."""
    person, found = acting(request, CHANGE), _routine(kind)
    form = RoutineForm(posted(request), instance=found)

    def act() -> HttpResponse:
        changed: Routine = form.save(commit=False)
        if form.cleaned_data["is_reviewed"]:
            changed.reviewed_on, changed.reviewed_name = today_in_oslo(), str(person)
        changed.save()
        return to("desk_routine", kind)

    return act_by_form(request, form, act, title=str(found), words=_("Save"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest) -> HttpResponse:
    """Add somebody to write to."""
    acting(request, CHANGE)
    form = ContactForm(posted(request))

    def act() -> HttpResponse:
        try:
            with transaction.atomic():
                Contact.objects.create(**form.cleaned_data)
        except IntegrityError:
            messages.error(request, _("This address is there already."))
        return to("desk_routines")

    return act_by_form(request, form, act, title=_("Add a contact"), words=_("Add"))


@never_cache
@require_POST
def contact_gone(request: HttpRequest, pk: int) -> HttpResponse:
    """Take somebody off the list."""
    acting(request, CHANGE)
    get_object_or_404(Contact, pk=pk).delete()
    return to("desk_routines")


def _routine(kind: str) -> Routine:
    if kind not in Routine.Kind:
        raise Http404
    return next(each for each in all_routines() if each.kind == kind)
