"""An export as whoever gets it checks it: on another machine, without a network, with nothing but the public key."""

import csv
import hashlib
import io
import json
import re
import subprocess
import sys
import uuid
import zipfile
from functools import partial
from types import SimpleNamespace

import openpyxl
import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit import recording
from audit.retain import month_keys
from audit.retain.month_keys import Memory
from audit.verify.proofs import proof_of
from compliance.exporting import archive
from compliance.exporting.archive import Archive
from compliance.exporting.asking import Wanted
from compliance.exporting.columns import CHOSEN
from compliance.exporting.downloading import public_keys
from compliance.finding.criteria import Criteria
from compliance.finding.shielding import hidden_from
from compliance.reasons import PERSONS_NUMBER
from tests.audit.entries import answered

NUMBER = answered().control_object
EVERYTHING, CASE = Criteria(), Criteria(account_info_request_id=answered().account_info_request_id)
CHECKPOINT = 2
"""Questions for one checkpoint more."""


@pytest.fixture
def unpacked(committing, public, seal, tmp_path):
    """Return a function that exports what is in the trail, some of it sealed, and unpacks it into a folder."""
    for number in range(3):
        recording.record(answered(refusal=f"=cmd{number}", account_reference=f";=x{number}"))
    seal()
    for _ in range(2):
        recording.record(answered())
    seal()
    recording.record(answered())

    def export(**changes):
        folder = tmp_path / f"export-{len(list(tmp_path.iterdir()))}"
        with (tmp_path / "sent.zip").open("wb") as file:
            file.writelines(made(**changes).parts())
        with zipfile.ZipFile(tmp_path / "sent.zip") as sent:
            sent.extractall(folder)
        return folder

    return export


def made(*, criteria=EVERYTHING, with_numbers=False, hidden=lambda batch: frozenset(), **changes):
    keys, content = public_keys()
    wanted = Wanted(criteria, timezone.now(), CHOSEN, with_numbers, "court", "")
    return Archive(
        connection,
        wanted,
        hidden=hidden,
        told={},
        public_keys=content,
        before_the_end=lambda tally: None,
        **{"keys": keys, **changes},
    )


def checked(folder, public, *arguments, what="."):
    """Return how the program that came with the export ended, and what it said."""
    command = [sys.executable, "-I", "verify_proof.py", what, "--key", str(public), *arguments]
    done = subprocess.run(command, cwd=folder, env={}, capture_output=True, text=True, check=False, timeout=120)
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_it_is_checked_offline(unpacked, public, monkeypatch):
    monkeypatch.setattr("compliance.exporting.asking.BATCH", 2)
    folder = unpacked()
    digest = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    assert checked(folder, public) == (
        0,
        "PROVEN.\n"
        "5 of 6 records are proven with the keys that you gave; records.csv says of them what was sealed.\n"
        "1 were not sealed yet when they were exported, and of 0 there is no proof.\n"
        'What records.csv shows in ["accounts", "account_reference", "additional_reference", "malformed"] is the '
        "bank's word: the seal covers it encrypted.\n"
        "The copy of the checkpoints outside the bank's database was not looked at: no --copy.\n"
        "Files beside it that the manifest does not name: none.\n"
        f"The manifest's SHA-256 is {digest}: compare it with what the bank noted.\n",
    )
    assert "All 5 proofs hold" in checked(folder, public, what="proofs.jsonl")[1]
    proofs = [json.loads(line) for line in (folder / "proofs.jsonl").read_text().splitlines()]
    assert proofs == [proof_of(connection, uuid.UUID(one["row"]["id"])) for one in proofs]
    told = json.loads((folder / "checkpoints.json").read_text())
    assert told["public_keys"] == public.read_text() == (folder / "public_keys.pem").read_text()
    by_number = {proof["checkpoint"]["number"]: proof for proof in proofs}
    assert told["checkpoints"] == [
        {"signature": by_number[number]["signature"], "statement": by_number[number]["checkpoint"]}
        for number in sorted(by_number)
    ]
    assert len(by_number) == 2


