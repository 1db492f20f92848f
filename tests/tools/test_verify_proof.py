"""What a stranger runs: it says what is proven, and nothing that a forger can think of is."""

import copy
import importlib.util
import json
import subprocess
import sys
import unicodedata
from dataclasses import asdict, replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from audit.seal.checkpoints import Statement
from audit.seal.merkle import node_of
from tests import cluster
from tests.tools.forging import (
    ANOTHER,
    KEY,
    LEAVES,
    NUMBER,
    ROW,
    canonical,
    changed,
    line,
    public,
    sealed,
    signed_again,
    without,
)

SCRIPT = cluster.ROOT / "tools" / "verify_proof.py"
TRUE = sealed()


@pytest.fixture(scope="session")
def program():
    spec = importlib.util.spec_from_file_location("verify_proof", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def run(program, tmp_path, monkeypatch, capsys):
    """Return a function that checks a proof, given as JSON or as the file's bytes: how it ended, and its words."""
    (tmp_path / "key.pem").write_bytes(public(KEY))

    def check(proof, *arguments, keys=("key.pem",)):
        content = proof if isinstance(proof, bytes) else json.dumps(proof).encode()
        (tmp_path / "proof.json").write_bytes(content)
        monkeypatch.chdir(tmp_path)
        given = [word for key in keys for word in ("--key", key)]
        monkeypatch.setattr(sys, "argv", ["verify_proof.py", "proof.json", *given, *arguments])
        ended = program.main()
        said = capsys.readouterr()
        assert said.err == ""
        return ended, said.out

    return check


def test_what_is_proven(run, tmp_path):
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "checkpoints-2026-10.jsonl").write_bytes(line(sealed(number=16, month="2026-10-01")))
    (tmp_path / "copy" / "checkpoints-2026-11.jsonl").write_bytes(line(TRUE) + line(sealed(number=18)))
    ended, said = run(TRUE, "--copy", "copy", "--number", NUMBER)
    assert (ended, said.splitlines()) == (
        0,
        [
            "PROVEN.",
            "The row of audit_record shown below was sealed in checkpoint 17 (place 5 of 7), which bears the time "
            "2026-11-22T08:00:30.000001+00:00, and has not been changed since.",
            f"The checkpoint is signed with the key {TRUE['checkpoint']['key']}, which you gave.",
            "Checkpoint 17 stands in the copy given, with the same words.",
            'The row is about the number "01810112345", the one given.',
            "The document in the proof (46 bytes) is the one that the row is about.",
            "The row:",
            *(f'    "{name}": {json.dumps(ROW[name])}' for name in sorted(ROW)),
        ],
    )
    assert said.isascii(), "no letter passes for another"


NOTHING_MORE = [
    "The copy of the checkpoints outside the bank's database was not looked at: no --copy.",
    "Which number the row is about is not shown.",
    "The document that was answered is not shown.",
]


@pytest.mark.parametrize(
    ("proof", "keys"),
    [
        pytest.param(without("opened"), ["key.pem"], id="nothing opened"),
        pytest.param(without("opened"), ["another.pem", "key.pem"], id="several keys, the old one too"),
        pytest.param(without("opened"), ["all.pem"], id="several keys in one file"),
        pytest.param(sealed(salt=b""), ["key.pem"], id="a row of a release without salts"),
        pytest.param(
            sealed({"minute": ROW["at"], "reason": "expired"}, table="audit_turned_away"), ["key.pem"], id="a sum"
        ),
        pytest.param(
            sealed({**ROW, "a": '\x1f\x7f\u200b\U0010ffff"\\/'}),
            ["key.pem"],
            id="letters that JSON may write in two ways",
        ),
    ],
)
def test_what_is_proven_without_more(run, tmp_path, proof, keys):
    (tmp_path / "another.pem").write_bytes(public(ANOTHER))
    (tmp_path / "all.pem").write_bytes(b"# 2026\n" + public(ANOTHER) + b"\n# 2027\n" + public(KEY))
    ended, said = run({name: proof[name] for name in proof.keys() - {"opened", "document"}}, keys=keys)
    assert (ended, said.splitlines()[3:6]) == (0, NOTHING_MORE), said


def nodes(*numbers):
    return [LEAVES[number].hex() for number in numbers]


