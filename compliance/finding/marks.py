"""What is noticed of a look by number, for those who watch the bank's own staff. It stops nobody; it is kept."""

from accounts.parties import KnownParty
from legal.models import Person
from legal.people import people_with

NO_CASE, OWN_NUMBER, COLLEAGUE, SAME_SURNAME, SHIELDED = (
    "no-case",
    "own-number",
    "colleague",
    "same-surname",
    "shielded",
)


def marks_of(person: Person, numbers: tuple[str, ...], party: KnownParty | None, *, case_reference: str) -> str:
    """Return the marks of a look by this person for the party with these numbers, with blanks between them."""
    found = people_with(*numbers)
    marks = {
        NO_CASE: not case_reference,
        OWN_NUMBER: person in found,
        COLLEAGUE: any(other != person for other in found),
        SAME_SURNAME: party is not None and party.is_person and surname(party.name) == surname(person.name),
        SHIELDED: party is not None and party.shielded,
    }
    return " ".join(mark for mark, holds in marks.items() if holds)


def surname(name: str) -> str:
    """Return a name's last word, whatever its case."""
    words = name.split()
    return words[-1].casefold() if words else ""
