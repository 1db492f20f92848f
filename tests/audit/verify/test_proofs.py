"""The proof of one row is what a stranger accepts, and there is none for what is not sealed, not whole or not there."""

import hashlib
import json
import stat
import uuid
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.management import call_command
from django.core.management.base import CommandError
from psycopg import sql

from audit.access import note_command
from audit.outbound import record_sent
from audit.recording import record
from audit.seal import sealing
from audit.signers import FileSigner
from audit.turned_away import count, flush
from audit.verify.proofs import NotProven, check_proof, proof_of
from tests.audit.entries import answered
from tests.evidence.trail import check_as_a_stranger

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NUMBER = "01810112345"
DOCUMENT = '{"accounts":[{"accountName":"Lån og brød"}]}'
ANSWERED = {"document": DOCUMENT.encode(), "document_digest": hashlib.sha256(DOCUMENT.encode()).digest()}


@pytest.fixture
def auditor(committing, connected_as):
    return connected_as("auditor")


@pytest.fixture
def seal(connected_as):
    """Return a function that seals whatever waits."""

    def run():
        return sealing.seal(connected_as("sealer"), FileSigner(KEY), None, now=datetime.now(UTC))

    return run


@pytest.fixture
def public(tmp_path, settings):
    """The public key where the auditor's process has it."""
    path = tmp_path / "public.pem"
    path.write_bytes(KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    path.chmod(0o640)
    settings.AUDIT_SEAL_PUBLIC_KEYS_FILE = str(path)
    return path


@pytest.fixture
def tamper(as_superuser):
    """Return a function that does what no role may."""

    def run(statement, *values):
        as_superuser.execute("SET session_replication_role = replica")
        try:
            as_superuser.execute(statement, values)
        finally:
            as_superuser.execute("SET session_replication_role = origin")

    return run


def ids(as_superuser, table):
    return [row for (row,) in as_superuser.execute(sql.SQL("SELECT id FROM {}").format(sql.Identifier(table)))]


def test_every_row_of_every_table(auditor, seal, as_superuser, tmp_path, public):
    for _ in range(5):
        record(answered(**ANSWERED))
    record_sent(
        recipient="974761076",
        service="bsu",
        operation="report",
        parties=["1", "2"],
        body=b"{}",
        correlation_id=uuid.uuid4(),
        evidence={"sending": 3, "delivery": "Ø"},
    )
    count("expired")
    flush()
    note_command("proof", uuid.uuid4(), "nothing")
    seal()
    proofs = [
        proof_of(auditor, row, table=table)
        for table in ("audit_record", "audit_turned_away", "audit_access")
        for row in ids(as_superuser, table)
    ]
    sums = len(ids(as_superuser, "audit_turned_away"))  # some may have waited in this process
    assert len(proofs) == 8 + sums
    assert sums
    for proof in proofs:
        check_proof(proof, [KEY.public_key()])
    assert sorted(proof["position"] for proof in proofs) == sorted([0, *range(sums), *range(7)])
    (tmp_path / "key.pem").write_bytes(public.read_bytes())
    for proof in proofs[-3:]:
        assert check_as_a_stranger(proof, tmp_path, "--key", "key.pem").returncode == 0


def test_a_proof_is_the_sealers_and_nobody_elses(auditor, seal):
    row = record(answered())
    seal()
    proof = proof_of(auditor, row)
    with pytest.raises(NotProven, match="is not among the public keys"):
        check_proof(proof, [Ed25519PrivateKey.generate().public_key()])
    with pytest.raises(NotProven, match="signature of checkpoint 1 is not over what it says"):
        check_proof({**proof, "checkpoint": {**proof["checkpoint"], "below": 1}}, [KEY.public_key()])
    with pytest.raises(NotProven, match="is not what was sealed in checkpoint 1"):
        check_proof({**proof, "row": {**proof["row"], "http_status": "404"}}, [KEY.public_key()])


@pytest.mark.parametrize(
    ("crime", "why"),
    [
        pytest.param("UPDATE audit_record SET http_status = 404", "is not what was sealed", id="the row changed"),
        pytest.param("UPDATE audit_record_sealed SET leaf = sha256('x')", "is not what was sealed", id="the leaf"),
        pytest.param("UPDATE audit_record_sealed SET position = position + 9", "in another order", id="the position"),
        pytest.param("DELETE FROM audit_record_sealed", "not sealed yet", id="the membership gone"),
        pytest.param("UPDATE audit_checkpoint SET root = sha256('x')", "is not what was sealed", id="the root"),
        pytest.param("DELETE FROM audit_checkpoint", "Checkpoint 1.* is gone", id="the checkpoint gone"),
        pytest.param("DELETE FROM audit_record", "no row of that id in audit_record", id="the row gone"),
        pytest.param(
            "INSERT INTO audit_record (SELECT (jsonb_populate_record(r,"
            " jsonb_build_object('at', r.at + interval '1 ms'))).* FROM audit_record r)",
            "Several rows have that id",
            id="the row twice",
        ),
    ],
)
def test_what_contradicts_itself_is_not_proven(auditor, seal, tamper, crime, why):
    row = record(answered())
    seal()
    tamper(crime)
    with pytest.raises(NotProven, match=why):
        proof_of(auditor, row)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(uuid.UUID("01a2004b-5692-7399-ab11-5adeee3fa84f"), id="of no record"),
        pytest.param(uuid.UUID(int=0), id="of the first moment"),
        pytest.param(uuid.UUID(int=2**128 - 1), id="of a moment past all time"),
        pytest.param(uuid.UUID("9d2f3c1e-4b5a-4c6d-8e7f-0123456789ab"), id="of another kind"),
    ],
)
def test_there_is_no_such_row(auditor, row):
    with pytest.raises(NotProven, match="There is no row of that id in audit_record"):
        proof_of(auditor, row)