def statement(**changes):
    """Return the true proof, a statement in its checkpoint changed and signed again by the bank's own key."""
    proof = copy.deepcopy(TRUE)
    proof["checkpoint"] |= changes
    return signed_again(proof)


def written(before, after):
    """Return the true proof's file with some of its text replaced."""
    text = json.dumps(TRUE, ensure_ascii=False)
    assert text.count(before) == 1, before
    return text.replace(before, after).encode()


def other(digits):
    return ("1" if digits[0] == "0" else "0") + digits[1:]


NOT_SEALED = "The row is not the one that was sealed at that place"
NOT_SIGNED = "The signature is not that key's"
NOT_JSON = "The proof is no JSON in UTF-8."
UNKNOWN_KEY = "The checkpoint names a key that you did not give."
OTHER_NUMBER = "The row is not about the number that the proof opens."
OTHER_DOCUMENT = "The document in the proof is not the one"

CHANGED = [
    pytest.param(changed("format", to="dsop audit proof 2"), "This checker knows", id="another format"),
    pytest.param(changed("table", to="audit_access"), "another table", id="another table"),
    pytest.param(changed("table", to="auth_user"), "no sealed table", id="a table that is not sealed"),
    pytest.param(changed("row", "consumer", to="971648198"), NOT_SEALED, id="a value of the row"),
    pytest.param(changed("row", "evidence", "parts", to=[1, 1, None]), NOT_SEALED, id="true written as one"),
    pytest.param(changed("row", "evidence", "alg", to="none"), NOT_SEALED, id="a value inside a value"),
    pytest.param(changed("row", "at", to="2026-11-22T08:00:00.123457+00:00"), NOT_SEALED, id="a microsecond later"),
    pytest.param(changed("row", "at", to="2026-12-01T08:00:00.123456+00:00"), "another month", id="another month"),
    pytest.param(changed("row", "at", to="2026-11-22T09:00:00.123456+01:00"), "no moment", id="another zone"),
    pytest.param(
        changed("row", "at", to="2026-11-31T09:00:00.123456+00:00"), "no moment", id="a day that there is not"
    ),
    pytest.param(without("row", "at"), "no moment", id="a row without its moment"),
    pytest.param(without("row", "refusal"), NOT_SEALED, id="an empty value left out"),
    pytest.param(changed("row", to={**ROW, "extra": ""}), NOT_SEALED, id="a column more"),
    pytest.param(changed("row", to={**ROW, "extra": None}), NOT_SEALED, id="a column more, without value"),
    pytest.param(changed("row", to=[]), "The row is no object.", id="a row that is a list"),
    pytest.param(changed("row", to={}), "The row is no object.", id="an empty row"),
    pytest.param(changed("salt", to=other), NOT_SEALED, id="the salt"),
    pytest.param(changed("salt", to=""), NOT_SEALED, id="no salt"),
    pytest.param(changed("salt", to=lambda salt: salt[:-2]), '"salt"', id="a shorter salt"),
    pytest.param(changed("position", to=3), NOT_SEALED, id="the place before"),
    pytest.param(changed("position", to=7), "lies outside", id="the place after the last"),
    pytest.param(changed("position", to=-3), '"position"', id="a place counted from the end"),
    pytest.param(changed("position", to=True), '"position"', id="a place that is a truth value"),
    pytest.param(changed("position", to="4"), '"position"', id="a place that is text"),
    pytest.param(changed("size", to=8), "another number of rows", id="the size"),
    pytest.param(changed("size", to=0), '"size"', id="no size"),
    pytest.param({**statement(size=5), "size": 5}, "too long", id="the size, and signed again"),
    pytest.param(changed("path", to=lambda path: path[:-1]), "too short", id="a path cut short"),
    pytest.param(changed("path", to=[]), "too short", id="no path"),
    pytest.param(changed("path", to=lambda path: [*path, path[0]]), "too long", id="a path made longer"),
    pytest.param(changed("path", to=lambda path: path * 30), "no list", id="a path without end"),
    pytest.param(changed("path", to=lambda path: [path[1], path[0], *path[2:]]), NOT_SEALED, id="a path swapped"),
    pytest.param(changed("path", 0, to=other), NOT_SEALED, id="a node of the path"),
    pytest.param(changed("path", 0, to=str.upper), '"path"', id="a node in capitals"),
    pytest.param(changed("path", 0, to=lambda node: node[:-2]), '"path"', id="a node cut short"),
    pytest.param(changed("path", 0, to=lambda node: f" {node[1:]}"), '"path"', id="a node with a space"),
    pytest.param(changed("path", to={}), "no list", id="a path that is an object"),
    *(
        pytest.param(changed("checkpoint", name, to=to), why, id=f"{name} of the checkpoint, not signed again")
        for name, to, why in [
            ("number", 18, NOT_SIGNED),
            ("sealed_table", "audit_access", "another table"),
            ("month", "2026-10-01", "another month"),
            ("size", 8, "another number of rows"),
            ("root", "00" * 32, NOT_SEALED),
            ("previous", "01" * 32, NOT_SIGNED),
            ("below", 4712, NOT_SIGNED),
            ("cluster", "7500000000000000002", NOT_SIGNED),
            ("at", "2026-11-22T08:00:31.000001+00:00", NOT_SIGNED),
            ("key", "00" * 32, UNKNOWN_KEY),
        ]
    ),
    pytest.param(changed("checkpoint", "month", to="2026-11-22"), "another day than its first", id="a day for a month"),
    pytest.param(changed("checkpoint", "number", to="17"), '"number"', id="a number that is text"),
    pytest.param(changed("checkpoint", "number", to=0), '"number"', id="the number 0"),
    pytest.param(changed("checkpoint", "at", to="yesterday"), '"at" is no moment', id="a moment in words"),
    pytest.param(changed("checkpoint", to="17"), "The checkpoint is no object.", id="a checkpoint that is text"),
    pytest.param(statement(root="00" * 32), NOT_SEALED, id="another root, signed by the bank's own key"),
    pytest.param(
        {**statement(root=node_of(LEAVES[0], LEAVES[1]).hex(), size=1), "size": 1, "position": 0, "path": []},
        NOT_SEALED,
        id="a node passed off as a root over one row",
    ),
    pytest.param(changed("signature", to=other), NOT_SIGNED, id="the signature"),
    pytest.param(changed("signature", to="00" * 64), NOT_SIGNED, id="a signature of zeros"),
    pytest.param(changed("signature", to=""), '"signature"', id="no signature"),
    pytest.param(changed("signature", to=sealed(number=18)["signature"]), NOT_SIGNED, id="another one's signature"),
    pytest.param(
        changed("signature", to=KEY.sign(Statement(**TRUE["checkpoint"]).line).hex()),
        NOT_SIGNED,
        id="a signature without the domain",
    ),
    pytest.param(signed_again(TRUE, ANOTHER), NOT_SIGNED, id="signed by another key in this one's name"),
    pytest.param(sealed(key=ANOTHER), UNKNOWN_KEY, id="signed by another key in its own name"),
    pytest.param(changed("opened", "control_object", to="15869010089"), OTHER_NUMBER, id="another number opened"),
    pytest.param(changed("opened", "control_object", to=f"{NUMBER} "), OTHER_NUMBER, id="the number and a space"),
    pytest.param(
        changed("opened", "control_object", to=lambda n: "".join(chr(0xFF10 + int(digit)) for digit in n)),
        OTHER_NUMBER,
        id="the number in wide digits",
    ),
    pytest.param(changed("opened", "salt", to=other), OTHER_NUMBER, id="the opened number's salt"),
    pytest.param(changed("opened", "salt", to="00"), '"opened salt"', id="an opened salt too short"),
    pytest.param(
        changed("opened", to={"control_object": f"\0{NUMBER}"[1:], "salt": "", "more": 1}), "unknown", id="more opened"
    ),
    pytest.param(changed("opened", to=NUMBER), "What is opened is no object.", id="a number opened without a salt"),
    pytest.param(
        {**sealed({name: ROW[name] for name in ROW.keys() - {"control_object_commitment"}})},
        OTHER_NUMBER,
        id="a number opened of a row that names none",
    ),
    pytest.param(changed("document", to='{"accounts":[]}'), OTHER_DOCUMENT, id="another document"),
    pytest.param(
        changed("document", to=lambda text: unicodedata.normalize("NFD", text)), OTHER_DOCUMENT, id="decomposed letters"
    ),
    pytest.param(changed("document", to=json.loads), '"document" is no text', id="a document that is JSON itself"),
    pytest.param(changed("document", to="\ud800"), '"document" is broken text', id="half a letter in the document"),
    pytest.param(changed("row", "consumer", to="\ud800"), "broken text", id="half a letter in the row"),
    pytest.param(
        changed("row", "requester_id", to=lambda text: text.replace("Ø", "O\u0338")), NOT_SEALED, id="a letter's twin"
    ),
    pytest.param({**TRUE, "rоw": ROW}, "unknown member", id="a member that only looks like one"),
    pytest.param({**TRUE, "key": public(KEY).decode()}, "unknown member", id="a key inside the proof"),
    pytest.param(
        {**sealed(key=ANOTHER), "keys": [public(ANOTHER).decode()]}, "unknown member", id="another key inside the proof"
    ),
    *(
        pytest.param(without(name), f'lacks "{name}"', id=f"no {name} at all")
        for name in TRUE
        if name not in {"opened", "document"}
    ),
    pytest.param([TRUE], "The proof is no object.", id="a list of proofs"),
]

