"""What must hold across the settings before the front door opens."""

import pytest

from dsop import checks
from legal.models import ServiceVersion

TEST, PRODUCTION, SANDBOX = "https://test.maskinporten.no/", "https://maskinporten.no/", "http://127.0.0.1:8000/m/"


def found(check):
    return [(message.id, message.msg) for message in check()]


@pytest.fixture
def surrounded(settings):
    """Return a function that puts the service into an environment."""

    def put(environment):
        settings.ENVIRONMENT, settings.SANDBOX = environment, environment == "sandbox"
        settings.KEYS_COOLDOWN_SECONDS, settings.KEYS_REFRESH_SECONDS = 60, 3600

    put("test")
    return put


def must_be(issuer):
    return [("dsop.E002", f"MASKINPORTEN_ISSUER must be {issuer} here.")]


ON_THIS_MACHINE = [("dsop.E002", "MASKINPORTEN_ISSUER must be on this machine in the sandbox.")]


@pytest.mark.parametrize(
    ("environment", "issuer", "messages"),
    [
        pytest.param("test", TEST, [], id="test"),
        pytest.param("test", PRODUCTION, must_be(TEST), id="test with the issuer of production"),
        pytest.param("test", TEST.rstrip("/"), must_be(TEST), id="test without the slash"),
        pytest.param("test", TEST.upper(), must_be(TEST), id="test in capitals"),
        pytest.param("test", "http://test.maskinporten.no/", must_be(TEST), id="test without TLS"),
        pytest.param("test", SANDBOX, must_be(TEST), id="test with a stand-in"),
        pytest.param("test", "", must_be(TEST), id="test with nothing"),
        pytest.param("production", PRODUCTION, [], id="production"),
        pytest.param("production", TEST, must_be(PRODUCTION), id="production with the issuer of test"),
        pytest.param("production", SANDBOX, must_be(PRODUCTION), id="production with a stand-in"),
        pytest.param("production", "https://sky.maskinporten.no", must_be(PRODUCTION), id="production with Skyporten"),
        pytest.param("sandbox", SANDBOX, [], id="sandbox"),
        pytest.param("sandbox", "http://localhost:1/", [], id="sandbox by name"),
        pytest.param("sandbox", "http://[::1]:8000/", [], id="sandbox by IPv6"),
        pytest.param("sandbox", TEST, ON_THIS_MACHINE, id="sandbox with the issuer of test"),
        pytest.param("sandbox", PRODUCTION, ON_THIS_MACHINE, id="sandbox with the issuer of production"),
        pytest.param("sandbox", "http://127.0.0.1.bank.example/", ON_THIS_MACHINE, id="sandbox elsewhere"),
        pytest.param("sandbox", "http://127.0.0.1@bank.example/", ON_THIS_MACHINE, id="sandbox elsewhere, in disguise"),
        pytest.param("sandbox", "", ON_THIS_MACHINE, id="sandbox with nothing"),
    ],
)
def test_env_01_issuer(surrounded, settings, environment, issuer, messages):
    surrounded(environment)
    settings.MASKINPORTEN_ISSUER = issuer
    assert found(checks.check_issuer) == messages


NONE_AT_ALL = ("dsop.E003", "DSOP_AUDIENCES must name at least one audience with its institutions.")
NO_AUDIENCE = ("dsop.E003", "DSOP_AUDIENCES: what Maskinporten writes for no audience is none.")
NOT_HTTPS = ("dsop.E003", "DSOP_AUDIENCES: an audience must be an https address.")
NO_NUMBERS = ("dsop.E003", "DSOP_AUDIENCES: an audience must list organisation numbers.")
BANK = "https://bank.example/dsop/v2"