def test_numbers_are_proven_too(unpacked, public):
    folder = unpacked(with_numbers=True)
    assert checked(folder, public, "--number", NUMBER)[0] == 0
    ended, said = checked(folder, public, "--number", "26854437045")
    assert (ended, "about another number" in said) == (1, True)
    rows = list(csv.DictReader((folder / "records.csv").read_text("utf-8-sig").splitlines()))
    assert {row["control_object"] for row in rows} == {NUMBER}
    assert rows[-1]["account_reference"] == ";'=x0"
    assert json.loads(rows[-1]["accounts"]) == answered().accounts


TYPED = {"requester_id": "Sb 018101 12345", "legal_mandate": "Sak 01810112345, inkasso"}
MASKED = {"requester_id": "Sb ***", "legal_mandate": "Sak ***, inkasso"}


@pytest.mark.parametrize(
    ("with_numbers", "shown", "proven"),
    [
        pytest.param(False, MASKED, 0, id="without numbers they are masked, and no proof shows them"),
        pytest.param(True, TYPED, 1, id="with numbers they are as they were sent"),
    ],
)
def test_numbers_that_an_agency_typed(committing, public, seal, tmp_path, with_numbers, shown, proven):
    recording.record(answered(**TYPED))
    seal()
    with (tmp_path / "sent.zip").open("wb") as file:
        file.writelines(made(with_numbers=with_numbers).parts())
    with zipfile.ZipFile(tmp_path / "sent.zip") as sent:
        sent.extractall(tmp_path / "export")
        texts = [sent.read(name).decode("utf-8-sig") for name in ("records.csv", "proofs.jsonl", "manifest.json")]
        [*cells] = openpyxl.load_workbook(io.BytesIO(sent.read("records.xlsx"))).active.values
    [row] = csv.DictReader(texts[0].splitlines())
    assert {name: row[name] for name in shown} == shown
    assert set(shown.values()) <= {*cells[1]}
    manifest = json.loads(texts[2])
    assert (manifest["not_proven"], [*manifest["why_not_proven"].values()]) == (
        1 - proven,
        [archive.NUMBER_TYPED] * (1 - proven),
    )
    assert any(PERSONS_NUMBER.search(json.loads(line)["row"]["requester_id"]) for line in texts[1].splitlines()) == (
        with_numbers
    )
    ended, said = checked(tmp_path / "export", public)
    assert (ended, f"{proven} of 1 records are proven" in said) == (0, True)


def test_what_is_hidden_has_no_proof_either(unpacked, public):
    folder = unpacked(hidden=lambda batch: frozenset(record.pk for record in batch[:4]))
    ended, said = checked(folder, public)
    assert (ended, "2 of 2 records are proven" in said) == (0, True)
    assert json.loads((folder / "manifest.json").read_text())["left_out_because_shielded"] == 4


def test_without_public_keys_it_is_said(unpacked, public):
    folder = unpacked(keys=None)
    assert json.loads((folder / "manifest.json").read_text())["signatures_checked"] is False
    assert checked(folder, public)[0] == 0


def test_what_the_bank_cannot_prove_is_said(unpacked, public, as_superuser):
    as_superuser.execute("SET session_replication_role = replica")
    as_superuser.execute("UPDATE audit_record SET consumer = '889640782' WHERE refusal = '=cmd1'")
    as_superuser.execute("SET session_replication_role = origin")
    folder = unpacked()
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["not_proven"] == 1
    assert re.fullmatch(
        r"The row is not what was sealed in checkpoint \d+: run audit_verify\.", *manifest["why_not_proven"].values()
    )
    assert "4 of 6 records are proven" in checked(folder, public)[1]


def again(folder, name, change, *, in_manifest):
    """Change a file; a forger who knows the format changes its digest in the manifest too."""
    path, manifest = folder / name, folder / "manifest.json"
    content = path.read_bytes()
    path.write_bytes(change(content))
    assert path.read_bytes() != content
    if in_manifest:
        told = json.loads(manifest.read_text())
        told["members"][name]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
        manifest.write_text(json.dumps(told))


def lines(change):
    return lambda content: b"".join(change(content.splitlines(keepends=True)))


