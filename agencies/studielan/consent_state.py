"""Who has consented: per customer the consent's code, its end, and whether Lånekassen remembers it. Nothing more."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from agencies.studielan.models import Consent
from audit.secrecy import Kind, NotRevealed, hash_of, hashes_of, reveal, seal

COLUMN = "studielan_consent_code"


@dataclass(frozen=True, slots=True)
class Given:
    """A consent as it is kept. `code` is Altinn's authorization code, or the id of a consent at Altinn 3."""

    id: UUID
    code: str = field(repr=False)
    valid_to: datetime
    exchanged: bool = False
    primed: bool = False


def find(identifier: str) -> Given | None:
    """Return the customer's consent. One whose sealing key is gone is none."""
    row = Consent.objects.filter(person_hash__in=hashes_of(Kind.PARTY, identifier)).order_by("-valid_to").first()
    if row is None:
        return None
    try:
        code = reveal(bytes(row.code_sealed), column=COLUMN, record=row.id)
    except NotRevealed:
        return None
    return Given(row.id, code, row.valid_to, row.exchanged, row.primed)


def keep(identifier: str, *, code: str, valid_to: datetime) -> None:
    """Let this consent take the place of whichever the customer gave before."""
    with transaction.atomic():
        drop(identifier)
        key = uuid4()
        Consent.objects.create(
            id=key,
            person_hash=hash_of(Kind.PARTY, identifier),
            code_sealed=seal(code, column=COLUMN, record=key),
            valid_to=valid_to,
        )


def drop(identifier: str) -> None:
    """Forget the customer's consent."""
    Consent.objects.filter(person_hash__in=hashes_of(Kind.PARTY, identifier)).delete()


def note(consent: Given, **changes: object) -> bool:
    """Change what is known of this very consent. Return whether it is still the one that is kept."""
    return bool(Consent.objects.filter(id=consent.id).update(**changes))


def take_exchange(consent: Given) -> bool:
    """Return whether the caller is the one who exchanges this consent's code for the first time."""
    return bool(Consent.objects.filter(id=consent.id, exchanged=False).update(exchanged=True))