WRITTEN = [
    pytest.param(written('"position": 4', '"position": 3, "position": 4'), "a name twice", id="a name twice"),
    pytest.param(
        written('"position": 4', '"position": 4, "p\\u006fsition": 4'), "a name twice", id="twice, once escaped"
    ),
    pytest.param(written('"consumer":', '"consumer": "", "consumer":'), "a name twice", id="a column twice"),
    pytest.param(written('"position": 4', '"position": 4.0'), "not whole", id="a fraction"),
    pytest.param(written('"position": 4', '"position": 4e0'), "not whole", id="an exponent"),
    pytest.param(written('"position": 4', '"position": NaN'), "no number", id="NaN"),
    pytest.param(written('"position": 4', '"position": Infinity'), "no number", id="infinity"),
    pytest.param(written('"position": 4', f'"position": {"9" * 100_000}'), "too long", id="a number without end"),
    pytest.param(written('"position": 4', '"position": -0'), "too long, or none", id="minus zero"),
    pytest.param(written('"position": 4', '"position": 04'), NOT_JSON, id="a leading zero"),
    pytest.param(json.dumps(TRUE).encode() + b"{}", NOT_JSON, id="something after the end"),
    pytest.param(b"\xef\xbb\xbf" + json.dumps(TRUE).encode(), NOT_JSON, id="a byte order mark"),
    pytest.param(json.dumps(TRUE).encode("utf-16"), NOT_JSON, id="UTF-16"),
    pytest.param(written("Ødegård", "Ødeg\\ud83dård"), "broken text", id="half a letter, escaped"),
    pytest.param(b"[" * 100_000, NOT_JSON, id="brackets without end"),
    pytest.param(written('"path": [', '"path": [' + "[" * 900 + "]" * 900 + ","), '"path"', id="a list in a list …"),
    pytest.param(b"", NOT_JSON, id="an empty file"),
    pytest.param(b"\xff\xfe\x00", NOT_JSON, id="no text"),
]


