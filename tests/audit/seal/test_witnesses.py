"""Once a day, whatever happens: asked, kept beside the copy, and found again by whoever verifies."""

import logging
from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from audit.seal import witnesses
from audit.seal.adapters import Unusable
from audit.seal.copies import CopyFailed, open_copy
from audit.seal.evidence import Evidence, NoEvidence, WitnessFailed
from audit.seal.letters import AuditorByMail
from audit.seal.timestamps import TimestampAuthority, read_roots
from audit.seal.witnesses import PAUSE, Daily, Stamp, State, kept_stamps, open_witness, stamps, witness_today
from audit.verify.findings import Looked
from audit.verify.running import verify
from sandbox.counterparts.tsa.authority import prepare, roots_file
from tests import cluster
from tests.audit.seal.outside import NOW, STATEMENT, Half, InMemory, row
from tests.audit.seal.test_letters import LETTER
from tests.audit.seal.test_timestamps import stamped

TODAY = NOW.date()
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


class Notary:
    """A witness of a bank's own: what it gives is the digest and the time."""

    ending = "txt"

    def __init__(self, argument=""):
        self.asked, self.failing = 0, None

    def ask(self, statement, *, now):
        self.asked += 1
        if self.failing:
            raise self.failing
        return statement.digest + now.isoformat().encode()

    def read(self, content):
        try:
            return Evidence(content[:32], datetime.fromisoformat(content[32:].decode()), proven=True)
        except ValueError:
            raise NoEvidence("torn") from None


@pytest.fixture
def database(connected_as, superuser, clean_audit):
    """Return the sealer's connection to a trail with the checkpoints 6 and 7."""
    columns = vars(row())
    words = f"({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))})"
    with superuser() as connection:
        for number in (6, 7):
            connection.execute(f"INSERT INTO audit_checkpoint {words}", [*vars(row(number)).values()])
    return connected_as("sealer")


@pytest.fixture
def copy():
    return InMemory()


@pytest.fixture
def notary():
    return Notary()


def kept(notary, at=NOW):
    return notary.ask(STATEMENT, now=at)


# --- once a day ---


def test_the_latest_checkpoint_is_stamped(database, copy, notary):
    name = "witness-2026-11-22.txt"
    assert witness_today(database, copy, notary, now=NOW) == Stamp(name, TODAY, State.PROVEN, STATEMENT.digest, NOW)
    assert copy.names == {name: STATEMENT.digest + b"2026-11-22T08:00:00+00:00"}


@pytest.mark.parametrize(
    ("later", "asked"),
    [
        pytest.param(timedelta(hours=15, minutes=59), 1, id="not again on the same day"),
        pytest.param(timedelta(hours=16), 2, id="again on the next"),
    ],
)
def test_once_a_day(database, copy, notary, later, asked):
    for now in (NOW, NOW + later):
        witness_today(database, copy, notary, now=now)
    assert (notary.asked, len(copy.names)) == (asked, asked)


def test_the_day_is_counted_in_utc(database, copy, notary):
    witness_today(database, copy, notary, now=datetime.fromisoformat("2026-11-23T00:30:00+01:00"))
    assert [*copy.names] == ["witness-2026-11-22.txt"]


def test_nothing_is_stamped_before_there_is_a_checkpoint(connected_as, clean_audit, copy, notary):
    assert witness_today(connected_as("sealer"), copy, notary, now=NOW) is None
    assert (notary.asked, copy.names) == (0, {})


def test_what_a_crash_tore_is_asked_for_again(database, copy, notary):
    copy.names["witness-2026-11-22.txt"] = b"half"
    witness_today(database, copy, notary, now=NOW)
    assert [*copy.names] == ["witness-2026-11-22.txt", "witness-2026-11-22-2.txt"]


def test_a_witness_that_stamps_something_else_is_not_kept(database, copy, notary):
    notary.ask = lambda statement, now: bytes(32) + now.isoformat().encode()
    with pytest.raises(WitnessFailed, match=r"^another digest$"):
        witness_today(database, copy, notary, now=NOW)
    assert copy.names == {}


# --- whatever happens ---


