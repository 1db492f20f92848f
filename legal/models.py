"""Agencies, services and the versions of their rules: reference data that every worker holds in memory."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class DataConsumer(models.Model):
    """An agency, known by the organisation number in its token's consumer claim (AUT-05)."""

    organisation_number = models.CharField(_("organisation number"), max_length=9, unique=True)
    name = models.CharField(_("name"), max_length=140)
    is_open = models.BooleanField(_("open"), default=True, help_text=_("A closed agency is refused within a second."))

    class Meta:
        verbose_name = _("agency")
        verbose_name_plural = _("agencies")
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation_number__regex=r"^[0-9]{9}$") & ~Q(organisation_number="000000000"),
                name="consumer_number_is_nine_digits",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.organisation_number})"


class Service(models.Model):
    """A DSOP service, such as FI-Utlegg Saldo."""

    slug = models.SlugField(_("service"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=140)
    is_open = models.BooleanField(_("open"), default=True, help_text=_("A closed service is refused within a second."))

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")

    def __str__(self) -> str:
        return self.name


class ServiceVersion(models.Model):
    """The rules of a service as they were reviewed; only an approved version serves, and records name it."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        APPROVED = "approved", _("approved")
        ENDED = "ended", _("ended")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, models.PROTECT, related_name="versions", verbose_name=_("service"))
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.DRAFT)
    rules = models.JSONField(_("rules"), help_text=_("Consumers, steps and the standard's own word for each field."))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    approved_at = models.DateTimeField(_("approved at"), null=True)

    class Meta:
        verbose_name = _("version of a service")
        verbose_name_plural = _("versions of services")
        constraints = [
            models.UniqueConstraint(fields=["service", "number"], name="service_version_once"),
            models.UniqueConstraint(
                fields=["service"], condition=Q(state="approved"), name="one_approved_version_of_a_service"
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(approved_at__isnull=False), name="approved_versions_say_when"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.number}"


class RegisterChange(models.Model):
    """One row whose number grows, by database trigger, whenever one of the three tables above changes."""

    id = models.SmallIntegerField(primary_key=True)
    number = models.BigIntegerField(default=0)

    class Meta:
        db_table = "legal_register_change"

    def __str__(self) -> str:
        return str(self.number)
