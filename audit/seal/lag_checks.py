"""What is asked of the seal whenever the checks run, so that somebody learns of it also when no sealer runs."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register
from django.db import DatabaseError, connection

from audit.seal.lag import lag

EXISTS = "SELECT to_regclass('audit_checkpoint') IS NOT NULL"


@register(Tags.database)
def check_lag(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """A row outside the seal can be taken out with less to show for it; an hour of such rows is somebody's fault."""
    if settings.DATABASE_ROLE != "serving" or "default" not in (databases or ()):
        return []
    try:
        with connection.cursor() as cursor:
            cursor.execute(EXISTS)
            if not cursor.fetchone()[0]:
                return []
        behind = lag(connection)
    except DatabaseError as error:
        return [_late(f"How far the seal is behind cannot be found out ({type(error).__name__}).")]
    if not behind.cause:
        return []
    return [_late(f"The seal is {behind.seconds:.0f} seconds behind: {behind.cause}.")]


def _late(sentence: str) -> CheckMessage:
    return checks.Warning(sentence, hint="Look at the sealer's log, and at audit_seal --status.", id="dsop.W047")
