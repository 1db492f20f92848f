"""Exports of a trail that is sealed as the bank's is; users and what they did are removed again."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from audit.signers import FileSigner
from tests.audit.conftest import as_superuser, committing, superusers
from tests.audit.seal.conftest import seal, sealer

__all__ = ["as_superuser", "committing", "seal", "sealer", "superusers"]
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture(scope="session")
def signer():
    return FileSigner(KEY)


@pytest.fixture
def public(tmp_path, settings):
    """The public key where the serving process has it."""
    path = tmp_path / "bank.pem"
    path.write_bytes(KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    path.chmod(0o640)
    settings.AUDIT_SEAL_PUBLIC_KEYS_FILE = str(path)
    return path
