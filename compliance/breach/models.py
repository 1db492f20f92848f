"""What is kept of a wrong disclosure, of a breach, and of those who must hear of it. No number of a person is here."""

from datetime import date

from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from compliance.breach.hits import NAME, Hit, Tally, WrongDisclosure
from compliance.breach.sealed_words import SealedWords
from compliance.two_people import TwoPeople
from legal.history import tracked
from legal.models import Person
from legal.periods import months_before

__all__ = ["Breach", "Contact", "Hit", "Notice", "Outage", "Routine", "Step", "Tally", "WrongDisclosure"]


AGREED_TO = Func(
    F("text_sealed"),
    Func(F("addresses"), Value("UTF8"), function="convert_to", output_field=models.BinaryField()),
    arg_joiner=" || ",
    function="sha256",
    output_field=models.BinaryField(),
)
"""The digest of a notice's words, sealed as they are, and of whom they go to."""


class Decided(models.TextChoices):
    OPEN = "open", _("not decided")
    YES = "yes", _("yes")
    NO = "no", _("no")


@tracked
class Breach(SealedWords):
    """A breach of personal data security, from when the bank knew of it until somebody closes it."""

    class Kind(models.TextChoices):
        WRONG_RULES = "wrong_rules", _("answered under wrong rules: too much, too far back or without a legal basis")
        WRONG_RECIPIENT = "wrong_recipient", _("told or encrypted to somebody wrong")
        WRONG_CONTENT = "wrong_content", _("answered with wrong data")
        UNAUTHORISED = "unauthorised", _("seen by somebody who had no right to it")
        LOST = "lost", _("data lost or altered")
        OTHER = "other", _("something else")

    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    case_reference = models.CharField(_("the bank's case"), max_length=64, blank=True, default="")
    discovered_at = models.DateTimeField(_("discovered at"))
    aware_at = models.DateTimeField(_("known at"))
    happened_sealed = models.BinaryField(_("what happened"))
    categories_sealed = models.BinaryField(_("persons and data"), null=True)
    consequences_sealed = models.BinaryField(_("likely consequences"), null=True)
    measures_sealed = models.BinaryField(_("measures"), null=True)
    disclosure = models.ForeignKey(WrongDisclosure, models.PROTECT, null=True, related_name="breaches")
    criteria = models.JSONField(null=True)
    answers = models.BigIntegerField(_("answers"), null=True)
    persons = models.BigIntegerField(_("persons"), null=True)
    agencies = models.JSONField(null=True)
    authority = models.CharField(_("tell Datatilsynet"), max_length=4, choices=Decided, default=Decided.OPEN)
    authority_ground_sealed = models.BinaryField(null=True)
    subjects = models.CharField(_("tell those hit"), max_length=4, choices=Decided, default=Decided.OPEN)
    subjects_ground_sealed = models.BinaryField(null=True)
    decided_name = models.CharField(_("decided by"), max_length=NAME, blank=True, default="")
    decided_at = models.DateTimeField(_("decided at"), null=True)
    opened_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    opened_name = models.CharField(_("opened by"), max_length=NAME)
    opened_at = models.DateTimeField(_("opened at"))
    closed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    closed_name = models.CharField(_("breach closed by"), max_length=NAME, blank=True, default="")
    closed_at = models.DateTimeField(_("breach closed at"), null=True)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["aware_at"], condition=Q(closed_at__isnull=True), name="breach_open")]
        constraints = [
            models.CheckConstraint(condition=Q(aware_at__gte=F("discovered_at")), name="breach_known_once_discovered"),
            models.CheckConstraint(
                condition=(Q(authority="open") | Q(authority_ground_sealed__isnull=False))
                & (Q(subjects="open") | Q(subjects_ground_sealed__isnull=False)),
                name="breach_decided_with_a_ground",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | (Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(authority="open") & ~Q(subjects="open")),
                name="breach_closed_once_decided",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


@tracked
class Step(SealedWords):
    """Something that was done about a breach: what, when, and by whom."""

    breach = models.ForeignKey(Breach, models.PROTECT, related_name="steps")
    at = models.DateTimeField(_("time"))
    done_sealed = models.BinaryField(_("what was done"))
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    by_name = models.CharField(_("by"), max_length=NAME)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.pk)


@tracked
class Outage(models.Model):
    """A time in which the service is down on purpose. No two overlap: see the migration."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    starts_at = models.DateTimeField(_("begins at"))
    ends_at = models.DateTimeField(_("ends at"))
    what = models.CharField(_("what is down"), max_length=200)
    reason = models.CharField(_("reason"), max_length=300)
    planned_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    planned_name = models.CharField(_("planned by"), max_length=NAME)
    planned_at = models.DateTimeField(_("planned at"))
    called_off_name = models.CharField(_("called off by"), max_length=NAME, blank=True, default="")
    called_off_at = models.DateTimeField(_("called off at"), null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="breach_outage_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(starts_at__gt=F("planned_at")), name="breach_outage_is_planned_ahead"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


@tracked
class Notice(SealedWords, TwoPeople):
    """What somebody is told about a breach or an outage. Another person agrees to its very words before it is sent."""

    class Kind(models.TextChoices):
        AUTHORITY = "authority", _("to Datatilsynet")
        AGENCY = "agency", _("to the agency that got the data")
        BITS = "bits", _("to Bits")
        CUSTOMERS = "customers", _("to the customers hit")
        CORRECTION = "correction", _("correction to the agency (article 19)")
        OUTAGE = "outage", _("planned outage")

    class How(models.TextChoices):
        FORM = "form", _("on the recipient's own form")
        DIGITAL_POST = "digital_post", _("digital post")
        LETTER = "letter", _("letter")
        EMAIL = "email", _("e-mail")
        TELEPHONE = "telephone", _("telephone, then in writing")

    breach = models.ForeignKey(Breach, models.PROTECT, null=True, related_name="notices")
    outage = models.ForeignKey(Outage, models.PROTECT, null=True, related_name="notices")
    kind = models.CharField(_("notice"), max_length=10, choices=Kind)
    agency = models.CharField(_("agency"), max_length=9, blank=True, default="")
    text_sealed = models.BinaryField(_("text"))
    addresses = models.TextField(_("goes by e-mail to"), blank=True, default="")
    agreed_digest = models.BinaryField(null=True)
    claimed_at = models.DateTimeField(null=True)
    sent_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    sent_name = models.CharField(_("sent by"), max_length=NAME, blank=True, default="")
    sent_at = models.DateTimeField(_("sent at"), null=True)
    sent_how = models.CharField(_("sent how"), max_length=12, choices=How, blank=True, default="")

    class Meta:
        default_permissions = ()
        constraints = [
            *TwoPeople.Meta.constraints,
            models.CheckConstraint(
                condition=Q(breach__isnull=False, outage__isnull=True) | Q(breach__isnull=True, outage__isnull=False),
                name="breach_notice_is_about_one_thing",
            ),
            models.CheckConstraint(
                condition=~Q(consent="agreed") | Q(agreed_digest__isnull=False, agreed_digest=AGREED_TO),
                name="breach_notice_is_what_was_agreed_to",
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True, sent_by__isnull=True, sent_how="")
                | (Q(sent_at__isnull=False, sent_by__isnull=False, consent="agreed") & ~Q(sent_how="")),
                name="breach_notice_is_sent_once_agreed_to",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


@tracked
class Routine(models.Model):
    """One of the five routines that the standard wants built in: whose it is, what it says, when it was last read."""

    class Kind(models.TextChoices):
        BREACH = "breach", _("Privacy and security breach")
        NOTIFICATION = "notification", _("Notification")
        ERRORS = "errors", _("Error handling")
        QUESTIONS = "questions", _("Question management")
        CHANGES = "changes", _("Change management")

    kind = models.CharField(_("routine"), max_length=12, choices=Kind, primary_key=True)
    owner = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", verbose_name=_("owner"))
    contact = models.CharField(_("contact"), max_length=200, blank=True, default="")
    text = models.TextField(_("text"), blank=True, default="")
    reviewed_on = models.DateField(_("last reviewed"), null=True)
    reviewed_name = models.CharField(_("reviewed by"), max_length=NAME, blank=True, default="")

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["breach", "notification", "errors", "questions", "changes"]),
                name="breach_routine_is_one_of_five",
            )
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    @property
    def due_on(self) -> date | None:
        """Return the day by which somebody must have read it again; None where nobody has yet."""
        return months_before(self.reviewed_on, -12) if self.reviewed_on else None

    def is_overdue(self, today: date) -> bool:
        return self.due_on is None or self.due_on < today


@tracked
class Contact(models.Model):
    """Whom the routine for notification writes to: at Bits where no agency is named."""

    agency = models.CharField(_("agency"), max_length=9, blank=True, default="")
    name = models.CharField(_("name"), max_length=100)
    email = models.EmailField(_("e-mail"), max_length=254)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["agency", "email"], name="breach_contact_once")]

    def __str__(self) -> str:
        return self.name