def test_a_row_is_found_wherever_its_id_comes_from(auditor, seal, tamper, as_superuser):
    """Ids that are no UUIDv7, or whose time is not the row's, are looked for everywhere."""
    record(answered())
    strange = uuid.UUID("9d2f3c1e-4b5a-4c6d-8e7f-0123456789ab")
    tamper("UPDATE audit_record SET id = %s", strange)
    tamper("UPDATE audit_answer SET id = %s", strange)
    seal()
    assert proof_of(auditor, strange)["row"]["id"] == str(strange)


def proven(capsys, *arguments):
    """Run the command and return the JSON that it prints."""
    call_command("audit_proof", *map(str, arguments))
    return json.loads(capsys.readouterr().out)


def test_the_command(auditor, seal, as_superuser, public, tmp_path, capsys):
    row = record(answered(**ANSWERED))
    seal()
    plain = proven(capsys, row)
    shown = proven(capsys, row, "--open", "--document")
    assert plain == proof_of(auditor, row)
    assert {name: shown[name] for name in plain} == plain
    assert shown["opened"]["control_object"] == NUMBER
    assert shown["document"] == DOCUMENT
    (tmp_path / "key.pem").write_bytes(public.read_bytes())
    checked = check_as_a_stranger(shown, tmp_path, "--key", "key.pem", "--number", NUMBER)
    assert (checked.returncode, checked.stdout.splitlines()[0]) == (0, "PROVEN.")
    looked = as_superuser.execute("SELECT person, page, concerning, words FROM audit_access ORDER BY at").fetchall()
    assert looked == [
        ("command line", "proof", row, "audit_record"),
        ("command line", "proof", row, "audit_record open document"),
    ]


def test_a_file_that_others_cannot_read(auditor, seal, public, tmp_path, capsys):
    row = record(answered())
    seal()
    file = tmp_path / "proof.json"
    call_command("audit_proof", str(row), "--output", str(file))
    assert capsys.readouterr().out == ""
    assert json.loads(file.read_text()) == proof_of(auditor, row)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("audit_proof", str(row), "--output", str(file))