@pytest.mark.parametrize(
    ("failing", "reason"),
    [
        pytest.param(WitnessFailed("status"), "status", id="the witness does not answer as it should"),
        pytest.param(RuntimeError("12345678901"), "RuntimeError", id="an adapter breaks"),
    ],
)
def test_a_failure_is_logged_and_tried_again_after_a_pause(database, copy, notary, caplog, failing, reason):
    daily, notary.failing = Daily(copy, notary), failing
    for minutes in (0, 1, 14):
        daily.turn(database, now=NOW + timedelta(minutes=minutes))
    assert notary.asked == 1
    assert [(line.levelno, line.message, line.reason) for line in caplog.records] == [
        (logging.ERROR, "audit.witness_failed", reason)
    ]
    notary.failing = None
    daily.turn(database, now=NOW + PAUSE)
    assert (notary.asked, len(copy.names)) == (2, 1)


def test_a_full_copy_is_logged_too(database, copy, notary, caplog):
    copy.full = True
    Daily(copy, notary).turn(database, now=NOW)
    assert [(line.message, line.reason) for line in caplog.records] == [("audit.witness_failed", "no room")]


def test_the_same_process_asks_on_the_next_day(database, copy, notary, caplog):
    caplog.set_level(logging.INFO)
    daily = Daily(copy, notary)
    for hours in range(0, 30, 3):
        daily.turn(database, now=NOW + timedelta(hours=hours))
    assert [line.kept for line in caplog.records] == ["witness-2026-11-22.txt", "witness-2026-11-23.txt"]


# --- what is kept ---


def test_what_is_kept_is_told_by_day(copy, notary):
    """Time stamps are checked by the roots, letters tell, a witness unknown today cannot be read."""
    at = datetime.now(UTC)
    roots = read_roots(str(roots_file(cluster.FOLDER)))
    stamp = stamped(prepare(cluster.FOLDER))
    copy.names = {
        f"witness-{at:%Y-%m-%d}.tsr": stamp,
        f"witness-{at:%Y-%m-%d}-2.tsr": stamp[:-1],
        "witness-2026-11-22.eml": LETTER,
        "witness-2026-11-23.txt": kept(notary),
        "witness-2026-11-24.txt": kept(notary),
        "witness-2026-11-25.txt": b"half",
        "witness-2026-11-26.old": b"?",
        "witness-2026-02-30.tsr": b"a day that is none is no witness's",
        "other-2026-11-22.tsr": b"neither",
    }
    found = {stamp.name: (stamp.state, stamp.proven, stamp.digest) for stamp in stamps(copy, roots, notary)}
    assert found == {
        f"witness-{at:%Y-%m-%d}.tsr": (State.PROVEN, True, STATEMENT.digest),
        f"witness-{at:%Y-%m-%d}-2.tsr": (State.BROKEN, False, b""),
        "witness-2026-11-22.eml": (State.TOLD, False, b"\xab" * 32),
        "witness-2026-11-23.txt": (State.PROVEN, True, STATEMENT.digest),
        "witness-2026-11-24.txt": (State.BROKEN, False, b""),  # stamped two days before
        "witness-2026-11-25.txt": (State.BROKEN, False, b""),
        "witness-2026-11-26.old": (State.UNCHECKED, False, b""),
    }


def test_without_roots_a_time_stamp_is_unchecked(copy):
    copy.names = {"witness-2026-11-22.tsr": b"whatever"}
    assert [*stamps(copy, [])] == [Stamp("witness-2026-11-22.tsr", date(2026, 11, 22), State.UNCHECKED)]


@pytest.mark.parametrize(
    ("setting", "roots", "states"),
    [
        pytest.param("", "", {"eml": "told", "tsr": "unchecked", "txt": "unchecked"}, id="nothing is set"),
        pytest.param("", "roots", {"eml": "told", "tsr": "proven", "txt": "unchecked"}, id="roots"),
        pytest.param("mail:a@b.example", "roots", {"eml": "told", "tsr": "proven", "txt": "unchecked"}, id="by mail"),
        pytest.param(
            "rfc3161:https://tsa.example", "", {"eml": "told", "tsr": "unchecked", "txt": "unchecked"}, id="no roots"
        ),
        pytest.param(
            "audit.seal.witnesses.Notary:", "roots", {"eml": "told", "tsr": "proven", "txt": "proven"}, id="its own"
        ),
    ],
)
def test_who_verifies_reads_what_the_settings_let_it_read(copy, notary, monkeypatch, setting, roots, states):
    """Whoever was the witness before is read too."""
    monkeypatch.setattr(witnesses, "Notary", Notary, raising=False)
    at = datetime.now(UTC)
    copy.names = {
        "witness-2026-11-22.eml": LETTER,
        f"witness-{at:%Y-%m-%d}.tsr": stamped(prepare(cluster.FOLDER)),
        "witness-2026-11-22.txt": kept(notary),
    }
    found = kept_stamps(copy, setting=setting, roots_file=str(roots_file(cluster.FOLDER)) if roots else "")
    assert {stamp.name[-3:]: str(stamp.state) for stamp in found} == states


