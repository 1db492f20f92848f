"""What must hold so that somebody learns of an alert: letters can be sent, and the watcher runs."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - Django's name
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import DatabaseError, connection
from django.utils import timezone

from audit.fetching import LOOPBACK
from compliance.watching.kinds import Audience
from compliance.watching.models import Folding

LATE = timedelta(minutes=15)
EXISTS = "SELECT to_regclass(%s) IS NOT NULL"


@register
def check_mail(**kwargs: Any) -> list[CheckMessage]:
    """An alert that nobody gets is none."""
    faults = list(_faults())
    found: list[CheckMessage] = [
        Error(f"DESK_MAIL {fault}.", hint='JSON: {"compliance": ["…"], "auditor": ["…"]}.', id="dsop.E122")
        for fault in faults
    ]
    if not faults and settings.ENVIRONMENT == "production":
        silent = [str(audience.value) for audience in Audience if not settings.DESK_MAIL.get(audience)]
        found += [
            Warning(
                f"DESK_MAIL names nobody for {one}.", hint="Alerts are then seen at the desk alone.", id="dsop.W123"
            )
            for one in silent
        ]
    return found


def _faults() -> Iterator[str]:
    told: Any = settings.DESK_MAIL
    if not isinstance(told, dict) or not set(told) <= set(Audience):
        yield "must be a JSON object with the keys compliance and auditor alone"
        return
    addresses = [address for of_one in told.values() for address in (of_one if isinstance(of_one, list) else [None])]
    if not all(map(_is_address, addresses)):
        yield "must hold lists of e-mail addresses"
    elif addresses:
        if not _is_address(settings.DEFAULT_FROM_EMAIL):
            yield "needs EMAIL_FROM"
        yield from _faults_of_server()


def _faults_of_server() -> Iterator[str]:
    if not settings.EMAIL_HOST:
        yield "needs EMAIL_URL"
    elif not (settings.SANDBOX or settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL or settings.EMAIL_HOST in LOOPBACK):
        yield "needs an EMAIL_URL with smtp+tls or smtp+ssl"


def _is_address(address: Any) -> bool:
    try:
        validate_email(address if isinstance(address, str) else "")
    except ValidationError:
        return False
    return True


@register(Tags.database)
def check_watcher(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """What nobody folds, nobody is told of. A watcher that never ran is an installation's own business."""
    if settings.DATABASE_ROLE != "serving" or "default" not in (databases or ()):
        return []
    try:
        with connection.cursor() as cursor:
            cursor.execute(EXISTS, [Folding._meta.db_table])
            if not cursor.fetchone()[0]:
                return []
        last = Folding.objects.values_list("succeeded_at", flat=True).first()
    except DatabaseError as error:
        return [_late(f"When the watcher last ran cannot be found out ({type(error).__name__}).")]
    if last is None or timezone.now() - last < LATE:
        return []
    return [_late(f"The watcher has folded nothing since {last:%Y-%m-%dT%H:%M:%SZ}.")]


def _late(sentence: str) -> CheckMessage:
    return Warning(sentence, hint="Look at the log of desk_watch --watch, and start it.", id="dsop.W124")
