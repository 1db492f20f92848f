"""The previous release, as take.py took it down: its code, what it left in its databases, and the keys it had."""

import base64
import hashlib
from pathlib import Path

VERSION = "0.1.0"
HERE = Path(__file__).parent
PARTY_CASE = "debtor-five-accounts"
"""The only party whose accounts are left in its ledger."""


def code(version: str = VERSION) -> Path:
    return HERE / f"release-{version}.tar.xz"


def dump(alias: str, version: str = VERSION) -> Path:
    return HERE / f"release-{version}-{alias}.sql"


def known_key(purpose: str, length: int) -> str:
    """Return a key that protects nothing: its name and where it comes from stand here."""
    return f"former:{base64.b64encode(hashlib.sha512(purpose.encode()).digest()[:length]).decode()}"


KEYS = {
    "REFERENCE_KEYS": known_key("reference", 64),
    "AUDIT_LOOKUP_KEYS": known_key("look-up", 32),
    "AUDIT_ENCRYPTION_KEYS": known_key("encryption", 32),
}
