"""A service that is not set up right refuses to start, in one sentence for each fault and without telling a secret."""

import contextlib
import json
import os
import secrets
import subprocess
import sys
import time

import pytest
import urllib3

from tests import warm
from tests.cluster import OWNERS, ROOT, free_port
from tests.consumer import Server, body, mint

STARTS = "The service does not start. "
LIST = " The README lists every setting."
IMPORT = [sys.executable, "-c", "import dsop.wsgi"]
GUNICORN = [sys.executable, "-m", "gunicorn", "-c", "python:dsop.gunicorn", "dsop.wsgi:application"]
BANK = "https://bank.example/dsop/v2"
SECRET = secrets.token_urlsafe(40)
TEST = {
    "DSOP_ENVIRONMENT": "test",
    "SECRET_KEY": SECRET,
    "MASKINPORTEN_ISSUER": "https://test.maskinporten.no/",
    "DSOP_AUDIENCES": json.dumps({BANK: ["213456008"]}),
    "CERTPUB_LOCATOR_URL": "https://certpub.bank.example",
    "DESK_LETTERHEAD": json.dumps(dict.fromkeys(("name", "address", "contact", "data_protection_officer"), "Banken")),
    "KEYS_COOLDOWN_SECONDS": "60",
    "EXTRADITION_JWKS_URL": "",
    "EXTRADITION_ROOTS_FILE": "",
}


def start(command, changes, *, run=warm.run):
    """Return exit status and sentences of a start in the test environment; None removes a variable."""
    environment = {name: value for name, value in {**os.environ, **TEST, **changes}.items() if value is not None}
    environment["DSOP_BIND"] = f"127.0.0.1:{free_port()}"
    done = run(command, environment=environment)
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    assert not [secret for secret in told_to_nobody(environment) if secret in said]
    lines = [line for line in said.splitlines() if not line.startswith("{")]
    assert all(line.startswith(STARTS) for line in lines), lines
    return done.returncode, sorted(line.removeprefix(STARTS).strip() for line in lines)


def from_nothing(command, *, environment):
    """Run the command as it is run in a shell."""
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30, check=False)


def told_to_nobody(environment):
    """Return every secret among the settings, and what is left of it without its first character."""
    keys = [environment.get(name, "") for name in ("REFERENCE_KEYS", "AUDIT_LOOKUP_KEYS", "AUDIT_ENCRYPTION_KEYS")]
    urls = [environment.get(name, "") for name in ("DATABASE_URL", "LEDGER_DATABASE_URL", *OWNERS)]
    found = [environment.get("SECRET_KEY", ""), *(key.partition(":")[2] for key in keys)]
    found += [url.partition("@")[0].rpartition(":")[2] for url in urls]
    return [secret[1:] for secret in found if len(secret) > 6]


@pytest.mark.parametrize("run", [from_nothing, warm.run])
def test_a_right_setup_starts(run):
    assert start(IMPORT, {}, run=run) == (0, [])


@pytest.mark.parametrize("run", [from_nothing, warm.run])
def test_the_server_ends_alike_however_it_was_started(run):
    assert start(GUNICORN, {"SECRET_KEY": None}, run=run) == (4, [f"Set SECRET_KEY.{LIST}"])


REQUIRED = (
    "SECRET_KEY", "ALLOWED_HOSTS", "MASKINPORTEN_ISSUER", "DSOP_AUDIENCES", "REFERENCE_KEYS", "AUDIT_LOOKUP_KEYS",
    "AUDIT_ENCRYPTION_KEYS", "DATABASE_URL", "LEDGER_DATABASE_URL", "CERTPUB_LOCATOR_URL", "CERTIFICATE_ROOTS_FILE",
    "CERTIFICATE_INTERMEDIATES_FILE", "CERTIFICATE_REVOCATION_HOSTS",
)  # fmt: skip


