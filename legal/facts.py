"""What a precondition or a period rule has to know about the control object, asked once and passed on."""

from dataclasses import dataclass
from datetime import date

from legal.periods import Period


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts of law about a party; nothing is known of the unknown, and of the shielded likewise.

    `ruling_date` (kjennelsesdato) stands while a bankruptcy is in force. `guardianships` are the days, cut to the
    period asked for, on which the guardian named in the request had the ward's daily banking as a task.
    """

    ruling_date: date | None = None
    date_of_death: date | None = None
    guardianships: tuple[Period, ...] = ()


NOTHING_KNOWN = Facts()
