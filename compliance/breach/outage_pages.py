"""The pages of planned outages: planned once, told to Bits and the agencies in words that two people stand behind."""

import uuid

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from compliance.acting import acting
from compliance.breach import noticing
from compliance.breach.forms import OutageForm
from compliance.breach.framing import HANDLE, act_by_form, done, posted, to
from compliance.breach.models import Outage
from compliance.paging import desk_page
from legal.models import DataConsumer, Person

LISTED = 100


@never_cache
@require_http_methods(["GET", "HEAD"])
def outages(request: HttpRequest) -> HttpResponse:
    """Show planned and past outages."""
    acting(request, HANDLE)
    now, rows = timezone.now(), list(Outage.objects.order_by("-starts_at")[:LISTED])
    planned = sorted((each for each in rows if each.ends_at > now), key=lambda each: each.starts_at)
    past = [each for each in rows if each.ends_at <= now]
    return desk_page(request, "desk/breach/outages.html", title=_("Planned outages"), planned=planned, past=past)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Plan an outage, and draft its notices."""
    person, form = acting(request, HANDLE), OutageForm(posted(request))

    def act() -> HttpResponse:
        return to("desk_outage", plan(**form.cleaned_data, by=person).pk)

    lead = _("Notices to Bits and to each open agency are drafted. Another person agrees before they are sent.")
    return act_by_form(request, form, act, title=_("Plan an outage"), words=_("Plan it"), lead=lead)


@never_cache
@require_http_methods(["GET", "HEAD"])
def outage(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show an outage and its notices."""
    acting(request, HANDLE)
    found = get_object_or_404(Outage, pk=pk)
    names = dict(DataConsumer.objects.values_list("organisation_number", "name"))
    notices = found.notices.order_by("agency").defer("text_sealed")
    return desk_page(
        request,
        "desk/breach/outage.html",
        title=_("Planned outage"),
        outage=found,
        notices=[(each, names.get(each.agency, "Bits")) for each in notices],
        may_call_off=found.called_off_at is None and found.ends_at > timezone.now(),
    )


@never_cache
@require_POST
def call_off(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Call an outage off."""
    person, found = acting(request, HANDLE), get_object_or_404(Outage, pk=pk)
    done(request, lambda: _call_off(found, person), _("It is called off. Tell those who were told of it."))
    return to("desk_outage", pk)


@transaction.atomic
def plan(*, by: Person, **given: object) -> Outage:
    """Return a new outage with the drafts of its notices. Raise ValidationError when another one overlaps it."""
    try:
        with transaction.atomic():
            made = Outage.objects.create(**given, planned_by=by, planned_name=str(by), planned_at=timezone.now())
    except IntegrityError:
        raise ValidationError(_("Another outage is planned in this time.")) from None
    noticing.write_about_outage(made, by=by)
    return made


@transaction.atomic
def _call_off(found: Outage, person: Person) -> None:
    fresh = Outage.objects.select_for_update().get(pk=found.pk)
    if fresh.called_off_at is not None or fresh.ends_at <= timezone.now():
        raise ValidationError(_("It is over, or called off already."))
    fresh.called_off_at, fresh.called_off_name = timezone.now(), str(person)
    fresh.save(update_fields=["called_off_at", "called_off_name"])
