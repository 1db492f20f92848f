"""Production starts with everything it needs and nothing it must not have: each fault ends the start with its line."""

import base64
import json
import os
import re
import secrets
import sys
from datetime import UTC, datetime

import pytest

from audit.partitions import months
from dsop import checks
from tests import warm
from tests.authority import root
from tests.cluster import free_port
from tests.upgrade.copies import copied_pair

STARTS = "The service does not start. "
IMPORT = [sys.executable, "-c", "import dsop.wsgi"]
GUNICORN = [sys.executable, "-m", "gunicorn", "-c", "python:dsop.gunicorn", "dsop.wsgi:application"]
SOUND = secrets.token_urlsafe(60)
BANK, OTHER = "https://bank.example/dsop/v2", "https://other.example/dsop/v2"
PRODUCTION = {
    "DSOP_ENVIRONMENT": "production",
    "SECRET_KEY": SOUND,
    "ALLOWED_HOSTS": "bank.example",
    "MASKINPORTEN_ISSUER": "https://maskinporten.no/",
    "DSOP_AUDIENCES": json.dumps({BANK: ["213456008"]}),
    "DESK_LETTERHEAD": json.dumps(dict.fromkeys(("name", "address", "contact", "data_protection_officer"), "Banken")),
    "KEYS_COOLDOWN_SECONDS": "60",
    "KEYS_REFRESH_SECONDS": "3600",
    "PLAIN_JSON": None,
    "CERTPUB_LOCATOR_URL": "https://bcl.difi.blufo.net",
    "CERTPUB_PUBLISHER_HOSTS": None,
    "CERTIFICATE_REVOCATION_HOSTS": "crl.authority.example",
    "EXTRADITION_JWKS_URL": None,
    "EXTRADITION_ROOTS_FILE": None,
}
FILES = ("CERTIFICATE_ROOTS_FILE", "CERTIFICATE_INTERMEDIATES_FILE")
THIS, _, AFTER, _ = (f"{first:%Y_%m}" for first in months(datetime.now(UTC).date(), 3))


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Databases of this module's own, because what is broken here is committed."""
    with copied_pair("posture", tmp_path_factory.mktemp("dumps")) as pair:
        yield pair


@pytest.fixture(scope="module")
def bundles(tmp_path_factory):
    """Return a function that makes a file of authorities for a name."""

    def make(name):
        file = tmp_path_factory.mktemp("authorities") / "authorities.pem"
        file.write_bytes(root(name).pem)
        return str(file)

    return make


@pytest.fixture(scope="module")
def authorities(bundles):
    """The two settings that say who vouches for agencies."""
    return dict.fromkeys(FILES, bundles("Enterprise Root CA"))


@pytest.fixture
def start(pair, authorities):
    """Return a function that starts the service in production with changes, and returns what it complains about."""

    def begin(command, changes):
        environment = {**os.environ, **PRODUCTION, **authorities, **pair.environment(), **changes}
        environment = {name: value for name, value in environment.items() if value is not None}
        environment["DSOP_BIND"] = f"127.0.0.1:{free_port()}"
        done = warm.run(command, environment=environment)
        lines = [line for line in done.stderr.splitlines() if not line.startswith("{")]
        assert done.stdout == "" and all(line.startswith(STARTS) for line in lines), done.stderr
        assert done.returncode == (4 if lines else 0)
        return sorted(line.removeprefix(STARTS).strip() for line in lines)

    return begin


@pytest.fixture
def refuses(start):
    """Return a function that starts the shipped server and requires that it ends, for this reason alone."""

    def begin(changes, line):
        assert start(GUNICORN, changes) == [line]

    return begin


def test_a_sound_installation_starts(start):
    assert start(IMPORT, {}) == []


def key(name, secret):
    return f"{name}:{base64.b64encode(secret).decode()}"


def audiences(**institutions):
    return json.dumps({{"bank": BANK, "other": OTHER}[name]: listed for name, listed in institutions.items()})


E003, E061 = "dsop.E003: DSOP_AUDIENCES", "dsop.E061: SECRET_KEY must be 50 random characters or more, not an example."
E062 = "dsop.E062: ALLOWED_HOSTS must list our own names, without an asterisk."

