"""What came of a load whose answers are judged one by one: right, a proper error, or wrong."""

from collections.abc import Callable, Iterable
from enum import StrEnum

from tests.chaos.frame import Outcome
from tests.chaos.load import Asked, longest_gap
from tests.chaos.replication import seconds_until

MOST_NAMED, IN_A_ROW = 5, 20


class Judged(StrEnum):
    RIGHT = "right"
    ERROR = "error"
    WRONG = "wrong"


Judge = Callable[[Asked], Judged]


def counted(
    asked: list[Asked],
    judge: Judge,
    *,
    recovery: float | None,
    limit: float,
    unrecorded: int,
    watched: Callable[[Asked], bool] = lambda row: True,
    errors_allowed: bool = False,
    faults: Iterable[str] = (),
    note: str = "",
) -> Outcome:
    """Return the figures. `faults` are what else went wrong; the gap is that between right answers to the `watched`."""
    judged = [(row, judge(row)) for row in asked]
    wrong = [f"{row.question} ({row.status})" for row, verdict in judged if verdict is Judged.WRONG]
    further = list(faults)
    return Outcome(
        sent=len(asked),
        right=sum(verdict is Judged.RIGHT for _, verdict in judged),
        errors=sum(verdict is Judged.ERROR for _, verdict in judged),
        wrong=len(wrong) + len(further),
        without_record=unrecorded,
        gap=longest_gap([row for row, verdict in judged if verdict is Judged.RIGHT and watched(row)]),
        recovery=recovery,
        recovery_limit=limit,
        errors_allowed=errors_allowed,
        note="; ".join(word for word in (note, *further, *sorted(set(wrong))[:MOST_NAMED]) if word),
    )


def seconds_until_answered(asked: list[Asked], since: float, limit: float) -> float | None:
    """Return how long after that moment an answer was the last one before all were 200; None when they never were.

    `asked` grows meanwhile. So many in a row are waited for that every worker is among those asked.
    """

    def later() -> list[Asked]:
        return [row for row in list(asked) if row.begun > since]

    def in_a_row() -> bool:
        latest = later()[-IN_A_ROW:]
        return len(latest) == IN_A_ROW and all(row.status == 200 for row in latest)

    if seconds_until(in_a_row, limit) is None:
        return None
    return max((row.ended - since for row in later() if row.status != 200), default=0.0)
