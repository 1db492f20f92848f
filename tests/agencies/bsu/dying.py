"""A process whose children run `bsu_report` and are killed, as by the kernel, at the step they are told.

It reads one JSON list a line, the step and the command's arguments, and answers how the child ended: -9 when killed.
"""

import json
import os
import signal
import sys
from functools import wraps
from http.client import HTTPConnection

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from agencies import session  # noqa: E402
from agencies.bsu import following, sending  # noqa: E402
from agencies.bsu.management.commands import bsu_report  # noqa: E402
from agencies.bsu.models import Delivery  # noqa: E402
from audit import outbound, transport  # noqa: E402


def die(*arguments, **named):
    os.kill(os.getpid(), signal.SIGKILL)


def die_after(function):
    @wraps(function)
    def act(*arguments, **named):
        function(*arguments, **named)
        die()

    return act


def in_submission(owner, name):
    """Return a change of the exchange: the process dies where that function is called about a submission."""

    def change(exchange):
        @wraps(exchange)
        def act(method, url, *arguments):
            if method == "POST" and "/bsu/" in url:
                setattr(owner, name, die)
            return exchange(method, url, *arguments)

        return act

    return change


STEPS = {
    "nowhere": [],
    "in the middle of preparing": [(Delivery, "save", die_after)],
    "when prepared": [(bsu_report.Command, "tell", lambda _: die)],
    "when approved": [(sending, "send", lambda _: die)],
    "before the record": [(outbound, "record_sent", lambda _: die)],
    "when recorded": [(outbound, "record_sent", die_after)],
    "when recorded and noted": [(sending, "record", die_after)],
    "when the request is sent": [(session, "exchange", in_submission(HTTPConnection, "getresponse"))],
    "when the answer has begun": [(session, "exchange", in_submission(transport, "_received"))],
    "when the answer is read": [(sending, "receive", lambda _: die)],
    "when the answer is kept": [(sending, "receive", die_after)],
    "when the verdict is read": [(following, "_keep", lambda _: die)],
    "when the verdict is kept": [(following, "_keep", die_after)],
}


def live(step, arguments):
    for owner, name, change in STEPS[step]:
        setattr(owner, name, change(getattr(owner, name)))
    try:
        call_command("bsu_report", *arguments)
    except BaseException as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        os._exit(1)
    os._exit(0)


def main():
    for line in sys.stdin:
        step, arguments = json.loads(line)
        child = os.fork()
        if child == 0:
            live(step, arguments)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write(f"{status}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
