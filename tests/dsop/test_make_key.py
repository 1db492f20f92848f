"""New keys: right as they come, private from the first moment, never over something that exists."""

import base64
import os
import stat
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from audit.key_checks import _looks_made_up
from audit.keyring import KeyRing
from audit.signers import Signing, read_signer
from tests import cluster, warm
from tests.cluster import ROOT, key

RINGS = [
    pytest.param("reference", "r2", 64, "REFERENCE_KEYS", id="reference"),
    pytest.param("audit-lookup", "l2", 32, "AUDIT_LOOKUP_KEYS", id="look-up"),
    pytest.param("audit-encryption", "e2", 32, "AUDIT_ENCRYPTION_KEYS", id="encryption"),
]
ADVICE = "Add it to {} everywhere, last; put it first when all have it (docs/keys.md).\n"


def manage(*arguments, **environment):
    """Run one command as its user would."""
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    return warm.run(command, environment={**os.environ, **environment})


def from_nothing(command, *, environment):
    """Run the command as it is run in a shell."""
    return subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True, timeout=60, check=False)


def without_settings(*arguments, run=warm.run):
    """Run the making of keys as on a machine where nothing is set yet."""
    command = [sys.executable, "-m", "audit.key_making", *arguments]
    return run(command, environment={"PATH": os.environ["PATH"]})


@pytest.mark.parametrize(("purpose", "name", "length", "setting"), RINGS)
def test_a_key_as_it_belongs_into_the_settings(purpose, name, length, setting):
    made = manage("make_key", "--for", purpose)
    ring = KeyRing(made.stdout.removesuffix("\n"), length=length)
    assert (made.returncode, ring.writing.name) == (0, name), "the suite has the number before"
    assert made.stderr == ADVICE.format(setting)
    assert not _looks_made_up(ring.writing.secret)
    again = cluster.manage("make_key", "--for", purpose)
    assert (again.returncode, again.stderr) == (0, made.stderr) and again.stdout != made.stdout


def test_the_next_number_is_free():
    rings = {"REFERENCE_KEYS": f"{key('r9', 64)},{key('r10', 64)},{key('spring-26', 64)}"}
    assert manage("make_key", "--for", "reference", **rings).stdout.startswith("r11:")


@pytest.mark.parametrize(("purpose", "name", "length", "setting"), RINGS)
def test_a_key_in_a_file(tmp_path, purpose, name, length, setting):
    path = tmp_path / "key"
    made = manage("make_key", "--for", purpose, "--name", "spring-26", "--file", str(path))
    assert (made.returncode, made.stdout) == (0, f"spring-26:file:{path}\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert KeyRing(made.stdout.strip(), length=length).writing.secret == base64.b64decode(path.read_bytes())
    assert path.read_text().strip() not in made.stdout + made.stderr


@pytest.mark.parametrize(
    ("purpose", "signing"), [("seal", Signing.ED25519), ("enterprise", Signing.RS256)], ids=["seal", "enterprise"]
)
def test_a_pair_in_a_file(tmp_path, purpose, signing):
    made = manage("make_key", "--for", purpose, "--file", str(tmp_path / "pair.pem"))
    source, _, public = made.stdout.partition("\n")
    signer = read_signer(source, signing)
    assert load_pem_public_key(public.encode()) == signer.public_key
    assert signer.sign(b"x") and "PRIVATE" not in made.stdout + made.stderr
    assert stat.S_IMODE((tmp_path / "pair.pem").stat().st_mode) == 0o600


def test_the_first_keys_are_made_before_there_are_settings(tmp_path):
    printed = without_settings("--for", "audit-lookup", run=from_nothing)
    assert (printed.returncode, printed.stderr) == (0, "")
    assert KeyRing(printed.stdout.strip(), length=32).writing.name == "l1"
    written = without_settings("--for", "reference", "--file", str(tmp_path / "r1"))
    assert written.stdout == f"r1:file:{tmp_path / 'r1'}\n"
    assert KeyRing(written.stdout.strip(), length=64).writing.name == "r1"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        pytest.param(
            ("--for", "seal"),
            "The key is not made: name a new file for it, or a label in the security module.",
            id="a private key on a screen",
        ),
        pytest.param(
            ("--for", "reference", "--file", "FOLDER/taken"),
            "The key is not made: its file cannot be written (File exists).",
            id="a file that exists",
        ),
        pytest.param(
            ("--for", "enterprise", "--file", "FOLDER/taken"),
            "The key is not made: its file cannot be written (File exists).",
            id="a file that exists, for a pair",
        ),
        pytest.param(
            ("--for", "reference", "--file", "FOLDER/dangling"),
            "The key is not made: its file cannot be written (File exists).",
            id="a link that leads nowhere",
        ),
        pytest.param(
            ("--for", "reference", "--file", "FOLDER/no/such"),
            "The key is not made: its file cannot be written (No such file or directory).",
            id="a folder that does not exist",
        ),
        pytest.param(
            ("--for", "reference", "--file", "FOLDER/a,b"),
            "The key is not made: a ring of keys is a list with commas, so a label or path must have none.",
            id="a comma",
        ),
        pytest.param(
            ("--for", "reference", "--name", "Spring"),
            "The key needs a name of 1 to 16 characters a-z, 0-9 and -.",
            id="a name that is none",
        ),
        pytest.param(
            ("--for", "seal", "--name", "s1", "--file", "FOLDER/seal.pem"),
            "The key is in no ring and has no name.",
            id="a name for a pair",
        ),
        pytest.param(
            ("--for", "reference", "--pkcs11", "dsop"),
            "The key needs a security module: set PKCS11_MODULE, PKCS11_TOKEN and its PIN.",
            id="no security module",
        ),
    ],
)
def test_refused(tmp_path, arguments, complaint):
    (tmp_path / "taken").write_text("precious")
    (tmp_path / "dangling").symlink_to(tmp_path / "elsewhere")
    made = without_settings(*(argument.replace("FOLDER", str(tmp_path)) for argument in arguments))
    assert (made.returncode, made.stdout, made.stderr) == (1, "", complaint + "\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dangling", "taken"]
    assert (tmp_path / "taken").read_text() == "precious"


def test_a_name_is_never_used_twice():
    made = manage("make_key", "--for", "reference", "--name", "r1")
    assert (made.returncode, made.stdout) == (1, "")
    assert "REFERENCE_KEYS has a key of that name already: names are never used twice." in made.stderr


def test_a_key_that_is_found_wanting_keeps_nobody_from_making_a_better_one():
    wanting = {"AUDIT_LOOKUP_KEYS": "l1:" + base64.b64encode(b"changeme" * 4).decode()}
    assert manage("check", **wanting).returncode == 1
    assert manage("make_key", "--for", "audit-lookup", **wanting).returncode == 0
