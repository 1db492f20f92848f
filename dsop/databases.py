"""Which address each database has in this process, and which of the two ledgers a model lives in.

Request code sees two aliases under the serving role. Commands that make or drop things run as owner.
"""

from typing import Any
from urllib.parse import unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

OWNER_COMMANDS = frozenset(
    {"migrate", "audit_partitions", "database_roles", "sandbox_load", "sandbox_prepare", "sandbox_watch"}
)
BOUNDED = "-c statement_timeout=8000"  # milliseconds; an owner's migrations may take longer
CONNECT_SECONDS, OWNER_CONNECT_SECONDS = 3, 30  # a request waits for no server; a migration may wait for a busy one
LEDGER_APPS = frozenset({"accounts"})
SCHEMES = frozenset({"postgres", "postgresql"})


def databases(env: environ.Env, *, as_owner: bool, application: str) -> dict[str, dict[str, Any]]:
    """Return Django's DATABASES. Raise ImproperlyConfigured when an address is not set."""
    if as_owner:
        return {
            "default": _server(env, "DATABASE_OWNER_URL", application, seconds=OWNER_CONNECT_SECONDS),
            "ledger": _server(env, "LEDGER_OWNER_URL", application, seconds=OWNER_CONNECT_SECONDS),
        }
    return {
        "default": _server(env, "DATABASE_URL", application, BOUNDED),
        "ledger": _server(env, "LEDGER_DATABASE_URL", application, BOUNDED, "-c default_transaction_read_only=on"),
    }


def _server(
    env: environ.Env, name: str, application: str, *options: str, seconds: int = CONNECT_SECONDS
) -> dict[str, Any]:
    server = _parts(name, env.str(name))
    server["ENGINE"] = "django.db.backends.postgresql"
    server["HOST"] = unquote(server["HOST"])  # a socket's folder is written as %2F…
    server["CONN_MAX_AGE"] = None
    server["OPTIONS"] = {
        **server.get("OPTIONS", {}),
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
