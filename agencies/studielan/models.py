"""What is kept: who has consented, and for the length of a login what nobody but its browser can open."""

import uuid

from django.db import models


class Consent(models.Model):
    """One customer's consent at Altinn: found by a keyed hash of the person's number, its code sealed.

    `exchanged` tells that a consent token was fetched with the code, `primed` that Lånekassen remembers the consent.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person_hash = models.BinaryField(unique=True)
    code_sealed = models.BinaryField()
    valid_to = models.DateTimeField()
    exchanged = models.BooleanField(default=False)
    primed = models.BooleanField(default=False)

    def __str__(self) -> str:
        return str(self.pk)


class Locked(models.Model):
    """Something that only a login's own cookie opens: named by one hash of its secret, encrypted by another."""

    name = models.CharField(max_length=64, primary_key=True)
    sealed = models.BinaryField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name[:8]


class KeptLogin(Locked):
    """What one login has asked Lånekassen for. What was answered is in `sealed`, and no more than that it was is here.

    `asking_until` is set while one of its page views asks; `not_before` when Lånekassen wants to be left alone.
    """

    attempts = models.PositiveSmallIntegerField(default=0)
    settled = models.BooleanField(default=False)
    asking_until = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)


class BrowserSession(Locked):
    """A session of the pages that show the debt (sessions.py)."""