def test_a_copy_that_cannot_be_read_is_said(connected_as, clean_audit, tmp_path):
    gone, looked = open_copy(f"folder:{tmp_path / 'gone'}"), Looked()
    found = verify(connected_as("auditor"), copy=gone, public_keys={}, looked=looked, witnesses=stamps(gone, []))
    assert [*found] == []
    assert "what witnesses gave: the copy cannot be read" in looked.unchecked


def test_all_of_it_with_an_authority_and_a_folder(database, stand_ins, tmp_path):
    """The day is the machine's own: the authority's clock is."""
    (tmp_path / "copy").mkdir(mode=0o700)
    copy, now = open_copy(f"folder:{tmp_path / 'copy'}"), datetime.now(UTC)
    witness = open_witness(f"rfc3161:{stand_ins.base}/tsa/", str(roots_file(cluster.FOLDER)))
    stamp = witness_today(database, copy, witness, now=now)
    assert [*stamps(copy, witness.roots)] == [stamp]
    assert (stamp.digest, stamp.proven, stamp.day) == (STATEMENT.digest, True, now.date())
    assert witness_today(database, copy, witness, now=now) is None


def test_the_sealer_asks(database, stand_ins, tmp_path):
    """One `audit_seal`, as it would be run: it copies what was signed before, and then asks."""
    folder = tmp_path / "copy"
    folder.mkdir(mode=0o700)
    key = tmp_path / "seal.pem"
    key.write_bytes(KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    key.chmod(0o600)
    done = cluster.manage(
        "audit_seal",
        DATABASE_SEALER_URL=cluster.OWNERS["DATABASE_SEALER_URL"],
        AUDIT_SEAL_KEY=f"file:{key}",
        AUDIT_COPY=f"folder:{folder}",
        AUDIT_WITNESS=f"rfc3161:{stand_ins.base}/tsa/",
        AUDIT_WITNESS_ROOTS_FILE=str(roots_file(cluster.FOLDER)),
    )
    assert done.returncode == 0, done.stderr
    (stamp,) = stamps(open_copy(f"folder:{folder}"), read_roots(str(roots_file(cluster.FOLDER))))
    assert (stamp.digest, stamp.state) == (STATEMENT.digest, State.PROVEN)
    assert '"audit.witnessed"' in done.stderr


def test_without_witness_or_copy_nobody_is_asked(notary):
    for daily in (Daily(None, notary), Daily(InMemory(), None), Daily(None, None)):
        daily.turn(None, now=NOW)
    assert notary.asked == 0


# --- the setting ---


def test_witnesses_by_their_setting(monkeypatch):
    monkeypatch.setattr(witnesses, "Notary", Notary, raising=False)
    roots = str(roots_file(cluster.FOLDER))
    assert open_witness("") is None
    assert open_witness("mail:auditor@revisor.example") == AuditorByMail("auditor@revisor.example")
    assert open_witness("rfc3161:https://tsa.example/x", roots) == TimestampAuthority(
        "https://tsa.example/x", read_roots(roots)
    )
    assert isinstance(open_witness("audit.seal.witnesses.Notary:x"), Notary)


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        pytest.param("rfc3161:https://tsa.example/", "needs AUDIT_WITNESS_ROOTS_FILE", id="no roots"),
        pytest.param("https://tsa.example/", "names a class that cannot be imported", id="an address alone"),
        pytest.param("audit.seal.witnesses.Half:", "names a class without ask", id="half a witness"),
    ],
)
def test_unusable_settings(monkeypatch, setting, reason):
    monkeypatch.setattr(witnesses, "Half", Half, raising=False)
    with pytest.raises(Unusable) as refused:
        open_witness(setting)
    assert str(refused.value) == reason


def test_a_failing_copy_raises(database, copy, notary):
    copy.full = True
    with pytest.raises(CopyFailed):
        witness_today(database, copy, notary, now=NOW)
