"""Questions as they stand when every rule has let them through, for tests of what the endpoints answer."""

import uuid
from datetime import UTC, date, datetime

from legal.endpoints import Endpoint
from legal.enquiries import Enquiry
from legal.grants import Grant
from legal.mandates import Mandate
from legal.periods import Period

NUMBER = "15869010089"
TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
AUDIENCE = "https://bank.example/v2"
CASE = uuid.UUID("0b1f6e1c-5c0e-4b0f-9b7a-3c8b1d2e4f50")
GRANT = Grant(
    consumer="974761076",
    supplier="",
    client_id="x",
    client_amr="",
    jti="x",
    issuer="x",
    audience=AUDIENCE,
    key_id="x",
    scopes=frozenset(),
    issued_at=0,
    expires_at=120,
    pid="",
    has_authorization_details=False,
)


def mandate(**rules):
    return Mandate(
        **{
            "service": "fi-utlegg-saldo",
            "version": 1,
            "endpoint": Endpoint.ACCOUNTS,
            "scope": "bits:kontoinformasjon",
            "texts": frozenset({"FI-Utlegg-Test"}),
            "period": "ten_years",
            "owner": "any_owner",
            "requester": "accepted",
            "additional_reference": "empty",
            "precondition": "none",
            "fields": {},
            "data_not_delivered": False,
            "other_holders_withheld": False,
            **rules,
        }
    )


def enquiry(*, reference=None, number=NUMBER, period=None, rules=None, **columns):
    """Return a question about a party, or about an account where there is a reference."""
    days = period or Period(TODAY, TODAY)
    return Enquiry(
        **{
            "grant": GRANT,
            "mandate": mandate(**rules or {}),
            "legal_mandate": "FI-Utlegg-Test",
            "account_info_request_id": CASE,
            "correlation_id": uuid.UUID(int=7),
            "asked_for": days,
            "period": days,
            "asked_at": NOW,
            "party_number": None if reference else number,
            "account_reference": reference,
            "only_primary_owner": None if reference else False,
            **columns,
        }
    )
