"""A duty that one thread per process repeats, off the path of any request."""

import logging
import os
import threading
from collections.abc import Callable
from typing import Any

from django.db import close_old_connections
from django.db.backends.signals import connection_created
from django.dispatch import receiver

PREFIX = "background:"
logger = logging.getLogger(__name__)


class Background:
    """Repeat `duty` in a daemon thread, started after the fork and restarted when dead.

    `duty` takes nothing and returns the seconds to wait until its next turn. Whatever it raises is
    logged by class name only (exception texts may hold data) and it is tried again after `after_error`.
    """

    def __init__(self, name: str, duty: Callable[[], float], *, after_error: float = 1.0) -> None:
        self.name = name
        self._duty = duty
        self._after_error = after_error
        self._forget()
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        # A fork copies locks in whatever state they were in, and no thread.
        self._starting = threading.Lock()
        self._awake = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def ensure(self) -> None:
        """Start the thread unless it runs in this very process; cheap enough for every request."""
        if self.alive:
            return
        with self._starting:
            if not self.alive:
                self._thread = threading.Thread(target=self._run, name=PREFIX + self.name, daemon=True)
                self._thread.start()

    def wake(self) -> None:
        """Ask for the next turn now. The caller does not wait for it."""
        self.ensure()
        self._awake.set()

    def _run(self) -> None:
        while True:
            try:
                close_old_connections()  # one that broke since the last turn
                pause = self._duty()
            except Exception as error:
                logger.error("background.failed", extra={"duty": self.name, "error": type(error).__name__})
                pause = self._after_error
            self._awake.wait(pause)
            self._awake.clear()


@receiver(connection_created)
def name_connection(connection: Any, **kwargs: Any) -> None:
    """Let the database's own views and log tell a background duty from a request."""
    name = threading.current_thread().name
    if name.startswith(PREFIX):
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('application_name', %s, false)", [name])
