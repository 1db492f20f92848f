"""The certificates that answers are encrypted to, shared between the workers of every host."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class AgencyCertificate(models.Model):
    """What was last found out about one certificate participant.

    `certificate` is DER, and empty when there is none to use. A pinned one was uploaded by an administrator: CertPub
    is not asked, everything else is checked all the same.
    """

    class Outcome(models.TextChoices):
        USABLE = "usable", _("usable")
        NOT_PUBLISHED = "not_published", _("not published")
        NONE_VALID = "none_valid", _("none valid")
        FAILED = "failed", _("look-up failed")

    participant = models.CharField(_("participant"), max_length=9, primary_key=True)
    certificate = models.BinaryField(_("certificate"), null=True)
    pinned = models.BooleanField(_("pinned"), default=False)
    found_at = models.DateTimeField(_("last found"), null=True)
    revocation_checked_at = models.DateTimeField(_("revocation last checked"), null=True)
    attempted_at = models.DateTimeField(_("last attempt"), null=True)
    outcome = models.CharField(_("outcome of the last attempt"), max_length=13, choices=Outcome, blank=True)
    reasons = models.JSONField(
        _("reasons"), default=list, help_text=_("Why certificates were refused or the look-up failed, in fixed words.")
    )
    leased_until = models.DateTimeField(null=True, help_text=_("Somebody is looking it up until then at the latest."))

    class Meta:
        verbose_name = _("certificate of an agency")
        verbose_name_plural = _("certificates of agencies")
        permissions = [("pin_agencycertificate", _("Can pin the certificate of an agency"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(participant__regex=r"^[0-9]{9}$"), name="certificate_participant_is_nine_digits"
            ),
            models.CheckConstraint(
                condition=Q(pinned=False) | Q(certificate__isnull=False), name="what_is_pinned_is_there"
            ),
        ]

    def __str__(self) -> str:
        return self.participant
