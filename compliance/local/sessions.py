"""How long somebody stays signed in: hours in all, minutes without doing anything, and until their groups change."""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user_model, logout
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.db.models.signals import m2m_changed
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

BEGUN, SEEN = "begun_at", "seen_at"
REMEMBERED_EACH = 60  # seconds; not every page writes that it was looked at
Seconds = int


@receiver(user_logged_in)
def begin(request: HttpRequest, **said: Any) -> None:
    """Note when a session began. Django's own time starts anew whenever a session is saved."""
    now = int(time.time())
    request.session.update({BEGUN: now, SEEN: now})


def is_verified(request: HttpRequest) -> bool:
    """Return whether a local account that has signed in opens the admin; its rights are another question."""
    if settings.ADMIN_LOCAL_ACCOUNTS == "second-factor":
        user: Any = request.user
        return bool(user.is_verified())  # which the middleware of django-otp has added
    return bool(settings.ADMIN_LOCAL_ACCOUNTS == "password" and settings.SANDBOX)


class SessionLimits:
    """End a session that is too old or was left alone too long. Stands among what only browsers pass."""

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        if SESSION_KEY in request.session:
            now = int(time.time())
            if is_over(request.session, now):
                logout(request)
            elif now - request.session[SEEN] >= REMEMBERED_EACH:
                request.session[SEEN] = now
        return self.get_response(request)


def is_over(session: Any, now: Seconds) -> bool:
    """Return whether a session has to end. One that says nothing of its age is of nobody's making."""
    begun, seen = session.get(BEGUN), session.get(SEEN)
    if not (isinstance(begun, int) and isinstance(seen, int)):
        return True
    return now - begun >= settings.ADMIN_SESSION_HOURS * 3600 or now - seen >= settings.ADMIN_IDLE_MINUTES * 60


@receiver(m2m_changed)
def end_after_change(sender: Any, instance: Any, action: str, reverse: bool, pk_set: Any, **said: Any) -> None:
    """End the sessions of those whose groups change: whoever is signed in was let in as somebody else."""
    users = get_user_model()
    if sender is not users.groups.through or action not in {"post_add", "post_remove", "pre_clear"}:
        return
    if not reverse:
        end_sessions({instance.pk})
    elif action == "pre_clear":
        end_sessions(set(instance.user_set.values_list("pk", flat=True)))
    else:
        end_sessions(set(pk_set))


def end_sessions(users: set[int]) -> int:
    """End every session of these users, and return how many there were. Only people have sessions: they are few."""
    theirs = {str(user) for user in users}
    living = Session.objects.filter(expire_date__gt=timezone.now()).iterator()
    ended = [row.pk for row in living if row.get_decoded().get(SESSION_KEY) in theirs] if theirs else []
    Session.objects.filter(pk__in=ended).delete()
    return len(ended)
