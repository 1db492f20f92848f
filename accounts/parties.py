"""Who is it? What the desk has to know of a party: its other numbers, its name, whether it is shielded."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError

from accounts.models import OPEN_GRADES, Party, PartyIdentifier


class LedgerSilent(Exception):
    """The ledger could not be asked; whoever asked treats everybody as shielded, or shows nothing."""


@dataclass(frozen=True, slots=True)
class KnownParty:
    """A party of the ledger: every number it has or had, the present one first."""

    numbers: tuple[str, ...]
    name: str
    shielded: bool
    is_person: bool


def party_known_by(number: str) -> KnownParty | None:
    """Return the party that has or had this number, in two statements. Raise LedgerSilent."""
    try:
        found = PartyIdentifier.objects.select_related("party").filter(value=number).first()
        if found is None:
            return None
        same = PartyIdentifier.objects.filter(party_id=found.party_id).values_list("value", "end_date", "start_date")
        numbers = sorted(same, key=lambda row: (row[1] is None, row[2]), reverse=True)
    except (DatabaseError, InterfaceError):
        raise LedgerSilent from None
    party = found.party
    return KnownParty(
        numbers=tuple(value for value, _end, _start in numbers),
        name=party.name,
        shielded=party.protection_grade not in OPEN_GRADES,
        is_person=party.type == Party.Type.PERSON,
    )


def shielded_among(numbers: Collection[str]) -> frozenset[str]:
    """Return those of the numbers whose party is shielded now, in one statement. Raise LedgerSilent.

    A number that the ledger does not know is not among them.
    """
    if not numbers:
        return frozenset()
    shielded = PartyIdentifier.objects.exclude(party__protection_grade__in=OPEN_GRADES)
    try:
        return frozenset(shielded.filter(value__in=numbers).values_list("value", flat=True))
    except (DatabaseError, InterfaceError):
        raise LedgerSilent from None