OF_TEST = [
    "CERTPUB_LOCATOR_URL or CERTPUB_PUBLISHER_HOSTS is of the test environment; production refuses it.",
    "CERTIFICATE_POLICIES or CERTIFICATE_POLICY_ARCS is of the test environment; production refuses it.",
]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        pytest.param(
            {"MASKINPORTEN_ISSUER": "https://test.maskinporten.no/"},
            "dsop.E002: MASKINPORTEN_ISSUER must be https://maskinporten.no/ here.",
            id="the issuer of test",
        ),
        pytest.param(
            {"DSOP_AUDIENCES": "{}"},
            f"{E003} must name at least one audience with its institutions.",
            id="no audience",
        ),
        pytest.param(
            {"DSOP_AUDIENCES": json.dumps({"http://bank.example/v2": ["213456008"]})},
            f"{E003}: an audience must be an https address.",
            id="an audience without TLS",
        ),
        pytest.param(
            {"DSOP_AUDIENCES": audiences(bank=["213456008"], other=["213456008"])},
            "dsop.E063: DSOP_AUDIENCES: an institution stands under two audiences.",
            id="audiences that overlap",
        ),
        pytest.param({"SECRET_KEY": "k" + secrets.token_urlsafe(30)}, E061, id="a short secret"),
        pytest.param({"ALLOWED_HOSTS": "*"}, E062, id="any host"),
        pytest.param(
            {"DELEGATION_SOURCE": "http://www.altinn.no"},
            "dsop.E064: DELEGATION_SOURCE must hold https addresses only.",
            id="delegations without TLS",
        ),
        pytest.param(
            {"PLAIN_JSON": "true"},
            "dsop.E001: PLAIN_JSON must be off in production: answers would leave unencrypted.",
            id="plain JSON",
        ),
        pytest.param(
            {"CERTPUB_LOCATOR_URL": "http://bcl.difi.blufo.net"},
            "dsop.E008: CERTPUB_LOCATOR_URL must be an https address.",
            id="certificates looked up without TLS",
        ),
        pytest.param(
            {"CERTIFICATE_ROOTS_FILE": "/nowhere"},
            "dsop.E009: The certificates that vouch for agencies are unusable: No such file or directory",
            id="no roots",
        ),
        pytest.param(
            {"EXTRADITION_ROOTS_FILE": "/nowhere"},
            "dsop.E015: The certificates that vouch for the police are unusable: No such file or directory",
            id="no roots of the police",
        ),
        pytest.param(
            {"CERTPUB_LOCATOR_URL": "https://test-bcl.difi.blufo.net"},
            f"dsop.E065: {OF_TEST[0]}",
            id="the locator of test",
        ),
        pytest.param(
            {"AUDIT_LOOKUP_KEYS": key("l1", bytes(32))},
            "dsop.E051: AUDIT_LOOKUP_KEYS: the key l1 is not random. make_key makes one.",
            id="a default key",
        ),
    ],
)
def test_settings(refuses, changes, line):
    refuses(changes, line)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        pytest.param(
            {"DSOP_AUDIENCES": None}, "Set DSOP_AUDIENCES. The README lists every setting.", id="no audiences"
        ),
        pytest.param({"ALLOWED_HOSTS": ""}, "Set ALLOWED_HOSTS. The README lists every setting.", id="no hosts"),
        pytest.param(
            {"AUDIT_LOOKUP_KEYS": key("l1", secrets.token_bytes(31))},
            "AUDIT_LOOKUP_KEYS: the key l1 is not 32 bytes long.",
            id="a short key",
        ),
    ],
)
def test_settings_that_cannot_even_be_read(start, changes, line):
    assert start(GUNICORN, changes) == [line]


OF_THE_POLICE = [
    "dsop.E014: EXTRADITION_JWKS_URL must be an https address.",
    "dsop.E014: EXTRADITION_SUBJECT_CN is of another environment.",
    "dsop.E014: EXTRADITION_POLICIES is of the test environment; production refuses it.",
]


def test_extradition_orders(start, bundles):
    """Whoever vouches for the police is of production; where no police is served, nobody needs to."""
    sound = {"EXTRADITION_ROOTS_FILE": bundles("Class 3 Root CA")}
    assert start(IMPORT, sound) == []
    of_test = {
        "EXTRADITION_JWKS_URL": "http://www.politiet.no/.well-known/finans-jwks.json",
        "EXTRADITION_SUBJECT_CN": "Godkjenning av utleveringspålegg TEST",
        "EXTRADITION_POLICIES": "2.16.578.1.26.1.0.3.2",
        "EXTRADITION_ROOTS_FILE": bundles("Class 3 Test4 Root CA"),
    }
    test_root = "dsop.E016: EXTRADITION_ROOTS_FILE holds a test root; production refuses it."
    assert start(IMPORT, of_test) == sorted([*OF_THE_POLICE, test_root])


def test_roots_of_the_test_environment(refuses, bundles):
    changes = {"CERTIFICATE_ROOTS_FILE": bundles("Class 3 Test4 Root CA")}
    refuses(changes, "dsop.E010: CERTIFICATE_ROOTS_FILE holds a test root; production refuses it.")


