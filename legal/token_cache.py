"""Tokens proven a moment ago, in memory, so that a reused token costs no second signature check (TOK-24)."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from legal.grants import Grant


@dataclass(frozen=True, slots=True)
class Proven:
    """What a token proved, and its times, which must hold again each time it comes."""

    grant: Grant
    times: Mapping[str, int]


class TokenCache:
    """At most `largest` proven tokens by digest, of one generation of keys; the oldest makes room."""

    def __init__(self, largest: int = 1000) -> None:
        self._largest = largest
        self._generation = 0
        self._by_digest: dict[bytes, Proven] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._by_digest)

    def get(self, digest: bytes, generation: int) -> Proven | None:
        """Return what that token proved by these keys. Newer keys than before empty the cache (KEY-07)."""
        with self._lock:
            self._follow(generation)
            return self._by_digest.get(digest) if generation == self._generation else None

    def put(self, digest: bytes, generation: int, proven: Proven) -> None:
        """Keep what a token proved, unless by keys that were replaced in the meantime."""
        with self._lock:
            self._follow(generation)
            if generation < self._generation:
                return
            if digest not in self._by_digest and len(self._by_digest) >= self._largest:
                del self._by_digest[next(iter(self._by_digest))]
            self._by_digest[digest] = proven

    def drop(self, digest: bytes) -> None:
        """Forget one token."""
        with self._lock:
            self._by_digest.pop(digest, None)

    def _follow(self, generation: int) -> None:
        if generation > self._generation:
            self._generation = generation
            self._by_digest.clear()
