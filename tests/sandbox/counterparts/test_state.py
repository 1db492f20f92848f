"""Shelves hold JSON values, and a change made from the value before is never lost."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox.counterparts.state import forget_all, shelf
from tests import cluster


def test_a_shelf_is_a_mapping_of_its_own(tmp_path):
    one, other = shelf("one", tmp_path), shelf("other", tmp_path)
    one["a"] = {"months": ["2021-01"], "open": True}
    one["b"] = None
    other["a"] = 1

    assert dict(one) == {"a": {"months": ["2021-01"], "open": True}, "b": None}
    assert ("a" in one, "c" in one, len(one), list(one)) == (True, False, 2, ["a", "b"])
    assert (one.get("c"), one.get("c", 7)) == (None, 7)

    one.clear()
    assert (dict(one), dict(other)) == ({}, {"a": 1})
    forget_all(tmp_path)
    assert not other


def test_what_is_not_there_is_missed(tmp_path):
    with pytest.raises(KeyError):
        shelf("one", tmp_path)["a"]
    with pytest.raises(KeyError):
        del shelf("one", tmp_path)["a"]


def test_a_value_is_a_copy(tmp_path):
    kept = shelf("one", tmp_path)
    kept["a"] = [1]
    kept["a"].append(2)
    assert kept["a"] == [1]


def test_update_gives_what_it_put_there(tmp_path):
    kept = shelf("one", tmp_path)
    assert kept.update("a", lambda before: [before]) == [None]
    assert kept.update("a", lambda before: [*before, 1]) == [None, 1]
    assert kept.update("a", lambda before: None) is None
    assert "a" not in kept


def test_a_failed_update_changes_nothing(tmp_path):
    kept = shelf("one", tmp_path)
    kept["a"] = 1
    with pytest.raises(ZeroDivisionError):
        kept.update("a", lambda before: before / 0)
    assert kept["a"] == 1


def test_threads_and_processes_lose_no_change(tmp_path):
    program = (
        "import pathlib, sys; from sandbox.counterparts.state import shelf\n"
        "for _ in range(50): shelf('one', pathlib.Path(sys.argv[1])).update('a', lambda n: (n or 0) + 1)"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    others = [subprocess.Popen(command, cwd=cluster.ROOT) for _ in range(2)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: shelf("one", tmp_path).update("a", lambda n: (n or 0) + 1), range(100)))
    assert [other.wait(60) for other in others] == [0, 0]
    assert shelf("one", tmp_path)["a"] == 200
