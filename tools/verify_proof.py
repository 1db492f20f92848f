#!/usr/bin/env python3
"""Check a proof from a bank's audit trail: for whoever trusts nothing but Python, cryptography and a public key.

    python3 -I verify_proof.py PROOF.json --key PUBLIC.pem [--key …] [--copy FILE-or-FOLDER] [--number N]

In place of a proof stands a file of many, one to a line (PROOFS.jsonl), or the folder that an export was unpacked into:
then everything in it is checked, and that its table says what is proven.

Exit 0: what is printed is proven. Exit 1: nothing is. How each step is to be done by hand stands in docs/evidence.md.
"""

import argparse
import csv
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

FORMAT = "dsop audit proof 1"
DOMAIN = b"dsop audit checkpoint 1\n"
LEAF, NODE, COMMITMENT = b"\x00", b"\x01", b"\x02"
MOMENTS = {"audit_record": "at", "audit_turned_away": "minute", "audit_access": "at", "audit_decision": "at"}
"""The tables that are sealed, and which column of each says when its row was written."""
MEMBERS = {"format", "table", "row", "salt", "position", "size", "path", "checkpoint", "signature"}
OPENED = {"control_object", "salt"}
STATEMENT = {"number", "sealed_table", "month", "size", "root", "previous", "below", "cluster", "at", "key"}
LARGEST_FILE, LONGEST_LINE, LONGEST_NUMBER, LONGEST_PATH = 1 << 28, 1 << 14, 20, 64
PEM = re.compile(rb"-----BEGIN PUBLIC KEY-----\r?\n[A-Za-z0-9+/=\r\n]+-----END PUBLIC KEY-----[ \t]*\r?(?:\n|\Z)")
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}\+00:00")


LONGEST_PROOF = 1 << 24
EXPORT_FORMAT = "dsop export 1"
MANIFEST, TABLE, PROOFS = "manifest.json", "records.csv", "proofs.jsonl"
UNPROVEN = ["accounts", "account_reference", "additional_reference", "malformed"]
"""Columns that the seal has as ciphertexts alone; of the control object's number it has something to compare with."""
MEMBER_NAME = re.compile(r"[A-Za-z_]{1,32}\.[a-z]{1,8}")
GUARDED = re.compile(r"(^|[;,|\t\r\n])([ \u00a0\"]*)'")
"""An apostrophe that the table has where a spreadsheet could begin a formula; one at each place is taken away."""


class Refused(Exception):
    """The proof proves nothing; the sentence says why."""


def main() -> int:
    arguments = read_arguments()
    if arguments.proof.is_dir() or arguments.proof.suffix == ".jsonl":
        return main_of_many(arguments)
    try:
        proof = read_proof(arguments.proof)
        proven = check(proof, [key for path in arguments.key for key in read_keys(path)])
        if arguments.copy is not None:
            proven.append(check_copy(arguments.copy, proof["checkpoint"]))
        else:
            proven.append("The copy of the checkpoints outside the bank's database was not looked at: no --copy.")
        proven.append(check_number(proof, arguments.number))
        proven.append(check_document(proof))
    except (Refused, RecursionError) as refused:
        sys.stdout.write(f"NOT PROVEN. {refused}\n")
        return 1
    sys.stdout.write("\n".join(["PROVEN.", *proven, "The row:", *lines_of(proof["row"])]) + "\n")
    return 0


def main_of_many(arguments: argparse.Namespace) -> int:
    """Check a file of many proofs, or a whole export."""
    try:
        checker = Checker(arguments)
        check_many = check_export if arguments.proof.is_dir() else check_lines
        proven = check_many(arguments.proof, checker)
    except (Refused, RecursionError) as refused:
        sys.stdout.write(f"NOT PROVEN. {refused}\n")
        return 1
    sys.stdout.write("\n".join(["PROVEN.", *proven]) + "\n")
    return 0


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Check a proof from a bank's audit trail.")
    parser.add_argument("proof", type=Path, metavar="PROOF.json", help="or PROOFS.jsonl, or a folder")
    parser.add_argument("--key", type=Path, action="append", required=True, help="public keys of the bank's seal, PEM")
    parser.add_argument("--copy", type=Path, help="the checkpoints' copy from outside the database, file or folder")
    parser.add_argument("--number", help="the number that the row must be about")
    return parser.parse_args()


