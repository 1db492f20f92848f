"""Settings of the bank's errands that contradict each other, the environment or the day are refused, and said why."""

import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from agencies import checks
from agencies.aktivkonto.client import NAME
from agencies.bsu import sending as bsu_sending
from agencies.pension import client as pension_client
from agencies.studielan import errors as studielan_errors
from tests.issuer import signing_key

CHECKS = (
    checks.check_identity,
    checks.check_signing_key,
    checks.check_addresses,
    checks.check_base_urls,
    checks.check_profiles,
    checks.check_no_seed_in_production,
    checks.check_altinn2_end,
    checks.check_consent,
    checks.check_environment_of_addresses,
    checks.check_rights_packages,
)
HERE = "http://127.0.0.1:8001"
CODE = "{AuthorizationCode}"
ALWAYS = {
    "MASKINPORTEN_CLIENT_ID": "3b1c7f02-5a64-4b8e-9d53-0c2a44e0a111",
    "MASKINPORTEN_KEY_ID": "bank-key",
    "MASKINPORTEN_CERTIFICATE_FILE": "",
    "OUTBOUND_PROXY_URL": "",
    "LANEKASSEN_API_KEY": "k",
    "LANEKASSEN_CONSENT": "altinn3",
    "LANEKASSEN_ALTINN2_AFTER_END": False,
    "LANEKASSEN_REDIRECT_URL": "https://bank.example/back",
    "ALTINN_API_KEY": "k",
    "AKTIVKONTO_PROFILE": "current",
    "AKTIVKONTO_RIGHTS_PACKAGE": "navUtbetalingskonto",
    "OTP_PROFILE": "current",
    "OTP_RIGHTS_PACKAGE": ["otp", "nav"],
}
PLACES = {
    "sandbox": {
        "BANK_ORGANISATION_NUMBER": "213456008",
        "BSU_SYSTEM_USER_ORGANISATION": "213456008",
        "MASKINPORTEN_TOKEN_URL": f"{HERE}/sandbox/maskinporten/token",
        "LANEKASSEN_ACCOUNTS_URL": f"{HERE}/lanekassen/saldo/v1/Accounts",
        "ALTINN_CONSENT_REQUEST_URL": f"{HERE}/altinn/api/ConsentRequest?ForceEIAuthentication",
        "ALTINN_CONSENT_PAGE_URL": f"{HERE}/altinn/ui/AccessConsent/request?id={CODE}",
        "ALTINN_CONSENT_TOKEN_URL": f"{HERE}/altinn/api/authorization/token?authcode={CODE}",
        "ALTINN3_PLATFORM_URL": f"{HERE}/altinn3",
        "DIALOGPORTEN_URL": f"{HERE}/dialogporten",
        "AKTIVKONTO_BASE_URL": f"{HERE}/aktivkonto/v3",
        "BSU_BASE_URL": f"{HERE}/bsu/v1",
        "OTP_BASE_URL": f"{HERE}/otp/v1",
    },
    "test": {
        "BANK_ORGANISATION_NUMBER": "213456008",
        "BSU_SYSTEM_USER_ORGANISATION": "213456008",
        "MASKINPORTEN_TOKEN_URL": "https://test.maskinporten.no/token",
        "LANEKASSEN_ACCOUNTS_URL": "https://ekstern01.api.test.lanekassen.no/saldo/v1/Accounts",
        "ALTINN_CONSENT_REQUEST_URL": "https://tt02.altinn.no/api/ConsentRequest?ForceEIAuthentication",
        "ALTINN_CONSENT_PAGE_URL": f"https://tt02.altinn.no/ui/AccessConsent/request?id={CODE}",
        "ALTINN_CONSENT_TOKEN_URL": f"https://tt02.altinn.no/api/authorization/token?authcode={CODE}",
        "ALTINN3_PLATFORM_URL": "https://platform.tt02.altinn.no",
        "DIALOGPORTEN_URL": "https://platform.tt02.altinn.no/dialogporten",
        "AKTIVKONTO_BASE_URL": "https://aktivkonto.api.skatteetaten-test.no/v3",
        "BSU_BASE_URL": "https://innrapporteringbsu.api.skatteetaten-test.no/v1",
        "OTP_BASE_URL": "https://tjenestepensjonsavtale.api.skatteetaten-test.no/v1",
    },
    "production": {
        "BANK_ORGANISATION_NUMBER": "974761076",
        "BSU_SYSTEM_USER_ORGANISATION": "974761076",
        "MASKINPORTEN_TOKEN_URL": "https://maskinporten.no/token",
        "LANEKASSEN_ACCOUNTS_URL": "https://ekstern01.api.lanekassen.no/saldo/v1/Accounts",
        "ALTINN_CONSENT_REQUEST_URL": "https://www.altinn.no/api/ConsentRequest?ForceEIAuthentication",
        "ALTINN_CONSENT_PAGE_URL": f"https://altinn.no/ui/AccessConsent/request?id={CODE}",
        "ALTINN_CONSENT_TOKEN_URL": f"https://www.altinn.no/api/authorization/token?authcode={CODE}",
        "ALTINN3_PLATFORM_URL": "https://platform.altinn.no",
        "DIALOGPORTEN_URL": "https://platform.altinn.no/dialogporten",
        "AKTIVKONTO_BASE_URL": "https://aktivkonto.api.skatteetaten.no/v3",
        "BSU_BASE_URL": "https://innrapporteringbsu.api.skatteetaten.no/v1",
        "OTP_BASE_URL": "https://tjenestepensjonsavtale.api.skatteetaten.no/v1",
    },
}


