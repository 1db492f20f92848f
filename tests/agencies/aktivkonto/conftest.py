"""A server that keeps every byte, in Skatteetaten's place."""

import pytest

from agencies import attempts
from tests.wire import recording


@pytest.fixture(scope="module")
def wire():
    with recording() as recorder:
        yield recorder


@pytest.fixture
def recorder(wire, counterparts, settings, monkeypatch):
    """An empty recorder, with tokens to be had from Maskinporten and no wait before a try again."""
    for name, value in counterparts.settings.items():
        setattr(settings, name, value)
    monkeypatch.setattr(attempts, "FIRST_SECONDS", 0.0)
    wire.clear()
    return wire
