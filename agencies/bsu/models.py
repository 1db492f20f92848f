"""Deliveries of the yearly report, with the exact bytes that are sent, and who asked for and agreed to their sending.

The bytes hold persons' numbers and are sealed as the audit trail seals them; what stands beside them names nobody.
"""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from legal.models import Person


class Delivery(models.Model):
    """One `leveranse`: a part of a report, its key, and what became of it. Bytes and key never change."""

    class State(models.TextChoices):
        PREPARED = "prepared", _("prepared")
        SENDING = "sending", _("sent, no answer kept yet")
        RECEIVED = "received", _("received, feedback awaited")
        ACCEPTED = "accepted", _("accepted")
        REJECTED = "rejected", _("rejected in the feedback")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    year = models.PositiveSmallIntegerField(_("income year"))
    institution = models.CharField(_("reporting institution"), max_length=9)
    report = models.UUIDField(_("report"), help_text=_("The parts of one report have this in common."))
    part = models.PositiveSmallIntegerField(_("part"), default=1)
    parts = models.PositiveSmallIntegerField(_("parts"), default=1)
    replaces = models.UUIDField(_("corrects the report"), null=True)
    reference = models.CharField(_("reference"), max_length=100)
    type = models.CharField(_("type of delivery"), max_length=16)
    accounts = models.PositiveIntegerField(_("accounts reported"))
    sums = models.JSONField(_("sums"))
    findings = models.JSONField(_("findings"), default=list)

    key = models.UUIDField("idempotencyKey", unique=True, default=uuid.uuid4)
    body_sealed = models.BinaryField(null=True)
    digest = models.BinaryField(_("SHA-256 of the bytes"))
    size = models.PositiveIntegerField(_("bytes"))

    state = models.CharField(_("state"), max_length=9, choices=State, default=State.PREPARED)
    prepared_at = models.DateTimeField(_("prepared at"))
    sent_at = models.DateTimeField(_("first sent at"), null=True)
    answered_at = models.DateTimeField(_("answered at"), null=True)
    dialog_id = models.CharField("dialogId", max_length=64, blank=True, default="")
    submission_id = models.CharField("forsendelseId", max_length=64, blank=True, default="")
    received_accounts = models.PositiveIntegerField(_("accounts received"), null=True)
    receipt = models.JSONField(_("receipt"), null=True)
    status = models.PositiveSmallIntegerField(_("HTTP status"), null=True)
    code = models.CharField(_("code"), max_length=16, blank=True, default="")
    correlation_id = models.CharField(_("correlation id"), max_length=64, blank=True, default="")
    faults = models.JSONField(_("faults named by the agency"), default=list)

    asked_at = models.DateTimeField(_("feedback asked for at"), null=True)
    times_asked = models.PositiveIntegerField(_("times feedback was asked for"), default=0)
    feedback_at = models.DateTimeField(_("feedback read at"), null=True)
    feedback_sealed = models.BinaryField(null=True)
    feedback = models.JSONField(_("feedback"), null=True)

    class Meta:
        verbose_name = _("BSU delivery")
        verbose_name_plural = _("BSU deliveries")
        default_permissions = ("view",)
        permissions = [
            ("request_sending", _("Can ask for a BSU delivery to be sent")),
            ("approve_sending", _("Can agree to the sending that another person asked for")),
        ]
        indexes = [models.Index(fields=["institution", "year", "prepared_at"], name="bsu_delivery_of_year")]
        constraints = [
            models.UniqueConstraint(fields=["report", "part"], name="bsu_part_once"),
            models.CheckConstraint(
                condition=Q(institution__regex=r"^[0-9]{9}$"), name="bsu_institution_is_nine_digits"
            ),
            models.CheckConstraint(condition=Q(part__gte=1, part__lte=F("parts")), name="bsu_part_is_one_of_the_parts"),
            models.CheckConstraint(
                condition=Q(state__in=["prepared", "withdrawn"]) | Q(sent_at__isnull=False),
                name="bsu_what_was_sent_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["received", "accepted", "rejected"]) | ~Q(submission_id=""),
                name="bsu_what_was_received_has_an_id",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class Sending(models.Model):
    """A person's request to send a delivery, and another's consent to it. Names are copied in, as they were."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waits for another person")
        APPROVED = "approved", _("approved, to be carried out")
        DONE = "done", _("carried out")
        ENDED = "ended", _("turned down or withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="sendings", verbose_name=_("delivery"))
    number = models.PositiveSmallIntegerField(_("number"), help_text=_("1 is the first sending, others send again."))
    digest = models.BinaryField(_("SHA-256 of the bytes"))
    because = models.CharField(_("reason"), max_length=500)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    requested_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("asked for by"))
    requested_name = models.CharField(_("asked for by"), max_length=190)
    requested_at = models.DateTimeField(_("asked for at"))
    approved_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", verbose_name=_("agreed to by"))
    approved_name = models.CharField(_("agreed to by"), max_length=190, blank=True, default="")
    approved_at = models.DateTimeField(_("agreed to at"), null=True)
    ended_name = models.CharField(_("ended by"), max_length=190, blank=True, default="")
    finished_at = models.DateTimeField(_("finished at"), null=True)
    recorded_at = models.DateTimeField(_("disclosure recorded at"), null=True)
    outcome = models.CharField(_("outcome"), max_length=120, blank=True, default="")

    class Meta:
        verbose_name = _("sending of a BSU delivery")
        verbose_name_plural = _("sendings of BSU deliveries")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["delivery", "number"], name="bsu_sending_once"),
            models.UniqueConstraint(
                fields=["delivery"],
                condition=Q(state__in=["waiting", "approved"]),
                name="bsu_one_open_sending_of_a_delivery",
            ),
            models.CheckConstraint(condition=~Q(because=""), name="bsu_a_sending_has_a_reason"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("requested_by")),
                name="bsu_two_people_stand_behind_a_sending",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "done"])
                | Q(approved_by__isnull=False, approved_at__isnull=False) & ~Q(approved_name=""),
                name="bsu_an_approved_sending_says_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(recorded_at__isnull=True) | Q(approved_at__isnull=False),
                name="bsu_only_approved_sendings_are_carried_out",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id}/{self.number}"
