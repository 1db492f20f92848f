"""Settings that would break a consent are refused before the service starts."""

import pytest

from agencies.studielan.checks import check_consent_request, check_keys_differ

RIGHT = {
    "LANEKASSEN_ACCOUNTS_URL": "https://ekstern01.api.test.lanekassen.no/saldo/v1/Accounts",
    "LANEKASSEN_API_KEY": "one",
    "ALTINN_API_KEY": "another",
    "LANEKASSEN_CONSENT": "altinn2",
    "LANEKASSEN_BANK_NAME": "Banken",
    "LANEKASSEN_REDIRECT_URL": "https://bank.example/back",
    "LANEKASSEN_CONSENT_DAYS": 364,
    "ALTINN_CONSENT_KEYS_URL": "https://tt02.altinn.no/keys",
    "ALTINN3_CONSENT_RESOURCE": "",
}


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        pytest.param({}, [], id="all is there"),
        pytest.param({"LANEKASSEN_ACCOUNTS_URL": "", "LANEKASSEN_BANK_NAME": ""}, [], id="not used"),
        pytest.param({"LANEKASSEN_BANK_NAME": ""}, ["LANEKASSEN_BANK_NAME"], id="no name for the consent"),
        pytest.param({"LANEKASSEN_REDIRECT_URL": ""}, ["LANEKASSEN_REDIRECT_URL"], id="nowhere to come back to"),
        pytest.param({"LANEKASSEN_CONSENT_DAYS": 365}, [], id="a year"),
        pytest.param({"LANEKASSEN_CONSENT_DAYS": 366}, ["LANEKASSEN_CONSENT_DAYS"], id="more than a year"),
        pytest.param({"LANEKASSEN_CONSENT_DAYS": 0}, ["LANEKASSEN_CONSENT_DAYS"], id="no day at all"),
        pytest.param({"ALTINN_CONSENT_KEYS_URL": ""}, ["ALTINN_CONSENT_KEYS_URL"], id="tokens cannot be proven"),
        pytest.param({"ALTINN_CONSENT_KEYS_URL": "http://keys"}, ["ALTINN_CONSENT_KEYS_URL"], id="keys without TLS"),
        pytest.param({"LANEKASSEN_CONSENT": "altinn3"}, ["ALTINN3_CONSENT_RESOURCE"], id="no resource at Altinn 3"),
    ],
)
def test_consent_request(settings, changes, faults):
    for name, value in {**RIGHT, **changes}.items():
        setattr(settings, name, value)
    found = check_consent_request()
    assert [(fault.id, fault.msg.split()[0]) for fault in found] == [("dsop.E120", name) for name in faults]


@pytest.mark.parametrize(("key", "faults"), [("another", []), ("one", ["dsop.E121"])])
def test_keys_differ(settings, key, faults):
    settings.LANEKASSEN_API_KEY, settings.ALTINN_API_KEY = "one", key
    assert [fault.id for fault in check_keys_differ()] == faults
