"""Make `.venv` and install what a requirements file lists, then become the command that needs it.

Usage: bootstrap.py sandbox|dev [arguments for .venv's Python]

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

OLDEST, TOO_NEW = (3, 11), (3, 15)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, "installed.json")
UNFINISHED = os.path.join(VENV, "installing")
CONTAINING = {"sandbox": ("sandbox", "dev"), "dev": ("dev",)}


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


def file_of(name: str) -> str:
    return os.path.join(ROOT, "requirements", name + ".txt")


def text_of(name: str) -> str:
    with open(file_of(name), encoding="utf-8") as stream:
        return stream.read()


def hash_of(name: str) -> str:
    return hashlib.sha256(text_of(name).encode()).hexdigest()


def pins(name: str) -> "set[str]":
    """Return the lines that name a version; the rest are hashes."""
    return {line.rstrip(" \\") for line in text_of(name).splitlines() if "==" in line and not line.startswith((" ", "#"))}


def read_stamp() -> "dict[str, str]":
    """Return what was installed: nothing when it was for another folder or another Python, or not finished."""
    try:
        with open(STAMP, encoding="utf-8") as stream:
            stamp = json.load(stream)
    except (OSError, ValueError):
        return {}
    fits = stamp.get("root") == ROOT and stamp.get("python") == os.path.realpath(PYTHON) and os.access(PYTHON, os.X_OK)
    return stamp["installed"] if fits and not os.path.exists(UNFINISHED) else {}


def is_installed(name: str) -> bool:
    stamp = read_stamp()
    return any(stamp.get(other) == hash_of(other) and pins(name) <= pins(other) for other in CONTAINING[name])


def is_sound() -> bool:
    """Return whether there is an environment that pip can go on with: not half made, moved or of a removed Python."""
    if not os.access(PYTHON, os.X_OK) or os.path.exists(UNFINISHED) or (os.path.exists(STAMP) and not read_stamp()):
        return False
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.call([PYTHON, "-m", "pip", "--version"], **quiet) == 0


def make_venv() -> None:
    print("Making .venv ...", flush=True)
    python = getattr(sys, "_base_executable", sys.executable)  # the one in .venv, if activated, is about to be replaced
    if subprocess.call([python, "-m", "venv", "--clear", VENV]) != 0:
        refuse("Making .venv failed, see above: is python3-venv installed and the disk not full?")


def install(name: str) -> None:
    if not os.access(VENV if os.path.isdir(VENV) else ROOT, os.W_OK | os.X_OK):
        refuse(f"The folder {ROOT} cannot be written to: give it to this user, or run as its owner.")
    kept = {other: value for other, value in read_stamp().items() if value == hash_of(other)}
    if not is_sound():
        make_venv()
        kept = {}
    print(f"Installing what requirements/{name}.txt lists; the first time takes a minute ...", flush=True)
    open(UNFINISHED, "w").close()
    # No index is named here: pip's own settings say where packages come from, and the hashes what they must be.
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    failed = subprocess.call([*pip, "--only-binary=:all:", "--require-hashes", "-r", file_of(name)])
    os.remove(UNFINISHED)  # not reached when interrupted: then nobody knows what is there, and it is made anew
    if failed:
        refuse("Installing failed, see above: check the network and pip's settings, then try again.")
    stamp = {"root": ROOT, "python": os.path.realpath(PYTHON), "installed": {**kept, name: hash_of(name)}}
    with open(STAMP + ".new", "w", encoding="utf-8") as stream:
        json.dump(stamp, stream)
    os.replace(STAMP + ".new", STAMP)


def end(number: int, frame: object) -> None:
    """Leave through `subprocess.call`, which ends pip on the way."""
    raise SystemExit(128 + number)


def main(name: str, *command: str) -> None:
    parent = os.getppid()
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, end)
    check_python()
    if not is_installed(name):
        install(name)
    if os.getppid() != parent:
        raise SystemExit(1)  # make was killed meanwhile: nobody waits for the command any more
    if command:
        os.chdir(ROOT)
        os.execv(PYTHON, [PYTHON, *command])


if __name__ == "__main__":
    main(*sys.argv[1:])
