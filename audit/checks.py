"""What must hold of the trail before anything is served: its partitions, its triggers, and who may do what to it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, connection

from audit import key_checks  # noqa: F401 - registers checks of its own
from audit.guards import unguarded
from audit.partitions import ENOUGH, TABLES, WHOLE, missing_months
from audit.retain import checks as retain_checks  # noqa: F401 - registers a check of its own
from audit.rights import RIGHTS, too_wide
from audit.seal import lag_checks, outside_checks  # noqa: F401 - register checks of their own

EXISTS = "SELECT to_regclass(%s) IS NOT NULL"


@register(Tags.database)
def check_partitions(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """A record for which there is no partition cannot be written, and then nothing is answered."""
    if "default" not in (databases or ()):
        return []
    today = datetime.now(UTC).date()
    found: list[CheckMessage] = []
    with connection.cursor() as cursor:
        for table in TABLES:
            if not _exists(cursor, table):
                if not settings.AS_OWNER:  # the owner is about to make it
                    found.append(Error(f"The table {table} does not exist.", hint="Run migrate.", id="dsop.E041"))
            elif missing := missing_months(cursor, table, today=today, ahead=ENOUGH):
                months = ", ".join(f"{first:%Y-%m}" for first in missing)
                found.append(
                    Error(
                        f"{table} has no partition for {months}.",
                        hint="Run audit_partitions, and find out why it has not run.",
                        id="dsop.E041",
                    )
                )
    return found


@register(Tags.database)
def check_triggers(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Each table of the trail and each partition refuses changes by itself."""
    if "default" not in (databases or ()):
        return []
    with connection.cursor() as cursor:
        bare = [name for table in TABLES for name in unguarded(cursor, table)]
        bare += [name for table, refused in WHOLE.items() for name in unguarded(cursor, table, refused)]
    return [
        Error(
            f"The trigger that refuses changes is gone or disabled on {name}.",
            hint="Find out who did it and what was changed since; audit_partitions puts it back.",
            id="dsop.E042",
        )
        for name in bare
    ]


@register(Tags.database)
def check_rights(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """The serving role can append and read, and no more."""
    if settings.AS_OWNER or "default" not in (databases or ()):
        return []
    with connection.cursor() as cursor:
        rights = too_wide(cursor, "serving")
    if not rights:
        return []
    return [
        Error(
            f"The serving role has rights that it must not have: {', '.join(rights)}.",
            hint="Serve under a role of its own with the rights that database_roles prints.",
            id="dsop.E043",
        )
    ]


@register
def check_own_rights(**kwargs: Any) -> list[CheckMessage]:
    """The sealer and the auditor can do their work, and no more. Asked of the database at every command's start."""
    role = settings.DATABASE_ROLE
    if role == "serving" or role not in RIGHTS:
        return []
    try:
        with connection.cursor() as cursor:
            rights = too_wide(cursor, role)
    except DatabaseError as error:
        return [Error(f"The {role}'s database cannot be asked ({type(error).__name__}).", id="dsop.E046")]
    if not rights:
        return []
    return [
        Error(
            f"The {role}'s role has rights that it must not have: {', '.join(rights)}.",
            hint="Give it a role of its own with the rights that database_roles prints.",
            id="dsop.E046",
        )
    ]


@register(Tags.database)
def check_commits(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """A record is committed when it is written, not when the request ends."""
    if "default" not in (databases or ()):
        return []
    server = connection.settings_dict
    if server["ATOMIC_REQUESTS"] or not server["AUTOCOMMIT"]:
        return [Error("The default database must have ATOMIC_REQUESTS off and AUTOCOMMIT on.", id="dsop.E044")]
    return []


@register(Tags.database)
def check_durability(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """What was committed is on disk before the answer leaves, so that no crash leaves an answer without its record."""
    if "default" not in (databases or ()):
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('synchronous_commit')")
        if cursor.fetchone()[0] != "off":
            return []
    return [
        Error(
            "synchronous_commit is off: a record may be lost after its answer has left.",
            hint="Turn it on for the server, the database and the serving role.",
            id="dsop.E045",
        )
    ]


def _exists(cursor: Any, table: str) -> bool:
    cursor.execute(EXISTS, [table])
    return bool(cursor.fetchone()[0])
