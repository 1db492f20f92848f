"""JSON Web Signatures: made as ordered, forbidden kinds too, and opened strictly."""

import base64
import json
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

HASHES: dict[str, hashes.HashAlgorithm] = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
RS_ALGORITHMS = ("RS256", "RS384", "RS512")


class Malformed(ValueError):
    """Not a compact JWS of two JSON objects."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A JWS taken apart. Nothing about it is believed yet."""

    header: dict[str, Any]
    claims: dict[str, Any]
    signed: bytes
    signature: bytes

    def is_signed_by(self, key: RSAPublicKey) -> bool:
        """Return whether the RS256, RS384 or RS512 signature is that key's."""
        digest = HASHES[str(self.header["alg"]).removeprefix("RS")]
        try:
            key.verify(self.signature, self.signed, padding.PKCS1v15(), digest)
        except InvalidSignature:
            return False
        return True


def base64url(octets: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def sign(header: dict[str, Any], claims: dict[str, Any], key: RSAPrivateKey) -> str:
    """Return the compact JWS with the signature its `alg` asks for."""
    signed = f"{base64url(_json(header))}.{base64url(_json(claims))}"
    return f"{signed}.{base64url(_signature(header.get('alg'), signed.encode(), key))}"


def opened(text: str) -> Opened:
    """Return the parts of a compact JWS. Raise Malformed."""
    segments = text.split(".")
    if len(segments) != 3:
        raise Malformed
    header, claims, signature = (_octets(segment) for segment in segments)
    return Opened(_object(header), _object(claims), f"{segments[0]}.{segments[1]}".encode(), signature)


def _signature(algorithm: object, signed: bytes, key: RSAPrivateKey) -> bytes:
    name = algorithm if isinstance(algorithm, str) else ""
    digest = HASHES.get(name[2:], hashes.SHA256())
    if name.lower() == "none":
        return b""
    if name.startswith("HS"):
        # The classic confusion: what everybody may know is used as the secret.
        code = hmac.HMAC(public_pem(key), digest)
        code.update(signed)
        return code.finalize()
    if name.startswith("PS"):
        return key.sign(signed, padding.PSS(padding.MGF1(digest), padding.PSS.DIGEST_LENGTH), digest)
    return key.sign(signed, padding.PKCS1v15(), digest)


def public_pem(key: RSAPrivateKey) -> bytes:
    """Return the public half as PEM."""
    encoding, layout = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(encoding, layout)


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _octets(segment: str) -> bytes:
    try:
        octets = base64.b64decode(segment + "=" * (-len(segment) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise Malformed from None
    if base64url(octets) != segment:  # one spelling each: no padding, no stray bits
        raise Malformed
    return octets


def _object(octets: bytes) -> dict[str, Any]:
    try:
        value = json.loads(octets.decode(), object_pairs_hook=_no_doubles, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Malformed from None
    if not isinstance(value, dict):
        raise Malformed
    return value


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Malformed
    return members


def _no_constant(name: str) -> None:
    raise Malformed
