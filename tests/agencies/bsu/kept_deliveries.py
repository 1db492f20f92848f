"""Deliveries as they lie in the database, for tests of who may let them go."""

import hashlib
from datetime import UTC, datetime
from uuid import uuid4

import orjson

from agencies.bsu.models import Delivery
from agencies.bsu.preparing import BODY
from audit.secrecy import seal

FIRST, SECOND = (
    {"kontonummer": account, "saldo": saldo, "oppgaveeier": {"foedselsnummer": number, "navn": "Navn Navnesen"}}
    for account, number, saldo in (("99980012345", "17816994780", 84500), ("99980015454", "27858199021", 40000))
)
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
    body = orjson.dumps({"leveranse": {"oppgave": [FIRST, SECOND]}})
    held = {
        "year": 2025,
        "institution": "213456008",
        "report": uuid4(),
        "reference": "BSU-2025-213456008-1",
        "type": "ordinaer",
        "accounts": 2,
        "sums": {"antallOppgaver": 2, "sumSaldo": 124500},
        "findings": [DOUBT],
        "digest": hashlib.sha256(body).digest(),
        "size": len(body),
        "prepared_at": MORNING,
    }
    delivery = Delivery(**{**held, **members})
    if "body_sealed" not in members:
        delivery.body_sealed = seal(body.decode(), column=BODY, record=delivery.pk)
    delivery.save(force_insert=True)
    return delivery