@pytest.fixture
def bank_in(settings, key_file, monkeypatch):
    """Return a function that puts a bank with every errand into an environment, on a day."""

    def put(environment, day=datetime.date(2026, 11, 22), **changes):
        monkeypatch.setattr(checks.timezone, "localdate", lambda: day)
        settings.ENVIRONMENT, settings.SANDBOX = environment, environment == "sandbox"
        settings.MASKINPORTEN_KEY_FILE = str(key_file)
        for name, value in {**ALWAYS, **PLACES[environment], **changes}.items():
            setattr(settings, name, value)
        return [(message.id, message.msg) for check in CHECKS for message in check()]

    return put


@pytest.mark.parametrize("environment", PLACES)
def test_a_bank_with_every_errand(bank_in, environment):
    assert bank_in(environment) == []


@pytest.mark.parametrize("environment", PLACES)
def test_a_bank_without_any(bank_in, environment):
    nothing = dict.fromkeys([*PLACES[environment], *ALWAYS, "MASKINPORTEN_KEY_FILE"], "")
    assert bank_in(environment, **{**nothing, "OTP_RIGHTS_PACKAGE": []}) == []


@pytest.mark.parametrize("environment", PLACES)
def test_both_services_as_they_were(bank_in, environment):
    seed = {"AKTIVKONTO_PROFILE": "seed", "OTP_PROFILE": "seed"}
    base = {"sandbox": HERE, "test": "https://api-test.sits.no", "production": "https://api.skatteetaten.no"}[
        environment
    ]
    found = bank_in(environment, **seed, AKTIVKONTO_BASE_URL=base, OTP_BASE_URL=base)
    sentence = "{}_PROFILE must not be seed in production: those addresses were to close on 17 October 2024."
    refused = [("dsop.E105", sentence.format(name)) for name in ("AKTIVKONTO", "OTP")]
    assert found == (refused if environment == "production" else [])


NEEDED = "{} must be set where an agency is to be asked."
EITHER = "Either MASKINPORTEN_KEY_ID or MASKINPORTEN_CERTIFICATE_FILE must be set, and not both."
UNUSABLE = "{} is missing, unreadable or does not fit the others."
NO_HTTPS = "{} must be an https address."
NO_PROXY = "OUTBOUND_PROXY_URL must be an http or https address."
V3, V1 = "AKTIVKONTO_BASE_URL must end in /v3 in profile current.", "OTP_BASE_URL must end in /v1 in profile current."
HOST = "AKTIVKONTO_BASE_URL must be a host alone in profile seed."
BSU = "BSU_BASE_URL must end in /v1."
WORD = "{}_PROFILE must be seed or current; production has no default."
CONSENT = "LANEKASSEN_CONSENT must be altinn2 or altinn3; production has no default."
OF_TEST = "{} must be an address of the test environment."
PACKAGE = "AKTIVKONTO_RIGHTS_PACKAGE must be the package that Skatteetaten allotted, in profile current."
TEST = PLACES["test"]


