"""What is kept and for how long: keys by month, what people decided, and what is held beyond its time."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.append_only import AppendOnly
from audit.sealed import BEGINS_A_CHAIN, Sealed


class MonthKey(models.Model):
    """The key that one kind of value of one service and month is encrypted with, itself encrypted.

    Deleting this row deletes those values wherever they are, and no row of the trail changes. So it is the one table of
    this room from which the owner deletes; nobody changes a row of it.
    """

    class Kind(models.TextChoices):
        NUMBER = "number", _("Numbers")
        ORDER = "order", _("References and orders")
        DOCUMENT = "document", _("Documents")
        HELD = "held", _("Held copies")

    name = models.CharField(primary_key=True, max_length=128)
    kind = models.CharField(max_length=16, choices=Kind)
    service = models.CharField(max_length=64)
    month = models.DateField()
    wrapped = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        db_table = "audit_key"
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class Decision(Sealed):
    """What somebody decided about the trail, or what was done; `concerning` is the decision that it answers.

    A request of release concerns its hold; an approval, a refusal and a deletion concern the request; `released`
    concerns the hold that it ends. `service` is "-" for what belongs to none, and empty where all services are meant.
    """

    class Kind(models.TextChoices):
        HELD = "held", _("Case held")
        RELEASE_REQUESTED = "release requested", _("Release of a case requested")
        RELEASE_APPROVED = "release approved", _("Release of a case approved")
        RELEASED = "released", _("Held copies destroyed")
        DELETION_REQUESTED = "deletion requested", _("Deletion requested")
        DELETION_APPROVED = "deletion approved", _("Deletion approved")
        DELETED = "deleted", _("Deleted")
        TURNED_DOWN = "turned down", _("Request turned down")

    class What(models.TextChoices):
        DOCUMENTS = "documents", _("Documents")
        NUMBERS = "numbers", _("Numbers and references")
        RECORDS = "records", _("Records")
        SUMS = "sums", _("Sums of requests turned away")
        ACCESSES = "accesses", _("Accesses to the trail")

    at = models.DateTimeField(_("time"))
    kind = models.CharField(_("decision"), max_length=32, choices=Kind)
    person = models.CharField(_("person"), max_length=140)
    account = models.CharField(_("account"), max_length=150)
    ground = models.CharField(_("ground"), max_length=1000)
    concerning = models.UUIDField(_("concerning"), null=True)
    account_info_request_id = models.UUIDField("AccountInfoRequestID", null=True)
    what = models.CharField(_("what"), max_length=16, choices=What, blank=True)
    service = models.CharField(_("service"), max_length=64)
    month = models.DateField(_("month"), null=True)
    evidence = models.JSONField(_("what was done"), null=True)

    class Meta(Sealed.Meta):
        db_table = "audit_decision"
        permissions = (
            ("hold_case", _("Can hold a case, and decide over its release")),
            ("decide_deletion", _("Can request and approve deletions")),
        )
        verbose_name = _("decision about the trail")
        verbose_name_plural = _("decisions about the trail")
        indexes = [
            models.Index(fields=["at", "id"], name="audit_decision_newest"),
            models.Index(fields=["concerning", "at"], name="audit_decision_concerning"),
            models.Index(fields=["account_info_request_id", "at"], name="audit_decision_case"),
            models.Index(fields=["xact"], name="audit_decision_xact"),
            models.Index(fields=["writer"], condition=BEGINS_A_CHAIN, name="audit_decision_writer"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Held(AppendOnly):
    """A record of a case under hold, copied before its original was deleted: the proof of it, and what it said.

    `proof` is what audit_proof would have printed. `opened` is encrypted with a key of the case's own, which is
    destroyed when the case is released.
    """

    at = models.DateTimeField(_("time"))
    account_info_request_id = models.UUIDField("AccountInfoRequestID")
    what = models.CharField(_("what"), max_length=16, choices=Decision.What)
    record = models.UUIDField(_("record"))
    proof = models.JSONField(_("proof"))
    opened = models.BinaryField(_("what it said"))

    class Meta(AppendOnly.Meta):
        db_table = "audit_held"
        verbose_name = _("held copy")
        verbose_name_plural = _("held copies")
        constraints = [models.UniqueConstraint(fields=["record", "what"], name="audit_held_once")]
        indexes = [models.Index(fields=["account_info_request_id", "at"], name="audit_held_case")]

    def __str__(self) -> str:
        return str(self.pk)
