"""Days change under load, by the calendar and the clocks of Oslo: the answer is that of the day which holds there.

The records' months are those of UTC: their partitions and keys change an hour or two after the day does.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import NamedTuple

from legal.periods import OSLO, Period, day_in_oslo, months_before, next_day
from tests import cluster
from tests.agency import Case, case_of
from tests.chaos import faketime
from tests.chaos.clock import aged, code_of, with_records
from tests.chaos.faketime import Clock, Faked, Recorded, Tokens, records_of
from tests.chaos.frame import Outcome, scenario
from tests.chaos.load import Asked, Load, Question, is_proper_error, once
from tests.chaos.replication import Right, outcome, seconds_until
from tests.chaos.stage import Stage
from tests.consumer import identifier

BEFORE, AFTER = timedelta(seconds=6), timedelta(seconds=6)
SETTLED, WHOLE_SECONDS = timedelta(seconds=60), 20.0
AGENCY, CASE, SCOPE = "974761076", "debtor-five-accounts", "bits:kontoinformasjon"
NO_DAY, DAY_BEFORE, DAY_AFTER = "no day", "the day before", "the day after"
TEN_YEARS, LAST_YEAR = "ten years", "last year"
ANSWERED, REFUSED = (200, ""), (400, "ACC-001")
ROLES = """
SELECT role.id, role.start_date, role.end_date FROM account_role role JOIN party_identifier known USING (party_id)
WHERE known.value = %s AND role.kind = 'primaryOwner' ORDER BY role.id
"""
PUT = "UPDATE account_role SET start_date = %s, end_date = %s WHERE id = %s"
MONTHS_AHEAD = "24"


class Turn(NamedTuple):
    """The days in Oslo on either side of a moment. Where they are one, the day after is the one that follows."""

    moment: datetime
    before: date
    after: date

    @property
    def other(self) -> date:
        return self.after if self.after != self.before else next_day(self.before)


def in_oslo(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=OSLO).astimezone(UTC)


def tonight() -> datetime:
    """Return the next midnight in Oslo."""
    day = next_day(day_in_oslo(datetime.now(UTC)))
    return in_oslo(day.year, day.month, day.day)


def turn_at(moment: datetime) -> Turn:
    return Turn(moment, day_in_oslo(moment - timedelta(seconds=1)), day_in_oslo(moment))


def told_on(day: date, turn: Turn) -> dict[str, tuple[int, str]]:
    """Return status and code that each question is to be told on a day, by the rules of its service."""
    return {
        NO_DAY: ANSWERED,
        DAY_BEFORE: ANSWERED if day == turn.before else REFUSED,
        DAY_AFTER: ANSWERED if day == turn.other else REFUSED,
        TEN_YEARS: ANSWERED if months_before(turn.before, 120) >= months_before(day, 120) else REFUSED,
        LAST_YEAR: ANSWERED if turn.before.year == day.year else REFUSED,
    }


def questions(instance: Faked, turn: Turn) -> dict[str, Question]:
    """Return a question of no day, two of one day each, one of ten years and one of the calendar year before."""
    own, number = Tokens(AGENCY, instance.clock.now, follows=True), identifier(CASE)
    control = case_of(instance.server, "skatt-kontroll", CASE)
    control = control.but(period=Period(months_before(turn.before, 120), turn.before))
    summer = date(turn.before.year - 1, 7, 1)
    ward = case_of(instance.server, "vergekontroll", "under-guardianship").between(summer, summer)

    def on(day: date) -> Question:
        return faketime.accounts(instance.server, own, number, f"&fromDate={day}&toDate={day}")

    return {
        NO_DAY: faketime.accounts(instance.server, own, number),
        DAY_BEFORE: on(turn.before),
        DAY_AFTER: on(turn.other),
        TEN_YEARS: of_case(control, own),
        LAST_YEAR: of_case(ward, Tokens(ward.consumer, instance.clock.now, follows=True)),
    }


def of_case(case: Case, tokens: Tokens) -> Question:
    def ask(correlation_id: str) -> object:
        bearer = tokens.bearer(SCOPE, correlation_id)
        return case.ask("accounts", CorrelationID=correlation_id, Authorization=bearer)

    return ask


@contextmanager
def roles_change(stage: Stage, turn: Turn) -> Iterator[None]:
    """Let one of the party's accounts be its own until the day before, and another one from the day after."""
    primary = stage.ledger.primary
    first, second, *_ = primary.run(ROLES, identifier(CASE))
    primary.run(PUT, first[1], turn.before, first[0])
    primary.run(PUT, turn.other, None, second[0])
    try:
        yield
    finally:
        for row_id, start, end in (first, second):
            primary.run(PUT, start, end, row_id)


def right_answers(turn: Turn, clock: Clock, lists: Mapping[date, set[bytes]]) -> Right:
    """Return what says of an answer whether it is that of a day which held in Oslo while it was made."""

    def right(row: Asked) -> bool:
        days = {day_in_oslo(moment) for moment in moments(clock, row)}
        if row.question == NO_DAY and row.status == 200:
            return any(row.body in lists.get(day, ()) for day in days)
        return any(told_on(day, turn)[row.question] == (row.status, code_of(row)) for day in days)

    return right


def moments(clock: Clock, row: Asked) -> list[datetime]:
    """Return the first and the last moment that the service's clock showed while it answered."""
    return [datetime.fromtimestamp(end, UTC) for pair in clock.readings(row.begun, row.ended) for end in pair]