@pytest.mark.parametrize(("proof", "why"), [*CHANGED, *WRITTEN])
def test_nothing_else_is_proven(run, proof, why):
    ended, said = run(proof)
    assert (ended, said.startswith("NOT PROVEN. "), len(said.splitlines())) == (1, True, 1), said
    assert why in said
    assert said.isascii() or "rоw" not in said


def test_the_file_that_is_changed_above_is_good(run):
    assert run(written('"position": 4', '"position":4'))[0] == 0


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(None, "cannot be read", id="no file"),
        pytest.param(b"x", "something else than public keys", id="no key"),
        pytest.param(b"", "something else than public keys", id="an empty file"),
        pytest.param(public(KEY) + b"x", "something else than public keys", id="a key and something else"),
        pytest.param(public(KEY).replace(b"M", b"A", 1), "cannot be read", id="a damaged key"),
        pytest.param(
            KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
            "something else than public keys",
            id="a private key",
        ),
        pytest.param(public(generate_private_key(SECP256R1())), "is no Ed25519 key", id="a key of another kind"),
        pytest.param(public(ANOTHER), UNKNOWN_KEY, id="another key"),
    ],
)
def test_the_key_is_the_one_given(run, tmp_path, content, why):
    if content is not None:
        (tmp_path / "other.pem").write_bytes(content)
    ended, said = run(TRUE, keys=["other.pem"])
    assert (ended, why in said) == (1, True), said


