"""How long answers and records are kept, as the settings say it, and from which day a month may be deleted."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self

from django.conf import settings

from audit.partitions import next_month
from audit.retain.models import Decision

OTHERS = "*"
"""Every service that is not named, and what belongs to none."""
SERVICE = re.compile(r"[a-z0-9][a-z0-9:-]{0,63}")
MOST_YEARS = 100
SHORTEST_YEAR = 365
LONGEST_GROUND = 500
MEMBERS = {"years", "ground"}

What = Decision.What


@dataclass(frozen=True, slots=True)
class Retention:
    """How many years records are kept, and by which law or decision of the bank."""

    years: int
    ground: str


@dataclass(frozen=True, slots=True)
class Policy:
    """What AUDIT_ANSWER_DAYS and AUDIT_RETENTION say."""

    days: Mapping[str, int]
    retentions: Mapping[str, Retention]

    @classmethod
    def read(cls, answer_days: Any, retention: Any) -> Self:
        """Return the policy in these settings. Raise ValueError, with every fault, when it is none."""
        if found := faults(answer_days, retention):
            raise ValueError(" ".join(found))
        return cls(dict(answer_days), {name: Retention(**words) for name, words in retention.items()})

    def answer_days(self, service: str) -> int:
        """Return how many days the documents of a service are kept; 0 when they are not kept at all."""
        return self.days.get(service, self.days[OTHERS])

    def years(self, service: str) -> int:
        return self.retention(service).years

    def ground(self, service: str) -> str:
        return self.retention(service).ground

    def retention(self, service: str) -> Retention:
        return self.retentions.get(service, self.retentions[OTHERS])

    @property
    def longest(self) -> Retention:
        """Return the retention of the service whose records are kept longest: one partition holds all services."""
        return max(self.retentions.values(), key=lambda one: one.years)

    def due_from(self, what: What, service: str, month: date) -> date:
        """Return the first day on which what is kept of a month may be deleted. Months are deleted whole.

        That is the day after its last one and the days or years behind it.
        """
        after = next_month(month)
        if what == What.DOCUMENTS:
            return after + timedelta(days=self.answer_days(service))
        return after.replace(year=after.year + self.years_of(what, service))

    def years_of(self, what: What, service: str) -> int:
        """Return how many years it is kept; documents as the records they belong to at most."""
        return self.longest.years if what == What.RECORDS else self.years(service)

    def ground_of(self, what: What, service: str) -> str:
        return self.longest.ground if what == What.RECORDS else self.ground(service)

    def is_due(self, what: What, service: str, month: date, *, today: date) -> bool:
        return self.due_from(what, service, month) <= today


def policy_in_force() -> Policy:
    """Return the policy of this installation. It is read once: each kept answer asks for it."""
    global _latest
    days, retention = settings.AUDIT_ANSWER_DAYS, settings.AUDIT_RETENTION
    latest = _latest
    if latest is None or latest[0] is not days or latest[1] is not retention:
        latest = _latest = days, retention, Policy.read(days, retention)
    return latest[2]


_latest: tuple[Any, Any, Policy] | None = None
"""The settings that were read last, and the policy in them."""


def faults(answer_days: Any, retention: Any) -> list[str]:
    """Return in words what makes these settings unusable."""
    return [
        *(f"AUDIT_ANSWER_DAYS: {fault}." for fault in _faults_of_days(answer_days)),
        *(f"AUDIT_RETENTION: {fault}." for fault in _faults_of_retention(retention)),
    ] or [f"AUDIT_ANSWER_DAYS: {fault}." for fault in _contradictions(answer_days, retention)]


def named(answer_days: Any, retention: Any) -> set[str]:
    """Return which services these settings name."""
    return {*answer_days, *retention} - {OTHERS}


def _faults_of_days(days: Any) -> Iterator[str]:
    if not isinstance(days, dict):
        yield "must be a JSON object"
        return
    yield from _faults_of_names(days)
    for name, number in days.items():
        if type(number) is not int or number < 0:
            yield f"{_shown(name)} must be whole days, 0 or more"
        elif number == 0 and name == OTHERS:
            yield "0 is chosen for a service by its name, never for all of them"


def _faults_of_retention(retention: Any) -> Iterator[str]:
    if not isinstance(retention, dict):
        yield "must be a JSON object"
        return
    yield from _faults_of_names(retention)
    for name, words in retention.items():
        if not isinstance(words, dict) or words.keys() != MEMBERS:
            yield f"{_shown(name)} must have years and ground, and nothing else"
            continue
        if type(words["years"]) is not int or not 1 <= words["years"] <= MOST_YEARS:
            yield f"the years of {_shown(name)} must be a whole number from 1 to {MOST_YEARS}"
        ground = words["ground"]
        if not isinstance(ground, str) or not ground.strip() or len(ground) > LONGEST_GROUND:
            yield f"the ground of {_shown(name)} must be written, in at most {LONGEST_GROUND} characters"


def _faults_of_names(names: dict[Any, Any]) -> Iterator[str]:
    if OTHERS not in names:
        yield f"{OTHERS} must stand for the services that are not named"
    if not all(name == OTHERS or SERVICE.fullmatch(name) for name in names):
        yield "a name is no service's"


def _contradictions(days: dict[str, int], retention: dict[str, dict[str, Any]]) -> Iterator[str]:
    for name in sorted({*days, *retention}):
        years = retention.get(name, retention[OTHERS])["years"]
        if days.get(name, days[OTHERS]) > years * SHORTEST_YEAR:
            yield f"{name} is kept longer than the records themselves"


def _shown(name: str) -> str:
    return name if name == OTHERS or SERVICE.fullmatch(name) else "one service"
