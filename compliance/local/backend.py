"""Passwords of our own; nobody signs in with one where the bank has switched them off."""

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

OPEN = frozenset({"password", "second-factor"})


class LocalAccounts(ModelBackend):
    """Django's own accounts. What they may do is asked here for everybody, however they signed in."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **given: Any
    ) -> Any:
        return super().authenticate(request, username, password, **given) if is_open() else None


def is_open() -> bool:
    return settings.ADMIN_LOCAL_ACCOUNTS in OPEN
