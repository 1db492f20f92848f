"""Notices from Konkursvarsel, whom each is about, and how far the feed has been read."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class BankruptcyNotice(models.Model):
    """One notice of the feed, under the feed's own id. One that could not be read is kept too, until it can."""

    class Type(models.TextChoices):
        OPENING = "aapning", pgettext_lazy("bankruptcy", "opening")
        DELETION = "sletting", pgettext_lazy("bankruptcy", "deletion of an opening")
        REVERSAL = "oppheving", _("reversal on appeal")
        CLOSING = "avslutning", pgettext_lazy("bankruptcy", "closing")

    class State(models.TextChoices):
        READ = "read", _("read")
        UNREADABLE = "unreadable", _("could not be read")
        DISMISSED = "dismissed", _("dealt with by hand")

    id = models.UUIDField(_("notice"), primary_key=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State)
    type = models.CharField(_("type"), max_length=10, choices=Type, blank=True)
    debtor = models.UUIDField(_("debtor"), null=True, help_text=_("The same for all notices about one debtor."))
    ruling_date = models.DateField(_("date of the ruling"), null=True)
    registered_at = models.DateTimeField(_("registered at"))
    received_at = models.DateTimeField(_("received at"))
    link = models.CharField(_("resource link"), max_length=500, blank=True)
    fault = models.CharField(_("why it could not be read"), max_length=16, blank=True)

    class Meta:
        verbose_name = _("bankruptcy notice")
        verbose_name_plural = _("bankruptcy notices")
        indexes = [
            models.Index(fields=["registered_at", "id"], name="notice_newest"),
            models.Index(fields=["debtor"], name="notice_debtor"),
            models.Index(fields=["state"], condition=Q(state="unreadable"), name="notice_unreadable"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="read")
                | Q(type__in=["aapning", "sletting", "oppheving", "avslutning"], debtor__isnull=False),
                name="notice_read_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state="read", type="aapning") | Q(ruling_date__isnull=False),
                name="notice_opening_has_ruling",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class NoticeParty(models.Model):
    """The debtor of a notice, or a unit linked to it. A person's number is there as hash and ciphertext only."""

    class Part(models.TextChoices):
        DEBTOR = "debtor", _("debtor")
        UNIT = "unit", _("linked unit")

    notice = models.ForeignKey(BankruptcyNotice, models.CASCADE, related_name="parties")
    part = models.CharField(_("part"), max_length=6, choices=Part)
    number_hash = models.BinaryField()
    organisation_number = models.CharField(_("organisation number"), max_length=9, blank=True)
    person_sealed = models.BinaryField(null=True)

    class Meta:
        verbose_name = _("party of a notice")
        verbose_name_plural = _("parties of notices")
        indexes = [
            models.Index(fields=["number_hash"], name="notice_party_number"),
            models.Index(
                fields=["organisation_number"], condition=~Q(organisation_number=""), name="notice_party_organisation"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation_number="", person_sealed__isnull=False)
                | Q(organisation_number__regex=r"^[0-9]{9}$", person_sealed__isnull=True),
                name="notice_party_person_is_sealed",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class NoticeReading(models.Model):
    """One row: how far the feed has been read, and when that last succeeded."""

    id = models.SmallIntegerField(primary_key=True)
    position = models.DateTimeField(
        _("read up to"), null=True, help_text=_("Registration time of the newest notice that is kept.")
    )
    read_at = models.DateTimeField(_("last read"), null=True)

    class Meta:
        verbose_name = _("reading of Konkursvarsel")
        verbose_name_plural = _("reading of Konkursvarsel")

    def __str__(self) -> str:
        return "Konkursvarsel"
