"""`python -m tests.chaos.faked …`: gunicorn where the clock is libfaketime's."""

import threading
import time

from gunicorn.app.wsgiapp import run


def sleep(seconds: float) -> None:
    """Wait so long. libfaketime mistakes the monotonic moment at which time.sleep ends for one of its own clock."""
    threading.Event().wait(seconds)


if __name__ == "__main__":
    time.sleep = sleep
    run()