def test_debug_is_no_setting_but_somebody_may_edit_it(refuses, tmp_path):
    (tmp_path / "edited.py").write_text("from dsop.settings import *\nDEBUG = True\n")
    changes = {"DJANGO_SETTINGS_MODULE": "edited", "PYTHONPATH": str(tmp_path)}
    refuses(changes, "dsop.E060: DEBUG is on. It is no setting of the environment: undo the change.")


SERVE_AS = "Serve under a role of its own with the rights that database_roles prints."


@pytest.mark.parametrize(
    ("alias", "damage", "repair", "line"),
    [
        pytest.param(
            "default",
            f"DROP TABLE audit_record_{AFTER}",
            "audit_partitions",
            f"dsop.E041: audit_record has no partition for {AFTER.replace('_', '-')}. "
            "Run audit_partitions, and find out why it has not run.",
            id="one month of partitions ahead",
        ),
        pytest.param(
            "default",
            f"ALTER TABLE audit_record_{THIS} DISABLE TRIGGER audit_append_only",
            "audit_partitions",
            f"dsop.E042: The trigger that refuses changes is gone or disabled on audit_record_{THIS}. "
            "Find out who did it and what was changed since; audit_partitions puts it back.",
            id="a trigger disabled on one partition",
        ),
        pytest.param(
            "default",
            "GRANT DELETE ON audit_record TO dsop_serving",
            "REVOKE DELETE ON audit_record FROM dsop_serving",
            f"dsop.E043: The serving role has rights that it must not have: DELETE on audit_record. {SERVE_AS}",
            id="a serving role that may delete records",
        ),
        pytest.param(
            "ledger",
            "GRANT UPDATE (name) ON party TO dsop_serving",
            "REVOKE UPDATE (name) ON party FROM dsop_serving",
            "dsop.E023: The serving role may write or create in the ledger.",
            id="a serving role that may change the ledger",
        ),
        pytest.param(
            "default",
            "ALTER ROLE dsop_serving IN DATABASE posture SET synchronous_commit = off",
            "ALTER ROLE dsop_serving IN DATABASE posture RESET synchronous_commit",
            "dsop.E045: synchronous_commit is off: a record may be lost after its answer has left. "
            "Turn it on for the server, the database and the serving role.",
            id="records that may be lost",
        ),
        pytest.param(
            "default",
            "UPDATE legal_serviceversion SET state = 'ended'",
            "UPDATE legal_serviceversion SET state = 'approved'",
            "dsop.E068: No service is approved: every request will be refused. Run load_services.",
            id="no approved service",
        ),
        pytest.param(
            "default",
            "UPDATE django_migrations SET app = 'former' WHERE app = 'legal' AND name >= '0003'",
            "UPDATE django_migrations SET app = 'legal' WHERE app = 'former'",
            "dsop.E069: The database default lacks migrations of this version. Run migrate as owner.",
            id="a migration that is missing",
        ),
        pytest.param(
            "ledger",
            "UPDATE django_migrations SET app = 'former' WHERE app = 'accounts'",
            "UPDATE django_migrations SET app = 'accounts' WHERE app = 'former'",
            "dsop.E069: The database ledger lacks migrations of this version. Run migrate as owner.",
            id="a migration of the ledger that is missing",
        ),
    ],
)
def test_databases(pair, refuses, alias, damage, repair, line):
    with pair.superuser(alias) as database:
        database.execute(damage)
        try:
            refuses({}, line)
        finally:
            pair.owner_runs(repair) if " " not in repair else database.execute(repair)


def test_owners_do_not_serve(pair, start):
    owners = pair.environment(as_owner=True)
    served = {"DATABASE_URL": owners["DATABASE_OWNER_URL"], "LEDGER_DATABASE_URL": owners["LEDGER_OWNER_URL"]}
    said = [re.match(r"dsop\.E[0-9]{3}", line)[0] for line in start(GUNICORN, served)]
    assert said == ["dsop.E023", "dsop.E043"]


def test_a_ledger_of_views_keeps_no_list_of_migrations(pair, start):
    with pair.superuser("ledger") as ledger:
        ledger.execute("REVOKE SELECT ON django_migrations FROM dsop_serving")
        try:
            assert start(IMPORT, {}) == []
        finally:
            ledger.execute("GRANT SELECT ON django_migrations TO dsop_serving")


ONE, TWO = ["213456008"], ["312345617"]


