"""Runs a management command that kills itself, as `kill -9` does, when a step is taken for the n-th time.

python -m tests.agencies.pension.killed STEP N COMMAND …: nothing of the program knows of it.
"""

import importlib
import os
import signal
import sys
import threading

import django
from django.core.management import call_command

STEPS = {
    "before it is recorded": ("agencies.pension.client", "record_sent", "before"),
    "recorded, not marked": ("agencies.pension.sending", "_Marked.begin", "before"),
    "marked, nothing sent": ("agencies.pension.sending", "_Marked.begin", "after"),
    "sent, the answer not read": ("audit.transport", "Plain.getresponse", "before"),
    "answered, not confirmed": ("agencies.pension.sending", "_write", "before"),
    "confirmed, not committed": ("agencies.pension.sending", "_write", "after"),
    "committed": ("agencies.pension.sync", "Progress.note", "before"),
}
STEPS_OF_IMPORT = {
    "rejects written, nothing kept": ("agencies.pension.importing", "keep", "before"),
    "kept, not committed": ("agencies.pension.importing", "keep", "after"),
}


def arm(step, wanted):
    """Let the process die at that step."""
    module, path, moment = (STEPS | STEPS_OF_IMPORT)[step]
    *owners, name = path.split(".")
    holder = importlib.import_module(module)
    for owner in owners:
        holder = getattr(holder, owner)
    genuine, lock, taken = getattr(holder, name), threading.Lock(), []

    def die():
        with lock:
            taken.append(step)
            if len(taken) == wanted:
                os.kill(os.getpid(), signal.SIGKILL)

    def deadly(*arguments, **named):
        if moment == "before":
            die()
        result = genuine(*arguments, **named)
        if moment == "after":
            die()
        return result

    setattr(holder, name, deadly)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "dsop.settings"
    django.setup()
    step, number, *command = sys.argv[1:]
    importlib.import_module("agencies.pension.management.commands.pension_agreements")
    arm(step, int(number))
    call_command(*command)