# What is read


def read_proof(path: Path) -> dict[str, Any]:
    """Return the proof, every member of which has its type and form. Raise Refused."""
    return proof_in(read_file(path))


def proof_in(content: bytes) -> dict[str, Any]:
    proof = parsed(content, "The proof")
    members(proof, MEMBERS, MEMBERS | {"opened", "document"}, "The proof")
    if proof["format"] != FORMAT:
        refuse(f"This checker knows the format {shown(FORMAT)} only.")
    text(proof["table"], "table")
    if proof["table"] not in MOMENTS:
        refuse(f"There is no sealed table {shown(proof['table'])}.")
    if not isinstance(proof["row"], dict) or not proof["row"]:
        refuse("The row is no object.")
    if proof["salt"] != "":
        hexadecimal(proof["salt"], 16, "salt")
    whole(proof["position"], "position", least=0)
    whole(proof["size"], "size", least=1)
    if not isinstance(proof["path"], list) or len(proof["path"]) > LONGEST_PATH:
        refuse(f"The path is no list of at most {LONGEST_PATH} digests.")
    for node in proof["path"]:
        hexadecimal(node, 32, "path")
    read_statement(proof["checkpoint"])
    hexadecimal(proof["signature"], 64, "signature")
    read_disclosures(proof)
    found: dict[str, Any] = proof
    return found


def read_disclosures(proof: dict[str, Any]) -> None:
    if "opened" in proof:
        opened = members(proof["opened"], OPENED, OPENED, "What is opened")
        text(opened["control_object"], "control_object")
        hexadecimal(opened["salt"], 16, "opened salt")
    if "document" in proof:
        text(proof["document"], "document")


def read_statement(statement: object) -> dict[str, Any]:
    """Return the statement of a checkpoint, every member of which has its type and form."""
    found = members(statement, STATEMENT, STATEMENT, "The checkpoint")
    for name, least in (("number", 1), ("size", 1), ("below", 0)):
        whole(found[name], name, least=least)
    for name in ("root", "previous", "key"):
        hexadecimal(found[name], 32, name)
    for name in ("sealed_table", "cluster"):
        text(found[name], name)
    moment(found["at"], "at")
    moment(f"{text(found['month'], 'month')}T00:00:00.000000+00:00", "month")
    if not found["month"].endswith("-01"):
        refuse("The month is named by another day than its first.")
    return found


def read_keys(path: Path) -> list[Ed25519PublicKey]:
    """Return the keys of a file with one or several, among which may stand lines that begin with #."""
    content = read_file(path)
    blocks = PEM.findall(content)
    if not blocks or any(line[:1] not in (b"", b"#") for line in PEM.sub(b"", content).splitlines()):
        refuse(f"{shown(path)} holds something else than public keys in PEM.")
    keys = []
    for block in blocks:
        try:
            key = load_pem_public_key(block)
        except (ValueError, UnsupportedAlgorithm):
            refuse(f"{shown(path)} holds a public key that cannot be read.")
        if not isinstance(key, Ed25519PublicKey):
            refuse(f"{shown(path)} holds a key that is no Ed25519 key.")
        keys.append(key)
    return keys


def read_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError:
        refuse(f"{shown(path)} cannot be read.")
    if len(content) > LARGEST_FILE:
        refuse(f"{shown(path)} is larger than {LARGEST_FILE} bytes.")
    return content


# How it is read: one meaning or none