@pytest.mark.parametrize(
    ("audiences", "messages"),
    [
        pytest.param({BANK: ["312345617"]}, [], id="one"),
        pytest.param({BANK: ["312345617", "974761076"], f"{BANK}/": ["312345617"]}, [], id="two, one with a slash"),
        pytest.param({}, [NONE_AT_ALL], id="none"),
        pytest.param([], [NONE_AT_ALL], id="a list"),
        pytest.param(BANK, [NONE_AT_ALL], id="text"),
        pytest.param(None, [NONE_AT_ALL], id="null"),
        pytest.param({"http://bank.example/v2": ["312345617"]}, [NOT_HTTPS], id="without TLS"),
        pytest.param({"bank.example/v2": ["312345617"]}, [NOT_HTTPS], id="without a scheme"),
        pytest.param({"": ["312345617"]}, [NO_AUDIENCE, NOT_HTTPS], id="empty"),
        pytest.param({"unspecified": ["312345617"]}, [NO_AUDIENCE, NOT_HTTPS], id="unspecified"),
        pytest.param({BANK: []}, [NO_NUMBERS], id="without institutions"),
        pytest.param({BANK: "312345617"}, [NO_NUMBERS], id="a number instead of a list"),
        pytest.param({BANK: {"312345617": True}}, [NO_NUMBERS], id="a table instead of a list"),
        pytest.param({BANK: [312345617]}, [NO_NUMBERS], id="a number that is not text"),
        pytest.param({BANK: ["312345618"]}, [NO_NUMBERS], id="wrong check digit"),
        pytest.param({BANK: ["0192:312345617"]}, [NO_NUMBERS], id="number with its prefix"),
        pytest.param({BANK: ["000000000"]}, [NO_NUMBERS], id="nine zeros"),
        pytest.param({BANK: ["312345617", ""]}, [NO_NUMBERS], id="one of two empty"),
        pytest.param({BANK: ["312345617"], "http://b": []}, [NOT_HTTPS, NO_NUMBERS], id="every fault is named"),
    ],
)
def test_tok_10_audiences(surrounded, settings, audiences, messages):
    settings.AUDIENCES = audiences
    assert found(checks.check_audiences) == messages


def test_net_00_http_is_for_the_sandbox(surrounded, settings):
    settings.AUDIENCES = {"http://127.0.0.1:8000/v2": ["312345617"]}
    assert found(checks.check_audiences) == [NOT_HTTPS]
    surrounded("sandbox")
    assert found(checks.check_audiences) == []


PARTY = ("dsop.E004", "PARTY_NUMBER_CHECK must be off, log or reject.")
LEEWAY = ("dsop.E005", "TOKEN_LEEWAY_SECONDS must lie between 0 and 30.")
LIFETIME = ("dsop.E005", "TOKEN_MAX_LIFETIME_SECONDS must be positive.")
AGE = ("dsop.E006", "LEDGER_MAX_AGE_HOURS must be positive.")
KEYS = (
    "dsop.E007",
    "KEYS_COOLDOWN_SECONDS must be 10 or more, and KEYS_REFRESH_SECONDS no less than it and below a day.",
)


@pytest.mark.parametrize(
    ("name", "value", "messages"),
    [
        pytest.param("PARTY_NUMBER_CHECK", "off", [], id="numbers off"),
        pytest.param("PARTY_NUMBER_CHECK", "log", [], id="numbers logged"),
        pytest.param("PARTY_NUMBER_CHECK", "reject", [], id="numbers refused"),
        pytest.param("PARTY_NUMBER_CHECK", "Log", [PARTY], id="numbers in another letter case"),
        pytest.param("PARTY_NUMBER_CHECK", "", [PARTY], id="numbers without a word"),
        pytest.param("TOKEN_LEEWAY_SECONDS", -1, [LEEWAY], id="negative leeway"),
        pytest.param("TOKEN_LEEWAY_SECONDS", 0, [], id="no leeway"),
        pytest.param("TOKEN_LEEWAY_SECONDS", 30, [], id="most leeway"),
        pytest.param("TOKEN_LEEWAY_SECONDS", 31, [LEEWAY], id="too much leeway"),
        pytest.param("TOKEN_MAX_LIFETIME_SECONDS", 0, [LIFETIME], id="no lifetime"),
        pytest.param("TOKEN_MAX_LIFETIME_SECONDS", 1, [], id="shortest lifetime"),
        pytest.param("TOKEN_MAX_LIFETIME_SECONDS", 600, [], id="lifetime of the standard's example"),
        pytest.param("LEDGER_MAX_AGE_HOURS", 0, [AGE], id="no age"),
        pytest.param("LEDGER_MAX_AGE_HOURS", 1, [], id="youngest ledger"),
        pytest.param("KEYS_COOLDOWN_SECONDS", 9, [KEYS], id="cool-down too short"),
        pytest.param("KEYS_COOLDOWN_SECONDS", 10, [], id="shortest cool-down"),
        pytest.param("KEYS_COOLDOWN_SECONDS", 3600, [], id="longest cool-down"),
        pytest.param("KEYS_COOLDOWN_SECONDS", 3601, [KEYS], id="cool-down beyond the refresh"),
        pytest.param("KEYS_REFRESH_SECONDS", 59, [KEYS], id="refresh before the cool-down"),
        pytest.param("KEYS_REFRESH_SECONDS", 86_399, [], id="refresh just before the keys are stale"),
        pytest.param("KEYS_REFRESH_SECONDS", 86_400, [KEYS], id="refresh when the keys are stale"),
    ],
)
def test_ranges(surrounded, settings, name, value, messages):
    setattr(settings, name, value)
    assert found(checks.check_rules) == messages


