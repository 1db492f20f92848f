"""Run `check --deploy` with the settings of production: it reports nothing."""

import base64
import json
import os
import re
import secrets
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

ROOT = Path(__file__).resolve().parents[1]


def key(name: str, length: int) -> str:
    return f"{name}:{base64.b64encode(secrets.token_bytes(length)).decode()}"


SETTINGS = {
    "PATH": os.environ["PATH"],
    "DSOP_ENVIRONMENT": "production",
    "SECRET_KEY": secrets.token_urlsafe(60),
    "ALLOWED_HOSTS": "dsop.bank.example,desk.bank.example",
    "ADMIN_HOSTS": "desk.bank.example",
    "DATABASE_URL": "postgres://serving:x@db.bank.example/dsop",
    "LEDGER_DATABASE_URL": "postgres://serving:x@db.bank.example/ledger",
    "MASKINPORTEN_ISSUER": "https://maskinporten.no/",
    "DSOP_AUDIENCES": '{"https://dsop.bank.example/v2": ["974760673"]}',
    "REFERENCE_KEYS": key("r1", 64),
    "AUDIT_LOOKUP_KEYS": key("l1", 32),
    "AUDIT_ENCRYPTION_KEYS": key("e1", 32),
    "CERTPUB_LOCATOR_URL": "https://bcl.difi.blufo.net",
    "CERTIFICATE_REVOCATION_HOSTS": "crl.authority.example",
    "DESK_LETTERHEAD": json.dumps(dict.fromkeys(("name", "address", "contact", "data_protection_officer"), "Banken")),
    "DESK_MAIL": '{"compliance": ["desk@bank.example"], "auditor": ["auditor@bank.example"]}',
    "EMAIL_URL": "smtp+tls://dsop:x@mail.bank.example:587",
    "EMAIL_FROM": "dsop@bank.example",
}


def authority() -> bytes:
    """Return a root certificate as PEM, as an authority of production would have one."""
    private_key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Enterprise Root CA")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, private_key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    usages = dict.fromkeys(
        ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False
    )
    usage = x509.KeyUsage(**usages, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False)
    builder = builder.add_extension(usage, critical=True)
    return builder.sign(private_key, SHA256()).public_bytes(Encoding.PEM)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder, "authorities.pem")
        bundle.write_bytes(authority())
        files = ("CERTIFICATE_ROOTS_FILE", "CERTIFICATE_INTERMEDIATES_FILE")
        check({**SETTINGS, **dict.fromkeys(files, str(bundle))})


def check(settings: dict[str, str]) -> None:
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "DEBUG"]
    done = subprocess.run(command, cwd=ROOT, env=settings, text=True, capture_output=True, check=False)
    said = done.stdout + done.stderr
    reported = set(re.findall(r"\(([a-z_]+\.[EWI][0-9]+)\)", said))
    if reported or done.returncode:
        sys.exit(f"check --deploy reported {sorted(reported)}:\n{said}")
    print("check --deploy: nothing to report")


main()
