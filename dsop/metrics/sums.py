"""What this process has counted, in its memory: a request pays for some additions, and for nothing else."""

import os
import threading
from bisect import bisect_left
from collections.abc import Iterable

from dsop.metrics.known import OTHER, Metric

Labels = tuple[str, ...]
Cells = dict[Labels, list[float]]
"""The numbers of one metric: for each set of labels one, or those of a histogram."""
Found = dict[str, Cells]
"""The numbers of metrics, by name."""

MOST_LABELS = 2_000
"""Sets of labels of one metric. Their lists are closed, so that only a defect reaches this; it must cost no memory."""


class Sums:
    """Counters, histograms and gauges of one process."""

    def __init__(self) -> None:
        self.forget()
        os.register_at_fork(after_in_child=self.forget)

    def forget(self) -> None:
        # A fork copies the parent's sums, which the parent tells, and a lock in whatever state it was in.
        self._lock = threading.Lock()
        self._found: Found = {}
        self._kept: dict[tuple[Metric, Labels], list[float]] = {}
        self._changes = 0

    @property
    def changes(self) -> int:
        """A number that is another one after any change."""
        return self._changes

    def add(self, *counts: tuple[Metric, Labels], observed: Iterable[tuple[Metric, Labels, float]] = ()) -> None:
        """Add one to each count, and to each histogram what was observed: all of it under one lock."""
        kept = self._kept
        with self._lock:
            self._changes += 1
            for count in counts:
                (kept.get(count) or self._new(*count))[0] += 1
            for metric, labels, value in observed:
                cells = kept.get((metric, labels)) or self._new(metric, labels)
                cells[bisect_left(metric.buckets, value)] += 1
                cells[-1] += value

    def copy(self) -> Found:
        with self._lock:
            return {name: {labels: [*cells] for labels, cells in of.items()} for name, of in self._found.items()}

    def _new(self, metric: Metric, labels: Labels) -> list[float]:
        """Return the cells of labels that are not kept: new ones, or one set of them for whatever is too many."""
        known = self._found.setdefault(metric.name, {})
        if len(known) >= MOST_LABELS:
            return known.setdefault((OTHER,) * len(metric.labels), [0.0] * metric.cells)
        cells = self._kept[metric, labels] = known[labels] = [0.0] * metric.cells
        return cells


sums = Sums()
