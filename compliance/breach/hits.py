"""What is kept of a search for answers that should not have been given: which, whom they hit, how far it was read."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

NAME = 190
"""The longest name of a person, as the desk copies it in."""


class WrongDisclosure(models.Model):
    """Answers that should not have been given: which, and how far the trail has been read for them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    criteria = models.JSONField()
    begins_at = models.DateTimeField(_("begins at"))
    ends_at = models.DateTimeField(_("ends at"))
    edge = models.CharField(max_length=80)  # the row down to which the trail was read, as audit.keyset writes it
    slice_seconds = models.FloatField()
    answers = models.BigIntegerField(_("answers"), default=0)
    persons = models.BigIntegerField(_("persons"), null=True)
    agencies = models.JSONField(default=list)
    made_name = models.CharField(_("searched by"), max_length=NAME)
    made_at = models.DateTimeField(_("searched at"))
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["made_at", "id"], name="breach_disclosure_newest")]
        constraints = [
            models.CheckConstraint(condition=Q(begins_at__lte=F("ends_at")), name="breach_disclosure_begins_first"),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True, persons__isnull=True)
                | Q(finished_at__isnull=False, persons__isnull=False),
                name="breach_disclosure_is_counted_when_finished",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Hit(models.Model):
    """Whom an agency was told about on a day: the keyed hash, how often, and one record that has the number.

    The hash is empty where the record names nobody.
    """

    disclosure = models.ForeignKey(WrongDisclosure, models.CASCADE, related_name="hits")
    person_hash = models.BinaryField()
    consumer = models.CharField(max_length=32)
    day = models.DateField()
    answers = models.IntegerField()
    record = models.UUIDField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["disclosure", "person_hash", "consumer", "day"], name="breach_hit_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Tally(models.Model):
    """How many answers, about how many persons, an agency got on a day."""

    disclosure = models.ForeignKey(WrongDisclosure, models.CASCADE, related_name="tallies")
    day = models.DateField(_("day"))
    consumer = models.CharField(_("agency"), max_length=32)
    answers = models.BigIntegerField(_("answers"))
    persons = models.BigIntegerField(_("persons"))

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["disclosure", "day", "consumer"], name="breach_tally_once")]

    def __str__(self) -> str:
        return str(self.pk)
