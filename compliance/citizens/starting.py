"""What is decided of a disclosure before anybody has looked at it. Only people tell what the rules hold back."""

from collections.abc import Mapping
from datetime import date

from compliance.citizens.grounds import Decision, Ground

POLICE = frozenset({"politi-utlevering"})
"""Services of which the person may never learn while a case is open; the bank does not know when it is closed."""


def started(*, service: str, told_on: date, today: date, undecided_days: Mapping[str, int]) -> tuple[Decision, str]:
    """Return the decision that a disclosure begins with, and its ground where it is withheld."""
    if service in POLICE:
        return Decision.WITHHELD, Ground.CRIME
    if (today - told_on).days < undecided_days.get(service, 0):
        return Decision.UNDECIDED, ""
    return Decision.INCLUDED, ""
