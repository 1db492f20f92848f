"""Where `make run` listens, and the address by which everybody on this machine finds it."""

import errno
import http.client
import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.place import Trouble

# Only these two are taken for a safe way without TLS (NET-00), so the sandbox always listens on one of them.
LOOPBACK = {4: "127.0.0.1", 6: "::1"}


@dataclass(frozen=True, slots=True)
class Address:
    """`hosts` are listened to; `home` is the one of them that is loopback; `setting` says the port."""

    hosts: tuple[str, ...]
    home: str
    port: int
    names: tuple[str, ...]
    setting: str = "PORT"

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
                raise self._trouble(error, _bracketed(host)) from None

    def _trouble(self, error: OSError, host: str) -> Trouble:
        place = f"{host}:{self.port}"
        if error.errno == errno.EADDRINUSE:
            other = f"{self.setting}={self.port + 1 if self.port < 65535 else 8000}"
            return Taken(f"{place} is in use: stop what listens there, or take another port: make run {other}.")
        if error.errno == errno.EACCES:
            return Trouble(f"This user may not listen on {place}: choose a port from 1024 on with {self.setting}.")
        return Trouble(f"This machine cannot listen on {place}: {error.strerror}.")


class Taken(Trouble):
    """Somebody else listens there."""


def read_address(environment: Mapping[str, str]) -> Address:
    """Return where HOST and PORT say to listen. Raise Trouble when they say nothing sensible."""
    host = environment.get("HOST", "").strip().removeprefix("[").removesuffix("]") or LOOPBACK[4]
    port = _port(environment, "PORT") or 8000
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError):
        raise Trouble(f"HOST {host} is not an address of this machine.") from None
    ip = ipaddress.ip_address(found[0][4][0])
    home = LOOPBACK[ip.version]
    if host == "localhost":
        ip, home = ipaddress.ip_address(LOOPBACK[4]), LOOPBACK[4]
    hosts = (str(ip),) if ip.is_unspecified or str(ip) == home else (str(ip), home)
    others = [socket.gethostname().lower()] if ip.is_unspecified else [_bracketed(str(ip)), _bracketed(host)]
    names = [LOOPBACK[4], "localhost", f"[{LOOPBACK[6]}]", *others]
    return Address(hosts, home, port, tuple(dict.fromkeys(names)))


def read_stand_ins_port(environment: Mapping[str, str], bank: Address) -> int | None:
    """Return what STAND_INS_PORT says, None when it says nothing. Raise Trouble when it says nothing sensible."""
    port = _port(environment, "STAND_INS_PORT")
    if port == bank.port:
        raise Trouble("STAND_INS_PORT must be another port than PORT.")
    return port


def stand_ins_address(port: int | None, bank: Address) -> Address:
    """Return where the agencies' stand-ins listen, always on loopback: there, or else one after the bank's port.

    Where that one is taken it is any free one.
    """

    def at(port: int) -> Address:
        return Address((LOOPBACK[4],), LOOPBACK[4], port, (LOOPBACK[4],), "STAND_INS_PORT")

    if port is not None:
        return at(port)
    following = at(min(bank.port + 1, 65535))
    return following if following.port != bank.port and _is_free(following) else at(_any_free_port())


def is_ready(address: Address, path: str) -> bool:
    """Return whether the server there says that it can answer. Asked directly, whatever proxies are named."""
    connection = http.client.HTTPConnection(address.home, address.port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _port(environment: Mapping[str, str], name: str) -> int | None:
    port = environment.get(name, "").strip()
    if not port:
        return None
    if not (port.isascii() and port.isdigit() and len(port) < 6 and 1 <= int(port) <= 65535):
        raise Trouble(f"{name} must be a number from 1 to 65535.")
    return int(port)


def _is_free(address: Address) -> bool:
    try:
        address.refuse_taken()
    except Trouble:
        return False
    return True


def _any_free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK[4], 0))
        return int(probe.getsockname()[1])


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
