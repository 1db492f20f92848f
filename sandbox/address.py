"""Where `make run` listens, and the address by which everybody on this machine finds it."""

import errno
import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.place import Trouble

# Only these two are taken for a safe way without TLS (NET-00), so the sandbox always listens on one of them.
LOOPBACK = {4: "127.0.0.1", 6: "::1"}


@dataclass(frozen=True, slots=True)
class Address:
    """`hosts` are listened to; `home` is the one of them that is loopback."""

    hosts: tuple[str, ...]
    home: str
    port: int
    names: tuple[str, ...]

    @property
    def base(self) -> str:
        return f"http://{_bracketed(self.home)}:{self.port}"

    @property
    def bind(self) -> str:
        """The same in gunicorn's words."""
        return ",".join(f"{_bracketed(host)}:{self.port}" for host in self.hosts)

    def refuse_taken(self) -> None:
        """Raise Trouble when somebody else listens there, or when this machine cannot."""
        for host in self.hosts:
            try:
                with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind((host, self.port))
                    probe.listen(1)
            except OSError as error:
                raise _trouble(error, _bracketed(host), self.port) from None


class Taken(Trouble):
    """Somebody else listens there."""


def read_address(environment: Mapping[str, str]) -> Address:
    """Return where HOST and PORT say to listen. Raise Trouble when they say nothing sensible."""
    host = environment.get("HOST", "").strip().removeprefix("[").removesuffix("]") or LOOPBACK[4]
    port = environment.get("PORT", "").strip() or "8000"
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise Trouble("PORT must be a number from 1 to 65535.")
    try:
        found = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError):
        raise Trouble(f"HOST {host} is not an address of this machine.") from None
    ip = ipaddress.ip_address(found[0][4][0])
    home = LOOPBACK[ip.version]
    if host == "localhost":
        ip, home = ipaddress.ip_address(LOOPBACK[4]), LOOPBACK[4]
    hosts = (str(ip),) if ip.is_unspecified or str(ip) == home else (str(ip), home)
    others = [socket.gethostname().lower()] if ip.is_unspecified else [_bracketed(str(ip)), _bracketed(host)]
    names = [LOOPBACK[4], "localhost", f"[{LOOPBACK[6]}]", *others]
    return Address(hosts, home, int(port), tuple(dict.fromkeys(names)))


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _trouble(error: OSError, host: str, port: int) -> Trouble:
    if error.errno == errno.EADDRINUSE:
        other = port + 1 if port < 65535 else 8000
        return Taken(f"{host}:{port} is in use: stop what listens there, or take another port: make run PORT={other}.")
    if error.errno == errno.EACCES:
        return Trouble(f"This user may not listen on {host}:{port}: choose a port from 1024 on with PORT.")
    return Trouble(f"This machine cannot listen on {host}:{port}: {error.strerror}.")
