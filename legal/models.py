"""Agencies, services and the versions of their rules: reference data that every worker holds in memory."""

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from legal.bankruptcy_notices import BankruptcyNotice, NoticeParty, NoticeReading
from legal.closings import Closing
from legal.history import tracked
from legal.limit_models import LimitedMinute, PermitLevel, RateLimit
from legal.people import Person, PersonAccount
from legal.service_files import faults

__all__ = [
    "BankruptcyNotice",
    "Closing",
    "DataConsumer",
    "LimitedMinute",
    "NoticeParty",
    "NoticeReading",
    "PermitLevel",
    "Person",
    "PersonAccount",
    "RateLimit",
    "RegisterChange",
    "Service",
    "ServiceVersion",
]


@tracked
class DataConsumer(models.Model):
    """An agency, known by the organisation number in its token's consumer claim (AUT-05)."""

    class KeyAlgorithm(models.TextChoices):
        """JWE-03: how the content key is encrypted to the agency's certificate."""

        RSA_OAEP_256 = "RSA-OAEP-256", "RSA-OAEP-256"
        RSA_OAEP = "RSA-OAEP", "RSA-OAEP"

    class ContentEncryption(models.TextChoices):
        """JWE-03: how the answer itself is encrypted."""

        A128CBC_HS256 = "A128CBC-HS256", "A128CBC-HS256"
        A256CBC_HS512 = "A256CBC-HS512", "A256CBC-HS512"
        A128GCM = "A128GCM", "A128GCM"
        A256GCM = "A256GCM", "A256GCM"

    organisation_number = models.CharField(_("organisation number"), max_length=9, unique=True)
    name = models.CharField(_("name"), max_length=140)
    is_open = models.BooleanField(_("open"), default=True, help_text=_("A closed agency is refused within a second."))
    certificate_participant = models.CharField(
        _("certificate participant"),
        max_length=9,
        blank=True,
        default="",
        db_default="",  # a version before this one adds agencies too, while both serve
        help_text=_("Organisation number its certificate is published under in CertPub; blank: its own."),
    )
    key_algorithm = models.CharField(
        _("key encryption"),
        max_length=12,
        choices=KeyAlgorithm,
        default=KeyAlgorithm.RSA_OAEP_256,
        db_default=KeyAlgorithm.RSA_OAEP_256.value,
    )
    content_encryption = models.CharField(
        _("content encryption"),
        max_length=13,
        choices=ContentEncryption,
        default=ContentEncryption.A128CBC_HS256,
        db_default=ContentEncryption.A128CBC_HS256.value,
    )

    class Meta:
        verbose_name = _("agency")
        verbose_name_plural = _("agencies")
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation_number__regex=r"^[0-9]{9}$") & ~Q(organisation_number="000000000"),
                name="consumer_number_is_nine_digits",
            ),
            models.CheckConstraint(
                condition=Q(certificate_participant__regex=r"^([0-9]{9})?$"), name="participant_number_is_nine_digits"
            ),
            models.CheckConstraint(
                condition=Q(key_algorithm__in=["RSA-OAEP-256", "RSA-OAEP"])
                & Q(content_encryption__in=["A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM"]),
                name="algorithms_are_listed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.organisation_number})"


@tracked
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


@tracked
class ServiceVersion(models.Model):
    """The rules of a service; two people stand behind those made in the admin, and records name the one that ruled.

    Of the approved ones the latest whose day has come is in force (`legal/in_force.py`). What is stored follows at
    the next act: `approved` is the one that a release without effective dates serves too, `waiting` one whose day
    had not come when somebody last acted.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        WAITING = "waiting", _("approved, waits for its day")
        APPROVED = "approved", _("approved")
        ENDED = "ended", _("ended")

    class Origin(models.TextChoices):
        FILE = "file", _("a reviewed file")
        ADMIN = "admin", _("the admin")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, models.PROTECT, related_name="versions", verbose_name=_("service"))
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.DRAFT)
    rules = models.JSONField(_("rules"), help_text=_("Consumers, steps and the standard's own word for each field."))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    approved_at = models.DateTimeField(_("approved at"), null=True)
    origin = models.CharField(
        _("comes from"), max_length=5, choices=Origin, default=Origin.FILE, db_default=Origin.FILE.value
    )
    author = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", verbose_name=_("author"))
    approver = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", verbose_name=_("approver"))
    effective_from = models.DateField(
        _("in force from"), null=True, blank=True, help_text=_("Empty: from the day of approval.")
    )

    class Meta:
        verbose_name = _("version of a service")
        verbose_name_plural = _("versions of services")
        permissions = [
            ("propose_serviceversion", _("Can draft a version of a service")),
            ("approve_serviceversion", _("Can approve another person's draft")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["service", "number"], name="service_version_once"),
            models.UniqueConstraint(
                fields=["service"], condition=Q(state="approved"), name="one_approved_version_of_a_service"
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(approved_at__isnull=False), name="approved_versions_say_when"
            ),
            models.CheckConstraint(
                condition=~Q(state="waiting") | Q(approved_at__isnull=False, effective_from__isnull=False),
                name="waiting_versions_are_approved",
            ),
            models.CheckConstraint(
                condition=Q(author__isnull=True) | Q(approver__isnull=True) | ~Q(approver=F("author")),
                name="approver_is_another_person",
            ),
            models.CheckConstraint(
                condition=~Q(origin="admin")
                | Q(author__isnull=False, approved_at__isnull=True, approver__isnull=True)
                | Q(author__isnull=False, approved_at__isnull=False, approver__isnull=False),
                name="two_people_stand_behind_a_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.number}"

    def clean(self) -> None:
        """Refuse rules that could not serve, drafts included."""
        found = faults(self.rules)
        if not found and self.rules["service"] != self.service.slug:
            found = [f"service must be {self.service.slug}"]
        if found:
            raise ValidationError({"rules": found})

    def save(self, *args: Any, **options: Any) -> None:
        self.clean()
        super().save(*args, **options)


class RegisterChange(models.Model):
    """One row whose number grows, by database trigger, whenever these tables or the notices change."""

    id = models.SmallIntegerField(primary_key=True)
    number = models.BigIntegerField(default=0)

    class Meta:
        db_table = "legal_register_change"

    def __str__(self) -> str:
        return str(self.number)
