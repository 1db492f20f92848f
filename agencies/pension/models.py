"""The agreements that the agency should hold, and what was last confirmed as sent to it."""

import hashlib
import uuid
from typing import Any, TypeVar

import pghistory
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import ExpressionWrapper
from django.utils.translation import gettext_lazy as _

DESIRED = ("provider", "employer", "reference", "from_month", "to_month", "wanted")
"""What people and files decide, and its history keeps; the rest is what became of it."""
NINE_DIGITS, A_MONTH = r"^[0-9]{9}$", r"^[0-9]{4}-(0[1-9]|1[0-2])$"
NOTHING, REGISTERED, UNDER_WAY = "nothing", "registered", "under_way"
SETTLED = (Q(wanted=True) & Q(sent_state=REGISTERED) & Q(sent_from=F("from_month")) & Q(sent_to=F("to_month"))) | Q(
    wanted=False
) & Q(sent_state=NOTHING)
LONGEST_REFERENCE = 4000

Model = TypeVar("Model", bound=type[models.Model])


def tracked(model: Model) -> Model:
    """Keep a copy of what is desired whenever that changes, but not each time it is sent."""
    events = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
    keep: Any = pghistory.track(
        *events,
        fields=[*DESIRED],
        model_name="AgreementEvent",
        obj_field=pghistory.ObjForeignKey(related_name="events"),
        append_only=True,
    )
    kept: Model = keep(model)
    return kept


def key_of(provider: str, employer: str, reference: str) -> uuid.UUID:
    """Return the id of the agreement: the same three are one agreement, here as with the agency."""
    named = "\n".join((provider, employer, reference)).encode()
    return uuid.UUID(bytes=hashlib.sha256(named).digest()[:16])


@tracked
class Agreement(models.Model):
    """One agreement of a provider with an employer; `differs` says that something about it is still to be sent.

    It is never deleted here: one that is not wanted any more stays, with what the agency was told about it.
    """

    class Sent(models.TextChoices):
        NOTHING = NOTHING, _("not registered")
        REGISTERED = REGISTERED, _("registered")
        UNDER_WAY = UNDER_WAY, _("sent, not answered")

    id = models.UUIDField(primary_key=True, editable=False)
    provider = models.CharField(_("provider"), max_length=9, help_text=_("Organisation number."))
    employer = models.CharField(_("employer"), max_length=9, help_text=_("Organisation number."))
    reference = models.CharField(
        _("reference"), max_length=LONGEST_REFERENCE, help_text=_("The provider's own. Never a person's number.")
    )
    from_month = models.CharField(_("first month"), max_length=7, blank=True, help_text=_("Such as 2021-01."))
    to_month = models.CharField(_("last month"), max_length=7, blank=True, help_text=_("Empty: it is still running."))
    wanted = models.BooleanField(_("wanted"), default=True, help_text=_("Not wanted: it is deleted at the agency."))
    changed_at = models.DateTimeField(_("changed at"))
    sent_state = models.CharField(_("at the agency"), max_length=10, choices=Sent, default=Sent.NOTHING)
    sent_from = models.CharField(_("first month sent"), max_length=7, blank=True)
    sent_to = models.CharField(_("last month sent"), max_length=7, blank=True)
    sent_at = models.DateTimeField(_("confirmed at"), null=True)
    failure = models.CharField(_("last failure"), max_length=300, blank=True)
    failed_at = models.DateTimeField(_("failed at"), null=True)
    differs = models.GeneratedField(
        expression=ExpressionWrapper(~SETTLED, output_field=models.BooleanField()),
        output_field=models.BooleanField(_("to be sent")),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("pension agreement")
        verbose_name_plural = _("pension agreements")
        indexes = [
            models.Index(fields=["changed_at", "id"], name="agreements_by_change"),
            models.Index(fields=["employer", "changed_at", "id"], name="agreements_by_employer"),
            models.Index(fields=["provider", "changed_at", "id"], name="agreements_by_provider"),
            models.Index(fields=["id"], condition=Q(differs=True), name="agreements_differing"),
            models.Index(fields=["changed_at", "id"], condition=Q(differs=True), name="agreements_differing_by_change"),
            models.Index(fields=["changed_at", "id"], condition=~Q(failure=""), name="agreements_failed_by_change"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(provider__regex=NINE_DIGITS, employer__regex=NINE_DIGITS), name="parties_are_nine_digits"
            ),
            models.CheckConstraint(condition=~Q(reference=""), name="an_agreement_has_a_reference"),
            models.CheckConstraint(
                condition=Q(from_month__regex=A_MONTH) | Q(from_month="", to_month="", wanted=False),
                name="a_wanted_agreement_begins",
            ),
            models.CheckConstraint(
                condition=Q(to_month="") | Q(to_month__regex=A_MONTH, to_month__gte=F("from_month")),
                name="an_agreement_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(sent_state__in=[NOTHING, REGISTERED, UNDER_WAY]), name="state_at_the_agency_is_listed"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
