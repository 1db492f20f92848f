"""What the desk keeps of a citizen's request: when it came, what was decided of each disclosure, and the letters.

Who asks, the exact letters and free words are sealed, in a table of their own that keeps no history: what has had its
time is deleted there for good, and the rest names nobody.
"""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.models import AuditRecord
from compliance.citizens.grounds import Decision, Ground, Identity, Refusal
from legal.history import tracked
from legal.models import Person


@tracked
class CitizenRequest(models.Model):
    """One person's request to be told what was told about them."""

    class Ending(models.TextChoices):
        ANSWERED = "answered", _("answered")
        REFUSED = "refused", _("refused with a letter")
        WITHDRAWN = "withdrawn", _("withdrawn by the person")
        MISTAKE = "mistake", _("registered by mistake")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case_reference = models.CharField(_("the bank's case"), max_length=64)
    identity = models.CharField(_("how the identity was verified"), max_length=14, choices=Identity)
    received_on = models.DateField(_("received"))
    due_on = models.DateField(_("to be answered by"))
    is_extended = models.BooleanField(_("extended"), default=False)
    looked_at = models.DateTimeField(_("disclosures looked for at"))
    registered_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("registered by"))
    registered_name = models.CharField(_("registered by"), max_length=190)
    registered_at = models.DateTimeField(_("registered at"))
    ending = models.CharField(_("how it ended"), max_length=9, choices=Ending, blank=True, default="")
    ended_on = models.DateField(_("ended on"), null=True)
    ended_name = models.CharField(_("ended by"), max_length=190, blank=True, default="")
    tidied_at = models.DateTimeField(_("contents deleted at"), null=True)

    class Meta:
        verbose_name = _("citizen's request")
        verbose_name_plural = _("citizens' requests")
        default_permissions = ()
        indexes = [models.Index(fields=["due_on", "id"], name="citizen_request_due")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ending="", ended_on__isnull=True) | ~Q(ending="") & Q(ended_on__isnull=False),
                name="citizen_request_says_when_it_ended",
            ),
            models.CheckConstraint(
                condition=Q(tidied_at__isnull=True) | ~Q(ending=""), name="citizen_request_tidied_after_its_end"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_open(self) -> bool:
        return not self.ending


@tracked
class CitizenDisclosure(models.Model):
    """A record about the person, as it stood when it was looked for, and what was decided of it.

    Nobody stands behind a decision that the rules laid down at the start. `reasoning` is the id of sealed words.
    """

    id = models.BigAutoField(primary_key=True)
    request = models.ForeignKey(CitizenRequest, models.PROTECT, related_name="disclosures")
    record = models.UUIDField()
    at = models.DateTimeField(_("time"))
    consumer = models.CharField(_("agency"), max_length=32)
    service = models.CharField(_("service"), max_length=64)
    legal_mandate = models.CharField("Legal-Mandate", max_length=500)
    endpoint = models.CharField(_("endpoint"), max_length=64)
    outcome = models.CharField(_("outcome"), max_length=16, choices=AuditRecord.Outcome)
    is_empty = models.BooleanField(_("an empty answer"))
    from_date = models.DateField(_("from date"), null=True)
    to_date = models.DateField(_("to date"), null=True)
    decision = models.CharField(_("decision"), max_length=9, choices=Decision)
    ground = models.CharField(_("ground for withholding"), max_length=9, choices=Ground, blank=True, default="")
    reasoning = models.UUIDField(null=True)
    is_single = models.BooleanField(_("decided by itself"), default=False)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by"))
    decided_name = models.CharField(_("decided by"), max_length=190, blank=True, default="")
    decided_at = models.DateTimeField(_("decided at"), null=True)

    class Meta:
        verbose_name = _("disclosure in a citizen's request")
        verbose_name_plural = _("disclosures in citizens' requests")
        default_permissions = ()
        constraints = [
            # Its index orders a request's rows too: a record's id begins with its time.
            models.UniqueConstraint(fields=["request", "record"], name="citizen_disclosure_once"),
            models.CheckConstraint(
                condition=Q(decision="withheld") & ~Q(ground="") | ~Q(decision="withheld") & Q(ground=""),
                name="citizen_disclosure_withheld_on_a_ground",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True, decided_at__isnull=True, decided_name="")
                | Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(decided_name=""),
                name="citizen_disclosure_says_who_decided",
            ),
        ]

    def __str__(self) -> str:
        return str(self.record)


@tracked
class CitizenLetter(models.Model):
    """A letter that was made: what kind, the digest of its exact bytes, and when it was sent."""

    class Kind(models.TextChoices):
        ANSWER = "answer", _("answer")
        EXTENSION = "extension", _("extension")
        REFUSAL = "refusal", _("letter of refusal")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(CitizenRequest, models.PROTECT, related_name="letters")
    kind = models.CharField(_("letter"), max_length=9, choices=Kind)
    refusal = models.CharField(_("Why it is refused"), max_length=9, choices=Refusal, blank=True, default="")
    digest = models.BinaryField(_("SHA-256 of the bytes"))
    size = models.PositiveIntegerField(_("bytes"))
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("made by"))
    made_name = models.CharField(_("made by"), max_length=190)
    made_at = models.DateTimeField(_("made at"))
    sent_on = models.DateField(_("Sent"), null=True)
    sent_name = models.CharField(_("sent by"), max_length=190, blank=True, default="")

    class Meta:
        verbose_name = _("letter to a citizen")
        verbose_name_plural = _("letters to citizens")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="refusal") & ~Q(refusal="") | ~Q(kind="refusal") & Q(refusal=""),
                name="citizen_letter_of_refusal_has_a_ground",
            ),
            models.CheckConstraint(
                condition=Q(sent_on__isnull=True, sent_name="") | Q(sent_on__isnull=False) & ~Q(sent_name=""),
                name="citizen_letter_says_who_sent_it",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class CitizenContent(models.Model):
    """What names the person: the ciphertext of who asks, of a letter or of free words. Under the id of what it is of.

    Who asks is found by the keyed hash of the number, as in the trail.
    """

    class What(models.TextChoices):
        PERSON = "person", _("who asks")
        LETTER = "letter", _("letter")
        WORDS = "words", _("words")

    id = models.UUIDField(primary_key=True, editable=False)
    request = models.ForeignKey(CitizenRequest, models.PROTECT, related_name="contents")
    what = models.CharField(max_length=6, choices=What)
    sealed = models.BinaryField()
    number_hash = models.BinaryField(null=True)

    class Meta:
        verbose_name = _("sealed content of a citizen's request")
        verbose_name_plural = _("sealed contents of citizens' requests")
        default_permissions = ()
        indexes = [
            models.Index(fields=["number_hash"], condition=Q(number_hash__isnull=False), name="citizen_content_number")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(what="person", number_hash__isnull=False) | ~Q(what="person") & Q(number_hash__isnull=True),
                name="citizen_content_hash_of_who_asks",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
