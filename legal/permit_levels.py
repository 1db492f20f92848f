"""The buckets that all workers share, in the database: one short statement for each agency and service and second.

Each statement is a transaction of its own and locks one row, so that workers wait for each other a moment at most and
never in a circle.
"""

from django.db import DatabaseError, connection, connections

from audit.appending import CLASHED, FAULTS, may_pass, not_recorded
from legal.limits import Limit

TRIES = 3
# A bucket that nobody has drawn from yet is full. A clock that was set back is followed, without filling anything.
DRAW = """
UPDATE legal_permitlevel SET
    level = least(%(burst)s::float8, level + %(per_second)s::float8 * greatest(0, extract(epoch FROM reading - at)))
            - %(spent)s::float8,
    at = CASE WHEN reading < at - interval '10 seconds' THEN reading ELSE greatest(at, reading) END
FROM (SELECT clock_timestamp() AS reading) AS clock
WHERE consumer = %(consumer)s AND service = %(service)s
RETURNING level
"""
FILL = """
INSERT INTO legal_permitlevel (consumer, service, level, at)
VALUES (%(consumer)s, %(service)s, %(burst)s, clock_timestamp())
ON CONFLICT (consumer, service) DO NOTHING
"""
# A minute that lies ahead by more than servers' clocks may differ was claimed by a clock that has been set back.
CLAIM = """
INSERT INTO legal_limitedminute (consumer, minute) VALUES (%s, %s)
ON CONFLICT (consumer) DO UPDATE SET minute = EXCLUDED.minute
    WHERE legal_limitedminute.minute NOT IN (EXCLUDED.minute, EXCLUDED.minute + 1)
RETURNING minute
"""


def draw(consumer: str, service: str, spent: int, limit: Limit) -> float:
    """Take what was spent from a bucket and return how full it is then. Raise DatabaseError."""
    values: dict[str, str | int] = {
        "consumer": consumer,
        "service": service,
        "spent": spent,
        "per_second": limit.per_second,
        "burst": limit.burst,
    }
    for last in (False,) * (TRIES - 1) + (True,):
        try:
            return _drawn(values)
        except DatabaseError as error:
            if last or getattr(error.__cause__, "sqlstate", None) not in CLASHED:
                raise
    raise AssertionError


def _drawn(values: dict[str, str | int]) -> float:
    with connections["default"].cursor() as cursor:
        cursor.execute(DRAW, values)
        row = cursor.fetchone()
        if row is None:
            cursor.execute(FILL, values)
            cursor.execute(DRAW, values)
            row = cursor.fetchone()
    return float(row[0])


def first_of_minute(consumer: str, minute: int) -> bool:
    """Return whether no worker of any server has asked this of that minute before, or of the one after it.

    Raise NotRecorded: the record that would follow could not be written either.
    """
    try:
        return _claimed(consumer, minute)
    except FAULTS as error:
        if not may_pass(error):
            raise not_recorded(error) from None
    connection.close()
    try:
        return _claimed(consumer, minute)
    except FAULTS as error:
        raise not_recorded(error) from None


def _claimed(consumer: str, minute: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [consumer, minute])
        return cursor.fetchone() is not None