@pytest.mark.parametrize("name", REQUIRED)
def test_a_setting_without_a_default_is_asked_for(name):
    assert start(IMPORT, {name: None}) == (4, [f"Set {name}.{LIST}"])


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        pytest.param({"SECRET_KEY": " "}, f"Set SECRET_KEY.{LIST}", id="blank secret"),
        pytest.param(
            {"DSOP_AUDIENCES": f"{{{BANK}: [213456008]}}"}, f"DSOP_AUDIENCES must be JSON.{LIST}", id="no JSON"
        ),
        pytest.param(
            {"SHIELDED_OTHERS_WITHHELD": "ja"},
            f"SHIELDED_OTHERS_WITHHELD must be true or false.{LIST}",
            id="neither true nor false",
        ),
        pytest.param(
            {"AUDIT_ENCRYPTION_KEYS": f"e1:{SECRET}!"},
            "AUDIT_ENCRYPTION_KEYS: the key e1 ",
            id="key that is none",
        ),
        pytest.param(
            {"DATABASE_URL": f"//serving:{SECRET}@host/dsop"},
            "DATABASE_URL must be an address such as postgres://role:password@host:5432/database, percent-encoded.",
            id="address without a scheme",
        ),
    ],
)
def test_a_malformed_setting_is_named(changes, sentence):
    status, [said] = start(IMPORT, changes)
    assert status == 4
    assert said.startswith(sentence)


def test_a_secret_that_begins_with_a_dollar_sign_is_no_name():
    assert start(IMPORT, {"SECRET_KEY": f"${SECRET}"}) == (0, [])


E003 = "dsop.E003: DSOP_AUDIENCES"


@pytest.mark.parametrize(
    ("changes", "sentences"),
    [
        pytest.param(
            {"DSOP_AUDIENCES": "[]"}, [f"{E003} must name at least one audience with its institutions."], id="list"
        ),
        pytest.param(
            {"KEYS_COOLDOWN_SECONDS": "2", "PARTY_NUMBER_CHECK": "maybe"},
            [
                "dsop.E004: PARTY_NUMBER_CHECK must be off, log or reject.",
                "dsop.E007: KEYS_COOLDOWN_SECONDS must be 10 or more, and KEYS_REFRESH_SECONDS no less than it"
                " and below a day.",
            ],
            id="two faults",
        ),
    ],
)
def test_a_check_that_fails_is_named(changes, sentences):
    assert start(IMPORT, changes) == (4, sentences)


REFUSED = {
    "the issuer of production in test": (
        {"MASKINPORTEN_ISSUER": "https://maskinporten.no/"},
        ["dsop.E002: MASKINPORTEN_ISSUER must be https://test.maskinporten.no/ here."],
    ),
    "an institution that the ledger lacks": (
        {"DSOP_AUDIENCES": json.dumps({BANK: ["213456008", "312345617"]})},
        ["dsop.E021: The ledger lacks an institution that DSOP_AUDIENCES names."],
    ),
    "a ledger that can be written": (
        {"LEDGER_DATABASE_URL": OWNERS["LEDGER_OWNER_URL"]},
        ["dsop.E023: The serving role may write or create in the ledger."],
    ),
    "a database that is down": (
        {"DATABASE_URL": f"postgres://serving:{SECRET}@127.0.0.1:1/dsop"},
        ["The database in DATABASE_URL cannot be reached (OperationalError)."],
    ),
}


@pytest.mark.parametrize(("changes", "sentences"), REFUSED.values(), ids=REFUSED)
def test_the_server_refuses(changes, sentences):
    begun = time.monotonic()
    assert start(GUNICORN, changes) == (4, sentences)
    assert time.monotonic() - begun < 15


def test_the_server_refuses_production_with_plain_answers():
    """Whatever else is wrong with this suite's settings there, the worst of it is said."""
    production = {"DSOP_ENVIRONMENT": "production", "MASKINPORTEN_ISSUER": "https://maskinporten.no/"}
    status, said = start(GUNICORN, production | {"PLAIN_JSON": "true"})
    assert status == 4
    assert "dsop.E001: PLAIN_JSON must be off in production: answers would leave unencrypted." in said


