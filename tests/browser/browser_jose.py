"""Answers opened by Node's `jose`, as a consumer in JavaScript would: the same bytes as the plain answer (JWE-12)."""

import base64
import json
import shutil
import subprocess
import uuid
from pathlib import Path

import pytest

from tests import cluster
from tests.api.test_encryption import AGENCY, ENDPOINTS, PAIRS, agency, ask, until

__all__ = ["agency"]
HERE = Path(__file__).parent
FILES = ("package.json", "package-lock.json", ".npmrc", "open_answers.mjs")


@pytest.fixture(scope="session")
def node():
    """Return the folder with the script and the library, installed once from the lock file."""
    missing = [name for name in ("node", "npm") if shutil.which(name) is None]
    if missing:
        pytest.fail(f"{' and '.join(missing)} missing: install Debian's packages nodejs and npm.", pytrace=False)
    folder = cluster.FOLDER / "node"
    folder.mkdir()
    for name in FILES:
        shutil.copy(HERE / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def opened(folder, answers):
    """Return header and document of each answer."""
    key = cluster.FOLDER / "agencies" / f"{AGENCY}.pem"
    command = ["node", "open_answers.mjs", str(key)]
    lines = b"\n".join(answers)
    done = subprocess.run(command, cwd=folder, input=lines, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    told = [json.loads(line) for line in done.stdout.splitlines()]
    return [(each["header"], base64.b64decode(each["document"])) for each in told]


@pytest.mark.parametrize(("key_algorithm", "content_encryption"), PAIRS)
def test_jwe_12_every_pair_is_opened_by_node(node, skatteetaten, agency, key_algorithm, content_encryption):
    agency(key_algorithm=key_algorithm, content_encryption=content_encryption)
    until(skatteetaten, key_algorithm, content_encryption)
    case_id = str(uuid.uuid4())
    plain = [ask(skatteetaten, endpoint, case_id).data for endpoint in ENDPOINTS]
    closed = [ask(skatteetaten, endpoint, case_id, Accept="application/jose").data for endpoint in ENDPOINTS]
    for document, (header, inside) in zip(plain, opened(node, closed), strict=True):
        assert inside == document
        assert (header["alg"], header["enc"], header["cty"]) == (key_algorithm, content_encryption, "application/json")


def test_an_altered_answer_is_not_opened(node, skatteetaten):
    """The check above could fail."""
    segments = skatteetaten.accounts("312345617", Accept="application/jose").data.split(b".")
    segments[4] = b"A" * len(segments[4])
    with pytest.raises(AssertionError, match="JWEDecryptionFailed"):
        opened(node, [b".".join(segments)])


def test_the_lock_file_names_no_address():
    """Whoever installs chooses the registry."""
    assert "http" not in (HERE / "package-lock.json").read_text()