@pytest.mark.parametrize(
    ("changes", "messages"),
    [
        pytest.param(
            {"MASKINPORTEN_TOKEN_URL": ""}, ["E100", NEEDED.format("MASKINPORTEN_TOKEN_URL")], id="no Maskinporten"
        ),
        pytest.param({"MASKINPORTEN_CLIENT_ID": ""}, ["E100", NEEDED.format("MASKINPORTEN_CLIENT_ID")], id="no client"),
        pytest.param({"MASKINPORTEN_KEY_FILE": ""}, ["E100", NEEDED.format("MASKINPORTEN_KEY_FILE")], id="no key"),
        pytest.param({"MASKINPORTEN_KEY_ID": ""}, ["E100", EITHER], id="neither key id nor certificate"),
        pytest.param({"MASKINPORTEN_CERTIFICATE_FILE": "/x"}, ["E100", EITHER], id="both"),
        pytest.param(
            {"BANK_ORGANISATION_NUMBER": ""},
            ["E100", NEEDED.format("BANK_ORGANISATION_NUMBER")],
            id="nobody in particular",
        ),
        pytest.param(
            {"BANK_ORGANISATION_NUMBER": "0192:213456008"},
            ["E100", "BANK_ORGANISATION_NUMBER must be nine digits."],
            id="a number with its prefix",
        ),
        pytest.param(
            {"BSU_SYSTEM_USER_ORGANISATION": "21345600"},
            ["E100", "BSU_SYSTEM_USER_ORGANISATION must be nine digits."],
            id="eight digits",
        ),
        pytest.param(
            {"MASKINPORTEN_KEY_FILE": "/nowhere.pem"},
            ["E101", UNUSABLE.format("MASKINPORTEN_KEY_FILE")],
            id="no such key",
        ),
        pytest.param(
            {"MASKINPORTEN_KEY_FILE": __file__},
            ["E101", UNUSABLE.format("MASKINPORTEN_KEY_FILE")],
            id="a key that is none",
        ),
        pytest.param(
            {"MASKINPORTEN_KEY_ID": "", "MASKINPORTEN_CERTIFICATE_FILE": __file__},
            ["E101", UNUSABLE.format("MASKINPORTEN_CERTIFICATE_FILE")],
            id="a certificate that is none",
        ),
        pytest.param(
            {"BSU_BASE_URL": "http://innrapporteringbsu.api.skatteetaten-test.no/v1"},
            ["E102", NO_HTTPS.format("BSU_BASE_URL")],
            id="http",
        ),
        pytest.param(
            {"ALTINN3_PLATFORM_URL": "platform.tt02.altinn.no"},
            ["E102", NO_HTTPS.format("ALTINN3_PLATFORM_URL")],
            id="no scheme",
        ),
        pytest.param({"OTP_BASE_URL": f"{HERE}/otp/v1"}, ["E102", NO_HTTPS.format("OTP_BASE_URL")], id="a stand-in"),
        pytest.param(
            {"LANEKASSEN_REDIRECT_URL": "http://bank.example/back"},
            ["E102", NO_HTTPS.format("LANEKASSEN_REDIRECT_URL")],
            id="our own page by http",
        ),
        pytest.param({"OUTBOUND_PROXY_URL": "http://proxy.bank.example:3128"}, [], id="a proxy"),
        pytest.param(
            {"OUTBOUND_PROXY_URL": "proxy.bank.example:3128"}, ["E102", NO_PROXY], id="a proxy without scheme"
        ),
        pytest.param({"OUTBOUND_PROXY_URL": "socks5://proxy:1080"}, ["E102", NO_PROXY], id="another kind of proxy"),
        pytest.param({"AKTIVKONTO_BASE_URL": "https://api-test.sits.no"}, ["E103", V3], id="a host alone in current"),
        pytest.param({"AKTIVKONTO_BASE_URL": TEST["AKTIVKONTO_BASE_URL"] + "/"}, ["E103", V3], id="a slash behind"),
        pytest.param({"AKTIVKONTO_BASE_URL": TEST["AKTIVKONTO_BASE_URL"] + "?x"}, ["E103", V3], id="a query behind"),
        pytest.param({"AKTIVKONTO_BASE_URL": "https://x.example/v2"}, ["E103", V3], id="another version"),
        pytest.param({"AKTIVKONTO_PROFILE": "seed"}, ["E103", HOST], id="a version in seed"),
        pytest.param(
            {"AKTIVKONTO_PROFILE": "seed", "AKTIVKONTO_BASE_URL": "https://api-test.sits.no/"},
            ["E103", HOST],
            id="a slash",
        ),
        pytest.param({"OTP_BASE_URL": "https://api-test.sits.no"}, ["E103", V1], id="pension, a host alone in current"),
        pytest.param({"BSU_BASE_URL": "https://innrapporteringbsu.api.skatteetaten-test.no"}, ["E103", BSU], id="BSU"),
        pytest.param({"AKTIVKONTO_PROFILE": "latest"}, ["E104", WORD.format("AKTIVKONTO")], id="an unknown profile"),
        pytest.param({"OTP_PROFILE": "SEED"}, ["E104", WORD.format("OTP")], id="a profile in capitals"),
        pytest.param({"OTP_PROFILE": "SEED", "OTP_BASE_URL": ""}, [], id="a profile that nothing uses"),
        pytest.param({"LANEKASSEN_CONSENT": "altinn2"}, [], id="Altinn 2 in the test environment"),
        pytest.param({"LANEKASSEN_CONSENT": "altinn4"}, ["E107", CONSENT], id="an unknown way of consent"),
        pytest.param(
            {"LANEKASSEN_API_KEY": ""},
            ["E107", "LANEKASSEN_API_KEY must be set for LANEKASSEN_CONSENT=altinn3."],
            id="no key of Lånekassen's",
        ),
        pytest.param(
            {"LANEKASSEN_CONSENT": "altinn2", "ALTINN_CONSENT_PAGE_URL": ""},
            ["E107", "ALTINN_CONSENT_PAGE_URL must be set for LANEKASSEN_CONSENT=altinn2."],
            id="nowhere to consent",
        ),
        pytest.param(
            {"ALTINN3_PLATFORM_URL": ""},
            ["E107", "ALTINN3_PLATFORM_URL must be set for LANEKASSEN_CONSENT=altinn3."],
            id="no Altinn 3",
        ),
        pytest.param(
            {"AKTIVKONTO_BASE_URL": PLACES["production"]["AKTIVKONTO_BASE_URL"]},
            ["E108", OF_TEST.format("AKTIVKONTO_BASE_URL")],
            id="production from the test environment",
        ),
        pytest.param(
            {"MASKINPORTEN_TOKEN_URL": "https://maskinporten.no/token"},
            ["E108", OF_TEST.format("MASKINPORTEN_TOKEN_URL")],
            id="production's Maskinporten from the test environment",
        ),
        pytest.param({"OTP_RIGHTS_PACKAGE": ["nav"]}, [], id="one package"),
        pytest.param(
            {"OTP_RIGHTS_PACKAGE": ["NAV"]}, ["E109", "OTP_RIGHTS_PACKAGE may name otp and nav."], id="capitals"
        ),
        pytest.param(
            {"OTP_RIGHTS_PACKAGE": []}, ["E109", "OTP_RIGHTS_PACKAGE must name otp, nav or both."], id="no package"
        ),
        pytest.param({"AKTIVKONTO_RIGHTS_PACKAGE": ""}, ["E109", PACKAGE], id="Aktiv konto without a package"),
        pytest.param(
            {"AKTIVKONTO_RIGHTS_PACKAGE": "a/b"}, ["E109", PACKAGE], id="a package that is two steps of a path"
        ),
    ],
)
def test_in_the_test_environment(bank_in, changes, messages):
    assert bank_in("test", **changes) == ([(f"dsop.{messages[0]}", messages[1])] if messages else [])