@pytest.mark.parametrize(
    ("audiences", "faults"),
    [
        pytest.param({BANK: ONE, OTHER: TWO}, [], id="apart"),
        pytest.param({BANK: ONE, f"{BANK}/": ONE}, [], id="a second form with a slash"),
        pytest.param(
            {BANK: ONE, f"{BANK}/": TWO},
            ["two audiences that differ by a slash alone must list the same institutions"],
            id="a second form for another institution",
        ),
        pytest.param(
            {BANK: ONE, BANK.upper() + "/": TWO}, ["two audiences differ by capitals alone"], id="capitals and a slash"
        ),
        pytest.param({BANK: ONE, OTHER: ONE + TWO}, ["an institution stands under two audiences"], id="one in two"),
        pytest.param({BANK: ONE + ONE}, ["an audience lists an institution twice"], id="twice in one"),
        pytest.param([BANK], [], id="no table at all, which E003 tells"),
    ],
)
def test_audiences_overlap(settings, audiences, faults):
    settings.ENVIRONMENT, settings.AUDIENCES = "production", audiences
    assert [message.msg for message in checks.check_audiences_apart()] == [f"DSOP_AUDIENCES: {f}." for f in faults]
    settings.ENVIRONMENT = "test"
    assert checks.check_audiences_apart() == []


@pytest.mark.parametrize(
    ("name", "value", "check", "faults"),
    [
        pytest.param("SECRET_KEY", secrets.token_urlsafe(38), checks.check_secret_key, [], id="51 random characters"),
        pytest.param("SECRET_KEY", "0123" * 20, checks.check_secret_key, ["E061"], id="a secret that nobody drew"),
        pytest.param(
            "SECRET_KEY",
            f"django-insecure-{SOUND}",
            checks.check_secret_key,
            ["E061"],
            id="the secret of a new project",
        ),
        pytest.param(
            "SECRET_KEY", f"ChangeMe{SOUND}", checks.check_secret_key, ["E061"], id="the secret of an example"
        ),
        pytest.param("ALLOWED_HOSTS", ["bank.example", ".bank.example"], checks.check_hosts, [], id="our own hosts"),
        pytest.param("ALLOWED_HOSTS", [], checks.check_hosts, ["E062"], id="no hosts"),
        pytest.param("ALLOWED_HOSTS", ["bank.example", "*"], checks.check_hosts, ["E062"], id="any host, among others"),
        pytest.param("ALLOWED_HOSTS", ["bank.example", "."], checks.check_hosts, ["E062"], id="any host, as a dot"),
        pytest.param("CSRF_TRUSTED_ORIGINS", ["https://a.example"], checks.check_addresses, [], id="an admin with TLS"),
        pytest.param(
            "CSRF_TRUSTED_ORIGINS",
            ["https://a.example", "http://a.example"],
            checks.check_addresses,
            ["E064"],
            id="an admin without TLS",
        ),
        pytest.param("DELEGATION_SOURCE", "", checks.check_addresses, ["E064"], id="no delegation source"),
    ],
)
def test_forms_of_a_fault(settings, name, value, check, faults):
    settings.SANDBOX = False
    setattr(settings, name, value)
    assert [message.id for message in check()] == [f"dsop.{fault}" for fault in faults]


@pytest.mark.parametrize(
    ("name", "value", "faults"),
    [
        pytest.param("CERTPUB_PUBLISHER_HOSTS", ["api.buypass.com"], [], id="a publisher of production"),
        pytest.param("CERTPUB_PUBLISHER_HOSTS", ["a.example", "api.TEST4.buypass.com"], OF_TEST[:1], id="one of test"),
        pytest.param("CERTPUB_LOCATOR_URL", "https://TEST-bcl.difi.blufo.net", OF_TEST[:1], id="the locator of test"),
        pytest.param("CERTPUB_LOCATOR_URL", "", [], id="no locator, which E008 tells"),
        pytest.param("CERTIFICATE_POLICIES", ["2.16.578.1.26.1.0.3.2"], OF_TEST[1:], id="a policy of test"),
        pytest.param("CERTIFICATE_POLICIES", ["2.16.578.1.26.1.3.2"], [], id="a policy of production"),
        pytest.param("CERTIFICATE_POLICY_ARCS", ["2.16.578.1.29.913"], OF_TEST[1:], id="all policies of test"),
        pytest.param("CERTIFICATE_POLICY_ARCS", ["2.16.578.1.29.9130"], [], id="another number that begins alike"),
    ],
)
def test_nothing_of_certpubs_test_environment(settings, name, value, faults):
    settings.ENVIRONMENT, settings.CERTPUB_LOCATOR_URL = "production", "https://bcl.difi.blufo.net"
    settings.CERTPUB_PUBLISHER_HOSTS = ["api.buypass.com"]
    settings.CERTIFICATE_POLICIES, settings.CERTIFICATE_POLICY_ARCS = ["2.16.578.1.26.1.3.2"], []
    setattr(settings, name, value)
    assert [message.msg for message in checks.check_certpub()] == faults
    settings.ENVIRONMENT = "test"
    assert checks.check_certpub() == []
