"""`manage.py token` prints a token alone, and any wrong one that a refusal can be tried with."""

import hashlib
import hmac
import json
import os
import subprocess
import sys
import time
from io import StringIO

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from django.core.management import CommandError, call_command

from sandbox.maskinporten import keys
from sandbox.maskinporten.clients import client_id_of
from tests import warm

ISSUER = "http://127.0.0.1:8000/sandbox/maskinporten/"
AUDIENCE = "http://127.0.0.1:8000/v2"


@pytest.fixture(scope="module")
def sandbox_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sandbox")


@pytest.fixture(autouse=True)
def own_sandbox(settings, sandbox_folder):
    settings.SANDBOX_FOLDER, settings.MASKINPORTEN_ISSUER = sandbox_folder, ISSUER
    settings.AUDIENCES = {AUDIENCE: ["213456008"], "http://other.example/v2": ["312345609"]}


def token(*options):
    out = StringIO()
    call_command("token", "--consumer", "974761076", "--scope", "bits:kontoinformasjon", *options, stdout=out)
    line = out.getvalue()
    assert line.endswith("\n")
    assert "\n" not in line[:-1]
    return line[:-1]


def parts(text):
    header, claims, signature = text.split(".")
    return (
        json.loads(jwt.utils.base64url_decode(header)),
        json.loads(jwt.utils.base64url_decode(claims)),
        jwt.utils.base64url_decode(signature),
        f"{header}.{claims}".encode(),
    )


def first_key():
    return keys.signing_keys(keys.folder())[0]


def public_pem():
    encoding, layout = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return first_key().private.public_key().public_bytes(encoding, layout)


def claims_without_chance(claims):
    return {name: value for name, value in claims.items() if name not in {"iat", "exp", "jti"}}


PLAIN = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "scope": "bits:kontoinformasjon",
    "client_id": client_id_of("974761076"),
    "client_amr": "private_key_jwt",
    "token_type": "Bearer",
    "consumer": {"authority": "iso6523-actorid-upis", "ID": "0192:974761076"},
}


def test_a_token():
    before = int(time.time())
    text = token()
    claims = jwt.decode(text, first_key().private.public_key(), algorithms=["RS256"], audience=AUDIENCE, issuer=ISSUER)
    assert jwt.get_unverified_header(text) == {"alg": "RS256", "kid": first_key().kid}
    assert claims_without_chance(claims) == PLAIN
    assert before <= claims["iat"] <= time.time()
    assert claims["exp"] - claims["iat"] == 120
    assert claims["jti"] != parts(token())[1]["jti"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param(["--audience", "http://bank.example/v2"], {"aud": "http://bank.example/v2"}, id="other audience"),
        pytest.param(["--scope", "bits:kundeforhold"], {"scope": "bits:kundeforhold"}, id="other scope"),
        pytest.param(
            ["--consumer", "889640782"],
            {
                "client_id": client_id_of("889640782"),
                "consumer": {"authority": "iso6523-actorid-upis", "ID": "0192:889640782"},
            },
            id="other consumer",
        ),
        pytest.param(["--claims", '{"iss": ["a"]}'], {"iss": ["a"]}, id="a claim replaced"),
        pytest.param(["--claims", '{"cnf": {"jkt": "x"}}'], {"cnf": {"jkt": "x"}}, id="a claim added"),
        pytest.param(["--claims", '{"consumer": {"ID": "x"}}'], {"consumer": {"ID": "x"}}, id="replaced as a whole"),
    ],
)
def test_options_change_claims(options, expected):
    assert claims_without_chance(parts(token(*options))[1]) == PLAIN | expected


@pytest.mark.parametrize("claim", ["iss", "aud", "exp", "iat", "jti", "scope", "consumer", "client_id"])
def test_null_removes_a_claim(claim):
    before, after = parts(token())[1], parts(token("--claims", json.dumps({claim: None})))[1]
    assert set(before) - set(after) == {claim}