@pytest.mark.parametrize(
    ("proof", "number", "why"),
    [
        pytest.param(TRUE, "15869010089", "another number than the one given", id="another number"),
        pytest.param(without("opened"), NUMBER, "does not show which number", id="nothing opened"),
    ],
)
def test_the_number_is_the_one_given(run, proof, number, why):
    ended, said = run(proof, "--number", number)
    assert (ended, why in said, NUMBER in said) == (1, True, False), said


COPIED = line(TRUE)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(None, "cannot be read", id="no copy"),
        pytest.param(b"", "does not stand in the copy", id="an empty copy"),
        pytest.param(line(sealed(number=18)), "does not stand in the copy", id="other checkpoints only"),
        pytest.param(line(sealed(previous="01" * 32)), "says something else", id="another history"),
        pytest.param(COPIED + line(sealed(previous="01" * 32)), "says something else", id="two histories"),
        pytest.param(line(sealed(root="01" * 32)), "says something else", id="another root"),
        pytest.param(COPIED[:-9], "1 lines that are none", id="a line torn"),
        pytest.param(b" " * 20_000 + COPIED, "that are none", id="a line without end"),
        pytest.param(COPIED.replace(b'"number":17', b'"number":16,"number":17'), "that are none", id="a name twice"),
        pytest.param(COPIED.replace(b'"number":17', b'"number":17.0'), "that are none", id="a fraction"),
        pytest.param(canonical({"statement": TRUE["checkpoint"]}) + b"\n", "that are none", id="no signature"),
    ],
)
def test_the_copy_must_say_the_same(run, tmp_path, content, why):
    if content is not None:
        (tmp_path / "copy.jsonl").write_bytes(content)
    ended, said = run(TRUE, "--copy", "copy.jsonl")
    assert (ended, why in said) == (1, True), said


@pytest.mark.parametrize(
    ("content", "besides"),
    [
        pytest.param(COPIED + COPIED, "", id="tried again"),
        pytest.param(COPIED[:-1], "", id="the line feed missing"),
        pytest.param(COPIED[:90] + b"\n" + COPIED, " Beside it stand 1 lines that are none.", id="torn, then whole"),
    ],
)
def test_a_machine_may_have_stopped_while_it_copied(run, tmp_path, content, besides):
    (tmp_path / "copy.jsonl").write_bytes(content)
    ended, said = run(TRUE, "--copy", "copy.jsonl")
    assert (ended, said.splitlines()[3]) == (
        0,
        f"Checkpoint 17 stands in the copy given, with the same words.{besides}",
    )


def test_it_needs_nothing_of_ours(tmp_path):
    """Alone in a folder, isolated from every path but Python's own, as an expert would run it."""
    for name, content in {
        "verify_proof.py": SCRIPT.read_bytes(),
        "proof.json": json.dumps(TRUE).encode(),
        "key.pem": public(KEY),
        "another.pem": public(ANOTHER),
        "copy.jsonl": COPIED,
    }.items():
        (tmp_path / name).write_bytes(content)
    command = [sys.executable, "-I", "-W", "error", "verify_proof.py", "proof.json", "--copy", "copy.jsonl", "--key"]
    ended = {
        key: subprocess.run([*command, key], cwd=tmp_path, env={}, capture_output=True, text=True, check=False)
        for key in ("key.pem", "another.pem")
    }
    assert [(done.returncode, done.stdout.splitlines()[0], done.stderr) for done in ended.values()] == [
        (0, "PROVEN.", ""),
        (1, f"NOT PROVEN. {UNKNOWN_KEY}", ""),
    ]


def test_the_statement_is_written_as_it_was_signed(program):
    said = replace(Statement(**TRUE["checkpoint"]), cluster='å"\\\u2028😀')
    assert program.DOMAIN + program.canonical(asdict(said)) == said.message
