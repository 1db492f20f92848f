"""Skatteetaten's pension API in either profile, played by a recorder."""

from datetime import date

import pytest

from agencies import attempts
from agencies.pension.client import PensionClient

TODAY = date(2026, 11, 22)


@pytest.fixture
def without_waits(monkeypatch):
    """Let what may be tried again be tried at once."""
    monkeypatch.setattr(attempts, "FIRST_SECONDS", 0.0)


@pytest.fixture
def api(bank, agency, without_waits):
    """Return a function that lets a profile's settings point at the recorder, and gives it."""

    def point(profile="current", packages=("otp", "nav")):
        bank.OTP_BASE_URL = agency.base if profile == "seed" else f"{agency.base}/v1"
        bank.OTP_PROFILE, bank.OTP_RIGHTS_PACKAGE = profile, list(packages)
        return agency

    return point


@pytest.fixture
def client(api):
    """Return a function that gives a client of this profile, to whose recorder answers can be queued."""

    def make(profile="current", **chosen):
        api(profile)
        return PensionClient(today=TODAY, **chosen)

    return make
