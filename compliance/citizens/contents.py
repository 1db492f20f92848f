"""Who asks, and the letters and words about them: sealed when they are kept, read back, and deleted for good."""

import base64
import json
import uuid
from dataclasses import asdict, dataclass

from audit.secrecy import Kind, hash_of, reveal, seal
from compliance.citizens.models import CitizenContent, CitizenRequest

COLUMN = "citizen_content"
What = CitizenContent.What


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: the number, and name and address for the letter, the address in lines."""

    number: str
    name: str
    address: tuple[str, ...]

    @property
    def has_address(self) -> bool:
        return bool(self.name and self.address)


def keep_asker(request: CitizenRequest, asker: Asker) -> None:
    """Seal who asks; what was kept before is written over."""
    CitizenContent.objects.update_or_create(
        id=request.pk,
        defaults={
            "request": request,
            "what": What.PERSON,
            "sealed": seal(json.dumps(asdict(asker)), column=COLUMN, record=request.pk),
            "number_hash": hash_of(Kind.PARTY, asker.number),
        },
    )


def asker_of(request: CitizenRequest) -> tuple[Asker, bytes] | None:
    """Return who asks and the hash of the number; nothing once that is deleted. Raise NotRevealed."""
    kept = CitizenContent.objects.filter(id=request.pk, what=What.PERSON).first()
    if kept is None:
        return None
    told = json.loads(reveal(kept.sealed, column=COLUMN, record=request.pk))
    return Asker(told["number"], told["name"], tuple(told["address"])), bytes(kept.number_hash or b"")


def keep_words(request: CitizenRequest, words: str) -> uuid.UUID | None:
    """Seal free words, and return the id that they are read by; nothing where there are none."""
    return _keep(request, What.WORDS, uuid.uuid4(), words) if words else None


def words_by_id(ids: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the words of those ids that are still kept, in one statement. Raise NotRevealed."""
    kept = CitizenContent.objects.filter(id__in=ids, what=What.WORDS) if ids else ()
    return {row.pk: reveal(row.sealed, column=COLUMN, record=row.pk) for row in kept}


def keep_letter(request: CitizenRequest, letter: uuid.UUID, content: bytes) -> None:
    """Seal the exact bytes of a letter under its id."""
    _keep(request, What.LETTER, letter, base64.b64encode(content).decode())


def letter_bytes(letter: uuid.UUID) -> bytes | None:
    """Return the bytes of a letter; nothing once they are deleted. Raise NotRevealed."""
    kept = CitizenContent.objects.filter(id=letter, what=What.LETTER).first()
    return base64.b64decode(reveal(kept.sealed, column=COLUMN, record=letter)) if kept else None


def _keep(request: CitizenRequest, what: CitizenContent.What, key: uuid.UUID, text: str) -> uuid.UUID:
    sealed = seal(text, column=COLUMN, record=key)
    CitizenContent.objects.create(id=key, request=request, what=what, sealed=sealed)
    return key