ENDED = (
    "LANEKASSEN_CONSENT must not be altinn2 in production: DSOP has consents that last past 19 June 2026 "
    "obtained by Altinn 3. LANEKASSEN_ALTINN2_AFTER_END lets it be used all the same."
)
OF_PRODUCTION = "{} must be an address of production."


@pytest.mark.parametrize(
    ("changes", "messages"),
    [
        pytest.param({"LANEKASSEN_CONSENT": "altinn2"}, ["E106", ENDED], id="Altinn 2 after its end"),
        pytest.param(
            {"LANEKASSEN_CONSENT": "altinn2", "day": datetime.date(2026, 6, 20)}, ["E106", ENDED], id="a day after"
        ),
        pytest.param(
            {"LANEKASSEN_CONSENT": "altinn2", "day": datetime.date(2026, 6, 19)}, [], id="Altinn 2's last day"
        ),
        pytest.param(
            {"LANEKASSEN_CONSENT": "altinn2", "LANEKASSEN_ALTINN2_AFTER_END": True}, [], id="said to be meant"
        ),
        pytest.param({"LANEKASSEN_CONSENT": ""}, ["E107", CONSENT], id="no default"),
        pytest.param({"AKTIVKONTO_PROFILE": ""}, ["E104", WORD.format("AKTIVKONTO")], id="Aktiv konto has no default"),
        pytest.param({"OTP_PROFILE": ""}, ["E104", WORD.format("OTP")], id="pension has no default"),
        pytest.param(
            {"OTP_BASE_URL": TEST["OTP_BASE_URL"]}, ["E108", OF_PRODUCTION.format("OTP_BASE_URL")], id="a test address"
        ),
        pytest.param(
            {"ALTINN_CONSENT_KEYS_URL": "https://tt02.altinn.no/keys"},
            ["E108", OF_PRODUCTION.format("ALTINN_CONSENT_KEYS_URL")],
            id="keys that vouch for test consents",
        ),
        pytest.param(
            {"DIALOGPORTEN_URL": "https://dialogporten.example"},
            ["E108", OF_PRODUCTION.format("DIALOGPORTEN_URL")],
            id="an address that nobody knows",
        ),
        pytest.param(
            {"BANK_ORGANISATION_NUMBER": "213456008"},
            ["E100", "BANK_ORGANISATION_NUMBER must be a real organisation's in production."],
            id="a synthetic bank",
        ),
    ],
)
def test_in_production(bank_in, changes, messages):
    assert bank_in("production", **changes) == ([(f"dsop.{messages[0]}", messages[1])] if messages else [])


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        pytest.param({"OTP_BASE_URL": TEST["OTP_BASE_URL"]}, ["OTP_BASE_URL"], id="the test environment"),
        pytest.param(
            {"DIALOGPORTEN_URL": "https://localhost:8001"}, ["DIALOGPORTEN_URL"], id="a name for this machine"
        ),
        pytest.param({"LANEKASSEN_REDIRECT_URL": f"{HERE}/back"}, [], id="our own page"),
    ],
)
def test_the_sandbox_asks_this_machine_alone(bank_in, changes, names):
    assert bank_in("sandbox", **changes) == [
        ("dsop.E108", f"{name} must be on this machine in the sandbox.") for name in names
    ]


