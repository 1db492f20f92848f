"""How much each agency may ask of a service, and what the workers have spent of it together."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from legal.history import tracked

MOST_PER_SECOND, LARGEST_BURST = 10_000, 100_000


@tracked
class RateLimit(models.Model):
    """How much an agency may ask of a service: the one named, or each of them by itself.

    Where no row fits, RATE_LIMIT_DEFAULT holds.
    """

    service = models.ForeignKey("legal.Service", models.PROTECT, related_name="rate_limits", verbose_name=_("service"))
    consumer = models.ForeignKey(
        "legal.DataConsumer",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="rate_limits",
        verbose_name=_("agency"),
        help_text=_("Empty: each agency of the service that has no limit of its own."),
    )
    per_second = models.PositiveIntegerField(
        _("requests per second"),
        validators=[MinValueValidator(1), MaxValueValidator(MOST_PER_SECOND)],
        help_text=_("What it may go on asking, over all servers together."),
    )
    burst = models.PositiveIntegerField(
        _("requests at once"),
        validators=[MinValueValidator(1), MaxValueValidator(LARGEST_BURST)],
        help_text=_("After a pause. A person with 100 accounts takes 201 requests at once."),
    )

    class Meta:
        verbose_name = _("limit of requests")
        verbose_name_plural = _("limits of requests")
        constraints = [
            models.UniqueConstraint(fields=["service", "consumer"], name="one_limit_of_an_agency_in_a_service"),
            models.UniqueConstraint(
                fields=["service"], condition=Q(consumer__isnull=True), name="one_limit_of_the_others_in_a_service"
            ),
            models.CheckConstraint(
                condition=Q(per_second__gte=1, per_second__lte=MOST_PER_SECOND)
                & Q(burst__gte=F("per_second"), burst__lte=LARGEST_BURST),
                name="limit_is_within_bounds",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service}: {self.consumer or _('each other agency')}"


class PermitLevel(models.Model):
    """How many requests of an agency may still be answered at a moment; below zero while the workers overshot.

    It is no evidence and has no history. What is refused by it is in the trail.
    """

    consumer = models.CharField(max_length=32)
    service = models.CharField(max_length=40)
    level = models.FloatField()
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["consumer", "service"], name="one_level_of_an_agency")]

    def __str__(self) -> str:
        return f"{self.consumer} {self.service}".strip()


class LimitedMinute(models.Model):
    """The latest minute for which a refusal of an agency by its limit has a record of its own."""

    consumer = models.CharField(max_length=32, unique=True)
    minute = models.BigIntegerField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.consumer
