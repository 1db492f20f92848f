"""The world of one run: a cluster of its own, the stand-ins beside the bank, and all variants' addresses."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from bench.sizes import Size
from dsop.databases import Role
from sandbox.address import Address
from sandbox.locks import Lock
from sandbox.place import Trouble
from sandbox.postgres import Cluster
from sandbox.surroundings import DATABASE_SETTINGS, PROJECT, SERVING_SETTINGS, write_settings

HOME = "127.0.0.1"
SETTINGS = {"max_wal_size": "4GB", "autovacuum": "off", "max_connections": "300"}
"""Autovacuum would strike whichever variant happens to be asked; the tables are vacuumed once, after they are made."""
ROOM_ENOUGH = {"RATE_LIMIT_DEFAULT": '{"per_second": 10000, "burst": 100000}'}
"""One agency asks as fast as it is answered, which no limit of an agency is meant for; it is kept and drawn as any."""


class World:
    """Where everything of a run lies. `folder` is made, and removed at the end unless it is to be kept."""

    def __init__(self, folder: Path, size: Size, *, kept: bool) -> None:
        self.folder, self.size, self.kept = folder, size, kept
        self.cluster = Cluster(folder / "postgres", settings={**SETTINGS, "shared_buffers": size.shared_buffers})
        self.port = free_port()

    @property
    def population(self) -> Path:
        return self.folder / "population.json"

    @contextlib.contextmanager
    def opened(self) -> Iterator["World"]:
        """Have databases, keys and services ready, with this process and those it starts as the serving role's."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with Lock(self.folder / "bench.lock") as alone:
            if not alone.take(seconds=1.0):
                raise Trouble(f"Another benchmark runs in {self.folder}: wait for its end.")
            try:
                with self.cluster:
                    self._settle()
                    yield self
            finally:
                if not self.kept:
                    self.cluster.remove()
                    shutil.rmtree(self.folder, ignore_errors=True)

    def _settle(self) -> None:
        address = Address((HOME,), HOME, self.port, (HOME, "localhost"))
        beside = Address((HOME,), HOME, free_port(), (HOME,))  # nobody listens: no errand of the bank's is measured
        urls = self.cluster.urls()
        write_settings(self.folder, address, beside, urls)
        for name in DATABASE_SETTINGS:
            os.environ.pop(name, None)
        os.environ.update(
            DSOP_ENVIRONMENT="sandbox", DSOP_SANDBOX_FOLDER=str(self.folder), DJANGO_SETTINGS_MODULE="dsop.settings"
        )
        command = [sys.executable, "-m", "bench.preparing", self.size.name]
        if subprocess.call(command, cwd=PROJECT, env=self.environment(urls, DSOP_ROLE=Role.OWNER)):
            raise Trouble("The benchmark's databases could not be prepared, see above.")
        os.environ.update({name: urls[name] for name in SERVING_SETTINGS})

    def environment(self, *more: Mapping[str, str], **named: str) -> dict[str, str]:
        """Return this process's environment with more in it, for a process of ours."""
        found = dict(os.environ)
        for each in (*more, named):
            found.update(each)
        return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOME, 0))
        port: int = probe.getsockname()[1]
        return port


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Keep the table clean."""


@contextlib.contextmanager
def standing_in(application: Any, port: int) -> Iterator[None]:
    """Answer as issuer of tokens and publisher of certificates, in a thread: hardly anybody asks."""
    server = make_server(HOME, port, application, _Server, _Silent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
