"""Deliveries as they lie in the database, for tests of who may let them go."""

import hashlib
from datetime import UTC, datetime
from uuid import uuid4

from agencies.bsu.models import Delivery

MORNING = datetime(2026, 1, 15, 8, 0, tzinfo=UTC)
FAULT = {
    "hard": True,
    "code": "sums",
    "path": "leveranse/oppgaveoppsummering/sumUttaksbeloepBolig",
    "message": "118500 is stated, 118050 is the sum over the accounts",
    "position": None,
    "account": "",
}
DOUBT = {
    "hard": False,
    "code": "control digits",
    "path": "leveranse/oppgave/1/kontonummer",
    "message": "the control digit is wrong",
    "position": 2,
    "account": "…5454",
}


def kept_delivery(**members):
    """Return a prepared delivery of two accounts, with changes."""
    body = b"the bytes"
    held = {
        "year": 2025,
        "institution": "213456008",
        "report": uuid4(),
        "reference": "BSU-2025-213456008-1",
        "type": "ordinaer",
        "accounts": 2,
        "sums": {"antallOppgaver": 2, "sumSaldo": 124500},
        "findings": [DOUBT],
        "body_sealed": b"sealed",
        "digest": hashlib.sha256(body).digest(),
        "size": len(body),
        "prepared_at": MORNING,
    }
    return Delivery.objects.create(**{**held, **members})