@pytest.mark.parametrize(
    ("seconds", "messages"), [(0, [KEYS]), (1, []), (2, [])], ids=["none", "shortest", "the suite's own"]
)
def test_the_sandbox_may_ask_for_keys_more_often(surrounded, settings, seconds, messages):
    surrounded("sandbox")
    settings.KEYS_COOLDOWN_SECONDS = seconds
    assert found(checks.check_rules) == messages


def test_every_fault_is_named(surrounded, settings):
    settings.PARTY_NUMBER_CHECK, settings.LEDGER_MAX_AGE_HOURS = "perhaps", 0
    settings.TOKEN_LEEWAY_SECONDS = settings.TOKEN_MAX_LIFETIME_SECONDS = -1
    assert sorted(found(checks.check_rules)) == [PARTY, LEEWAY, LIFETIME, AGE]


PLAIN = ("dsop.E001", "PLAIN_JSON must be off in production: answers would leave unencrypted.")


@pytest.mark.parametrize(
    ("environment", "plain", "messages"),
    [
        pytest.param("sandbox", True, [], id="plain in the sandbox"),
        pytest.param("test", True, [], id="plain in test"),
        pytest.param("test", False, [], id="encrypted in test"),
        pytest.param("production", False, [], id="encrypted in production"),
        pytest.param("production", True, [PLAIN], id="plain in production"),
    ],
)
def test_neg_01_production_encrypts(surrounded, settings, environment, plain, messages):
    surrounded(environment)
    settings.PLAIN_JSON = plain
    assert found(checks.check_encryption) == messages


TOLD = (
    "dsop.W017",
    "politi-utlevering wants extradition orders, but EXTRADITION_ROOTS_FILE is not set: all its requests will fail.",
)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("roots", "state", "databases", "messages"),
    [
        pytest.param("", "approved", ["default"], [TOLD], id="nobody vouches for the police"),
        pytest.param("roots.pem", "approved", ["default"], [], id="somebody does"),
        pytest.param("", "draft", ["default"], [], id="a draft"),
        pytest.param("", "approved", ["ledger"], [], id="another database is meant"),
        pytest.param("", "approved", None, [], id="no database is meant"),
    ],
)
def test_a_service_that_wants_orders(settings, roots, state, databases, messages):
    settings.EXTRADITION_ROOTS_FILE = roots
    ServiceVersion.objects.filter(service__slug="politi-utlevering").update(state=state)
    assert found(lambda: checks.check_orders(databases=databases)) == messages


@pytest.mark.django_db
@pytest.mark.parametrize("rules", [{}, {"steps": []}, {"steps": {"accounts": "x"}}], ids=str)
def test_rules_that_another_check_refuses_break_nothing(settings, rules):
    settings.EXTRADITION_ROOTS_FILE = ""
    ServiceVersion.objects.filter(state="approved").update(rules=rules)
    assert checks.check_orders(databases=["default"]) == []
