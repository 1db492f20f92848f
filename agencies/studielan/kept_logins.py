"""The rows of logins: made, read, changed and deleted, and opened by nobody but the login itself."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from agencies.studielan.errors import LoginOver
from agencies.studielan.locks import Lock, NotOpened
from agencies.studielan.models import BrowserSession, Consent, KeptLogin

MOST_ATTEMPTS = 3
ASKING_SECONDS = 120  # longer than any look-up takes; what a killed process left is free again then


@dataclass(frozen=True, slots=True)
class Login:
    """One customer's login. `secret` is known to its browser and to no table, log or backup of the bank's."""

    secret: str = field(repr=False)
    identifier: str = field(repr=False)
    expires_at: datetime

    @property
    def lock(self) -> Lock:
        return Lock("login", self.secret, bound_to=self.identifier)


def begin(login: Login) -> None:
    """Make the login's row, or move the end of the one it has."""
    lock = login.lock
    with transaction.atomic():
        row = KeptLogin.objects.select_for_update().filter(name=lock.name, expires_at__gt=Now()).first()
        if row is not None and _opens(lock, row):
            KeptLogin.objects.filter(name=lock.name).update(expires_at=login.expires_at)
            return
        KeptLogin.objects.filter(name=lock.name).delete()  # expired, or begun for somebody else
        row = KeptLogin(name=lock.name, sealed=lock.seal({}), expires_at=login.expires_at)
        KeptLogin.objects.bulk_create([row], ignore_conflicts=True)


def end(login: Login) -> None:
    """Delete the login's row. Nothing is left that could be opened."""
    KeptLogin.objects.filter(name=login.lock.name).delete()


def sweep() -> int:
    """Delete what has expired, of logins, sessions and consents, and return how many rows that were."""
    expired = (
        KeptLogin.objects.filter(expires_at__lte=Now()),
        BrowserSession.objects.filter(expires_at__lte=Now()),
        Consent.objects.filter(valid_to__lte=Now()),
    )
    return sum(rows.delete()[0] for rows in expired)


def row_of(login: Login) -> tuple[KeptLogin, dict[str, Any]]:
    """Return the row, with the database's `now`, and what is sealed in it. Raise LoginOver."""
    row = _living(login).annotate(now=Now()).first()
    if row is None:
        raise LoginOver
    return row, _content(login.lock, row)


def opened(login: Login) -> dict[str, Any]:
    """Return what is sealed in the login's row. Raise LoginOver."""
    return row_of(login)[1]


def settle(login: Login, outcome: dict[str, Any], columns: dict[str, Any]) -> dict[str, Any]:
    """Keep the outcome of a look-up, and return the one that counts: the first by which the login was settled."""
    with transaction.atomic():
        row = _living(login).select_for_update().first()
        if row is None:
            raise LoginOver
        if row.settled:
            settled: dict[str, Any] = _content(login.lock, row)["outcome"]
            return settled
        change(login, columns=columns, outcome=outcome)
    return outcome


def change(login: Login, *, columns: dict[str, Any] | None = None, **members: Any) -> None:
    """Change members of what is sealed, and columns with them. Raise LoginOver: what has ended is not made again."""
    with transaction.atomic():
        row = _living(login).select_for_update().first()
        if row is None:
            raise LoginOver
        lock = login.lock
        content = {**_content(lock, row), **members}
        KeptLogin.objects.filter(name=lock.name).update(sealed=lock.seal(content), **(columns or {}))


# --- who asks, and how often ---


def take_turn(login: Login) -> bool:
    """Return whether this page view is the one that asks Lånekassen now."""
    free = Q(asking_until=None) | Q(asking_until__lte=Now())
    allowed = Q(not_before=None) | Q(not_before__lte=Now())
    may = _living(login).filter(free, allowed, settled=False, attempts__lt=MOST_ATTEMPTS)
    return bool(may.update(asking_until=Now() + timedelta(seconds=ASKING_SECONDS)))


def count_attempt(login: Login) -> bool:
    """Count one attempt before it is made. Return whether it may be made."""
    may = _living(login).filter(settled=False, attempts__lt=MOST_ATTEMPTS)
    return bool(may.update(attempts=F("attempts") + 1))


def give_turn_back(login: Login) -> None:
    """Let the next page view ask."""
    KeptLogin.objects.filter(name=login.lock.name).update(asking_until=None)


def _living(login: Login) -> QuerySet[KeptLogin]:
    return KeptLogin.objects.filter(name=login.lock.name, expires_at__gt=Now())


def _content(lock: Lock, row: KeptLogin) -> dict[str, Any]:
    try:
        content: dict[str, Any] = lock.open(row.sealed)
    except NotOpened:
        raise LoginOver from None
    return content


def _opens(lock: Lock, row: KeptLogin) -> bool:
    try:
        lock.open(row.sealed)
    except NotOpened:
        return False
    return True
