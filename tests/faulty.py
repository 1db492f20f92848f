"""The service with one fault put in, named by the variable FAULT; for gunicorn in a test, never imported by source."""

import os
import signal

from dsop.wsgi import application as service  # first: it sets Django up

from accounts import ledger  # isort: skip

FAULT = os.environ["FAULT"]
SECRET = "15869010089 Tett Nordavind"


def crash(*args, **kwargs):
    raise ValueError(SECRET)


def killed_before_sending(environ, start_response):
    """Walk the whole corridor, then die with the answer in hand."""
    body = service(environ, start_response)
    if environ["PATH_INFO"] == "/v2/accounts":
        os.kill(os.getpid(), signal.SIGKILL)
    return body


if FAULT == "crash":
    ledger.accounts_of = crash

application = killed_before_sending if FAULT == "killed before sending" else service
