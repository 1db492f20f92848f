"""What one batch told of a request, and what several rounds say together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Sample:
    """The cost of one request, on the average of one batch; over HTTP also how many and how fast."""

    server_ms: float
    database_ms: float
    wall_ms: float
    failures: int
    per_second: float = 0.0
    p50_ms: float = 0.0  # at two connections
    p99_ms: float = 0.0
    busy_p50_ms: float = 0.0  # at eight
    busy_p99_ms: float = 0.0
    memory_mb: float = 0.0

    @property
    def both_ms(self) -> float:
        return self.server_ms + self.database_ms


class Ratio(NamedTuple):
    """A ratio by round."""

    median: float
    least: float
    most: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.least:.2f}-{self.most:.2f})"


Round = dict[str, Sample]


def ratio(rounds: Sequence[Round], name: str, to: str, value: Callable[[Sample], float]) -> Ratio:
    """Return the ratio of one variant to another, each round by itself."""
    ratios = [value(each[name]) / value(each[to]) for each in rounds]
    return Ratio(median(ratios), min(ratios), max(ratios))


def middle(rounds: Sequence[Round], name: str, value: Callable[[Sample], float]) -> float:
    return median(value(each[name]) for each in rounds)
