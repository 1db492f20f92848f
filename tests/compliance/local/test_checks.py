"""No start with a way into the admin that is wider than its setting says."""

import pytest

from compliance.local import checks

HOSTS = ["bank.example", "desk.bank.example"]
E116 = "ADMIN_HOSTS must hold names that ALLOWED_HOSTS holds too."


def told(check):
    return [(message.id, message.msg) for message in check()]


@pytest.mark.parametrize(
    ("way", "sandbox", "expected"),
    [
        pytest.param("second-factor", False, [], id="second factor"),
        pytest.param("off", False, [], id="off"),
        pytest.param("password", True, [], id="password in the sandbox"),
        pytest.param(
            "password", False, ["ADMIN_LOCAL_ACCOUNTS: a password alone is for the sandbox."], id="password elsewhere"
        ),
        *(
            pytest.param(
                word, True, ["ADMIN_LOCAL_ACCOUNTS must be one of off, second-factor, password."], id=f"no word: {word}"
            )
            for word in ("", "on", "OFF", "second factor")
        ),
    ],
)
def test_local_accounts(settings, way, sandbox, expected):
    settings.ADMIN_LOCAL_ACCOUNTS, settings.SANDBOX = way, sandbox
    assert told(checks.check_local_accounts) == [("dsop.E115", words) for words in expected]


@pytest.mark.parametrize(
    ("named", "environment", "expected"),
    [
        pytest.param(["desk.bank.example"], "production", [], id="one of its own"),
        pytest.param([], "test", [], id="none in test"),
        pytest.param(
            [],
            "production",
            [("dsop.W119", "ADMIN_HOSTS is not set: the admin answers on the API's hosts too.")],
            id="none in production",
        ),
        pytest.param(["other.example"], "test", [("dsop.E116", E116)], id="a stranger"),
        pytest.param([".bank.example"], "test", [("dsop.E116", E116)], id="a whole domain"),
        pytest.param(["*"], "test", [("dsop.E116", E116)], id="any"),
        pytest.param([""], "test", [("dsop.E116", E116)], id="empty"),
        pytest.param(
            HOSTS, "test", [("dsop.E116", "ADMIN_HOSTS leaves no host of ALLOWED_HOSTS to the agencies.")], id="all"
        ),
    ],
)
def test_admin_hosts(settings, named, environment, expected):
    settings.ADMIN_HOSTS, settings.ALLOWED_HOSTS, settings.ENVIRONMENT = named, HOSTS, environment
    assert told(checks.check_admin_hosts) == expected


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        pytest.param("ADMIN_SESSION_HOURS", 0, "ADMIN_SESSION_HOURS must lie between 1 and 12.", id="no hours"),
        pytest.param("ADMIN_SESSION_HOURS", 13, "ADMIN_SESSION_HOURS must lie between 1 and 12.", id="day and night"),
        pytest.param("ADMIN_IDLE_MINUTES", 121, "ADMIN_IDLE_MINUTES must lie between 5 and 120.", id="an afternoon"),
        pytest.param("AXES_FAILURE_LIMIT", 0, "ADMIN_LOCK_FAILURES must lie between 3 and 20.", id="locked at once"),
        pytest.param("AXES_FAILURE_LIMIT", 1000, "ADMIN_LOCK_FAILURES must lie between 3 and 20.", id="never locked"),
    ],
)
def test_bounds(settings, name, value, words):
    assert told(checks.check_sessions) == []
    setattr(settings, name, value)
    assert told(checks.check_sessions) == [("dsop.E117", words)]


@pytest.mark.parametrize(
    ("proxies", "ids"),
    [
        pytest.param([], [], id="none"),
        pytest.param(["10.1.0.7", "10.2.0.0/24", "2001:db8::/64"], [], id="addresses and networks"),
        pytest.param(["proxy.bank.example"], ["dsop.E118"], id="a name"),
        pytest.param(["10.1.0.7/24"], ["dsop.E118"], id="an address that is no network"),
        pytest.param(["0.0.0.0/0"], ["dsop.E118"], id="everybody"),
    ],
)
def test_proxies(settings, proxies, ids):
    settings.ADMIN_TRUSTED_PROXIES = proxies
    assert [found for found, _words in told(checks.check_proxies)] == ids
