"""Entries for the trail's tests."""

import uuid
from datetime import UTC, date, datetime

from audit.recording import Entry

NOON = datetime.now(UTC).replace(day=10, hour=12, minute=0, second=0, microsecond=0)
"""A moment for which there is a partition, whenever the suite runs."""
PROVEN = {"salt", "xact", "writer", "writer_number", "writer_previous"}
"""The columns that make a row provable; test_appending.py looks at them."""


def answered(**changes):
    """Return an entry with a value in every field."""
    values = {
        "method": "GET",
        "endpoint": "accounts",
        "outcome": "answered",
        "code": "",
        "refusal": "",
        "http_status": 200,
        "audience": "https://api.bank.example/v2",
        "consumer": "974761076",
        "supplier": "310000011",
        "client_id": "c1d2",
        "jti": "j-1",
        "scopes": "bits:kontoinformasjon bits:kundeforhold",
        "service": "fi-utlegg-saldo",
        "service_version": 3,
        "legal_mandate": "FI-Utlegg-Test",
        "account_info_request_id": uuid.UUID("0190a1b2-0000-4000-8000-000000000001"),
        "correlation_id": uuid.UUID("0190a1b2-0000-4000-8000-000000000002"),
        "requester_id": "saksbehandler 7",
        "additional_reference_type": "srf",
        "from_date": date(2026, 11, 21),
        "to_date": date(2026, 11, 22),
        "only_primary_owner": True,
        "items": 2,
        "as_of": datetime(2026, 11, 21, 6, 0, 0, 1, tzinfo=UTC),
        "empty_because": "",
        "document_digest": bytes(range(32)),
        "duration_us": 1234,
        "control_object": "01810112345",
        "additional_reference": "case 17 of 2026",
        "account_reference": "AAECAwQ",
        "accounts": ["97100000001", "97100000002"],
        "malformed": {"PartyID": "01810112345 "},
        "evidence": {"alg": "RSA-OAEP-256"},
    }
    return Entry(**{**values, **changes})
