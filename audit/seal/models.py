"""What the sealer writes: signed checkpoints, and for each sealed row which checkpoint it is in and where."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.append_only import AppendOnly


class Checkpoint(AppendOnly):
    """A signed root over some rows of one table and one month, chained to the checkpoint before it.

    `previous` is the SHA-256 of the message that was signed before, of 32 zero bytes for the first. `below` and
    `cluster` say how far the sealer had come: every transaction of that cluster with a lower number was done.
    """

    id = None  # type: ignore[assignment]
    number = models.BigIntegerField(_("number"), primary_key=True)
    sealed_table = models.CharField(_("table"), max_length=64)
    month = models.DateField(_("month"))
    size = models.IntegerField(_("rows"))
    root = models.BinaryField(_("root"))
    previous = models.BinaryField(_("digest of the one before"))
    below = models.BigIntegerField(_("transactions below"))
    cluster = models.CharField(_("cluster"), max_length=64)
    at = models.DateTimeField(_("time"))
    key = models.CharField(_("fingerprint of the key"), max_length=64)
    signature = models.BinaryField(_("signature"))

    class Meta(AppendOnly.Meta):
        db_table = "audit_checkpoint"
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        indexes = [models.Index(fields=["sealed_table", "month", "number"], name="audit_checkpoint_month")]

    def __str__(self) -> str:
        return str(self.number)


class Membership(AppendOnly):
    """Which checkpoint a row is in, at which position, and its leaf: stored, so that a restored trail stays provable.

    In the database the key is (id, at), both the sealed row's own, and the table is partitioned by month as that
    row's is.
    """

    at = models.DateTimeField()
    checkpoint = models.BigIntegerField()
    position = models.IntegerField()
    leaf = models.BinaryField()

    class Meta(AppendOnly.Meta):
        abstract = True
        default_permissions = ()  # type: ignore[assignment]


class RecordMembership(Membership):
    class Meta(Membership.Meta):
        db_table = "audit_record_sealed"


class TurnedAwayMembership(Membership):
    class Meta(Membership.Meta):
        db_table = "audit_turned_away_sealed"


class AccessMembership(Membership):
    class Meta(Membership.Meta):
        db_table = "audit_access_sealed"


class DecisionMembership(Membership):
    class Meta(Membership.Meta):
        db_table = "audit_decision_sealed"
