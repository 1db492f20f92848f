"""Private keys of the authority and the agencies: PEM files for this user alone, each made once."""

from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.files import write_once
from sandbox.maskinporten.keys import private_folder

BITS = 2048


def private_key(file: Path) -> rsa.RSAPrivateKey:
    """Return the key in the file; make it if there is none. Of several makers one wins, and all get its key."""
    text = file.read_text() if file.exists() else write_once(private_folder(file.parent) / file.name, _new())
    # The library's check of the numbers takes longer than making them; nobody but us has written this file.
    key = serialization.load_pem_private_key(text.encode(), password=None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("Not an RSA key.")
    return key


def _new() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    encoding, layout = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(encoding, layout, serialization.NoEncryption()).decode()
