"""New keys, written where nobody else can read them. `python -m audit.key_making` works before there are settings."""

import argparse
import base64
import contextlib
import os
import re
import secrets
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from audit.key_sources import LENGTHS, Purpose, module_for, read_security_module
from audit.keyring import NAME_RULE, is_name
from audit.security_module import RSA_BITS, KeyUnusable, SecurityModule


@dataclass(frozen=True, slots=True)
class Order:
    """One key to make: for what, under which name in its ring, and where to; neither file nor label is the output."""

    purpose: Purpose
    name: str = ""
    file: str = ""
    label: str = ""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--for", dest="purpose", choices=[*map(str, Purpose)], required=True, help="what it is for")
    parser.add_argument("--name", default="", help="its name in the ring (default: the next free letter and number)")
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--file", default="", metavar="PATH", help="write it to a new file that only this user can read")
    place.add_argument("--pkcs11", dest="label", default="", metavar="LABEL", help="make it inside the security module")


def order_of(options: Mapping[str, Any], *, taken: Iterable[str] = ()) -> Order:
    """Return what the options ask for; a key of a ring gets a name that is not taken when they give none."""
    purpose = Purpose(options["purpose"])
    name = options["name"] or (next_name(purpose, taken) if purpose in LENGTHS else "")
    return Order(purpose, name, options["file"], options["label"])


def make_key(order: Order, module: SecurityModule | None) -> str:
    """Make the key and return what belongs into the settings; for a pair the public key in PEM after it.

    Raise KeyUnusable when it cannot be put there; nothing that exists is ever overwritten.
    """
    place = order.label or (str(Path(order.file).absolute()) if order.file else "")
    if "," in place:
        raise KeyUnusable("is not made: a ring of keys is a list with commas, so a label or path must have none")
    if order.purpose not in LENGTHS:
        return _make_pair(order, module)
    if not is_name(order.name):
        raise KeyUnusable(NAME_RULE)
    if order.label:
        module_for(order.label, module).make_secret(order.label)
        return f"{order.name}:pkcs11:{order.label}\n"
    secret = base64.b64encode(secrets.token_bytes(LENGTHS[order.purpose])).decode()
    if order.file:
        secret = f"file:{write_new_file(order.file, secret.encode())}"
    return f"{order.name}:{secret}\n"


def next_name(purpose: Purpose, taken: Iterable[str]) -> str:
    """Return the letter of that ring and a number higher than all in use."""
    letter = purpose.removeprefix("audit-")[0]
    numbers = [int(name[1:]) for name in taken if re.fullmatch(rf"{letter}[0-9]{{1,6}}", name)]
    return f"{letter}{max(numbers, default=0) + 1}"


def write_new_file(path: str, content: bytes) -> str:
    """Write a file that did not exist, for this user's eyes only; return its whole path. Raise KeyUnusable."""
    whole = str(Path(path).absolute())
    try:
        descriptor = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise KeyUnusable(f"is not made: its file cannot be written ({error.strerror})") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        with contextlib.suppress(OSError):
            Path(whole).unlink()
        raise KeyUnusable(f"is not made: its file cannot be written ({error.strerror})") from None
    return whole


def _make_pair(order: Order, module: SecurityModule | None) -> str:
    if order.name:
        raise KeyUnusable("is in no ring and has no name")
    if order.label:
        holding = module_for(order.label, module)
        make = holding.make_ed25519_pair if order.purpose is Purpose.SEAL else holding.make_rsa_pair
        make(order.label)
        return f"pkcs11:{order.label}\n{_pem(holding.public_key(order.label))}"
    if not order.file:
        raise KeyUnusable("is not made: name a new file for it, or a label in the security module")
    private = _new_private_key(order.purpose)
    content = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return f"file:{write_new_file(order.file, content)}\n{_pem(private.public_key())}"


def _new_private_key(purpose: Purpose) -> rsa.RSAPrivateKey | Ed25519PrivateKey:
    if purpose is Purpose.SEAL:
        return Ed25519PrivateKey.generate()
    return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)


def _pem(public: rsa.RSAPublicKey | Ed25519PublicKey) -> str:
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m audit.key_making", description=__doc__)
    add_options(parser)
    options = vars(parser.parse_args(arguments))
    try:
        module = read_security_module(
            library=os.environ.get("PKCS11_MODULE", ""),
            token=os.environ.get("PKCS11_TOKEN", ""),
            pin=os.environ.get("PKCS11_PIN", ""),
            pin_file=os.environ.get("PKCS11_PIN_FILE", ""),
        )
        sys.stdout.write(make_key(order_of(options), module))
    except KeyUnusable as error:
        sys.stderr.write(f"The key {error}.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
