"""`make run` from the first sentence to the last process gone, however it is ended."""

import contextlib
import fcntl
import os
import pty
import re
import signal
import socket
import stat
import subprocess
import sys
import termios
import time
import urllib.request
from pathlib import Path

import pytest

from sandbox.address import read_address, stand_ins_address
from sandbox.postgres import Cluster
from sandbox.surroundings import DATABASE_SETTINGS, HIDDEN_SETTINGS, SECRETS, SERVING_SETTINGS, read_settings
from tests import warm
from tests.cluster import free_port

ROOT = Path(__file__).parents[2]
HOSTNAME = socket.gethostname().lower()
# As in the Makefile, with a bank that is loaded in a moment: make, and below it the very process that runs everything.
MAKEFILE = f"run:\n\t@cd {ROOT} && exec {sys.executable} -m sandbox.run --small\n"
PASSING = re.compile(r"postgres: dsop: (.* \[local\]|autovacuum worker)")


def until(condition, seconds=120.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that in time"
        time.sleep(0.05)


def is_held(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


class House:
    """A sandbox folder, and what runs on it."""

    def __init__(self, folder):
        self.folder = folder
        self.port, self.stand_ins_port = free_port(), free_port()
        self.output = folder.parent / "output"
        (folder.parent / "Makefile").write_text(MAKEFILE)

    def environment(self, **others):
        """Return what a person's shell would hand over: nothing of this suite's own databases and settings."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        own = {"DSOP_ENVIRONMENT": "sandbox", "DSOP_SANDBOX_FOLDER": str(self.folder), "PORT": str(self.port)}
        own["STAND_INS_PORT"] = str(self.stand_ins_port)
        return {**kept, **own, **others}

    @contextlib.contextmanager
    def started(self, **options):
        """Start make in a session of its own, as a terminal would, and wait until all is up."""
        with self.start(**options) as make:
            try:
                yield make
            finally:
                for pid in [make.pid, *self.processes()]:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)

    def start(self, **options):
        command = ["make", "--no-print-directory", "-C", str(self.folder.parent), "run"]
        with self.output.open("w") as output:
            options = {"stdout": output, "stderr": output, "stdin": subprocess.DEVNULL, **options}
            return subprocess.Popen(command, env=self.environment(), start_new_session=True, **options)

    def run(self, *arguments, **others):
        """Run what ends by itself."""
        return warm.run([sys.executable, *arguments], environment=self.environment(**others), seconds=120)

    def words(self):
        return self.output.read_text()

    def wait_until_up(self):
        until(lambda: "Ctrl-C stops everything." in self.words() or "make run:" in self.words(), seconds=90.0)
        assert "every answer as expected" in self.words(), self.words()

    def processes(self):
        """Return everything alive that belongs to this folder, by what it was started with."""
        mark = f"DSOP_SANDBOX_FOLDER={self.folder}".encode()
        place = Cluster(self.folder / "postgres").place
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                ours = mark in (process / "environ").read_bytes().split(b"\0") or str(place.data) in words
                if words and (ours or (process / "cwd").readlink().is_relative_to(place.base)):
                    found[int(process.name)] = words
        return found

    def lasting(self):
        """Return its processes without those in which PostgreSQL serves one connection: these come and go."""
        found = {pid: words for pid, words in self.processes().items() if not PASSING.match(words)}
        postgres = [pid for pid, words in found.items() if "/bin/postgres" in words and "guardian" not in words]
        return {pid: words for pid, words in found.items() if pid not in sorted(postgres)[1:]}  # not yet named

    def pid(self, word):
        """Return the oldest process that has the word in its command."""
        return min(pid for pid, words in self.processes().items() if word in words)

    def holds_port(self):
        """Return whether somebody still listens where the server or the stand-ins did."""
        return any(is_held(port) for port in (self.port, self.stand_ins_port))

    def until_nothing_is_left(self):
        until(lambda: not self.processes() and not self.holds_port())


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    house = House(tmp_path_factory.mktemp("house") / ".sandbox")
    yield house
    for pid in house.processes():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    house.until_nothing_is_left()
    Cluster(house.folder / "postgres").remove()


# --- before anything runs ---


@pytest.mark.parametrize(
    ("others", "sentence"),
    [
        pytest.param({"PORT": "eight"}, "PORT must be a number", id="a port that is no number"),
        pytest.param({"PORT": "65536"}, "PORT must be a number", id="a port that is too large"),
        pytest.param({"STAND_INS_PORT": "0"}, "STAND_INS_PORT must be a number", id="stand-ins on no port"),
        pytest.param({"PORT": "81", "STAND_INS_PORT": "81"}, "another port than PORT", id="stand-ins on the same port"),
        pytest.param({"HOST": "no.such.host.invalid"}, "not an address of this machine", id="an unknown host"),
        pytest.param({"HOST": "198.51.100.77"}, "cannot listen on 198.51.100.77", id="an address of another machine"),
        pytest.param({"DSOP_SANDBOX_FOLDER": "/proc/sandbox"}, "cannot be written to", id="an unwritable folder"),
        pytest.param({"DATABASE_URL": "postgres://a@b/c"}, "Set LEDGER_DATABASE_URL and", id="one database of four"),
    ],
)
def test_one_sentence(house, others, sentence):
    done = house.run("-m", "sandbox.run", **others)

    assert done.returncode == 1
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
    assert not house.processes()


@pytest.mark.parametrize(
    ("host", "bind", "base", "names"),
    [
        pytest.param(None, "127.0.0.1:81", "http://127.0.0.1:81", set(), id="nothing said"),
        pytest.param("localhost", "127.0.0.1:81", "http://127.0.0.1:81", set(), id="by name"),
        pytest.param("::1", "[::1]:81", "http://[::1]:81", set(), id="IPv6"),
        pytest.param("[::1]", "[::1]:81", "http://[::1]:81", set(), id="IPv6 as in an address"),
        pytest.param("0.0.0.0", "0.0.0.0:81", "http://127.0.0.1:81", {HOSTNAME}, id="every address"),
        pytest.param("::", "[::]:81", "http://[::1]:81", {HOSTNAME}, id="every address, IPv6"),
        pytest.param("10.1.2.3", "10.1.2.3:81,127.0.0.1:81", "http://127.0.0.1:81", {"10.1.2.3"}, id="one address"),
        pytest.param("fd00::1", "[fd00::1]:81,[::1]:81", "http://[::1]:81", {"[fd00::1]"}, id="one address, IPv6"),
    ],
)
def test_host_says_where_to_listen(host, bind, base, names):
    """The issuer must be reached by loopback: nothing else is taken for safe without TLS."""
    address = read_address({"PORT": "81"} | ({"HOST": host} if host else {}))

    assert (address.bind, address.base) == (bind, base)
    assert set(address.names) == {"127.0.0.1", "localhost", "[::1]"} | names


def test_a_strangers_port_is_not_waited_for(house):
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        began = time.monotonic()
        house.run("-m", "sandbox.run", PORT="eight")
        refused_at_once = time.monotonic() - began

        began = time.monotonic()
        done = house.run("-m", "sandbox.run", PORT=str(stranger.getsockname()[1]))

        assert time.monotonic() - began < refused_at_once + 4
    assert done.returncode == 1
    assert re.fullmatch(r"make run: 127\.0\.0\.1:\d+ is in use: [^\n]+\n", done.stderr)


def test_a_strangers_port_is_not_taken_for_the_stand_ins(house):
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]

        done = house.run("-m", "sandbox.run", STAND_INS_PORT=str(port))

    assert done.returncode == 1
    assert re.fullmatch(rf"make run: 127\.0\.0\.1:{port} is in use: [^\n]+ STAND_INS_PORT=\d+\.\n", done.stderr)
    assert not house.processes()


def test_the_stand_ins_listen_beside_the_bank_or_where_there_is_room():
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        taken = stranger.getsockname()[1]
        bank = read_address({"HOST": "::1", "PORT": str(taken - 1)})
        elsewhere = stand_ins_address(None, bank)
    beside, told = stand_ins_address(None, bank), stand_ins_address(taken + 1, bank)

    assert elsewhere.port not in (taken, taken - 1)
    assert not is_held(elsewhere.port)
    assert [each.bind for each in (beside, told)] == [f"127.0.0.1:{taken}", f"127.0.0.1:{taken + 1}"]


@pytest.mark.parametrize("command", ["check", "migrate", "token"])
def test_a_command_before_the_first_run_says_what_to_do(tmp_path, house, command):
    done = house.run("manage.py", command, DSOP_SANDBOX_FOLDER=str(tmp_path / "none"))

    assert done.returncode == 1
    assert done.stdout == ""
    assert re.fullmatch(r"[^\n]+ make run [^\n]+\.\n", done.stderr)
    assert not (tmp_path / "none").exists()


# --- while it runs ---


@pytest.fixture(scope="module")
def up(house):
    with house.started() as make:
        house.wait_until_up()
        yield make


def test_settings_fit_the_port_and_are_for_nobody_else(house, up):
    settings = read_settings(house.folder / "environment")
    base = f"http://127.0.0.1:{house.port}"

    assert settings["MASKINPORTEN_ISSUER"] == f"{base}/sandbox/maskinporten/"
    assert settings["DSOP_AUDIENCES"] == f'{{"{base}/v2":["213456008"]}}'
    assert set(DATABASE_SETTINGS) & set(settings) == set(SERVING_SETTINGS)
    assert settings["MASKINPORTEN_TOKEN_URL"] == f"{base}/sandbox/maskinporten/token"
    assert settings["BSU_BASE_URL"] == f"http://127.0.0.1:{house.stand_ins_port}/bsu/v1"
    assert settings["ALTINN_CONSENT_TOKEN_URL"].endswith("/altinn/api/authorization/token?authcode={AuthorizationCode}")
    assert Path(settings["MASKINPORTEN_KEY_FILE"]).is_relative_to(house.folder)
    for name in ("environment", "users", "server.log", "stand-in-server.log"):
        assert stat.S_IMODE((house.folder / name).stat().st_mode) == 0o600


def test_the_serving_processes_know_no_other_role(house, up):
    serving = [pid for pid, words in house.processes().items() if "gunicorn" in words and "guardian" not in words]

    assert len(serving) == 3, "a main process and two workers"
    for pid in serving:
        known = Path(f"/proc/{pid}/environ").read_bytes()
        assert b"\0DATABASE_URL=" in known
        assert not [name for name in (*HIDDEN_SETTINGS, "DSOP_ROLE") if name.encode() in known]


def test_the_stand_ins_answer_where_make_run_says_and_know_no_database(house, up):
    base = f"http://127.0.0.1:{house.stand_ins_port}"
    assert f"have their stand-ins at {base}/\n" in house.words()
    with urllib.request.urlopen(f"{base}/control/ready", timeout=20) as answer:
        assert answer.status == 200
    serving = [pid for pid, words in house.processes().items() if "counterparts" in words and "guardian" not in words]
    assert len(serving) == 2, "a main process and its worker"
    for pid in serving:
        known = Path(f"/proc/{pid}/environ").read_bytes()
        assert not [name for name in (*DATABASE_SETTINGS, "AUDIT_SEAL_KEY", "DSOP_ROLE") if name.encode() in known]


@pytest.mark.parametrize(
    ("port", "word"),
    [pytest.param(None, "is in use", id="same port"), pytest.param(free_port(), "already", id="other")],
)
def test_a_second_one_is_refused_and_the_first_not_disturbed(house, up, port, word):
    before = (house.words(), house.lasting())

    done = house.run("-m", "sandbox.run", **({"PORT": str(port)} if port else {}))

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert word in done.stderr
    assert (house.words(), house.lasting()) == before


@pytest.mark.parametrize(
    ("command", "said"),
    [
        pytest.param(["migrate", "--check", "--database=ledger"], "", id="as owner"),
        pytest.param(["shell", "--no-imports", "-c", "print(6 * 7)"], "42\n", id="as the serving role"),
    ],
)
def test_a_command_shares_the_running_database(house, up, command, said):
    postgres = house.pid("/bin/postgres")

    done = house.run("manage.py", *command)

    assert (done.returncode, done.stdout) == (0, said), done.stderr
    assert house.pid("/bin/postgres") == postgres


def test_ctrl_c_ends_everything(house, up):
    os.killpg(up.pid, signal.SIGINT)  # in a terminal it goes to everything in the foreground
    up.wait(90)

    assert not house.processes(), "when make has ended, everything has"
    assert not house.holds_port()
    assert house.words().endswith("\nStopping ...\n")


# --- other ends ---


def test_a_command_starts_the_database_for_itself(house, up):
    up.wait(90)

    done = house.run("manage.py", "migrate", "--check", "--database=default")
    token = house.run("manage.py", "token", "--consumer", "974761076", "--scope", "bits:kontoinformasjon")

    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert (token.returncode, token.stdout.count("\n"), token.stderr) == (0, 1, "")
    assert not house.processes()


def kill_the_run(house, make):
    os.kill(house.pid("-m sandbox.run"), signal.SIGKILL)
    make.wait(90)


def kill_everything(house, make):
    for pid in house.processes():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    make.wait(90)


def kill_make(house, make):
    make.kill()  # it can tell nobody any more
    make.wait(90)


def test_whatever_is_killed_it_starts_again_at_once(house):
    secrets, seconds = [], []
    for kill in (kill_the_run, kill_everything, kill_make):
        began = time.monotonic()
        with house.start() as make:
            try:
                house.wait_until_up()
                seconds.append(time.monotonic() - began)
            finally:
                kill(house, make)
        settings = read_settings(house.folder / "environment")
        secrets.append({name: value for name, value in settings.items() if "KEY" in name})

    house.until_nothing_is_left()
    assert max(seconds) < 3 * seconds[0] + 10, "the first has followed an orderly end"
    assert secrets[0] == secrets[1] == secrets[2]
    assert {*SECRETS, "MASKINPORTEN_KEY_ID", "MASKINPORTEN_KEY_FILE"} <= secrets[0].keys()


def test_ended_while_it_prepares(house):
    with house.started() as make:
        until(lambda: "Preparing" in house.words())
        make.send_signal(signal.SIGTERM)  # to make alone, which passes it on
        make.wait(90)

        assert not house.processes()
        assert "Traceback" not in house.words()


@pytest.mark.parametrize(
    ("command", "name"),
    [
        pytest.param("gunicorn -c", "server", id="server"),
        pytest.param("counterparts", "stand-in-server", id="stand-ins"),
    ],
)
def test_a_server_ends_by_itself(house, command, name):
    with house.started() as make:
        house.wait_until_up()
        os.kill(house.pid(command), signal.SIGKILL)  # the oldest is its guardian; the server follows

        assert make.wait(90) != 0
        assert not house.processes()
        assert f"make run: The {name} has ended by itself" in house.words()


def test_the_terminal_is_closed(house):
    terminal, end = pty.openpty()

    def take_the_terminal():
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    with house.started(stdin=end, stdout=end, stderr=end, preexec_fn=take_the_terminal) as make:
        os.close(end)
        said = b""
        while b"Ctrl-C stops everything." not in said:
            said += os.read(terminal, 65536)
        os.close(terminal)
        make.wait(90)
        assert not house.processes()
