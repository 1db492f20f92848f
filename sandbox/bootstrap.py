"""Make `.venv` and install what a requirements file lists, then become the command that needs it.

Usage: bootstrap.py sandbox|bench|dev [arguments for the Python of .venv]

Run by whatever Python the machine has, so only the standard library, and nothing that a Python as old as 3.6 cannot
read: it must be able to say that it is too old.
"""

import hashlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

OLDEST, TOO_NEW = (3, 11), (3, 15)
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"
UNFINISHED = VENV / "installing"
CONTAINING = {"sandbox": ("sandbox", "bench", "dev"), "bench": ("bench", "dev"), "dev": ("dev",)}


def tell(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def refuse(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
    raise SystemExit(1)


def check_python() -> None:
    """Refuse a Python that the service does not run on, or that cannot make a virtual environment."""
    if not OLDEST <= sys.version_info[:2] < TOO_NEW:
        found = f"{sys.version_info[0]}.{sys.version_info[1]}"
        refuse(f"Python 3.11, 3.12, 3.13 or 3.14 is needed and this is {found}: name another with PYTHON=python3.11.")
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        refuse("Python's venv is missing: install the package python3-venv (on Debian and Ubuntu) and try again.")


def file_of(name: str) -> Path:
    return ROOT / "requirements" / (name + ".txt")


def hash_of(name: str) -> str:
    return hashlib.sha256(file_of(name).read_bytes()).hexdigest()


def pins(name: str) -> "set[str]":
    """Return the lines that name a version; the rest are hashes."""
    lines = file_of(name).read_text(encoding="utf-8").splitlines()
    return {line.rstrip(" \\") for line in lines if "==" in line and not line.startswith((" ", "#"))}


def installed() -> "dict[str, str]":
    """Return what was installed: nothing when it was for another folder or another Python, or not finished."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    fits = stamp.get("root") == str(ROOT) and stamp.get("python") == str(PYTHON.resolve())
    return dict(stamp["installed"]) if fits and os.access(PYTHON, os.X_OK) and not UNFINISHED.exists() else {}


def is_installed(name: str) -> bool:
    stamp = installed()
    return any(stamp.get(other) == hash_of(other) and pins(name) <= pins(other) for other in CONTAINING[name])


def is_sound() -> bool:
    """Return whether there is an environment that pip can go on with: not half made, moved or of a removed Python."""
    if not os.access(PYTHON, os.X_OK) or UNFINISHED.exists() or (STAMP.exists() and not installed()):
        return False
    return call(str(PYTHON), "-m", "pip", "--version", output=subprocess.DEVNULL) == 0


def call(*command: str, output: "int | None" = None) -> int:
    return subprocess.call(command, stdout=output, stderr=output)  # noqa: S603 - our own words


def make_venv() -> None:
    tell("Making .venv ...")
    python = getattr(sys, "_base_executable", sys.executable)  # the one in .venv, if activated, is about to be replaced
    if call(python, "-m", "venv", "--clear", str(VENV)) != 0:
        refuse("Making .venv failed, see above: is python3-venv installed and the disk not full?")


def install(name: str) -> None:
    if not os.access(VENV if VENV.is_dir() else ROOT, os.W_OK | os.X_OK):
        refuse(f"The folder {ROOT} cannot be written to: give it to this user, or run as its owner.")
    kept = {other: value for other, value in installed().items() if value == hash_of(other)}
    if not is_sound():
        make_venv()
        kept = {}
    tell(f"Installing what requirements/{name}.txt lists; the first time takes a minute ...")
    UNFINISHED.touch()
    # No index is named here: pip's own settings say where packages come from, and the hashes what they must be.
    pip = [str(PYTHON), "-m", "pip", "install", "-qq", "--no-input", "--disable-pip-version-check"]
    failed = call(*pip, "--only-binary=:all:", "--require-hashes", "-r", str(file_of(name)))
    UNFINISHED.unlink()  # not reached when interrupted: then nobody knows what is there, and it is made anew
    if failed:
        refuse("Installing failed, see above: check the network and pip's settings, then try again.")
    stamp = {"root": str(ROOT), "python": str(PYTHON.resolve()), "installed": {**kept, name: hash_of(name)}}
    unfinished = STAMP.with_suffix(".new")
    unfinished.write_text(json.dumps(stamp), encoding="utf-8")
    unfinished.replace(STAMP)


def end(number: int, frame: object) -> None:
    """Leave through `subprocess.call`, which ends pip on the way."""
    raise SystemExit(128 + number)


def main(name: str, *command: str) -> None:
    parent = os.getppid()
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, end)
    check_python()
    if not is_installed(name):
        install(name)
    if os.getppid() != parent:
        raise SystemExit(1)  # make was killed meanwhile: nobody waits for the command any more
    if command:
        os.chdir(ROOT)
        os.execv(PYTHON, [str(PYTHON), *command])  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(*sys.argv[1:])
