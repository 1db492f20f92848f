"""Runs programs of ours in an interpreter that has read the libraries already: for tables of many starts.

Each program is a process of its own, with the environment, folder, words and end that it would have from a shell. It
is forked from a process that has read nothing of ours and no settings, which saves most of a second a start. That the
same programs start from nothing is shown beside each such table, and by every server of the suite.
"""

import atexit
import functools
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIBRARIES = (
    "asyncio",
    "authlib.integrations.requests_client",
    "authlib.oidc.core",
    "cryptography.hazmat.primitives.serialization",
    "cryptography.x509",
    "cryptography.x509.ocsp",
    "django.core.handlers.wsgi",
    "django.core.management",
    "django.core.paginator",
    "django.core.serializers.json",
    "django.db.backends.postgresql.base",
    "django.db.migrations.executor",
    "django.db.models",
    "django.forms",
    "django.middleware.csrf",
    "django.template.backends.django",
    "django.test.signals",
    "django.urls",
    "django.views.debug",
    "environ",
    "gunicorn.app.wsgiapp",
    "gunicorn.workers.gthread",
    "importlib_metadata",
    "joserfc.jwe",
    "joserfc.jws",
    "jsonschema",
    "jwt",
    "orjson",
    "pkcs11",
    "prometheus_client",
    "psycopg",
    "pygal",
    "pygal.style",
    "reportlab.pdfbase.pdfmetrics",
    "reportlab.pdfbase.ttfonts",
    "reportlab.platypus",
    "requests",
    "rfc3161_client",
    "sqlite3",
    "structlog",
    "tenacity",
    "urllib3",
    "uuid_utils",
    "valkey",
    "xlsxwriter",
    "xml.etree.ElementTree",
    "yaml",
)
LARGEST = 200_000


def run(
    command: Sequence[str], *, environment: Mapping[str, str], folder: Path = ROOT, seconds: float = 60
) -> subprocess.CompletedProcess[str]:
    """Return the program's end and words, as `subprocess.run` would; the command begins with this very Python."""
    assert command[0] == sys.executable
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        asked = json.dumps([command[1:], dict(environment), str(folder)]).encode()
        process, channel = starter()
        channel.settimeout(seconds)
        try:
            socket.send_fds(channel, [asked], [output.fileno(), errors.fileno()])
            status = int(channel.recv(16))
        except (OSError, ValueError):
            end(process, channel)
            raise
        for file in (output, errors):
            file.seek(0)
        return subprocess.CompletedProcess(command, status, output.read().decode(), errors.read().decode())


@functools.cache
def starter() -> tuple[subprocess.Popen[bytes], socket.socket]:
    """Start the process that has read the libraries, once."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = subprocess.Popen(
        [sys.executable, __file__, str(its.fileno())],
        pass_fds=[its.fileno()],
        env={"PATH": os.environ["PATH"]},
        cwd=ROOT,
        start_new_session=True,
    )
    its.close()
    atexit.register(end, process, ours)
    return process, ours


def end(process: subprocess.Popen[bytes], channel: socket.socket) -> None:
    """End the process and whatever it still runs; the next program gets a new one."""
    starter.cache_clear()
    channel.close()
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def main(channel: socket.socket) -> None:
    """Fork for each program and tell how it ended. In the child, the program is the last thing that is done."""
    for library in LIBRARIES:
        importlib.import_module(library)
    gc.collect()
    gc.freeze()  # so that no child copies them, only to look for what it could forget
    paths = sys.path[1:]
    while True:
        asked, files, _, _ = socket.recv_fds(channel, LARGEST, 2)
        if not asked:
            return
        child = os.fork()
        if child == 0:
            channel.close()
            words, environment, folder = json.loads(asked)
            become(environment, folder, files)
            start(words, paths)
            return
        for file in files:
            os.close(file)
        _, status = os.waitpid(child, 0)
        channel.send(str(os.waitstatus_to_exitcode(status)).encode())


def become(environment: dict[str, str], folder: str, files: list[int]) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, file in enumerate([nothing, *files]):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)


def start(words: list[str], paths: list[str]) -> None:
    """Do what Python does with `-c code`, `-m module` or the path of a script."""
    added = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.path[:] = ["" if words[0] == "-c" else str(Path.cwd()), *added, *paths]
    sys.modules["__main__"].__dict__.pop("__file__", None)
    if words[0] == "-c":
        sys.argv = ["-c", *words[2:]]
        exec(compile(words[1], "<string>", "exec"), {"__name__": "__main__"})
    elif words[0] == "-m":
        sys.argv = words[1:]
        runpy.run_module(words[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = words
        runpy.run_path(words[0], run_name="__main__")


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
