"""The pair of keys that seals the sandbox's trail: made once, the private half for the sealer's process alone."""

from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from audit.key_making import Order, make_key
from audit.key_sources import Purpose
from audit.signers import Signing, read_signer
from sandbox.files import make_folder, write_privately


def key_source(folder: Path) -> str:
    """Return AUDIT_SEAL_KEY for what seals in this sandbox."""
    return f"file:{folder / 'seal' / 'key.pem'}"


def public_file(folder: Path) -> Path:
    """Return where the public half lies."""
    return folder / "seal" / "public.pem"


def prepare(folder: Path) -> None:
    """Make the pair unless it is there, and write down the public half."""
    make_folder(folder / "seal")
    file = folder / "seal" / "key.pem"
    if not file.exists():
        make_key(Order(Purpose.SEAL, file=str(file)), None)
    if not public_file(folder).exists():
        public = read_signer(key_source(folder), Signing.ED25519).public_key
        pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        write_privately(public_file(folder), pem.decode())
