"""The figures of all processes together: nothing counted is lost with a process, nothing of an earlier server stays."""

import os
import signal

import pytest

from dsop.metrics.folder import Folder, NotOurs

SERVED = ("accounts", "none", "answered", "none")


def requests(number):
    return {"dsop_requests_total": {SERVED: [number]}}


def keys(moment):
    return {"dsop_keys_fetched_timestamp_seconds": {("maskinporten",): [moment]}}


def lag(seconds):
    return {"dsop_ledger_replica_lag_bytes": {("one",): [seconds]}}


class Worker:
    """A process that tells, says that it has, and stays until it is ended."""

    def __init__(self, path, *told):
        reader, writer = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            try:
                folder = Folder(path)
                folder.join()
                for one in told:
                    folder.tell(one)
                os.write(writer, b"told")
                signal.pause()
            finally:
                os._exit(1)
        os.close(writer)
        assert os.read(reader, 4) == b"told"
        os.close(reader)

    def end(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.pid = 0


@pytest.fixture
def path(tmp_path):
    return tmp_path / "metrics"


@pytest.fixture
def worker(path):
    """Return a function that starts a worker."""
    started = []

    def start(*told):
        started.append(Worker(path, *told))
        return started[-1]

    yield start
    for one in started:
        one.end()


def seen(folder, name):
    return folder.found().get(name, {})


@pytest.fixture
def folder(path):
    made = Folder(path)
    made.join()
    return made


def test_counts_of_all_are_added_up(folder, worker):
    worker(requests(2))
    worker(requests(3), requests(5))
    folder.tell(requests(1))
    assert seen(folder, "dsop_requests_total") == {SERVED: [8]}
    assert seen(folder, "dsop_workers") == {(): [3]}


def test_what_the_dead_have_counted_stays_and_what_they_showed_goes(folder, worker):
    folder.tell(requests(1) | keys(200))
    one, other = worker(requests(2) | keys(100)), worker(requests(4))
    assert seen(folder, "dsop_keys_fetched_timestamp_seconds") == {("maskinporten",): [100]}
    one.end()
    other.end()
    for _ in range(2):
        assert seen(folder, "dsop_requests_total") == {SERVED: [7]}
        assert seen(folder, "dsop_keys_fetched_timestamp_seconds") == {("maskinporten",): [200]}
        assert seen(folder, "dsop_workers") == {(): [1]}
    worker(requests(3))
    assert seen(folder, "dsop_requests_total") == {SERVED: [10]}


def test_no_files_are_left_of_the_dead(folder, worker, path):
    before = {file.name for file in path.iterdir()}
    for _ in range(3):
        worker(requests(1)).end()
    folder.found()
    assert {file.name for file in path.iterdir()} - before == {"the-dead.figures", "looking.lock"}


def test_of_a_gauge_the_worst_is_shown(folder, worker):
    folder.tell(keys(50) | lag(7))
    worker(keys(40) | lag(3))
    assert seen(folder, "dsop_keys_fetched_timestamp_seconds") == {("maskinporten",): [40]}
    assert seen(folder, "dsop_ledger_replica_lag_bytes") == {("one",): [7]}


def test_the_first_of_a_server_begins_anew_and_those_after_it_do_not(path, worker):
    first = worker(requests(9))
    second = worker(requests(1))
    looking = Folder(path)
    assert seen(looking, "dsop_requests_total") == {SERVED: [10]}
    for one in (first, second):
        one.end()
    looking = Folder(path)
    looking.join()
    assert seen(looking, "dsop_requests_total") == {}


def test_one_reads_for_all_and_another_when_it_has_ended(path, worker, folder):

    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        other = Folder(path)
        other.join()
        os.write(writer, b"1" if other.may_read_for_all() else b"0")
        signal.pause()
        os._exit(0)
    assert os.read(reader, 1) == b"1"
    assert not folder.may_read_for_all()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert folder.may_read_for_all()
    assert folder.may_read_for_all(), "and it stays the one"


def test_what_another_release_tells_is_left_out(folder, worker):
    worker({"dsop_requests_total": {("fewer", "labels"): [1]}, "dsop_gone_total": {(): [1]}, **keys(1)})
    worker({"dsop_request_seconds": {("accounts", "answered"): [1, 2, 3]}}).end()
    assert set(folder.found()) == {"dsop_requests_total", "dsop_request_seconds", *keys(1), "dsop_workers"}
    assert not seen(folder, "dsop_requests_total") and not seen(folder, "dsop_request_seconds")


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda path: path.mkdir(mode=0o755), id="open to others"),
        pytest.param(lambda path: path.write_text(""), id="a file"),
        pytest.param(lambda path: path.symlink_to(path.parent), id="a link that somebody laid"),
    ],
)
def test_a_folder_that_is_not_ours_alone_is_refused(path, spoil):
    spoil(path)
    with pytest.raises((NotOurs, FileExistsError)):
        Folder(path).join()


def test_foreign_files_are_left_alone(path):
    path.mkdir(mode=0o700)
    (path / "letter.txt").write_text("mine")
    Folder(path).join()
    assert (path / "letter.txt").read_text() == "mine"