@pytest.mark.parametrize(("lifetime", "span"), [("121", 121), ("0", 0), ("-60", -60)])
def test_lifetime(lifetime, span):
    claims = parts(token("--lifetime", lifetime))[1]
    assert claims["exp"] - claims["iat"] == span


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"kid": None}, {"alg": "RS256"}, id="no kid"),
        pytest.param({"kid": "x"}, {"alg": "RS256", "kid": "x"}, id="unknown kid"),
        pytest.param({"alg": None, "kid": "x"}, {"kid": "x"}, id="no alg"),
        pytest.param({"kid": 7, "crit": ["x"]}, {"alg": "RS256", "kid": 7, "crit": ["x"]}, id="crit"),
        pytest.param({"kid": "x", "alg": ["RS256"]}, {"kid": "x", "alg": ["RS256"]}, id="alg in a list"),
        pytest.param({"kid": "x", "alg": "ES256"}, {"kid": "x", "alg": "ES256"}, id="alg not of this key"),
    ],
)
def test_headers_are_changed_and_still_signed(changes, expected):
    header, _, signature, signed = parts(token("--headers", json.dumps(changes)))
    assert header == expected
    algorithm = jwt.get_algorithm_by_name("RS256")
    assert algorithm.verify(signed, first_key().private.public_key(), signature)


@pytest.mark.parametrize("name", ["none", "None", "NONE"])
def test_alg_none_has_no_signature(name):
    text = token("--headers", json.dumps({"alg": name}))
    assert text.endswith(".")
    assert parts(text)[0]["alg"] == name


@pytest.mark.parametrize(("name", "digest"), [("HS256", hashlib.sha256), ("HS512", hashlib.sha512)])
def test_hmac_is_made_with_the_public_key(name, digest):
    _, _, signature, signed = parts(token("--headers", json.dumps({"alg": name})))
    assert signature == hmac.new(public_pem(), signed, digest).digest()


@pytest.mark.parametrize("name", ["RS384", "RS512", "PS256", "PS384", "PS512"])
def test_other_rsa_signatures_are_real(name):
    text = token("--headers", json.dumps({"alg": name}))
    decoded = jwt.decode(text, first_key().private.public_key(), algorithms=[name], audience=AUDIENCE)
    assert claims_without_chance(decoded) == PLAIN


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        pytest.param(["--claims", "{"], "--claims must be JSON.", id="claims broken"),
        pytest.param(["--claims", ""], "--claims must be JSON.", id="claims empty"),
        pytest.param(["--claims", '{"exp": NaN}'], "--claims must be JSON.", id="claims with NaN"),
        pytest.param(["--claims", "[" * 100_000], "--claims must be JSON.", id="claims very deep"),
        pytest.param(["--claims", "[]"], "--claims must be a JSON object.", id="claims a list"),
        pytest.param(["--headers", "{'a': 1}"], "--headers must be JSON.", id="headers in Python's spelling"),
        pytest.param(["--headers", "null"], "--headers must be a JSON object.", id="headers null"),
        pytest.param(["--consumer", "0192:974761076"], "--consumer must be nine digits.", id="consumer with 0192"),
        pytest.param(["--consumer", "97476107"], "--consumer must be nine digits.", id="consumer too short"),
        pytest.param(["--consumer", "٩٧٤٧٦١٠٧٦"], "--consumer must be nine digits.", id="other digits"),
        pytest.param(["--consumer", "974761076\n"], "--consumer must be nine digits.", id="line end"),
    ],
)
def test_what_cannot_be_made_is_said_in_one_sentence(options, sentence):
    out = StringIO()
    arguments = ["--consumer", "974761076", "--scope", "x", *options]
    with pytest.raises(CommandError) as refused:
        call_command("token", *arguments, stdout=out)
    assert (str(refused.value), out.getvalue()) == (sentence, "")


def manage(settings, *arguments, run):
    """Run manage.py as a developer does, with databases that nobody serves."""
    nowhere = "postgres://nobody@127.0.0.1:1/none"
    names = ("DATABASE_URL", "LEDGER_DATABASE_URL", "DATABASE_OWNER_URL", "LEDGER_OWNER_URL")
    environment = os.environ | dict.fromkeys(names, nowhere) | {"DSOP_SANDBOX_FOLDER": str(settings.SANDBOX_FOLDER)}
    return run([sys.executable, "manage.py", *arguments], environment=environment, folder=settings.BASE_DIR)


def from_nothing(command, *, environment, folder):
    """Run the command as it is run in a shell."""
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_on_the_command_line_without_a_database(settings):
    words = "token", "--consumer", "974761076", "--scope", "bits:kontoinformasjon"
    done = manage(settings, *words, run=from_nothing)
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (0, "", 1)
    assert parts(done.stdout.strip())[0] == {"alg": "RS256", "kid": first_key().kid}


def test_on_the_command_line_an_error_leaves_stdout_empty(settings):
    words = "token", "--consumer", "974761076", "--scope", "x", "--claims", "[1]"
    done = manage(settings, *words, run=warm.run)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "CommandError: --claims must be a JSON object.\n")
