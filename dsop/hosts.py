"""An address with several hosts, as libpq writes it: `postgres://role:password@one:5432,two:5432/ledger?…`.

It is read by libpq itself. What it would read and could not mean is refused, in words that repeat nothing of it.
"""

from typing import Any
from urllib.parse import urlsplit

import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

MOST_HOSTS = 8
SERVING = ("any", "prefer-standby", "standby", "primary")
"""Words for `target_session_attrs`. The others ask a session whether it may write, which none of the ledger's may."""
ORDERS = ("disable", "random")
PARTS = frozenset({"host", "port", "user", "password", "dbname"})
CHOICES = frozenset({"target_session_attrs", "load_balance_hosts"})
SECRECY = frozenset(
    {
        *("sslmode", "sslrootcert", "sslcert", "sslkey", "sslpassword", "sslcrl", "sslcrldir", "sslsni"),
        *("sslnegotiation", "ssl_min_protocol_version", "ssl_max_protocol_version", "channel_binding"),
        *("require_auth", "gssencmode", "krbsrvname", "gsslib", "passfile"),
    }
)
PORTS = range(1, 65_536)


def names_several(address: str) -> bool:
    """Return whether the address lists more than one host."""
    return "," in urlsplit(address).netloc.rpartition("@")[2]


def several_hosts(name: str, address: str) -> dict[str, Any]:
    """Return the address in Django's words, hosts and ports in one order. Raise ImproperlyConfigured."""
    try:
        read = {word: str(value) for word, value in conninfo_to_dict(address).items()}
    except psycopg.Error:
        raise ImproperlyConfigured(
            f"{name} lists several hosts and is not an address such as "
            "postgres://role:password@one:5432,two:5432/database?target_session_attrs=any, percent-encoded."
        ) from None
    hosts = read.get("host", "").split(",")
    for sentence, fault in _faults(read, hosts, _asked_for(address)):
        if fault:
            raise ImproperlyConfigured(f"{name} {sentence}.")
    options = {word: value for word, value in read.items() if word not in PARTS}
    return {
        "NAME": read["dbname"],
        "USER": read["user"],
        "PASSWORD": read.get("password", ""),
        "HOST": ",".join(hosts),
        "PORT": ",".join(port or "5432" for port in _ports(read, hosts)),
        "OPTIONS": {"target_session_attrs": "any", "load_balance_hosts": "disable", **options},
    }


def _faults(read: dict[str, str], hosts: list[str], asked_for: set[str]) -> list[tuple[str, bool]]:
    ports = _ports(read, hosts)
    places = list(zip(hosts, (port or "5432" for port in ports), strict=False))
    return [
        ("sets what is no choice among hosts and nothing about TLS", bool(asked_for - CHOICES - SECRECY)),
        ("lists several hosts and must name its role and its database once", not {"user", "dbname"} <= read.keys()),
        ("lists a host without a name", not all(host.strip() for host in hosts)),
        (f"lists more than {MOST_HOSTS} hosts", len(hosts) > MOST_HOSTS),
        ("has a port that is none", not all(not port or _is_port(port) for port in ports)),
        ("has more or fewer ports than hosts", len(ports) != len(hosts)),
        ("lists a host twice", len(set(places)) < len(places)),
        (
            f"must have one of {', '.join(SERVING)} as target_session_attrs",
            read.get("target_session_attrs", "any") not in SERVING,
        ),
        (
            f"must have {' or '.join(ORDERS)} as load_balance_hosts",
            read.get("load_balance_hosts", ORDERS[0]) not in ORDERS,
        ),
    ]


def _ports(read: dict[str, str], hosts: list[str]) -> list[str]:
    return read.get("port", "," * (len(hosts) - 1)).split(",")


def _is_port(word: str) -> bool:
    return word.isascii() and word.isdigit() and int(word) in PORTS


def _asked_for(address: str) -> set[str]:
    """Return the names in the address's query; libpq would let them overrule what stands before it."""
    return {pair.partition("=")[0] for pair in urlsplit(address).query.split("&") if pair}
