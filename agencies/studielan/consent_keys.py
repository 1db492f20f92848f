"""The keys by which Altinn signs consent tokens: fetched from its published set, and kept for a while."""

import json
import os
import time
from threading import Lock
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.conf import settings

from agencies.errors import NotConfigured, Unreachable
from agencies.studielan.consent_tokens import ALGORITHM
from agencies.studielan.errors import ALTINN
from audit.transport import AddressRefused, Limits, NoAnswer, TooLarge, exchange
from legal.published_keys import KeyUnusable, public_key_of

LIMITS = Limits(connect_seconds=5.0, read_seconds=10.0, largest=2**16)
NAMES = ("kid", "x5t")


class ConsentKeys:
    """One process's copy of the set. An unknown key has it fetched again, though not twice within the cool-down."""

    def __init__(self) -> None:
        self._forget()
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        self._lock = Lock()
        self._keys: dict[tuple[str, str], RSAPublicKey] = {}
        self._address = ""
        self._fetched_at = float("-inf")

    def find(self, header: dict[str, Any]) -> RSAPublicKey | None:
        """Return the key that a token's header names by `kid` or `x5t`. Raise Unreachable or NotConfigured."""
        with self._lock:
            age = time.monotonic() - self._fetched_at
            if self._address != settings.ALTINN_CONSENT_KEYS_URL or age > settings.KEYS_REFRESH_SECONDS:
                self._fetch()
            found = self._named(header)
            if found is None and time.monotonic() - self._fetched_at > settings.KEYS_COOLDOWN_SECONDS:
                self._fetch()
                found = self._named(header)
            return found

    def _named(self, header: dict[str, Any]) -> RSAPublicKey | None:
        named = [(name, header[name]) for name in NAMES if isinstance(header.get(name), str)]
        # A thumbprint is often the key's name as well.
        named += [("kid", value) for name, value in named if name == "x5t"]
        return next((self._keys[name] for name in named if name in self._keys), None)

    def _fetch(self) -> None:
        address = settings.ALTINN_CONSENT_KEYS_URL
        if not address:
            raise NotConfigured("ALTINN_CONSENT_KEYS_URL", api=ALTINN)
        try:
            received = exchange("GET", address, (("Accept", "application/json"),), None, LIMITS)
        except AddressRefused:
            raise NotConfigured("ALTINN_CONSENT_KEYS_URL", api=ALTINN) from None
        except (NoAnswer, TooLarge):
            raise Unreachable(may_have_arrived=False, api=ALTINN) from None
        keys = published(received.body) if received.status == 200 else {}
        if not keys:
            raise Unreachable(may_have_arrived=False, api=ALTINN)
        self._keys, self._address, self._fetched_at = keys, address, time.monotonic()


def published(body: bytes) -> dict[tuple[str, str], RSAPublicKey]:
    """Return the usable keys of a JWK set by each of their names; none where it is not one."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    members = document.get("keys") if isinstance(document, dict) else None
    keys: dict[tuple[str, str], RSAPublicKey] = {}
    for member in members if isinstance(members, list) else []:
        try:
            key = public_key_of(member, (ALGORITHM,)) if isinstance(member, dict) else None
        except KeyUnusable:
            continue
        if key:
            keys.update({(name, member[name]): key for name in NAMES if isinstance(member.get(name), str)})
    return keys


keys = ConsentKeys()
