"""How an agency opens an answer: with its own private key and the algorithms it agreed on."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwe import JWERegistry, decrypt_compact
from joserfc.jwk import RSAKey

KEY_ALGORITHMS = ("RSA-OAEP-256", "RSA-OAEP")
CONTENT_ENCRYPTIONS = ("A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM")
LARGEST = 32 * 1024 * 1024
COMPACT = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+){4}")
JSON, JOSE = "application/json", "application/jose"
HEADER_MEMBERS = {"alg", "enc", "cty", "x5t#S256"}


class CannotOpen(Exception):
    """The answer stays closed; the text says why, without anything of it."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The document, and the header that said how it was closed."""

    header: dict[str, Any]
    document: bytes


def opened(answer: str, private_key: Path) -> Opened:
    """Return what is in a JWE in compact form. Raise CannotOpen."""
    if not COMPACT.fullmatch(answer):
        raise CannotOpen("not five segments of base64url")
    registry = JWERegistry(algorithms=[*KEY_ALGORITHMS, *CONTENT_ENCRYPTIONS])
    registry.max_ciphertext_length = LARGEST  # the library's own limit is below a page of transactions (JWE-12)
    key = RSAKey.import_key(private_key.read_bytes())
    try:
        jwe = decrypt_compact(answer, key, registry=registry)
    except (
        JoseError,
        ValueError,
        TypeError,
    ):  # a TypeError when the header names algorithms by something else than text
        raise CannotOpen("not encrypted to this key with the algorithms agreed on") from None
    assert jwe.plaintext is not None
    return Opened(jwe.protected, jwe.plaintext)


def departure(headers: Mapping[str, str], jwe_header: Mapping[str, Any] | None) -> str:
    """Return what an answer that could be opened departs in from the form agreed on (JWE-05, NEG-03), if anything."""
    media_types = [value for name, value in headers.items() if name.lower() == "content-type"]
    if media_types != [JOSE] or jwe_header is None:
        return f"expected {JOSE} and nothing beside it"
    if set(jwe_header) != HEADER_MEMBERS or jwe_header["cty"] != JSON:
        return f"expected a header of {', '.join(sorted(HEADER_MEMBERS))}, with {JSON} inside"
    return ""
