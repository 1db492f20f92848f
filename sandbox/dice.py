"""Chance that falls the same way for the same seed, on every machine and Python version."""

from collections.abc import Sequence
from datetime import date
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Throws made from a text. Only `random()` is used: Python promises its sequence, not that of the rest."""

    def __init__(self, text: str) -> None:
        self.throw = Random(text).random  # noqa: S311 - nothing secret is made of it

    def below(self, limit: int) -> int:
        return int(self.throw() * limit)

    def between(self, low: int, high: int) -> int:
        """Return a whole number, both ends included."""
        return low + int(self.throw() * (high - low + 1))

    def chance(self, share: float) -> bool:
        return self.throw() < share

    def pick(self, choices: Sequence[T]) -> T:
        return choices[int(self.throw() * len(choices))]

    def day(self, first: date, last: date) -> date:
        """Return a day, both ends included."""
        return date.fromordinal(self.between(first.toordinal(), last.toordinal()))
