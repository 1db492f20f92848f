"""Run `check --deploy` with the settings of production: it may report that there is no encryption yet, nothing else."""

import base64
import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXPECTED = {"dsop.E001"}


def key(name: str, length: int) -> str:
    return f"{name}:{base64.b64encode(secrets.token_bytes(length)).decode()}"


SETTINGS = {
    "PATH": os.environ["PATH"],
    "DSOP_ENVIRONMENT": "production",
    "SECRET_KEY": secrets.token_urlsafe(60),
    "ALLOWED_HOSTS": "dsop.bank.example",
    "DATABASE_URL": "postgres://serving:x@db.bank.example/dsop",
    "LEDGER_DATABASE_URL": "postgres://serving:x@db.bank.example/ledger",
    "MASKINPORTEN_ISSUER": "https://maskinporten.no/",
    "DSOP_AUDIENCES": '{"https://dsop.bank.example/v2": ["974760673"]}',
    "REFERENCE_KEYS": key("r1", 64),
    "AUDIT_LOOKUP_KEYS": key("l1", 32),
    "AUDIT_ENCRYPTION_KEYS": key("e1", 32),
}


def main() -> None:
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "DEBUG"]
    done = subprocess.run(command, cwd=ROOT, env=SETTINGS, text=True, capture_output=True, check=False)
    said = done.stdout + done.stderr
    reported = set(re.findall(r"\(([a-z_]+\.[EWI][0-9]+)\)", said))
    if reported != EXPECTED:
        sys.exit(f"check --deploy reported {sorted(reported)}, expected {sorted(EXPECTED)}:\n{said}")
    print("check --deploy: no encryption yet, and nothing else")


main()
