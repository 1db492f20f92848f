"""Under which role this process uses each database, at which address, and which of the two a model lives in.

Request code sees two aliases under the serving role. Commands that make or drop things run as owner; those that seal
and those that verify the trail have roles of their own, which know no ledger.
"""

import os
from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from dsop.hosts import names_several, several_hosts


class Role(StrEnum):
    SERVING = "serving"
    OWNER = "owner"
    SEALER = "sealer"
    AUDITOR = "auditor"
    LOADER = "loader"


ADDRESSES = {
    Role.SERVING: ("DATABASE_URL", "LEDGER_DATABASE_URL"),
    Role.OWNER: ("DATABASE_OWNER_URL", "LEDGER_OWNER_URL"),
    Role.SEALER: ("DATABASE_SEALER_URL",),
    Role.AUDITOR: ("DATABASE_AUDITOR_URL",),
    Role.LOADER: ("LEDGER_LOADER_URL",),
}
"""The settings that only a process of this role is given."""
COMMANDS = {
    **dict.fromkeys(
        (
            "migrate",
            "audit_partitions",
            "audit_retain",
            "database_roles",
            "ledger_partitions",
            "sandbox_load",
            "sandbox_prepare",
            "sandbox_watch",
        ),
        Role.OWNER,
    ),
    "audit_seal": Role.SEALER,
    "audit_verify": Role.AUDITOR,
    "audit_proof": Role.AUDITOR,
    "load_ledger": Role.LOADER,
}
"""Every other command serves."""
NONE = {"ENGINE": "django.db.backends.dummy"}
"""A database that this process has no business with: whoever asks it is refused."""
STATEMENT_SECONDS, LOCK_SECONDS, IDLE_SECONDS = 8, 5, 60  # the server's own; an owner's migrations may take longer
BOUNDED = (
    f"-c statement_timeout={STATEMENT_SECONDS}s -c lock_timeout={LOCK_SECONDS}s"
    f" -c idle_in_transaction_session_timeout={IDLE_SECONDS}s"
)
CONNECT_SECONDS, OWNER_CONNECT_SECONDS = 2, 30  # for each host; a migration may wait for a busy one
LINE = {
    "tcp_user_timeout": 8_000,  # milliseconds
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}
"""When a line on which nothing comes any more is given up, by the operating system."""
LEDGER_APPS = frozenset({"accounts"})
SCHEMES = frozenset({"postgres", "postgresql"})


def role_of(command: str) -> Role:
    """Return the role under which a command of manage.py runs."""
    return COMMANDS.get(command, Role.SERVING)


def own_role(env: environ.Env) -> Role:
    """Return the role of this process. DSOP_AS_OWNER is how the release before said one of them."""
    before = Role.OWNER if os.environ.get("DSOP_AS_OWNER") == "1" else Role.SERVING
    try:
        return Role(env.str("DSOP_ROLE", default=before))
    except ValueError:
        raise ImproperlyConfigured(f"DSOP_ROLE must be one of {', '.join(Role)}.") from None


def others_addresses(role: Role, environment: Mapping[str, str]) -> list[str]:
    """Return the settings with an address of another role that this environment holds all the same."""
    return sorted(
        name for other, names in ADDRESSES.items() if other is not role for name in names if environment.get(name)
    )


def databases(env: environ.Env, *, role: Role, application: str) -> dict[str, dict[str, Any]]:
    """Return Django's DATABASES. Raise ImproperlyConfigured when an address is not set."""
    patient = OWNER_CONNECT_SECONDS
    match role:
        case Role.OWNER:
            return {
                "default": _server(env, "DATABASE_OWNER_URL", application, seconds=patient),
                "ledger": _server(env, "LEDGER_OWNER_URL", application, seconds=patient),
            }
        case Role.SEALER:
            return {"default": _server(env, "DATABASE_SEALER_URL", application, seconds=patient), "ledger": {**NONE}}
        case Role.AUDITOR:
            return {"default": _server(env, "DATABASE_AUDITOR_URL", application, seconds=patient), "ledger": {**NONE}}
        case Role.LOADER:
            return {"default": {**NONE}, "ledger": _server(env, "LEDGER_LOADER_URL", application, seconds=patient)}
        case Role.SERVING:
            return {
                "default": _server(env, "DATABASE_URL", application, BOUNDED),
                "ledger": _ledger(env, application),
            }


def _ledger(env: environ.Env, application: str) -> dict[str, Any]:
    """Return the ledger as it is served: one host, or a primary and its replicas, which are asked in turn."""
    options = (BOUNDED, "-c default_transaction_read_only=on")
    if not names_several(address := env.str("LEDGER_DATABASE_URL")):
        return _server(env, "LEDGER_DATABASE_URL", application, *options)
    server = _session(several_hosts("LEDGER_DATABASE_URL", address), application, *options)
    return {**server, "ENGINE": "accounts.replicas"}


def _server(
    env: environ.Env, name: str, application: str, *options: str, seconds: int = CONNECT_SECONDS
) -> dict[str, Any]:
    server = _parts(name, env.str(name))
    server["HOST"] = unquote(server["HOST"])  # a socket's folder is written as %2F…
    return _session(server, application, *options, seconds=seconds)


def _session(server: dict[str, Any], application: str, *options: str, seconds: int = CONNECT_SECONDS) -> dict[str, Any]:
    server["ENGINE"] = "audit.postgresql"
    server["CONN_MAX_AGE"] = None
    server["OPTIONS"] = {
        **server.get("OPTIONS", {}),
        **LINE,
        "application_name": application,
        "connect_timeout": seconds,
        "server_side_binding": True,
        "prepare_threshold": 1,
        # The session's time zone is set here, so that Django need not send a SET of its own.
        "options": " ".join(("-c timezone=UTC", *options)),
    }
    return server


def _parts(name: str, address: str) -> dict[str, Any]:
    """Return an address in Django's words. Raise ImproperlyConfigured, which never repeats it: it holds a password."""
    try:
        parts: dict[str, Any] = environ.Env.db_url_config(address) if urlsplit(address).scheme in SCHEMES else {}
    except ValueError:
        parts = {}
    if not parts.get("NAME"):
        raise ImproperlyConfigured(
            f"{name} must be an address such as postgres://role:password@host:5432/database, percent-encoded."
        )
    return parts


class LedgerRouter:
    """The ledger's models live in `ledger`, all others in `default`; neither is written across."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return "ledger" if model._meta.app_label in LEDGER_APPS else "default"

    db_for_write = db_for_read

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        return self.db_for_read(one) == self.db_for_read(other)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return (db == "ledger") == (app_label in LEDGER_APPS)