def test_the_server_refuses_what_belongs_to_other_roles():
    given = {"AUDIT_SEAL_KEY": SECRET, **OWNERS}
    names = ["AUDIT_SEAL_KEY", "DATABASE_AUDITOR_URL", "DATABASE_OWNER_URL", "DATABASE_SEALER_URL"]
    names += ["LEDGER_LOADER_URL", "LEDGER_OWNER_URL"]
    sentence = "dsop.E046: The server is given {}, which belongs to another role's process."
    cure = " Take it out of the server's settings."
    assert start(GUNICORN, given) == (4, [sentence.format(name) + cure for name in names])


@pytest.mark.parametrize("role", ["owner", "sealer", "auditor", "loader", "postgres"])
def test_only_the_serving_role_serves(role):
    """Also where it has all it needs: a server must not even begin to look for faults under another role."""
    status, said = start(IMPORT, {"DSOP_ROLE": role, **OWNERS})
    assert status == 4
    assert said == (
        ["DSOP_ROLE must be one of serving, owner, sealer, auditor, loader."]
        if role == "postgres"
        else [f"dsop.E046: The server runs as {role}. Take DSOP_ROLE out of its settings."]
    )


def test_the_server_refuses_to_serve_as_the_trail_s_owner():
    status, [sentence] = start(GUNICORN, {"DATABASE_URL": OWNERS["DATABASE_OWNER_URL"]})
    assert status == 4
    assert sentence.startswith("dsop.E043: The serving role has rights that it must not have: ")
    assert "UPDATE on audit_record, " in sentence and sentence.endswith("with the rights that database_roles prints.")


def test_the_server_refuses_somebody_real_in_test(superuser):
    """A number of no test series, with check digits that nobody's number has."""
    add = "INSERT INTO party_identifier (party_id, value, kind, start_date) SELECT min(id), %s, 'x', now() FROM party"
    with superuser("ledger") as session:
        session.execute(add, ["15010112345"])
        try:
            refused = start(GUNICORN, {})
        finally:
            session.execute("DELETE FROM party_identifier WHERE value = %s", ["15010112345"])
    assert refused == (4, ["dsop.E022: The ledger holds identifiers that are not synthetic; test refuses them."])


@pytest.fixture
def waiting_server(tmp_path):
    """The service in the test environment, on a machine from which nobody can be asked for keys."""
    port, log = free_port(), tmp_path / "log"
    command = [*GUNICORN[:-1], "tests.dsop.offline:application"]
    environment = {**os.environ, **TEST, "DSOP_BIND": f"127.0.0.1:{port}"}
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    server = Server(port=port, process=process, log=log)
    yield server
    server.stop()


def found_waiting_for(server):
    """Return what the service says it waits for; nothing while it cannot be asked."""
    with contextlib.suppress(urllib3.exceptions.HTTPError):
        return body(server.get("/health/ready"))["waiting_for"]
    return None


def test_the_test_environment_serves_though_there_are_no_keys(waiting_server):
    """It lives, says what it waits for, and refuses no token that may be a good one."""
    deadline = time.monotonic() + 20
    while found_waiting_for(waiting_server) != ["keys"]:
        assert time.monotonic() < deadline, waiting_server.log.read_text()[-3000:]
        time.sleep(0.1)
    assert waiting_server.get("/health/live").status == 200
    assert waiting_server.get("/health/ready").status == 503
    without = waiting_server.get("/v2/accounts")
    assert (without.status, body(without)["code"]) == (401, "ACC-010")
    token = mint(consumer="974761076", scope="bits:kontoinformasjon")
    answer = waiting_server.get("/v2/accounts", {"Authorization": f"Bearer {token}"})
    assert (answer.status, body(answer)["code"]) == (500, "ACC-100")
    assert "Location" not in answer.headers
