"""Which account belongs to whom at the bank's provider of identities: by issuer and subject, and by nothing else."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from legal.history import tracked


@tracked
class Identity(models.Model):
    """A subject of an issuer, and its account. The groups are those that the last sign-in gave."""

    issuer = models.CharField(_("issuer"), max_length=500)
    subject = models.CharField(_("subject"), max_length=255)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="identity", verbose_name=_("account")
    )
    groups = ArrayField(models.CharField(max_length=150), default=list, verbose_name=_("groups"))

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="one_account_of_a_subject"),
            models.CheckConstraint(condition=~Q(issuer="") & ~Q(subject=""), name="an_identity_is_whole"),
        ]

    def __str__(self) -> str:
        return str(self.user)
