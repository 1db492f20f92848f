"""A Django session store whose rows nobody can open but the browser that holds the cookie.

The key in the cookie is stored as a hash only, and the contents are encrypted with a key derived from it: neither the
database nor a backup of it tells who was logged in or what was shown.
"""

import re
from typing import Any

from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from agencies.studielan.locks import Lock, NotOpened
from agencies.studielan.models import BrowserSession

KEY = re.compile(r"[a-z0-9]{32}")


class SessionStore(SessionBase):
    """Sessions in BrowserSession. An unknown, expired or foreign key is an empty session with a new key."""

    def exists(self, session_key: str) -> bool:
        return BrowserSession.objects.filter(name=_lock(session_key).name).exists()

    def create(self) -> None:
        while True:
            self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            return self.create()
        lock = _lock(self.session_key)
        values = {"sealed": lock.seal(self._contents(must_create)), "expires_at": self.get_expiry_date()}
        if must_create:
            try:
                with transaction.atomic():
                    BrowserSession.objects.create(name=lock.name, **values)
            except IntegrityError:
                raise CreateError from None
        # One that another request has ended meanwhile stays ended.
        elif not BrowserSession.objects.filter(name=lock.name).update(**values):
            raise UpdateError
        return None

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None and KEY.fullmatch(key):
            BrowserSession.objects.filter(name=_lock(key).name).delete()

    def load(self) -> dict[str, Any]:
        if self.session_key is not None:
            lock = _lock(self.session_key)
            row = BrowserSession.objects.filter(name=lock.name, expires_at__gt=Now()).first()
            try:
                if row is not None:
                    return dict(lock.open(row.sealed))
            except NotOpened:
                pass
        self._session_key = None
        return {}

    @classmethod
    def clear_expired(cls) -> None:
        BrowserSession.objects.filter(expires_at__lte=Now()).delete()

    def _contents(self, is_new: bool) -> dict[str, Any]:
        contents: dict[str, Any] = self._get_session(no_load=is_new)  # type: ignore[attr-defined]
        return contents

    def _validate_session_key(self, key: str | None) -> bool:
        return isinstance(key, str) and KEY.fullmatch(key) is not None


def _lock(session_key: str) -> Lock:
    return Lock("session", session_key)
