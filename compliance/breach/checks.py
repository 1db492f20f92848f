"""What must hold of breaches and routines before the service runs in production."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Remark
from django.db import connection

from compliance.breach.models import Contact, Routine
from compliance.breach.routines import all_routines


@register(Tags.database)
def check_routines(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """The standard wants five routines built in; one without an owner is nobody's."""
    if settings.ENVIRONMENT != "production" or not _is_there(databases, Routine._meta.db_table):
        return []
    nobodys = [str(routine) for routine in all_routines() if routine.owner_id is None]
    if not nobodys:
        return []
    return [
        Remark(
            f"Nobody owns {len(nobodys)} of the five routines: {', '.join(nobodys)}.",
            hint="An officer names the owners at the desk, under Routines.",
            id="dsop.W136",
        )
    ]


@register(Tags.database)
def check_sender(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Notices that are to be sent by e-mail need an address to be sent from."""
    if settings.DEFAULT_FROM_EMAIL or not _is_there(databases, Contact._meta.db_table):
        return []
    if not Contact.objects.exists():
        return []
    return [
        Error(
            "Notices of outages have contacts, and the bank has no address to write from.",
            hint="Set EMAIL_FROM and EMAIL_URL, or take the contacts away.",
            id="dsop.E135",
        )
    ]


def _is_there(databases: Sequence[str] | None, table: str) -> bool:
    if "default" not in (databases or ()):
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
        return bool(cursor.fetchone()[0])
