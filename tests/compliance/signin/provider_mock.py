"""The suite's provider of identities, as a process of its own: it signs in whomever it was told of."""

import json
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

from tests import cluster


@contextmanager
def oidc_provider_mock(people):
    """Give the issuer of a provider that knows these people: the claims of each, by subject."""
    port = cluster.free_port()
    told = [json.dumps({"sub": subject, **claims}) for subject, claims in people.items()]
    known = [word for person in told for word in ("--user-claims", person)]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), *known]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 40
        while not answers(port):
            assert time.monotonic() < deadline and process.poll() is None, "the provider does not start"
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def answers(port):
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0
