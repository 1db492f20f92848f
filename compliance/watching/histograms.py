"""Response times from a histogram: as exactly as its buckets are narrow."""

from collections.abc import Iterable, Sequence

from compliance.watching.folding import BOUNDS_MS


def summed(histograms: Iterable[Sequence[int]]) -> list[int]:
    """Return the histogram of all of them together."""
    return [sum(bucket) for bucket in zip(*histograms, strict=True)]


def percentile(histogram: Sequence[int], percent: int) -> float:
    """Return the milliseconds within which that many of a hundred were done; within a bucket they lie evenly.

    The last bucket has no bound above, so of it only the lower bound is told.
    """
    total = sum(histogram)
    wanted, before = total * percent / 100, 0
    for low, high, count in zip((0, *BOUNDS_MS), (*BOUNDS_MS, BOUNDS_MS[-1]), histogram, strict=True):
        if count and before + count >= wanted:
            return low + (high - low) * (wanted - before) / count
        before += count
    return 0.0
