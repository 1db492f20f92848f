"""Keys inside a hardware security module, reached by PKCS#11: they work there and never leave.

The module is opened for one use and closed again. So nothing of it is open when gunicorn forks, which PKCS#11 forbids.
"""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers

try:
    import pkcs11
except ImportError:  # the optional extra of that name is not installed
    pkcs11 = None  # type: ignore[assignment]

SHORTEST_SECRET = 32
RSA_BITS = 3072
ED25519 = bytes.fromhex("06032b6570")  # the curve's object identifier in DER
OTHER_TYPE = "is neither an RSA nor an Ed25519 key"
ONE_AT_A_TIME = threading.Lock()


class KeyUnusable(ValueError):
    """A key cannot be used. The words say why, as the end of a sentence about it, and never hold a secret."""


class SecurityModule:
    """One token of a PKCS#11 library, and the PIN that opens it. Every method may raise KeyUnusable."""

    def __init__(self, *, library: str, token: str, pin: str) -> None:
        self._library, self._token, self._pin = library, token, pin

    def derive(self, label: str, message: bytes) -> bytes:
        """Return HMAC-SHA512 of the message under the secret of that label: 64 bytes."""
        with self._session() as session:
            secret = _only(session, pkcs11.ObjectClass.SECRET_KEY, label)
            if secret.key_length < SHORTEST_SECRET * 8:
                raise KeyUnusable(f"is shorter than {SHORTEST_SECRET} bytes in the security module")
            return bytes(_fit(secret).sign(message, mechanism=pkcs11.Mechanism.SHA512_HMAC))

    def sign(self, label: str, message: bytes) -> bytes:
        """Return the signature of the private key of that label: RSA with SHA-256 (RS256), or Ed25519."""
        with self._session() as session:
            private = _fit(_only(session, pkcs11.ObjectClass.PRIVATE_KEY, label))
            return bytes(private.sign(message, mechanism=_mechanism_of(private)))

    def public_key(self, label: str) -> RSAPublicKey | Ed25519PublicKey:
        """Return the public key of the pair of that label."""
        with self._session() as session:
            return _exported(_only(session, pkcs11.ObjectClass.PUBLIC_KEY, label))

    def make_secret(self, label: str) -> None:
        """Make a secret of 64 bytes that cannot leave."""
        with self._session(writing=True) as session:
            _refuse_taken(session, label)
            session.generate_key(
                pkcs11.KeyType.GENERIC_SECRET,
                512,
                label=label,
                store=True,
                capabilities=pkcs11.MechanismFlag.SIGN,
                template=_captivity(),
            )

    def make_rsa_pair(self, label: str) -> None:
        """Make an RSA pair whose private half cannot leave."""
        with self._session(writing=True) as session:
            _refuse_taken(session, label)
            session.generate_keypair(
                pkcs11.KeyType.RSA,
                RSA_BITS,
                label=label,
                store=True,
                capabilities=pkcs11.MechanismFlag.SIGN | pkcs11.MechanismFlag.VERIFY,
                private_template=_captivity(),
            )

    def make_ed25519_pair(self, label: str) -> None:
        """Make an Ed25519 pair whose private half cannot leave."""
        with self._session(writing=True) as session:
            _refuse_taken(session, label)
            curve = session.create_domain_parameters(
                pkcs11.KeyType.EC_EDWARDS, {pkcs11.Attribute.EC_PARAMS: ED25519}, local=True
            )
            curve.generate_keypair(
                mechanism=pkcs11.Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
                label=label,
                store=True,
                private_template=_captivity(),
            )

    @contextlib.contextmanager
    def _session(self, *, writing: bool = False) -> Iterator[Any]:
        if pkcs11 is None:
            raise KeyUnusable("needs the optional extra pkcs11: install what requirements/pkcs11.txt lists")
        try:
            with ONE_AT_A_TIME, contextlib.ExitStack() as stack:
                library = pkcs11.lib(self._library)
                stack.callback(library.finalize)
                token = library.get_token(token_label=self._token)
                yield stack.enter_context(token.open(rw=writing, user_pin=self._pin))
        except pkcs11.PKCS11Error as error:
            raise KeyUnusable(f"cannot be used: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    """Return the class's name; the text may repeat what was asked for."""
    if type(error) is pkcs11.PKCS11Error:
        return "the library in PKCS11_MODULE cannot be loaded"
    return f"the security module answers {type(error).__name__}"


def _only(session: Any, kind: Any, label: str) -> Any:
    found = [*session.get_objects({pkcs11.Attribute.CLASS: kind, pkcs11.Attribute.LABEL: label})]
    if not found:
        raise KeyUnusable("is not in the security module under that label")
    if len(found) > 1:
        raise KeyUnusable("is not the only one in the security module under that label")
    return found[0]


def _fit(key: Any) -> Any:
    """Return the key when it may sign and can never be read."""
    if not key[pkcs11.Attribute.SIGN]:
        raise KeyUnusable("may not sign in the security module")
    if key[pkcs11.Attribute.EXTRACTABLE] or not key[pkcs11.Attribute.SENSITIVE]:
        raise KeyUnusable("could be taken out of the security module: it must be sensitive and not extractable")
    return key


def _captivity() -> dict[Any, bool]:
    return {
        pkcs11.Attribute.PRIVATE: True,
        pkcs11.Attribute.SENSITIVE: True,
        pkcs11.Attribute.EXTRACTABLE: False,
    }


def _refuse_taken(session: Any, label: str) -> None:
    if any(session.get_objects({pkcs11.Attribute.LABEL: label})):
        raise KeyUnusable("is not made: the security module holds something under that label already")


def _mechanism_of(private: Any) -> Any:
    if private.key_type == pkcs11.KeyType.RSA:
        return pkcs11.Mechanism.SHA256_RSA_PKCS
    if private.key_type == pkcs11.KeyType.EC_EDWARDS:
        return pkcs11.Mechanism.EDDSA
    raise KeyUnusable(OTHER_TYPE)


def _exported(public: Any) -> RSAPublicKey | Ed25519PublicKey:
    if public.key_type == pkcs11.KeyType.RSA:
        modulus, exponent = public[pkcs11.Attribute.MODULUS], public[pkcs11.Attribute.PUBLIC_EXPONENT]
        return RSAPublicNumbers(int.from_bytes(exponent, "big"), int.from_bytes(modulus, "big")).public_key()
    if public.key_type == pkcs11.KeyType.EC_EDWARDS:
        # Modules differ in whether the 32 bytes are wrapped in DER.
        return Ed25519PublicKey.from_public_bytes(public[pkcs11.Attribute.EC_POINT][-32:])
    raise KeyUnusable(OTHER_TYPE)
