"""Skatteetaten's pension API in either profile, played by a recorder."""

import base64
import json
from datetime import date

import pytest

from agencies import attempts, tokens
from agencies.pension.client import PensionClient
from tests.agencies.conftest import BANK, queue_tokens

TODAY = date(2026, 11, 22)


def token_of(provider, number=1):
    """Return a token whose consumer is that provider, as far as anybody can read in it."""
    claims = {"consumer": {"authority": "iso6523-actorid-upis", "ID": f"0192:{provider}"}, "jti": number}
    return f"eyJhbGciOiJSUzI1NiJ9.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.c2ln"


@pytest.fixture
def without_waits(monkeypatch):
    """Let what may be tried again be tried at once."""
    monkeypatch.setattr(attempts, "FIRST_SECONDS", 0.0)


@pytest.fixture
def api(bank, agency, maskinporten, without_waits):
    """Return a function that lets a profile's settings point at the recorder, and gives it."""

    def point(profile="current", packages=("otp", "nav"), provider=BANK):
        maskinporten.clear()
        queue_tokens(maskinporten, [token_of(provider, number) for number in range(1, 4)])
        bank.OTP_BASE_URL = agency.base if profile == "seed" else f"{agency.base}/v1"
        bank.OTP_PROFILE, bank.OTP_RIGHTS_PACKAGE = profile, list(packages)
        return agency

    return point


@pytest.fixture
def client(api):
    """Return a function that gives a client of this profile, to whose recorder answers can be queued."""

    def make(profile="current", **chosen):
        api(profile, provider=chosen.get("provider") or BANK)
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
