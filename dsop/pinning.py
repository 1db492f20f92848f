"""A certificate that an administrator gives us instead of CertPub: pinned, and let go again.

Whoever looks the participant up holds a lease and will write what was found; nothing is changed under their hands.
"""

from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from django.db.models import Q

from dsop.models import AgencyCertificate
from legal.certificates import ValidCertificate


class LookedUpNow(Exception):
    """Somebody is looking the participant up; in a few seconds it can be changed."""


def pin(participant: str, valid: ValidCertificate) -> None:
    """Use this certificate for the participant until it is unpinned. Raise LookedUpNow."""
    now = datetime.now(UTC)
    AgencyCertificate.objects.bulk_create([AgencyCertificate(participant=participant)], ignore_conflicts=True)
    _change(
        participant,
        certificate=valid.certificate.public_bytes(Encoding.DER),
        pinned=True,
        outcome=AgencyCertificate.Outcome.USABLE,
        found_at=now,
        attempted_at=now,
        revocation_checked_at=valid.revocation.at,
        reasons=[],
    )


def unpin(participant: str) -> None:
    """Forget the participant's certificate, so that CertPub is asked at once. Raise LookedUpNow."""
    _change(
        participant,
        certificate=None,
        pinned=False,
        outcome="",
        found_at=None,
        attempted_at=None,
        revocation_checked_at=None,
        reasons=[],
    )


def _change(participant: str, **columns: Any) -> None:
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=datetime.now(UTC))
    if not AgencyCertificate.objects.filter(free, pk=participant).update(**columns):
        raise LookedUpNow
