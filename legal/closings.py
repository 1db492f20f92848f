"""What is closed, by whom and why; and who asked for it to be opened, and who agreed."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from legal.history import tracked

A_CONSUMER = Q(consumer__isnull=False, service__isnull=True, endpoint="", path="")
A_SERVICE = Q(consumer__isnull=True, service__isnull=False, endpoint="", path="")
A_FIELD = Q(consumer__isnull=True, service__isnull=False) & ~Q(endpoint="") & ~Q(path="")
STILL = Q(opened_at__isnull=True)


@tracked
class Closing(models.Model):
    """One consumer, service or field of a service's endpoint that one person closed; two open it again.

    `closed_by` is empty only where somebody closed it past the admin.
    """

    consumer = models.ForeignKey(
        "legal.DataConsumer", models.PROTECT, null=True, related_name="closings", verbose_name=_("agency")
    )
    service = models.ForeignKey(
        "legal.Service", models.PROTECT, null=True, related_name="closings", verbose_name=_("service")
    )
    endpoint = models.CharField(_("endpoint"), max_length=40, blank=True, default="")
    path = models.CharField(_("field"), max_length=200, blank=True, default="")
    reason = models.CharField(_("why it was closed"), max_length=500)
    closed_by = models.ForeignKey(
        "legal.Person", models.PROTECT, null=True, related_name="+", verbose_name=_("closed by")
    )
    closed_at = models.DateTimeField(_("closed at"))
    asked_by = models.ForeignKey(
        "legal.Person", models.PROTECT, null=True, related_name="+", verbose_name=_("opening asked for by")
    )
    asked_at = models.DateTimeField(_("opening asked for at"), null=True)
    asked_because = models.CharField(_("why it should be opened"), max_length=500, blank=True, default="")
    opened_by = models.ForeignKey(
        "legal.Person", models.PROTECT, null=True, related_name="+", verbose_name=_("opened by")
    )
    opened_at = models.DateTimeField(_("opened at"), null=True)

    class Meta:
        verbose_name = _("closing")
        verbose_name_plural = _("closings")
        permissions = [
            ("close_mandate", _("Can close an agency, a service or a field")),
            ("open_mandate", _("Can ask for an opening and agree to another person's")),
        ]
        constraints = [
            models.CheckConstraint(condition=A_CONSUMER | A_SERVICE | A_FIELD, name="a_closing_closes_one_thing"),
            models.CheckConstraint(condition=~Q(reason=""), name="a_closing_has_a_reason"),
            models.CheckConstraint(
                condition=Q(asked_by__isnull=True, asked_at__isnull=True, asked_because="")
                | (Q(asked_by__isnull=False, asked_at__isnull=False) & ~Q(asked_because="")),
                name="who_asks_for_an_opening_says_why",
            ),
            models.CheckConstraint(
                condition=Q(opened_by__isnull=True, opened_at__isnull=True)
                | (
                    Q(opened_by__isnull=False, opened_at__isnull=False, asked_by__isnull=False)
                    & ~Q(opened_by=F("asked_by"))
                ),
                name="opening_takes_two_people",
            ),
            models.UniqueConstraint(fields=["consumer"], condition=A_CONSUMER & STILL, name="consumer_closed_once"),
            models.UniqueConstraint(
                fields=["service", "endpoint", "path"],
                condition=Q(consumer__isnull=True) & STILL,
                name="service_or_field_closed_once",
            ),
        ]

    def __str__(self) -> str:
        return " ".join(str(part) for part in (self.consumer, self.service, self.endpoint, self.path) if part)
