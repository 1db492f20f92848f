"""What the tests of finding share: time enough, however busy the machine is."""

import pytest

from compliance.finding import looking


@pytest.fixture(autouse=True)
def time_enough(monkeypatch):
    monkeypatch.setattr(looking, "BUDGET_SECONDS", 60)
    monkeypatch.setattr(looking, "SLICE_SECONDS", 60)
