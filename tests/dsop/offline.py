"""The service on a machine from which no other can be reached; for gunicorn in a test, never imported by source."""

import socket

resolve = socket.getaddrinfo


def resolve_this_machine_only(host, *args, **kwargs):
    if host not in {None, "127.0.0.1", "localhost"}:
        raise socket.gaierror(socket.EAI_AGAIN, "this machine only")
    return resolve(host, *args, **kwargs)


socket.getaddrinfo = resolve_this_machine_only

from dsop.wsgi import application  # noqa: E402, F401
