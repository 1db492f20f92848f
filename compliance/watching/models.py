"""What the watcher keeps: sums by the hour, who stands out by the day, the limits, and the alerts they raised."""

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from uuid_utils.compat import uuid7

from compliance.watching.kinds import KINDS, Audience, Kind
from compliance.watching.windows import Length
from legal.history import tracked
from legal.models import Person

CHOICES = [(code, kind.label) for code, kind in KINDS.items()]
LENGTHS = [(length.value, length.label) for length in Length if length != Length.YEAR]
NOBODYS = "@"
"""Stands before the name of an account that was nobody's, where else an employee id is."""


class CountsField(models.Field):
    """A list of numbers. Django's own ArrayField wants an app installed that asks each new connection for types."""

    def db_type(self, connection: Any) -> str:
        return "bigint[]"


class Tally(models.Model):
    """How many questions of an hour were alike, and how long they took; `histogram` counts by the bounds in folding.py.

    Requests without a valid token or beyond a limit stand among them under the outcome `turned_away`, with the reason
    as `refusal`.
    """

    hour = models.DateTimeField()
    consumer = models.CharField(max_length=32)
    service = models.CharField(max_length=64)
    endpoint = models.CharField(max_length=64)
    outcome = models.CharField(max_length=16)
    code = models.CharField(max_length=16)
    refusal = models.CharField(max_length=64)
    empty_because = models.CharField(max_length=64)
    count = models.BigIntegerField()
    duration_us = models.BigIntegerField()
    histogram = CountsField()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["hour"], name="watching_tally_hour")]

    def __str__(self) -> str:
        return str(self.pk)


class StaffTally(models.Model):
    """How often one of the bank's own looked at the trail in an hour, in all (`look`) and by each mark."""

    hour = models.DateTimeField()
    person = models.CharField(max_length=160)
    mark = models.CharField(max_length=16)
    count = models.BigIntegerField()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["hour"], name="watching_staff_tally_hour")]

    def __str__(self) -> str:
        return str(self.pk)


class StandOut(models.Model):
    """Who stood out on a day: the RequesterIDs with most persons, and the persons with most cases, by keyed hash."""

    class Kind(models.TextChoices):
        REQUESTER = "requester", "RequesterID"
        PERSON = "person", gettext_lazy("a person")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    day = models.DateField()
    kind = models.CharField(max_length=9, choices=Kind)
    consumer = models.CharField(max_length=32)
    subject_hash = models.BinaryField()
    subject_sealed = models.BinaryField(null=True)
    number = models.BigIntegerField()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["day", "kind"], name="watching_stand_out_day")]

    def __str__(self) -> str:
        return str(self.pk)


class Folding(models.Model):
    """How far the trail is folded, in one row. Hours before `until` are folded for good."""

    first = models.DateTimeField()
    until = models.DateTimeField()
    reached = models.DateTimeField()
    succeeded_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_row_says_how_far")]

    def __str__(self) -> str:
        return f"{self.until:%Y-%m-%dT%H:%MZ}"


@tracked
class WatchRule(models.Model):
    """From how many on something is strange, in which window of time, and whether anybody is to be told."""

    kind = models.CharField(gettext_lazy("what is counted"), max_length=16, choices=CHOICES, unique=True)
    window = models.CharField(gettext_lazy("within"), max_length=5, choices=LENGTHS)
    threshold = models.PositiveIntegerField(gettext_lazy("limit"))
    is_on = models.BooleanField(gettext_lazy("on"), default=True)

    class Meta:
        default_permissions = ()
        verbose_name = gettext_lazy("limit of what is strange")
        verbose_name_plural = gettext_lazy("limits of what is strange")
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=Q(threshold__gte=1), name="a_limit_is_reached_by_something")]

    def __str__(self) -> str:
        return str(self.known.label)

    @property
    def known(self) -> Kind:
        return KINDS[self.kind]

    @property
    def audience(self) -> Audience:
        return self.known.audience

    def clean(self) -> None:
        """Refuse a window in which this is not counted."""
        if self.kind in KINDS and self.window and Length(self.window) not in self.known.lengths:
            told = ", ".join(str(length.label) for length in self.known.lengths)
            raise ValidationError({"window": _("This is counted only within: %(lengths)s.") % {"lengths": told}})


@tracked
class Alert(models.Model):
    """A limit was reached by somebody in one window of time: raised once, and settled in words by a person.

    `subject` is an organisation number, an endpoint, an employee id, or the keyed hash of a person or a RequesterID.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    rule = models.ForeignKey(WatchRule, models.PROTECT, related_name="alerts", verbose_name=gettext_lazy("limit"))
    kind = models.CharField(gettext_lazy("what was counted"), max_length=16, choices=CHOICES)
    audience = models.CharField(max_length=10, choices=Audience)
    consumer = models.CharField(gettext_lazy("agency"), max_length=32)
    subject = models.CharField(max_length=200)
    subject_sealed = models.BinaryField(null=True)
    about = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    window = models.CharField(max_length=5, choices=LENGTHS)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    observed = models.BigIntegerField(gettext_lazy("counted"))
    threshold = models.BigIntegerField(gettext_lazy("limit"))
    raised_at = models.DateTimeField(gettext_lazy("raised at"))
    settled_at = models.DateTimeField(gettext_lazy("settled at"), null=True)
    settled_by = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name=gettext_lazy("settled by")
    )
    settled_name = models.CharField(gettext_lazy("settled by"), max_length=190, blank=True, default="")
    words = models.CharField(gettext_lazy("in words"), max_length=500, blank=True, default="")

    class Meta:
        default_permissions = ()
        verbose_name = gettext_lazy("alert")
        verbose_name_plural = gettext_lazy("alerts")
        indexes = [models.Index(fields=["audience", "raised_at", "id"], name="watching_alert_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "consumer", "subject", "begins_at", "window"], name="an_alert_is_raised_once"
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True, words="")
                | Q(settled_at__isnull=False, settled_by__isnull=False) & ~Q(words=""),
                name="who_settles_says_why",
            ),
            models.CheckConstraint(
                condition=Q(about__isnull=True) | Q(settled_by__isnull=True) | ~Q(settled_by=F("about")),
                name="nobody_settles_what_is_about_himself",
            ),
            models.CheckConstraint(
                condition=Q(settled_by__isnull=True) | Q(about__isnull=False) | ~Q(subject__startswith=NOBODYS),
                name="what_is_about_a_nobody_is_not_settled",
            ),
        ]

    def __str__(self) -> str:
        return str(self.known.label)

    @property
    def known(self) -> Kind:
        return KINDS[self.kind]


class AlertMail(models.Model):
    """Whether the letter about an alert has left. Whoever sends claims it first, and a claim lasts some minutes."""

    alert = models.OneToOneField(Alert, models.CASCADE, primary_key=True, related_name="mail")
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["alert"], condition=Q(sent_at__isnull=True), name="watching_mail_waiting")]

    def __str__(self) -> str:
        return str(self.pk)
