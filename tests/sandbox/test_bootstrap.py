"""The first step of both commands: a sentence for what is missing; an environment made, repaired, then left alone."""

import ast
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "sandbox" / "bootstrap.py"
# Run the file after changing something about the Python that runs it.
CHANGED = """
import runpy, sys
{change}
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
# What this process stands for has nothing to do with it, and pip must not look anywhere.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
ENVIRONMENT |= {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1"}


def wheel(folder, version):
    """Write the smallest package there is, and return the line of a requirements file that pins it."""
    file = folder / f"proof-{version}-py3-none-any.whl"
    about = f"proof-{version}.dist-info"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("proof.py", f'version = "{version}"\n')
        archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: proof\nVersion: {version}\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", f"proof.py,,\n{about}/METADATA,,\n{about}/WHEEL,,\n{about}/RECORD,,\n")
    return f"proof=={version} \\\n    --hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}\n"


class Checkout:
    """A folder with nothing but the bootstrap and its three lists."""

    def __init__(self, root):
        self.root = root
        self.venv = root / ".venv"
        for folder in ("sandbox", "requirements", "wheels"):
            (root / folder).mkdir(parents=True)
        shutil.copy(SOURCE, root / "sandbox")
        self.require(1)

    def require(self, version):
        line = wheel(self.root / "wheels", version)
        for name in ("sandbox", "bench", "dev"):
            (self.root / "requirements" / f"{name}.txt").write_text(line)

    def command(self, *arguments, change=None):
        changed = ["-c", CHANGED.format(change=change)] if change else []
        return [sys.executable, *changed, str(self.root / "sandbox" / "bootstrap.py"), *arguments]

    @property
    def environment(self):
        return {**ENVIRONMENT, "PIP_FIND_LINKS": str(self.root / "wheels")}

    def run(self, *arguments, change=None):
        command = self.command(*arguments, change=change)
        return subprocess.run(command, env=self.environment, text=True, capture_output=True, timeout=60, check=False)


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path / "checkout")


@pytest.fixture
def pretended(checkout):
    """A checkout whose Python is a script: it says yes to everything and writes down what it was asked."""
    pretend(checkout, 'echo "$@" >> "$(dirname "$0")/asked"')
    assert checkout.run("dev").returncode == 0
    return checkout


def pretend(checkout, script):
    python = checkout.venv / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\ncase "$*" in *--version) exit 0;; esac\n{script}\n')
    python.chmod(0o755)


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """A checkout with an environment that was half made at first: pip is missing, as after Ctrl-C in its making."""
    checkout = Checkout(tmp_path_factory.mktemp("real") / "checkout")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", checkout.venv], check=True, env=ENVIRONMENT)
    done = checkout.run("sandbox", "-c", "import proof; print(proof.version)")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == "Making .venv ..."
    assert done.stdout.splitlines()[-1] == "1"
    return checkout


def test_even_an_old_python_can_read_it():
    ast.parse(SOURCE.read_text(), feature_version=(3, 6))
    assert SOURCE.read_bytes().isascii(), "an old Python in a terminal without UTF-8 could not print it"


def test_no_index_is_named():
    assert "http" not in SOURCE.read_text()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        pytest.param("sys.version_info = (3, 10, 12, 'final', 0)", "this is 3.10", id="too old a Python"),
        pytest.param("sys.version_info = (3, 15, 0, 'final', 0)", "this is 3.15", id="too new a Python"),
        pytest.param(
            "import importlib.util as u; f = u.find_spec; u.find_spec = lambda n: None if n == 'ensurepip' else f(n)",
            "python3-venv",
            id="Debian without python3-venv",
        ),
        pytest.param(
            "import os; may = os.access; os.access = lambda path, mode: not mode & os.W_OK and may(path, mode)",
            "cannot be written to",
            id="a folder of somebody else's",
        ),
    ],
)
def test_one_sentence_and_no_success(checkout, change, sentence):
    done = checkout.run("sandbox", "-c", "print('went on')", change=change)

    assert done.returncode == 1
    assert done.stdout == ""
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
    assert not checkout.venv.exists()


def test_the_second_time_it_is_silent(real):
    real.require(2)
    real.run("sandbox")

    done = real.run("sandbox", "-c", "import os, sys; print(sys.prefix, os.getcwd())")

    assert (done.returncode, done.stdout, done.stderr) == (0, f"{real.venv} {real.root}\n", "")


def test_a_changed_list_is_installed_without_making_it_anew(real):
    real.require(3)

    done = real.run("sandbox", "-c", "import proof; print(proof.version)")

    assert done.stdout.splitlines()[-1] == "3"
    assert "Making" not in done.stdout


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("proof==4 \\\n    --hash=sha256:{zeros}\n", id="not what the list says"),
        pytest.param("absent==1 \\\n    --hash=sha256:{zeros}\n", id="not to be had"),
        pytest.param("proof==4\n", id="without a hash"),
    ],
)
def test_a_package_is_refused_in_one_sentence_after_pips_own(real, line):
    real.require(4)
    (real.root / "requirements" / "sandbox.txt").write_text(line.format(zeros="0" * 64))

    done = real.run("sandbox", "-c", "print('went on')")

    assert done.returncode == 1
    assert done.stdout.startswith("Installing")
    assert done.stdout.count("\n") == 1
    assert done.stderr.splitlines()[-1].startswith("Installing failed, see above")


def test_the_longer_list_contains_the_shorter(pretended):
    pretended.run("sandbox", "-m", "sandbox.run")

    asked = (pretended.venv / "bin" / "asked").read_text().splitlines()

    assert len(asked) == 2, "pip once, for the longer list"
    assert asked[0].endswith("requirements/dev.txt")
    assert asked[1] == "-m sandbox.run"


def test_a_longer_list_that_names_other_versions_does_not(pretended):
    file = pretended.root / "requirements" / "sandbox.txt"
    file.write_text(file.read_text().replace("proof==1", "proof==2"))
    pretended.run("sandbox")

    asked = (pretended.venv / "bin" / "asked").read_text().splitlines()

    assert [line.rpartition("/")[2] for line in asked] == ["dev.txt", "sandbox.txt"]


def move(venv):
    stamp = json.loads((venv / "installed.json").read_text())
    (venv / "installed.json").write_text(json.dumps({**stamp, "root": "/elsewhere"}))


def change_python(venv):
    stamp = json.loads((venv / "installed.json").read_text())
    (venv / "installed.json").write_text(json.dumps({**stamp, "python": "/usr/bin/python3.10"}))


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(lambda venv: (venv / "installing").touch(), id="killed while installing"),
        pytest.param(lambda venv: (venv / "bin" / "python").unlink(), id="its Python is gone"),
        pytest.param(move, id="the folder was moved"),
        pytest.param(change_python, id="Python was replaced by another"),
    ],
)
def test_what_cannot_be_trusted_is_made_anew(pretended, harm):
    harm(pretended.venv)

    # To make a real one takes seconds and is looked at above; here it is enough that it is begun.
    command, environment = pretended.command("dev"), pretended.environment
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "Making .venv ...\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 128 + signal.SIGTERM


def test_stopped_while_installing_leaves_no_process(checkout):
    """SIGTERM to make reaches the bootstrap only; it must end pip too."""
    pretend(checkout, 'echo $$ > "$(dirname "$0")/pid"; exec sleep 60')
    written = checkout.venv / "bin" / "pid"
    with subprocess.Popen(checkout.command("sandbox"), env=checkout.environment, stdout=subprocess.PIPE) as process:
        deadline = time.monotonic() + 10
        while not (written.exists() and written.read_text()):
            assert time.monotonic() < deadline
            time.sleep(0.02)

        process.send_signal(signal.SIGTERM)

        assert process.wait(10) == 128 + signal.SIGTERM
        assert not Path(f"/proc/{int(written.read_text())}").exists()
    assert (checkout.venv / "installing").exists(), "the next start knows that this one did not finish"
