"""What must hold of the way people sign in, before the service starts."""

import ipaddress
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register
from django.http.request import validate_host

WAYS = ("off", "second-factor", "password")


@register
def check_local_accounts(**kwargs: Any) -> list[CheckMessage]:
    """A password alone opens the admin on a laptop only."""
    way = settings.ADMIN_LOCAL_ACCOUNTS
    if way not in WAYS:
        return [Error(f"ADMIN_LOCAL_ACCOUNTS must be one of {', '.join(WAYS)}.", id="dsop.E115")]
    if way == "password" and not settings.SANDBOX:
        return [Error("ADMIN_LOCAL_ACCOUNTS: a password alone is for the sandbox.", id="dsop.E115")]
    return []


@register
def check_admin_hosts(**kwargs: Any) -> list[CheckMessage]:
    """The admin's hosts are among ours, and not all of them; in production it has its own."""
    named = settings.ADMIN_HOSTS
    if not named:
        if settings.ENVIRONMENT != "production":
            return []
        return [checks.Warning("ADMIN_HOSTS is not set: the admin answers on the API's hosts too.", id="dsop.W119")]
    if not all(is_plain(host) and validate_host(host, settings.ALLOWED_HOSTS) for host in named):
        return [Error("ADMIN_HOSTS must hold names that ALLOWED_HOSTS holds too.", id="dsop.E116")]
    if all(validate_host(host.removeprefix("."), named) for host in settings.ALLOWED_HOSTS):
        return [Error("ADMIN_HOSTS leaves no host of ALLOWED_HOSTS to the agencies.", id="dsop.E116")]
    return []


def is_plain(host: str) -> bool:
    return bool(host) and not host.startswith(".") and "*" not in host


@register
def check_sessions(**kwargs: Any) -> list[CheckMessage]:
    """Nobody stays signed in for days, and locking out needs some failures and not many."""
    bounds = {
        "ADMIN_SESSION_HOURS": (settings.ADMIN_SESSION_HOURS, 1, 12),
        "ADMIN_IDLE_MINUTES": (settings.ADMIN_IDLE_MINUTES, 5, 120),
        "ADMIN_LOCK_FAILURES": (settings.AXES_FAILURE_LIMIT, 3, 20),
    }
    return [
        Error(f"{name} must lie between {least} and {most}.", id="dsop.E117")
        for name, (value, least, most) in bounds.items()
        if not least <= value <= most
    ]


@register
def check_proxies(**kwargs: Any) -> list[CheckMessage]:
    """Whoever is believed about addresses is named by address, and is not everybody."""
    try:
        networks = [ipaddress.ip_network(text) for text in settings.ADMIN_TRUSTED_PROXIES]
    except ValueError:
        return [Error("ADMIN_TRUSTED_PROXIES must hold addresses or networks such as 10.1.0.0/24.", id="dsop.E118")]
    if any(network.prefixlen == 0 for network in networks):
        return [Error("ADMIN_TRUSTED_PROXIES must not hold the whole internet.", id="dsop.E118")]
    return []
