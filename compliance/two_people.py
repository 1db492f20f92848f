"""What takes two people: one asks, another agrees. Judged by person, never by account, here and in the database."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from legal.models import Person


class TwoPeople(models.Model):
    """A request of one person that waits for another's consent. Names are copied in, as they were."""

    class Consent(models.TextChoices):
        WAITING = "waiting", gettext_lazy("waits for another person")
        AGREED = "agreed", gettext_lazy("agreed to")
        TURNED_DOWN = "turned_down", gettext_lazy("turned down")

    consent = models.CharField(gettext_lazy("consent"), max_length=11, choices=Consent, default=Consent.WAITING)
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=gettext_lazy("asked for by"))
    asked_name = models.CharField(gettext_lazy("asked for by"), max_length=190)
    asked_at = models.DateTimeField(gettext_lazy("asked for at"))
    judged_by = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name=gettext_lazy("judged by")
    )
    judged_name = models.CharField(gettext_lazy("judged by"), max_length=190, blank=True, default="")
    judged_at = models.DateTimeField(gettext_lazy("judged at"), null=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(judged_by__isnull=True) | ~Q(consent="agreed") | ~Q(judged_by=F("asked_by")),
                name="%(app_label)s_%(class)s_takes_two_people",
            ),
            models.CheckConstraint(
                condition=Q(consent="waiting", judged_by__isnull=True, judged_at__isnull=True)
                | Q(consent__in=["agreed", "turned_down"], judged_by__isnull=False, judged_at__isnull=False),
                name="%(app_label)s_%(class)s_says_who_judged",
            ),
        ]


def asked_by(person: Person) -> Mapping[str, Any]:
    """Return the columns of a new request by that person."""
    return {"asked_by": person, "asked_name": str(person), "asked_at": timezone.now()}


def judge(request: TwoPeople, person: Person, consent: str) -> None:
    """Agree to a waiting request, or turn it down, and save it. Raise ValidationError.

    The row is locked, so that two people who judge at once do not both succeed: call it in a transaction.
    """
    fresh = type(request)._base_manager.select_for_update().get(pk=request.pk)
    if fresh.consent != TwoPeople.Consent.WAITING:
        raise ValidationError(_("Somebody has judged this already."))
    if consent == TwoPeople.Consent.AGREED and fresh.asked_by == person:
        raise ValidationError(_("You asked for this yourself. Another person has to agree."))
    for row in (fresh, request):
        row.consent, row.judged_by, row.judged_name, row.judged_at = consent, person, str(person), timezone.now()
    fresh.save(update_fields=["consent", "judged_by", "judged_name", "judged_at"])
