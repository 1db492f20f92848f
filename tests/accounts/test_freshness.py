"""Old data must not pass for today's, and data of tomorrow is no data."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.freshness import check_freshness
from legal.refusals import LedgerOutdated

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
TWO_DAYS = timedelta(hours=48)


@pytest.mark.parametrize(
    ("ages", "fresh"),
    [
        pytest.param([timedelta(0)], True, id="of this moment"),
        pytest.param([TWO_DAYS], True, id="as old as allowed"),
        pytest.param([TWO_DAYS + SECOND], False, id="a second too old"),
        pytest.param([timedelta(days=400)], False, id="of last year"),
        pytest.param([-MINUTE], True, id="a clock that is a minute ahead"),
        pytest.param([-5 * MINUTE], True, id="a clock as far ahead as allowed"),
        pytest.param([-5 * MINUTE - SECOND], False, id="a clock too far ahead"),
        pytest.param([-TWO_DAYS], False, id="of the day after tomorrow"),
        pytest.param([HOUR, 3 * HOUR, 2 * HOUR], True, id="several institutions"),
        pytest.param([HOUR, TWO_DAYS + SECOND], False, id="one of several too old"),
        pytest.param([HOUR, -HOUR], False, id="one of several ahead"),
    ],
)
def test_freshness(ages, fresh):
    moments = [NOW - age for age in ages]
    if fresh:
        assert check_freshness(moments, now=NOW, max_age=TWO_DAYS) == min(moments), "the oldest speaks for all"
    else:
        with pytest.raises(LedgerOutdated):
            check_freshness(iter(moments), now=NOW, max_age=TWO_DAYS)