def parsed(content: bytes, what: str) -> Any:
    """Return what the JSON says. Names that come twice, fractions, NaN, huge numbers and broken text are refused."""
    try:
        return json.loads(
            content.decode("utf-8"),
            object_pairs_hook=lambda pairs: once_each(pairs, what),
            parse_int=lambda digits: number(digits, what),
            parse_float=lambda _: refuse(f"{what} has a number that is not whole."),
            parse_constant=lambda _: refuse(f"{what} has a number that is no number."),
        )
    except (ValueError, RecursionError):
        refuse(f"{what} is no JSON in UTF-8.")


def once_each(pairs: list[tuple[str, Any]], what: str) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        refuse(f"{what} has a name twice.")
    return found


def number(digits: str, what: str) -> int:
    if len(digits) > LONGEST_NUMBER or digits == "-0":
        refuse(f"{what} has a number that is too long, or none.")
    return int(digits)


def members(value: object, least: set[str], most: set[str], what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        refuse(f"{what} is no object.")
    if missing := sorted(least - value.keys()):
        refuse(f"{what} lacks {shown(missing[0])}.")
    if unknown := sorted(value.keys() - most):
        refuse(f"{what} has the unknown member {shown(unknown[0])}.")
    return value


def text(value: object, what: str) -> str:
    if not isinstance(value, str):
        refuse(f"{shown(what)} is no text.")
    try:
        value.encode()
    except UnicodeEncodeError:
        refuse(f"{shown(what)} is broken text.")
    return value


def whole(value: object, what: str, *, least: int) -> int:
    if type(value) is not int or value < least:
        refuse(f"{shown(what)} is no whole number from {least}.")
    return value


def hexadecimal(value: object, length: int, what: str) -> bytes:
    if not isinstance(value, str) or not re.fullmatch(f"[0-9a-f]{{{2 * length}}}", value):
        refuse(f"{shown(what)} is not {length} bytes in lower-case hexadecimal.")
    return bytes.fromhex(value)


def moment(value: object, what: str) -> str:
    if not isinstance(value, str) or not MOMENT.fullmatch(value):
        refuse(f"{shown(what)} is no moment in UTC.")
    try:
        datetime.fromisoformat(value)
    except ValueError:
        refuse(f"{shown(what)} is no moment in UTC.")
    return value


# Many at once


class Checker:
    """What every proof is held against."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.keys = [key for path in arguments.key for key in read_keys(path)]
        self.number: str | None = arguments.number
        self.copy: dict[int, dict[str, Any]] | None = None
        if arguments.copy is not None:
            said = [found for found in statements_in(arguments.copy) if found is not None]
            self.copy = {statement["number"]: statement for statement in said}
            if any(self.copy[statement["number"]] != statement for statement in said):
                refuse("The copy says two things of one checkpoint.")

    def check(self, proof: dict[str, Any]) -> None:
        """Refuse a proof that proves nothing, is about another number, or whose checkpoint is not in the copy."""
        statement = proof["checkpoint"]
        check(proof, self.keys)
        if self.copy is not None and self.copy.get(statement["number"]) != statement:
            refuse(f"Checkpoint {statement['number']} does not stand in the copy with the same words.")
        check_number(proof, self.number)
        check_document(proof)

    @property
    def said(self) -> str:
        if self.copy is None:
            return "The copy of the checkpoints outside the bank's database was not looked at: no --copy."
        return "Their checkpoints stand in the copy given, with the same words."


def check_lines(path: Path, checker: Checker) -> list[str]:
    """Return what is proven by a file with a proof on each line. Raise Refused."""
    proven = sum(1 for _ in proofs_in(path, checker))
    return [f"All {proven} proofs hold, with the keys that you gave.", checker.said]


def proofs_in(path: Path, checker: Checker) -> Iterator[dict[str, Any]]:
    """Yield every proof of a file, each checked. Raise Refused, which says on which line."""
    for place, line in enumerate(lines_in(path), 1):
        try:
            proof = proof_in(line)
            checker.check(proof)
        except Refused as why:
            refuse(f"{shown(path.name)}, line {place}: {why}")
        yield proof


def lines_in(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as lines:
            while line := lines.readline(LONGEST_PROOF):
                if not line.endswith(b"\n"):
                    refuse(f"{shown(path.name)} has a line that is too long, or is not whole.")
                yield line
    except OSError:
        refuse(f"{shown(path.name)} cannot be read.")


def check_export(folder: Path, checker: Checker) -> list[str]:
    """Return what is proven of an export that was unpacked into a folder. Raise Refused."""
    content = read_file(folder / MANIFEST)
    manifest = parsed(content, "The manifest")
    if not isinstance(manifest, dict) or manifest.get("format") != EXPORT_FORMAT:
        refuse(f"The manifest is not one of the format {shown(EXPORT_FORMAT)}.")
    counted = [whole(manifest.get(name), name, least=0) for name in ("records", "not_sealed_yet", "not_proven")]
    strangers = check_members(folder, manifest.get("members"))
    records, proven = compared(folder, manifest, checker)
    if counted != [records, *counted[1:]] or records - proven != counted[1] + counted[2]:
        refuse("The manifest says another number of records, or of proofs, than there are.")
    return [
        f"{proven} of {records} records are proven with the keys that you gave; {TABLE} says of them what was sealed.",
        f"{counted[1]} were not sealed yet when they were exported, and of {counted[2]} there is no proof.",
        f"What {TABLE} shows in {shown(UNPROVEN)} is the bank's word: the seal covers it encrypted.",
        checker.said,
        f"Files beside it that the manifest does not name: {shown(strangers) if strangers else 'none'}.",
        f"The manifest's SHA-256 is {hashlib.sha256(content).hexdigest()}: compare it with what the bank noted.",
    ]


def check_members(folder: Path, named: object) -> list[str]:
    """Hold every file to the digest in the manifest, and return the names of those that it does not name."""
    if not isinstance(named, dict) or not {TABLE, PROOFS} <= named.keys():
        refuse("The manifest does not name what an export holds.")
    for name, said in named.items():
        if not MEMBER_NAME.fullmatch(name):
            refuse(f"The manifest names {shown(name)}, which is no file of an export.")
        found = members(said, {"bytes", "sha256"}, {"bytes", "sha256"}, "A member")
        if digest_of(folder / name) != hexadecimal(found["sha256"], 32, "sha256"):
            refuse(f"{shown(name)} is not the one that was exported.")
    return sorted(path.name for path in folder.iterdir() if path.name not in {*named, MANIFEST})


def digest_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        refuse(f"{shown(path.name)} cannot be read.")


def compared(folder: Path, manifest: dict[str, Any], checker: Checker) -> tuple[int, int]:
    """Return how many records the table has and how many of them are proven to be as it says. Raise Refused."""
    proofs = proofs_in(folder / PROOFS, checker)
    records, proven, waiting = 0, 0, next(proofs, None)
    for cells in table_in(folder / TABLE, manifest.get("columns")):
        records += 1
        if waiting is not None and waiting["row"].get("id") == cells["id"]:
            check_cells(cells, waiting)
            proven, waiting = proven + 1, next(proofs, None)
    if waiting is not None:
        refuse(f"{PROOFS} proves a record that does not stand in {TABLE}, or they stand in another order.")
    return records, proven


def table_in(path: Path, columns: object) -> Iterator[dict[str, str]]:
    csv.field_size_limit(LONGEST_PROOF)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, strict=True)
            names = next(rows, [])
            if names != columns or len(set(names)) != len(names) or "id" not in names:
                refuse(f"{TABLE} has other columns than the manifest says.")
            for row in rows:
                if len(row) != len(names):
                    refuse(f"{TABLE} has a line with another number of cells.")
                yield {name: GUARDED.sub(r"\1\2", cell) for name, cell in zip(names, row, strict=True)}
    except (OSError, UnicodeDecodeError, csv.Error):
        refuse(f"{TABLE} cannot be read.")


def check_cells(cells: dict[str, str], proof: dict[str, Any]) -> None:
    """Refuse a line of the table that says something else than what is proven, or than what the proof opens."""
    for name in cells.keys() - {*UNPROVEN}:
        if not is_proven(name, cells, proof):
            refuse(f"{TABLE} says something else of {shown(cells['id'])} than its proof, in {shown(name)}.")


def is_proven(name: str, cells: dict[str, str], proof: dict[str, Any]) -> bool:
    row, cell = proof["row"], cells[name]
    if name in {"at_oslo", "utc_offset"}:
        return is_moment(cells.get("at_oslo"), cells.get("utc_offset"), row["at"])
    if name == "control_object_mark":
        return cell == mark_of(row.get("control_object_hash"))
    if name == "control_object":
        return "opened" not in proof or cell == proof["opened"]["control_object"]
    sealed = row.get(name, "")
    return cell == (sealed if isinstance(sealed, str) else canonical(sealed).decode())


def is_moment(local: str | None, offset: str | None, moment: str) -> bool:
    """Return whether a local time and its offset from UTC are that moment; one alone says too little to be wrong."""
    if local is None or offset is None:
        return True
    try:
        return datetime.fromisoformat(local + offset.removeprefix("UTC")) == datetime.fromisoformat(moment)
    except (ValueError, TypeError):
        return False


def mark_of(hashed: object) -> str:
    """Return the mark of a keyed hash: the key's name, a colon, and the first four of its bytes."""
    if hashed is None:
        return ""
    try:
        name, _, digest = bytes.fromhex(str(hashed).removeprefix("\\x")).partition(b":")
        return f"{name.decode('ascii')}:{digest[:4].hex()}"
    except ValueError:
        refuse("The row has a hash that is none.")


# What is checked


def check(proof: dict[str, Any], keys: list[Ed25519PublicKey]) -> list[str]:
    """Return what is proven of the row, in words. Raise Refused."""
    table, row, statement = proof["table"], proof["row"], proof["checkpoint"]
    if (statement["sealed_table"], statement["size"]) != (table, proof["size"]):
        refuse("The checkpoint is over another table, or over another number of rows.")
    if moment(row.get(MOMENTS[table]), MOMENTS[table])[:8] != statement["month"][:8]:
        refuse("The checkpoint is over another month than the row's.")
    leaf = hashlib.sha256(LEAF + bytes.fromhex(proof["salt"]) + canonical({"row": row, "table": table})).digest()
    root = root_from(leaf, proof["position"], proof["size"], [bytes.fromhex(node) for node in proof["path"]])
    if root.hex() != statement["root"]:
        refuse("The row is not the one that was sealed at that place: the path does not lead to the checkpoint's root.")
    check_signature(statement, bytes.fromhex(proof["signature"]), keys)
    return [
        f"The row of {table} shown below was sealed in checkpoint {statement['number']} "
        f"(place {proof['position'] + 1} of {proof['size']}), which bears the time {statement['at']}, and has not "
        f"been changed since.",
        f"The checkpoint is signed with the key {statement['key']}, which you gave.",
    ]


def root_from(leaf: bytes, position: int, size: int, path: list[bytes]) -> bytes:
    """Return the root that the path leads to (RFC 9162, section 2.1.3.2). Raise Refused when it does not fit."""
    if position >= size:
        refuse("The position lies outside the checkpoint.")
    node, place, last = leaf, position, size - 1
    for sibling in path:
        if last == 0:
            refuse("The path is too long for that place.")
        if place & 1 or place == last:
            node = hashlib.sha256(NODE + sibling + node).digest()
            while not place & 1:
                place, last = place >> 1, last >> 1
        else:
            node = hashlib.sha256(NODE + node + sibling).digest()
        place, last = place >> 1, last >> 1
    if last:
        refuse("The path is too short for that place.")
    return node


def check_signature(statement: dict[str, Any], signature: bytes, keys: list[Ed25519PublicKey]) -> None:
    key = {fingerprint(key): key for key in keys}.get(statement["key"])
    if key is None:
        refuse("The checkpoint names a key that you did not give.")
    try:
        key.verify(signature, DOMAIN + canonical(statement))
    except InvalidSignature:
        refuse("The signature is not that key's over this checkpoint.")


def check_copy(place: Path, statement: dict[str, Any]) -> str:
    """Return that the checkpoint stands in the outside copy, with the same statement. Raise Refused."""
    found, strange = 0, 0
    for said in statements_in(place):
        strange += said is None
        if said is not None and said["number"] == statement["number"]:
            if said != statement:
                refuse(f"The copy says something else of checkpoint {statement['number']}.")
            found += 1
    besides = f" Beside it stand {strange} lines that are none." if strange else ""
    if not found:
        refuse(f"Checkpoint {statement['number']} does not stand in the copy.{besides}")
    return f"Checkpoint {statement['number']} stands in the copy given, with the same words.{besides}"


def statements_in(place: Path) -> Iterator[dict[str, Any] | None]:
    """Yield each statement of a copy, and None for a line that is none: a machine may have stopped in the middle."""
    files = sorted(place.glob("checkpoints-*.jsonl")) if place.is_dir() else [place]
    for path in files:
        try:
            with path.open("rb") as lines:
                while line := lines.readline(LONGEST_LINE):
                    yield statement_of(line)
                    while len(line) == LONGEST_LINE and not line.endswith(b"\n"):
                        line = lines.readline(LONGEST_LINE)  # the rest of what is too long is no line either
        except OSError:
            refuse(f"{shown(path)} cannot be read.")


def statement_of(line: bytes) -> dict[str, Any] | None:
    try:
        found = members(parsed(line, "A line"), {"signature", "statement"}, {"signature", "statement"}, "A line")
        return read_statement(found["statement"])
    except Refused:
        return None


def check_number(proof: dict[str, Any], expected: str | None) -> str:
    """Return whom the row is about, as far as it is shown. Raise Refused."""
    opened = proof.get("opened")
    if opened is None:
        if expected is not None:
            refuse("The proof does not show which number the row is about.")
        return "Which number the row is about is not shown."
    salt, about = bytes.fromhex(opened["salt"]), opened["control_object"]
    if proof["row"].get("control_object_commitment") != stored(COMMITMENT + salt + about.encode()):
        refuse("The row is not about the number that the proof opens.")
    if expected is not None and expected != about:
        refuse("The row is about another number than the one given.")
    return f"The row is about the number {shown(about)}" + (", the one given." if expected is not None else ".")


def check_document(proof: dict[str, Any]) -> str:
    """Return whether the document answered is shown. Raise Refused when another one is."""
    if "document" not in proof:
        return "The document that was answered is not shown."
    document = proof["document"].encode()
    if proof["row"].get("document_digest") != stored(document):
        refuse("The document in the proof is not the one that the row is about.")
    return f"The document in the proof ({len(document)} bytes) is the one that the row is about."


def stored(content: bytes) -> str:
    """Return a SHA-256 as the row has it."""
    return f"\\x{hashlib.sha256(content).hexdigest()}"


def canonical(value: dict[str, Any]) -> bytes:
    """Return the one text that is hashed and signed: names sorted, no spaces, UTF-8."""
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        refuse("The row has broken text.")


def fingerprint(key: Ed25519PublicKey) -> str:
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def shown(value: object) -> str:
    """Return it in ASCII, so that no letter can pass for another and none can steer the terminal."""
    return json.dumps(value if isinstance(value, dict | list | str | int) else str(value))


def lines_of(row: dict[str, Any]) -> list[str]:
    return [f"    {shown(name)}: {shown(row[name])}" for name in sorted(row)]


def refuse(sentence: str) -> NoReturn:
    raise Refused(sentence)


if __name__ == "__main__":
    sys.exit(main())
