"""Who writes the letters: DESK_LETTERHEAD, as lines."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.conf import settings

MEMBERS = ("name", "address", "contact", "data_protection_officer")
LONGEST = 300
TO_TRY_WITH = {
    "name": "Sandkassebanken",
    "address": "Prøvegata 1\n0001 Oslo",
    "contact": "innsyn@sandkassebanken.example\n22 00 00 00",
    "data_protection_officer": "personvernombud@sandkassebanken.example",
}


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The bank's name, its address and how it is reached in lines, and its data protection officer."""

    name: str
    address: tuple[str, ...]
    contact: tuple[str, ...]
    data_protection_officer: str

    @classmethod
    def read(cls, told: Mapping[str, str]) -> Self:
        """Return the letterhead of a setting without faults."""
        lines = {name: tuple(told[name].strip().splitlines()) for name in MEMBERS}
        officer = ", ".join(lines["data_protection_officer"])
        return cls(told["name"].strip(), lines["address"], lines["contact"], officer)


def faults(told: Any) -> list[str]:
    """Return what is wrong with a letterhead, in words."""
    if not isinstance(told, dict):
        return ["it is no JSON object"]
    found = [f"{name} is missing" for name in MEMBERS if name not in told]
    found += [f"{name} is unknown" for name in told if name not in MEMBERS]
    found += [
        f"{name} must be a text of 1 to {LONGEST} characters"
        for name in MEMBERS
        if name in told and not (isinstance(told[name], str) and 0 < len(told[name].strip()) <= LONGEST)
    ]
    return found


def letterhead() -> Letterhead:
    """Return the letterhead of this installation; where nobody real is written to there is one to try with."""
    told = settings.DESK_LETTERHEAD
    return Letterhead.read(TO_TRY_WITH if settings.ENVIRONMENT != "production" and not told else told)