@pytest.mark.parametrize(
    ("entry", "crime", "arguments", "why"),
    [
        pytest.param(ANSWERED, "DELETE FROM audit_record_sealed", [], "not sealed yet", id="not sealed"),
        pytest.param({"control_object": ""}, "SELECT", ["--open"], "The record is about no number", id="no number"),
        pytest.param(
            ANSWERED, "DELETE FROM audit_key WHERE kind = 'number'", ["--open"], "cannot be opened", id="key destroyed"
        ),
        pytest.param({}, "SELECT", ["--document"], "No document was kept", id="no document"),
        pytest.param(ANSWERED, "DELETE FROM audit_answer", ["--document"], "not kept any more", id="document deleted"),
        pytest.param(
            ANSWERED,
            "DELETE FROM audit_key WHERE kind = 'document'",
            ["--document"],
            "its key was destroyed",
            id="key of documents destroyed",
        ),
        pytest.param(
            ANSWERED,
            "UPDATE audit_answer SET document = document || '\\x00'",
            ["--document"],
            "not as it was",
            id="document changed",
        ),
        pytest.param(
            ANSWERED,
            "ALTER TABLE audit_access ADD CONSTRAINT no_more CHECK (false) NOT VALID",
            [],
            "could not be noted",
            id="look not noted",
        ),
        pytest.param(
            {}, "SELECT", ["--table", "audit_access", "--open"], "rows of audit_access hold nothing", id="other"
        ),
        pytest.param(
            {}, "SELECT", ["--table", "audit_decision"], "no row of that id in audit_decision", id="elsewhere"
        ),
    ],
)
def test_nothing_is_printed(
    auditor, seal, tamper, as_superuser, public, capsys, fresh_keys, entry, crime, arguments, why
):
    row = record(answered(**entry))
    seal()
    keys = as_superuser.execute("SELECT * FROM audit_key").fetchall()
    tamper(crime)
    fresh_keys()
    try:
        with pytest.raises(CommandError, match=why):
            call_command("audit_proof", str(row), *arguments)
    finally:
        as_superuser.execute("ALTER TABLE audit_access DROP CONSTRAINT IF EXISTS no_more")
        insert = "INSERT INTO audit_key VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
        as_superuser.cursor().executemany(insert, keys)
    assert capsys.readouterr().out == ""


@pytest.fixture
def fresh_keys(monkeypatch):
    """Return a function that lets this process forget the month keys it has opened, as another process would have."""
    from audit.retain import month_keys

    return lambda: monkeypatch.setattr(month_keys, "_memory", month_keys.Memory())


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("1", id="a number"),
        pytest.param("01a2004b56927399ab115adeee3fa84f", id="without hyphens"),
        pytest.param("{01a2004b-5692-7399-ab11-5adeee3fa84f}", id="in braces"),
        pytest.param("urn:uuid:01a2004b-5692-7399-ab11-5adeee3fa84f", id="a URN"),
        pytest.param("０1a2004b-5692-7399-ab11-5adeee3fa84f", id="a wide digit"),
    ],
)
def test_an_id_is_written_as_ids_are(text):
    with pytest.raises(CommandError, match="32 hexadecimal digits"):
        call_command("audit_proof", text)


@pytest.mark.parametrize(
    ("file", "why"),
    [
        pytest.param("", "AUDIT_SEAL_PUBLIC_KEYS_FILE names", id="no setting"),
        pytest.param("/nowhere/keys.pem", "cannot be read", id="no file"),
    ],
)
def test_without_public_keys_nothing_is_proven(committing, settings, file, why):
    settings.AUDIT_SEAL_PUBLIC_KEYS_FILE = file
    with pytest.raises(CommandError, match=why):
        call_command("audit_proof", str(uuid.uuid4()))
