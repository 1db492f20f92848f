"""What an issuer may answer instead of its metadata and keys: nothing of it can be used."""

import threading
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from itertools import cycle

from tests.issuer import Answer, Issuer, says


def key_sets(issuer: Issuer) -> dict[str, Answer]:
    """Return answers in the place of a key set, with no usable key in any."""
    first = issuer.keys[0].published()
    return {
        "not JSON": says(b"{'keys': ["),
        "a page": says(b"<!DOCTYPE html><title>Vedlikehold</title>", 200, **{"Content-Type": "text/html"}),
        "a list": says([first]),
        "no keys": says({"keys": []}),
        "keys that are none": says({"keys": [{**first, "n": "AA"}, {**first, "use": "enc"}, None, 7]}),
        "each key twice": says({"keys": [first, first]}),
        "nested deeply": says(b'{"keys":' + b"[" * 30_000),
        "ten megabytes": says(b'{"keys": [' + b" " * 10_000_000 + b"]}"),
        "an error": says(b"", 503),
        "elsewhere": says(b"", 302, Location=issuer.url),
    }


def metadata(issuer: Issuer) -> dict[str, Answer]:
    """Return answers in the place of the metadata that lead to no key set."""
    return {
        "a page of metadata": says(b"<html></html>"),
        "another's metadata": says({"issuer": "http://127.0.0.1:1/", "jwks_uri": issuer.key_set_url}),
        "keys on another host": says({"issuer": issuer.url, "jwks_uri": "http://127.0.0.2:1/jwk"}),
    }


@dataclass
class InTurn:
    """Gives another of the answers each time."""

    answers: dict[str, Answer]
    given: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._next, self._lock = cycle(self.answers), threading.Lock()

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        with self._lock:
            name = next(self._next)
            self.given[name] += 1
        self.answers[name](handler)

    def all_given(self) -> bool:
        return self.given.keys() == self.answers.keys()
