"""Whether a held certificate may be used and when it is due, and which of several is taken (CAC, BCP-05): tables."""

import datetime
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsop.certificates import Held, newest
from dsop.encryption import Recipient
from dsop.models import AgencyCertificate
from tests.authority import CONSUMER, DAY, HOUR, NOW, enterprise, intermediate, root

Outcome = AgencyCertificate.Outcome
MINUTE, SECOND = datetime.timedelta(minutes=1), datetime.timedelta(seconds=1)
PLAIN = enterprise(intermediate(root()), begins=NOW - 30 * DAY, ends=NOW + 30 * DAY)
RECIPIENT = Recipient.from_der(PLAIN.der)


def held(outcome=Outcome.USABLE, found=HOUR / 2, attempted=HOUR / 2, recipient=RECIPIENT):
    """Return a row as a worker holds it, found and last attempted so long ago."""
    return Held(
        CONSUMER,
        recipient,
        outcome,
        None if found is None else NOW - found,
        None if attempted is None else NOW - attempted,
    )


@pytest.mark.parametrize(
    ("row", "now", "usable"),
    [
        pytest.param(held(), NOW, True, id="found half an hour ago"),
        pytest.param(held(found=HOUR), NOW, True, id="CAC-01 an hour ago to the second"),
        pytest.param(held(found=HOUR + SECOND), NOW, False, id="CAC-01 more than an hour ago"),
        pytest.param(held(Outcome.FAILED, found=2 * HOUR), NOW, True, id="CAC-02 two hours ago, and CertPub failing"),
        pytest.param(held(Outcome.FAILED, found=DAY), NOW, True, id="CAC-02 a day ago to the second"),
        pytest.param(held(Outcome.FAILED, found=DAY + SECOND), NOW, False, id="CAC-02 more than a day ago"),
        pytest.param(held(Outcome.NOT_PUBLISHED), NOW, False, id="CAC-03 no longer published"),
        pytest.param(held(Outcome.NONE_VALID), NOW, False, id="CAC-03 no longer valid"),
        pytest.param(held(""), NOW, False, id="never looked up"),
        pytest.param(held(recipient=None), NOW, False, id="no certificate"),
        pytest.param(held(found=None), NOW, False, id="never found"),
        pytest.param(held(Outcome.FAILED, recipient=None), NOW, False, id="CAC-02 failing and none from before"),
        pytest.param(held(found=-30 * DAY), NOW + 30 * DAY, False, id="CAC-06 at the end of its time"),
        pytest.param(held(found=-30 * DAY), NOW + 30 * DAY - SECOND, True, id="CAC-06 a second before its end"),
        pytest.param(held(Outcome.FAILED, found=-30 * DAY), NOW + 30 * DAY, False, id="CAC-06 ended, CertPub failing"),
        pytest.param(held(found=30 * DAY), NOW - 30 * DAY, True, id="CAC-06 in its first second"),
        pytest.param(held(found=31 * DAY), NOW - 30 * DAY - SECOND, False, id="CAC-06 before its time"),
    ],
)
def test_usable(row, now, usable):
    assert row.usable(now=now, lasts=HOUR) is usable


@pytest.mark.parametrize(
    ("row", "due"),
    [
        pytest.param(held(found=44 * MINUTE), False, id="CAC-05 before three quarters of the time"),
        pytest.param(held(found=45 * MINUTE), True, id="CAC-05 at three quarters of the time"),
        pytest.param(held(found=45 * MINUTE, attempted=SECOND), True, id="CAC-05 whatever was attempted since"),
        pytest.param(held("", found=None, attempted=None), True, id="never looked up"),
        *(
            pytest.param(held(outcome, attempted=attempted), due, id=f"CAC-04 {outcome} {attempted} ago")
            for outcome in (Outcome.NOT_PUBLISHED, Outcome.NONE_VALID, Outcome.FAILED)
            for attempted, due in ((59 * SECOND, False), (60 * SECOND, True))
        ),
        pytest.param(held(Outcome.NOT_PUBLISHED, found=None, attempted=SECOND), False, id="CAC-04 never found"),
    ],
)
def test_is_due(row, due):
    assert row.is_due(now=NOW, lasts=HOUR) is due


CANDIDATES = st.lists(
    st.builds(
        SimpleNamespace,
        not_before=st.integers(0, 3).map(lambda days: NOW + days * DAY),
        serial_number=st.integers(1, 2**159),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda one: (one.not_before, one.serial_number),
)


@given(candidates=CANDIDATES, data=st.data())
def test_bcp_05_the_newest_is_the_same_in_any_order(candidates, data):
    chosen = newest(candidates)
    assert newest(data.draw(st.permutations(candidates))) is chosen
    assert all(one.not_before <= chosen.not_before for one in candidates)
    alike = [one.serial_number for one in candidates if one.not_before == chosen.not_before]
    assert chosen.serial_number == min(alike)
