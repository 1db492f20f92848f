"""What is exported: large exports that two people decide over, and every download with the digest of what was sent."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from compliance.exporting.saying import filter_said, reason_said
from compliance.two_people import TwoPeople
from legal.history import tracked
from legal.models import Person

ASKED = (
    *("criteria_sealed", "sought_hash", "filter", "until", "columns", "with_numbers", "reason", "case_reference"),
    *("asked_by", "asked_name", "asked_at"),
)
"""What another person agrees to: the database changes none of it once it is asked."""


class Asked(models.Model):
    """Which records, which of their columns, and why. The number looked for is there as hash and ciphertext only.

    No record from `until` on is part of it: the trail only grows, so that what was agreed to is what is exported.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    criteria_sealed = models.BinaryField()
    sought_hash = models.BinaryField(null=True)
    filter = models.CharField(_("looked for"), max_length=1000, blank=True)
    until = models.DateTimeField(_("records before"))
    columns = models.CharField(_("columns"), max_length=1000, blank=True)
    with_numbers = models.BooleanField(_("with numbers in full"), default=False)
    reason = models.CharField(_("reason"), max_length=400)
    case_reference = models.CharField(_("the bank's case"), max_length=64, blank=True)

    class Meta:
        abstract = True

    @property
    def reason_said(self) -> str:
        return reason_said(self.reason)

    @property
    def filter_said(self) -> str:
        return filter_said(self.filter)


@pgtrigger.register(pgtrigger.ReadOnly(name="asked_once", fields=[*ASKED]))
@tracked
class ExportRequest(Asked, TwoPeople):
    """A large export: one person asks for it, another agrees, and the one who asked downloads it."""

    class Meta(TwoPeople.Meta):
        verbose_name = _("large export")
        verbose_name_plural = _("large exports")
        default_permissions = ()
        indexes = [models.Index(fields=["consent", "asked_at"], name="export_request_waiting")]

    def __str__(self) -> str:
        return str(self.pk)


@tracked
class Export(Asked):
    """One download: who, and how it ended. `digest` is the SHA-256 of its manifest, which names all the rest."""

    class State(models.TextChoices):
        BEGUN = "begun", _("begun")
        COMPLETE = "complete", _("sent whole")
        INTERRUPTED = "interrupted", _("interrupted")

    request = models.ForeignKey(ExportRequest, models.PROTECT, null=True, verbose_name=_("large export"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("person"))
    person_name = models.CharField(_("person"), max_length=190)
    begun_at = models.DateTimeField(_("begun at"))
    state = models.CharField(_("state"), max_length=11, choices=State, default=State.BEGUN)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    rows = models.BigIntegerField(_("records"), null=True)
    hidden = models.BigIntegerField(_("left out because shielded"), null=True)
    digest = models.BinaryField(_("SHA-256 of the manifest"), null=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        default_permissions = ()
        indexes = [models.Index(fields=["begun_at"], name="export_newest")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="complete")
                | Q(rows__isnull=False, hidden__isnull=False, digest__isnull=False, ended_at__isnull=False),
                name="export_sent_whole_has_a_digest",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def digest_shown(self) -> str:
        return bytes(self.digest).hex() if self.digest else ""
