"""The 72 hours of GDPR article 33, from the moment the bank knew. Hours that passed, whatever the clocks in Oslo do."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from legal.periods import OSLO

LIMIT = timedelta(hours=72)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Clock:
    """When the time is up, and how it stands now, or stood when Datatilsynet was told."""

    aware_at: datetime
    looked_at: datetime
    told: bool = False

    @property
    def ends_at(self) -> datetime:
        """Return the moment in Oslo by which Datatilsynet must have been told."""
        return (self.aware_at.astimezone(UTC) + LIMIT).astimezone(OSLO)

    @property
    def is_overdue(self) -> bool:
        return self._left < timedelta(0)

    @property
    def hours_left(self) -> int:
        """Return the whole hours that are left; 0 when it is overdue."""
        return max(self._left, timedelta(0)) // HOUR

    @property
    def hours_over(self) -> int:
        """Return the hours begun since the time was up; 0 before."""
        return -(min(self._left, timedelta(0)) // HOUR)

    @property
    def _left(self) -> timedelta:
        return self.ends_at.astimezone(UTC) - self.looked_at.astimezone(UTC)
