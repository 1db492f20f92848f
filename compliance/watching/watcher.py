"""One turn of the watcher: fold, raise alerts, and only then say how far it came; then the letters."""

from dataclasses import dataclass
from datetime import datetime

from compliance.watching.alerting import raise_alerts
from compliance.watching.folding import days_of, fold_day, fold_hour, forget, hours_to_fold, passed, progress
from compliance.watching.mailing import send_letters
from compliance.watching.windows import HOUR, hour_of


@dataclass(frozen=True, slots=True)
class Turn:
    """What was done, and how many hours are left for the next turn."""

    hours: int
    alerts: int
    letters: int
    left: int


def turn(now: datetime) -> Turn:
    """Do one turn. Whatever stops it, the next one does again what this one did not finish."""
    hours = hours_to_fold(progress(now).until, now)
    for hour in hours:
        fold_hour(hour)
    for day in days_of(hours):
        fold_day(day)
    alerts = raise_alerts(hours, now=now)
    if hours:
        passed(hours, now)
    forget(now)
    left = (hour_of(now) - hours[-1]) // HOUR if hours else 0
    return Turn(len(hours), len(alerts), send_letters(now=now), left)
