"""Trying again: after doubling waits spread by chance, never sooner than asked, and not for ever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agencies import attempts as attempts_module
from agencies.attempts import LONGEST_SECONDS, Waits, attempts
from agencies.errors import Busy, NoSlot, Unauthenticated


@given(retry=st.integers(1, 60))
def test_waits_double_up_to_half_a_minute(retry):
    plain = min(0.5 * 2 ** (retry - 1), LONGEST_SECONDS)
    assert plain <= Waits().before(retry) <= min(plain * 1.5, LONGEST_SECONDS)


@given(retry=st.integers(1, 10))
def test_waits_of_a_page(retry):
    plain = 1.0 if retry == 1 else 3.0
    assert plain <= Waits((1.0, 3.0)).before(retry) <= plain * 1.5


def test_they_are_spread():
    assert len({Waits().before(1) for _ in range(20)}) > 1


def slept(monkeypatch, error, *, retries, waits):
    """Return how long it slept between attempts that all fail so, and how many there were."""
    naps, tried = [], 0
    monkeypatch.setattr(attempts_module, "sleep", naps.append)
    with pytest.raises(type(error)):
        for attempt in attempts(retries, Waits(waits), again=lambda failed: not isinstance(failed, NoSlot)):
            with attempt:
                tried += 1
                raise error
    return naps, tried


def busy(seconds):
    error = Busy(status=429)
    error.retry_after = seconds
    return error


@pytest.mark.parametrize(
    ("error", "retries", "naps", "tried"),
    [
        pytest.param(busy(None), 2, [0.0, 0.0], 3, id="nothing asked for"),
        pytest.param(busy(7.0), 2, [7.0, 7.0], 3, id="seven seconds asked for"),
        pytest.param(busy(LONGEST_SECONDS), 1, [30.0], 2, id="as long as we wait"),
        pytest.param(busy(31.0), 2, [], 1, id="longer than we wait"),
        pytest.param(Unauthenticated(status=401), 1, [0.0], 2, id="another token needs no wait"),
        pytest.param(NoSlot(), 2, [], 1, id="what is not to be tried again"),
        pytest.param(ValueError(), 2, [], 1, id="a defect of ours"),
        pytest.param(busy(None), 0, [], 1, id="no more try"),
    ],
)
def test_how_long_and_how_often(monkeypatch, error, retries, naps, tried):
    assert slept(monkeypatch, error, retries=retries, waits=(0.0,)) == (naps, tried)
