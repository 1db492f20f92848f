"""Skatteetaten's pension API in either profile, played by a recorder."""

from datetime import date

import pytest

from agencies import attempts, tokens
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


@pytest.fixture
def online(stand_ins, settings, monkeypatch, django_db_blocker, superuser, clean_audit):
    """The stand-in, at which the bank's settings point; agreements are committed, and gone after the test."""
    for name, value in stand_ins.settings.items():
        setattr(settings, name, value)
    monkeypatch.setattr(attempts, "FIRST_SECONDS", 0.0)
    tokens.store.forget()
    with django_db_blocker.unblock():
        yield stand_ins
    with superuser() as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("DELETE FROM pension_agreement")
        connection.execute("DELETE FROM pension_agreementevent")
        connection.execute("DELETE FROM agencies_slot")  # those of the killed would be waited for