@pytest.mark.parametrize(
    ("begins", "ends", "fits"),
    [
        pytest.param(-1, 1, True, id="in force"),
        pytest.param(-2, -1, False, id="over"),
        pytest.param(1, 2, False, id="not yet in force"),
    ],
)
def test_a_certificate_is_in_force(bank_in, tmp_path, begins, ends, fits):
    now, day = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=1)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bank")])
    key = signing_key("bank").private
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now + begins * day)
        .not_valid_after(now + ends * day)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "certificate.pem"
    file.write_bytes(certificate.public_bytes(Encoding.PEM))
    sentence = "MASKINPORTEN_CERTIFICATE_FILE holds a certificate that is not in force."
    found = bank_in("test", MASKINPORTEN_KEY_ID="", MASKINPORTEN_CERTIFICATE_FILE=str(file))
    assert found == ([] if fits else [("dsop.E101", sentence)])


@pytest.mark.parametrize(
    ("named", "unknown"),
    [
        pytest.param([], [], id="nobody by name"),
        pytest.param(["fi-utlegg-saldo", "agencies:bsu"], [], id="a service and an errand"),
        pytest.param(["fi-utlegg", "agencies:lan"], ["agencies:lan", "fi-utlegg"], id="misspelt"),
        pytest.param(["Fi-Utlegg"], [], id="no name at all, which is another check's matter"),
    ],
)
@pytest.mark.parametrize("setting", ["AUDIT_ANSWER_DAYS", "AUDIT_RETENTION"])
def test_a_retention_names_services_that_are_there(settings, setting, named, unknown):
    default = getattr(settings, setting)
    setattr(settings, setting, default | dict.fromkeys(named, default["*"]))
    sentence = "AUDIT_ANSWER_DAYS or AUDIT_RETENTION: {} is no service."
    found = [(error.id, error.msg) for error in checks.check_retained_services()]
    assert found == [("dsop.E057", sentence.format(name)) for name in unknown]


def test_every_errand_may_be_named():
    assert {f"agencies:{NAME}", bsu_sending.SERVICE, pension_client.SERVICE, studielan_errors.SERVICE} == set(
        checks.OUTBOUND
    )
