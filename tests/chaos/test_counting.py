"""What came of a load is counted as it was judged, and it has recovered when every worker answers again."""

import pytest

from tests.chaos.counting import IN_A_ROW, Judged, counted, seconds_until_answered
from tests.chaos.load import Asked

BY_STATUS = {200: Judged.RIGHT, 500: Judged.ERROR}


def asked(status, begun=0.0):
    return Asked("who", "", begun, begun + 1.0, status, b"")


def figures(*statuses, faults=()):
    rows = [asked(status, float(place)) for place, status in enumerate(statuses)]
    found = counted(
        rows,
        lambda row: BY_STATUS.get(row.status, Judged.WRONG),
        recovery=1.0,
        limit=5.0,
        unrecorded=0,
        errors_allowed=True,
        faults=faults,
    )
    return found.held, (found.right, found.errors, found.wrong), found.note


@pytest.mark.parametrize(
    ("statuses", "faults", "told"),
    [
        pytest.param((200, 200), (), (True, (2, 0, 0), ""), id="all right"),
        pytest.param((200, 500), (), (True, (1, 1, 0), ""), id="a proper error where one is allowed"),
        pytest.param((200, 401), (), (False, (1, 0, 1), "who (401)"), id="a wrong answer, named"),
        pytest.param((200,), ("it grew",), (False, (1, 0, 1), "it grew"), id="another fault counts as a wrong answer"),
        pytest.param((500,), (), (False, (0, 1, 0), ""), id="nothing right"),
    ],
)
def test_figures(statuses, faults, told):
    assert figures(*statuses, faults=faults) == told


@pytest.mark.parametrize(
    ("statuses", "seconds"),
    [
        pytest.param([200] * IN_A_ROW, 0.0, id="never refused"),
        pytest.param([500, 500, *[200] * IN_A_ROW], 3.0, id="until the last refusal has ended"),
        pytest.param([500, 200, 500, *[200] * IN_A_ROW], 4.0, id="one worker was behind"),
        pytest.param([500, *[200] * (IN_A_ROW - 1)], None, id="too few answers to tell"),
        pytest.param([*[200] * IN_A_ROW, 500], None, id="refused again"),
    ],
)
def test_until_answered(statuses, seconds):
    rows = [asked(401, 0.0), *(asked(status, 1.0 + place) for place, status in enumerate(statuses))]
    assert seconds_until_answered(rows, 0.0, 0.0) == seconds