def crossed(stage: Stage, moment: datetime) -> Outcome:
    """Let the service's clock run over a moment under load, and seal nothing: its records are of days to come."""
    turn, instance = turn_at(moment), faketime.faked(stage)
    clock = instance.clock
    try:
        with aged(stage, moment - timedelta(hours=3)), roles_change(stage, turn):
            asked_of = questions(instance, turn)
            lists = {turn.after: lists_at(moment + SETTLED, clock, asked_of)}
            lists[turn.before] = lists_at(moment - SETTLED, clock, asked_of)
            clock.set(moment - BEFORE)
            with Load(asked_of) as load:
                time.sleep((BEFORE + AFTER).total_seconds())
    finally:
        clock.jump(0.0)
    if (turn.before != turn.after) != (lists[turn.before] != lists[turn.after]):
        raise AssertionError("The list of accounts does not depend on the day as it should.")
    found = outcome(load.asked, right_answers(turn, clock, lists), last_wrong(load.asked, turn, clock, lists))
    return with_records(found, load.asked, clock, note=of_days(load.asked, clock, turn))


def lists_at(moment: datetime, clock: Clock, asked_of: Mapping[str, Question]) -> set[bytes]:
    """Return the list of accounts at a moment to which the clock is set, once the service has followed."""
    clock.set(moment)
    found: list[Asked] = []

    def followed() -> bool:
        found.append(once(NO_DAY, asked_of[NO_DAY]))
        return [row.status for row in found[-5:]] == [200] * 5 and len({row.body for row in found[-5:]}) == 1

    if seconds_until(followed, WHOLE_SECONDS) is None:
        raise AssertionError(f"Not answered at {moment}: {found[-1].status} {found[-1].body[:200]!r}")
    return {found[-1].body}


def last_wrong(asked: list[Asked], turn: Turn, clock: Clock, lists: Mapping[date, set[bytes]]) -> float:
    """Return how long after the moment an answer was still not that of its day; 0 where all were."""
    right = right_answers(turn, clock, lists)
    ends = [max(moments(clock, row)) for row in asked if not right(row)]
    return max(((end - turn.moment).total_seconds() for end in ends), default=0.0)


def of_days(asked: list[Asked], clock: Clock, turn: Turn) -> str:
    """Say how many were answered on either side, and whether the records name the day that was answered for."""
    kept: dict[str, Recorded] = records_of([row for row in asked if row.question == NO_DAY])
    wrong = [
        row
        for row in asked
        if row.correlation_id in kept
        and kept[row.correlation_id].from_date not in {day_in_oslo(moment) for moment in moments(clock, row)}
    ]
    before = sum(max(moments(clock, row)) < turn.moment for row in asked)
    words = f"{before} before, {len(asked) - before} after"
    return words + (f", {len(wrong)} records of another day" if wrong else "")


@cache
def months_ready() -> None:
    """Make the trail's partitions as far ahead as the command does, which is past all moments asked about."""
    done = cluster.manage("audit_partitions", "--months", MONTHS_AHEAD, **cluster.OWNERS)
    if done.returncode:
        raise AssertionError(done.stderr[-300:])


def entered(words: str, moment: Callable[[], datetime]) -> None:
    @scenario(f"in Oslo {words}")
    def one(stage: Stage) -> Outcome:
        months_ready()
        return crossed(stage, moment())


entered("midnight passes", tonight)
entered("the clocks go forward", lambda: in_oslo(2027, 3, 28, 3))
entered("the clocks go back", lambda: datetime(2027, 10, 31, 1, tzinfo=UTC))
entered("a leap day begins", lambda: in_oslo(2028, 2, 29))
entered("a leap day ends", lambda: in_oslo(2028, 3, 1))
entered("a year begins", lambda: in_oslo(2027, 1, 1))
entered("it is one o'clock, and the trail's year begins", lambda: in_oslo(2027, 1, 1, 1))


@scenario("the trail has no partition for the month")
def no_partition(stage: Stage) -> Outcome:
    """Jump beyond all that is made: nothing can be recorded, so nothing is answered; and back again."""
    instance, clock = faketime.faked(stage), faketime.faked(stage).clock
    far = datetime.now(UTC) + timedelta(days=3 * 365)
    asked_of = {NO_DAY: faketime.accounts(instance.server, Tokens(AGENCY, clock.now, follows=True), identifier(CASE))}
    beyond = faketime.accounts(instance.server, Tokens(AGENCY, clock.now, follows=True), identifier(CASE))
    try:
        expected = once(NO_DAY, asked_of[NO_DAY])
        clock.set(far)
        with aged(stage, far - timedelta(hours=3)), Load({"beyond": beyond}) as load:
            time.sleep(AFTER.total_seconds() / 2)
    finally:
        clock.jump(0.0)
    begun = time.monotonic()
    again: list[Asked] = []

    def whole() -> bool:
        again.append(once(NO_DAY, asked_of[NO_DAY]))
        return [row.body for row in again[-10:]] == [expected.body] * 10

    recovery = seconds_until(whole)
    answered = [row for row in load.asked if not is_proper_error(row)]
    rows = [*load.asked, *again]
    found = outcome(rows, lambda row: row.body == expected.body and row in again, recovery, errors_allowed=True)
    took = recovery if recovery is not None else time.monotonic() - begun
    return replace(
        with_records(found, again, clock, note=f"{len(load.asked)} refused beyond"),
        wrong=found.wrong + len(answered),
        gap=took,
    )
