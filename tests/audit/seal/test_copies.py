"""The copy in a folder: appended whole or not at all, and nobody else's."""

import os
import resource
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime

import pytest

from audit.seal import copies
from audit.seal.copies import CopyFailed, NotALine, Unusable, line_of, open_copy, parse_line
from audit.seal.folder import LARGEST_KEPT, Folder
from audit.seal.lines import LONGEST_LINE
from tests.audit.seal.outside import Half, InMemory, row

NOVEMBER, DECEMBER = datetime(2026, 11, 30, 23, 59, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)


def line(number, at=NOVEMBER):
    return line_of(row(number, at=at))


def read(copy, since=None):
    """Return what is read: the checkpoints' numbers, and "none" for what is no checkpoint."""
    found = []
    for each in copy.read(since):
        try:
            found.append(parse_line(each)[0].number)
        except NotALine:
            found.append("none")
    return found


@contextmanager
def room_for(size):
    """Let this process write no file longer than that, as a full disk would not."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "copy"
    folder.mkdir(mode=0o750)
    return folder


@pytest.fixture
def copy(folder):
    return open_copy(f"folder:{folder}")


def test_lines_lie_in_the_file_of_the_month_they_were_made_in(folder, copy):
    copy.append([line(1), line(2), line(3, DECEMBER)])
    copy.append([line(4, DECEMBER)])
    copy.append([])
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == {
        "checkpoints-2026-11.jsonl": line(1) + line(2),
        "checkpoints-2026-12.jsonl": line(3, DECEMBER) + line(4, DECEMBER),
    }
    assert {file.stat().st_mode & 0o137 for file in folder.iterdir()} == {0}


@pytest.mark.parametrize(
    ("since", "numbers"),
    [
        pytest.param(None, [1, 2, 3], id="all"),
        pytest.param(date(2026, 11, 30), [1, 2, 3], id="since a day in the first month"),
        pytest.param(date(2026, 12, 31), [3], id="since a day in the next"),
        pytest.param(date(2027, 1, 1), [], id="since later"),
    ],
)
def test_reading(copy, since, numbers):
    copy.append([line(1), line(2), line(3, DECEMBER)])
    assert read(copy, since) == numbers


@pytest.mark.parametrize(
    ("lies_there", "numbers"),
    [
        pytest.param(line(1), [1, 2], id="a whole line"),
        pytest.param(line(1)[:-1], [1, 2], id="only the line feed is missing"),
        pytest.param(line(1) + line(2)[:200], [1, "none", 2], id="a torn line stays, and the whole one follows"),
        pytest.param(b"x" * 3 * LONGEST_LINE, ["none", 2], id="a long torn line is one"),
        pytest.param(b"x" * 3 * LONGEST_LINE + b"\n" + line(1), ["none", 1, 2], id="after a long line it goes on"),
        pytest.param(b"\n\n", ["none", "none", 2], id="empty lines are seen too"),
    ],
)
def test_after_a_crash(folder, copy, lies_there, numbers):
    file = folder / "checkpoints-2026-11.jsonl"
    file.write_bytes(lies_there)
    file.chmod(0o600)
    copy.append([line(2)])
    assert read(copy) == numbers
    assert file.read_bytes().startswith(lies_there)


@pytest.mark.parametrize("room", [0, 1, 600, len(line(1)), len(line(1)) + 300])
def test_a_full_disk_is_told_and_the_next_try_makes_up_for_it(copy, room):
    with room_for(room), pytest.raises(CopyFailed, match=r"folder: File too large|no room"):
        copy.append([line(1), line(2)])
    torn = read(copy)
    assert 2 not in torn
    copy.append([line(1), line(2)])
    assert [number for number in read(copy) if number != "none"][-2:] == [1, 2]


def test_a_full_disk_leaves_nothing_half_kept(folder, copy):
    with room_for(10), pytest.raises(CopyFailed):
        copy.keep("witness-2026-11-22.tsr", b"x" * 11)
    assert [*folder.iterdir()] == []


def world_writable(folder):
    folder.chmod(0o757)


def gone(folder):
    folder.rmdir()


def a_link(folder):
    folder.rename(folder.with_name("elsewhere"))
    folder.symlink_to("elsewhere")


def a_file(folder):
    folder.rmdir()
    folder.write_bytes(b"")


def its_file_is_a_link(folder):
    (folder / "elsewhere").write_bytes(line(1))
    (folder / "checkpoints-2026-11.jsonl").symlink_to("elsewhere")


def its_file_may_be_written_by_all(folder):
    file = folder / "checkpoints-2026-11.jsonl"
    file.write_bytes(line(1))
    file.chmod(0o602)


def its_file_may_be_written_by_the_group(folder):
    file = folder / "checkpoints-2026-11.jsonl"
    file.write_bytes(line(1))
    file.chmod(0o620)


def its_file_is_a_folder(folder):
    (folder / "checkpoints-2026-11.jsonl").mkdir(mode=0o700)


def its_file_is_a_pipe(folder):
    os.mkfifo(folder / "checkpoints-2026-11.jsonl", 0o600)


@pytest.mark.parametrize(
    "spoil",
    [
        world_writable,
        gone,
        a_link,
        a_file,
        its_file_is_a_link,
        its_file_may_be_written_by_all,
        its_file_may_be_written_by_the_group,
        its_file_is_a_folder,
        its_file_is_a_pipe,
    ],
)
def test_such_a_folder_is_neither_written_nor_read(folder, copy, spoil):
    spoil(folder)
    with pytest.raises(CopyFailed):
        copy.append([line(2)])
    with pytest.raises(CopyFailed):
        [*copy.read()]


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([b"{}\n"], id="something else"),
        pytest.param([line(1)[:-1]], id="no line feed"),
        pytest.param([line(1), line(2)[:-3]], id="one of them is torn"),
    ],
)
def test_only_checkpoints_are_appended(folder, copy, lines):
    with pytest.raises(CopyFailed):
        copy.append(lines)
    assert [*folder.iterdir()] == []


def test_what_is_kept(copy):
    copy.append([line(1)])
    copy.keep("witness-2026-11-23.eml", b"two")
    copy.keep("witness-2026-11-22.tsr", b"one")
    assert [*copy.kept()] == [("witness-2026-11-22.tsr", b"one"), ("witness-2026-11-23.eml", b"two")]
    assert [*copy.kept("witness-2026-11-23")] == [("witness-2026-11-23.eml", b"two")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("witness-2026-11-22.tsr", b"two", id="a name that is taken"),
        pytest.param("../witness.tsr", b"", id="another folder"),
        pytest.param(".tsr", b"", id="a hidden one"),
        pytest.param("witness", b"", id="no ending"),
        pytest.param("", b"", id="no name"),
        pytest.param("large.tsr", bytes(LARGEST_KEPT + 1), id="too large"),
    ],
)
def test_keeping_is_refused(copy, name, content):
    copy.keep("witness-2026-11-22.tsr", b"one")
    with pytest.raises(CopyFailed):
        copy.keep(name, content)
    assert [*copy.kept()] == [("witness-2026-11-22.tsr", b"one")]


def test_two_append_at_once_and_no_line_is_torn(folder):
    with ThreadPoolExecutor(2) as threads:
        for number in range(1, 21):
            threads.submit(Folder(str(folder)).append, [line(number)])
    assert sorted(read(Folder(str(folder)))) == [*range(1, 21)]


def test_a_copy_of_the_banks_own(monkeypatch):
    monkeypatch.setattr(copies, "InMemory", InMemory, raising=False)
    copy = open_copy("audit.seal.copies.InMemory:bucket:7")
    copy.append([line(1)])
    assert (copy.argument, read(copy)) == ("bucket:7", [1])


def test_no_copy_is_none():
    assert open_copy("") is None


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        pytest.param("folder:", "names a folder that must be named by its whole path", id="no folder"),
        pytest.param("folder:copy", "names a folder that must be named by its whole path", id="a relative folder"),
        pytest.param("/copy", "names a class that cannot be imported", id="a folder without the word"),
        pytest.param("nowhere.Copy:x", "names a class that cannot be imported", id="no such module"),
        pytest.param("audit.seal.copies.Nothing:x", "names a class that cannot be imported", id="no such class"),
        pytest.param("audit.seal.copies.FOLDER:x", "names a class that cannot be made (TypeError)", id="no class"),
        pytest.param(
            "audit.seal.copies.InMemory:broken",
            "names a class that cannot be made (RuntimeError)",
            id="a class that refuses",
        ),
        pytest.param("audit.seal.copies.Half:", "names a class without append and keep", id="half of what is wanted"),
    ],
)
def test_unusable_settings(monkeypatch, setting, reason):
    monkeypatch.setattr(copies, "InMemory", InMemory, raising=False)
    monkeypatch.setattr(copies, "Half", Half, raising=False)
    with pytest.raises(Unusable) as refused:
        open_copy(setting)
    assert str(refused.value) == reason
