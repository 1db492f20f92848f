"""What a scenario tells, and the table that says of each whether it held."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

COLUMNS = ("scenario", "sent", "right", "error", "wrong", "no record", "gap s", "recovery s", "limit s", "")
NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one scenario. `errors` are proper ones: the standard's code with a fixed sentence."""

    sent: int
    right: int
    errors: int
    wrong: int
    without_record: int
    gap: float
    """The longest time without a right answer."""
    recovery: float | None
    """Until it was whole again by itself; None when it was not."""
    recovery_limit: float
    errors_allowed: bool = False
    note: str = ""

    @property
    def held(self) -> bool:
        """Return whether nothing was wrong or unrecorded, something was asked at all, and it recovered in time."""
        recovered = self.recovery is not None and self.recovery <= self.recovery_limit
        errors = self.errors_allowed or not self.errors
        return bool(self.right) and not self.wrong and not self.without_record and errors and recovered


Scenario = Callable[[Any], Outcome]
SCENARIOS: dict[str, Scenario] = {}


def scenario(title: str) -> Callable[[Scenario], Scenario]:
    """Enter a scenario under the words it has in the table."""

    def entered(run: Scenario) -> Scenario:
        SCENARIOS[title] = run
        return run

    return entered


def chosen(words: list[str]) -> dict[str, Scenario]:
    """Return the scenarios whose title holds one of the words, or all of them."""
    return {title: run for title, run in SCENARIOS.items() if not words or any(word in title for word in words)}


def table(outcomes: dict[str, Outcome | str]) -> Iterator[str]:
    """Return the lines of the table. A text in an outcome's place says why it was not run, and that is a miss."""
    rows = [COLUMNS, *(row_of(title, outcome) for title, outcome in outcomes.items())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    for row in rows:
        title, *figures, verdict = row
        cells = [
            title.ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(figures, widths[1:-1], strict=True)),
        ]
        yield "  ".join([*cells, verdict]).rstrip()


def row_of(title: str, outcome: Outcome | str) -> tuple[str, ...]:
    if isinstance(outcome, str):
        return (title, *["-"] * (len(COLUMNS) - 2), f"missed: {NOT_RUN}, {outcome}")
    counts = (outcome.sent, outcome.right, outcome.errors, outcome.wrong, outcome.without_record)
    recovery = "never" if outcome.recovery is None else f"{outcome.recovery:.1f}"
    times = (f"{outcome.gap:.2f}", recovery, f"{outcome.recovery_limit:.0f}")
    verdict = ("ok" if outcome.held else "missed") + (f" ({outcome.note})" if outcome.note else "")
    return (title, *map(str, counts), *times, verdict)


def verdict(outcomes: dict[str, Outcome | str]) -> bool:
    """Return whether every scenario ran and held."""
    return bool(outcomes) and all(isinstance(outcome, Outcome) and outcome.held for outcome in outcomes.values())
