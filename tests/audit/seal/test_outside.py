"""The copy gets each checkpoint once it is there again, and a restored trail goes on behind what the copy has."""

from datetime import UTC, datetime, timedelta

import pytest

from audit.seal.checkpoints import Statement
from audit.seal.copies import line_of, open_copy, parse_line
from audit.seal.sealing import Sealer
from tests.audit.seal.test_sealing import checkpoints


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "copy"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def copy(folder):
    return open_copy(f"folder:{folder}")


@pytest.fixture
def lines(as_superuser):
    """Return a function that tells what the copy should hold."""
    return lambda: [line_of(checkpoint).rstrip() for checkpoint in checkpoints(as_superuser)]


def events(caplog):
    return [record.getMessage() for record in caplog.records if record.name.startswith("audit.")]


def test_each_checkpoint_is_appended(copy, write, seal, lines):
    for name in "ab":
        write(name)
        seal(copy)
    assert [*copy.read()] == lines()
    assert len(lines()) == 2


def test_after_a_crash_before_the_copy_the_next_run_appends(copy, write, seal, lines):
    for name in "abc":
        write(name)
        seal()
    assert seal(copy) == (0, 0)
    assert [*copy.read()] == lines()


def test_a_copy_that_fails_holds_back_no_seal_and_gets_all_later(folder, copy, write, seal, lines, caplog):
    write("a")
    seal(copy)
    folder.rename(folder.with_name("away"))
    for name in "bc":
        write(name)
        assert seal(copy) == (1, 1)
    assert set(events(caplog)) == {"audit.copy_behind"}
    folder.with_name("away").rename(folder)
    assert seal(copy) == (0, 0)
    assert [*copy.read()] == lines()


def test_one_process_reads_the_copy_once_and_survives_its_absence(folder, copy, write, sealer, signer, lines, caplog):
    process = Sealer(signer, copy)
    now = datetime.now(UTC)
    write("a")
    process.run(sealer, now=now)
    folder.rename(folder.with_name("away"))
    write("b")
    process.run(sealer, now=now)
    assert events(caplog) == ["audit.copy_behind"]
    folder.with_name("away").rename(folder)
    write("c")
    process.run(sealer, now=now)
    assert [*copy.read()] == lines()
    assert len(lines()) == 3


def test_a_gap_in_the_copy_is_filled(folder, copy, write, seal, lines):
    for name in "abc":
        write(name)
        seal()
    first, second, third = lines()
    copy.append([first + b"\n", third + b"\n"])
    seal(copy)
    assert [*copy.read()] == [first, third, second]


def test_what_is_older_than_the_last_two_months_is_not_read_unless_it_must_be(copy, write, sealer, signer, lines):
    long_ago = datetime.now(UTC) - timedelta(days=150)
    asked = []

    class Counted:
        def append(self, lines):
            copy.append(lines)

        def read(self, since=None):
            asked.append(since is not None)
            return copy.read(since)

    write("a", "b")
    Sealer(signer, None, most=1).run(sealer, now=long_ago)
    Sealer(signer, Counted()).run(sealer, now=long_ago)
    assert asked == [True, False]  # nothing there: perhaps all of it is missing
    write("c")
    Sealer(signer, None).run(sealer, now=datetime.now(UTC))
    Sealer(signer, Counted()).run(sealer, now=datetime.now(UTC))
    assert asked == [True, False, True, False]
    write("d")
    Sealer(signer, Counted()).run(sealer, now=datetime.now(UTC))
    assert asked == [True, False, True, False, True]
    assert [*copy.read()] == lines()


def test_lines_that_are_none_stand_in_nobodys_way(folder, copy, write, seal, lines):
    file = folder / f"checkpoints-{datetime.now(UTC):%Y-%m}.jsonl"
    file.write_bytes(b"{}\n")
    file.chmod(0o600)
    write("a")
    seal(copy)
    assert [*copy.read()] == [b"{}", *lines()]


def test_a_restored_trail_goes_on_behind_the_copy(copy, write, seal, lines, as_superuser, caplog):
    for name in "abcd":
        write(name)
        seal(copy)
    before = lines()
    restore(as_superuser, upto=2)
    write("e")
    assert seal(copy) == (1, 1)
    assert "audit.copy_ahead" in events(caplog)
    *_, last = checkpoints(as_superuser)
    lost, _ = parse_line(before[-1])
    assert (last.number, last.previous) == (5, lost.digest)
    assert [*copy.read()] == [*before, line_of(last).rstrip()]
    caplog.clear()
    write("f")
    assert seal(copy) == (1, 1)
    assert (events(caplog), [checkpoint.number for checkpoint in checkpoints(as_superuser)]) == ([], [1, 2, 5, 6])


def test_a_restore_under_a_running_sealer_is_noticed(copy, write, sealer, signer, as_superuser, caplog):
    process, now = Sealer(signer, copy), datetime.now(UTC)
    for name in "abc":
        write(name)
        process.run(sealer, now=now)
    restore(as_superuser, upto=1)
    assert events(caplog) == []
    write("d")
    assert process.run(sealer, now=now).checkpoints == 1
    assert set(events(caplog)) == {"audit.copy_ahead"}
    assert [checkpoint.number for checkpoint in checkpoints(as_superuser)] == [1, 4]


def test_a_line_that_our_key_has_not_signed_moves_no_number(copy, write, seal, lines, as_superuser, caplog):
    write("a")
    seal(copy)
    [checkpoint] = checkpoints(as_superuser)
    checkpoint.number = 10**12
    copy.append([line_of(checkpoint)])
    write("b")
    seal(copy)
    assert [Statement.of(row).number for row in checkpoints(as_superuser)] == [1, 2]
    assert events(caplog) == []


def restore(session, *, upto):
    """Take away what was sealed since, rows and all, as a restore of an older dump does."""
    with session.transaction():
        session.execute("SET LOCAL session_replication_role = replica")
        session.execute(
            "DELETE FROM audit_turned_away WHERE id IN (SELECT id FROM audit_turned_away_sealed WHERE checkpoint > %s)",
            [upto],
        )
        session.execute("DELETE FROM audit_turned_away_sealed WHERE checkpoint > %s", [upto])
        session.execute("DELETE FROM audit_checkpoint WHERE number > %s", [upto])