@pytest.mark.parametrize(
    ("name", "change", "in_manifest", "why"),
    [
        pytest.param("records.csv", lambda c: c + b" ", False, '"records.csv" is not the one', id="table"),
        pytest.param("records.xlsx", lambda c: c + b" ", False, '"records.xlsx" is not the one', id="workbook"),
        pytest.param("README.txt", lambda c: c + b" ", False, '"README.txt" is not the one', id="readme"),
        pytest.param("proofs.jsonl", lambda c: c[:-1], True, "not whole", id="proofs that end in the middle"),
        pytest.param("proofs.jsonl", lines(lambda rows: rows[1:]), True, "another number", id="a proof left out"),
        pytest.param("proofs.jsonl", lines(lambda rows: rows[::-1]), True, "another order", id="proofs turned round"),
        pytest.param(
            "proofs.jsonl",
            lambda c: c.replace(b"974761076", b"889640782", 1),
            True,
            "line 1",
            id="a proof of other words",
        ),
        pytest.param(
            "records.csv",
            lambda c: c.replace(b"974761076", b"889640782"),
            True,
            "says something else",
            id="other words",
        ),
        pytest.param(
            "records.csv", lambda c: c.replace(b'"UTC+0', b'"UTC-0'), True, "says something else", id="another time"
        ),
        pytest.param("records.csv", lines(lambda rows: rows[:-1]), True, "does not stand in", id="a line left out"),
        pytest.param(
            "records.csv", lambda c: c.replace(b"consumer", b"supplied"), True, "other columns", id="a heading"
        ),
        pytest.param("records.csv", lambda c: c + b"x\r\n", True, "another number of cells", id="a line too many"),
    ],
)
def test_a_change_is_found(unpacked, public, name, change, in_manifest, why):
    folder = unpacked()
    again(folder, name, change, in_manifest=in_manifest)
    ended, said = checked(folder, public)
    assert (ended, said.startswith("NOT PROVEN. "), why in said) == (1, True, True), said


@pytest.mark.parametrize(
    ("change", "why"),
    [
        pytest.param(lambda told: told.update(format="another"), "not one of the format", id="another format"),
        pytest.param(lambda told: told.update(records=7), "another number of records", id="more records"),
        pytest.param(lambda told: told.update(not_sealed_yet=True), "no whole number", id="a truth for a number"),
        pytest.param(lambda told: told["members"].pop("records.csv"), "does not name", id="a member not named"),
        pytest.param(
            lambda told: told["members"].update({"../x.csv": {"bytes": 1, "sha256": "0" * 64}}), "no file of an export",
            id="a way out of the folder",
        ),
    ],
)  # fmt: skip
def test_a_manifest_that_is_none(unpacked, public, change, why):
    folder = unpacked()
    told = json.loads((folder / "manifest.json").read_text())
    change(told)
    (folder / "manifest.json").write_text(json.dumps(told))
    ended, said = checked(folder, public)
    assert (ended, why in said) == (1, True), said


@pytest.mark.parametrize("are_gone", [False, True], ids=["keys", "destroyed keys"])
def test_a_record_costs_no_question(committing, public, seal, as_superuser, monkeypatch, are_gone):
    """Whatever is opened of however many records: batches and checkpoints cost questions."""
    service, user = f"agencies:{uuid.uuid4()}", SimpleNamespace(has_perm=lambda right: are_gone)

    def asked_with(more):
        for _ in range(more):
            recording.record(answered(service=service))
        seal()
        if are_gone:
            as_superuser.execute("DELETE FROM audit_key WHERE service = %s", [service])
        monkeypatch.setattr(month_keys, "_memory", Memory())
        export = made(criteria=CASE, with_numbers=True, hidden=partial(hidden_from, user))
        with CaptureQueriesContext(connection) as trail, CaptureQueriesContext(connections["ledger"]) as ledger:
            assert b"".join(export.parts())
        return export.tally.rows, len(trail), len(ledger)

    rows, trail, ledger = asked_with(1)
    assert (rows, ledger) == (1, 0 if are_gone else 1)
    assert asked_with(12) == (13, trail + CHECKPOINT, ledger)


def test_nothing_is_left_on_the_server(unpacked, monkeypatch, tmp_path):
    monkeypatch.setattr(archive.tempfile, "tempdir", str(tmp_path))
    before = {path.name for path in tmp_path.iterdir()}
    parts = made().parts()
    next(parts)
    parts.close()
    unpacked()
    assert {path.name for path in tmp_path.iterdir()} - before == {"sent.zip", *(f"export-{len(before)}",)}
