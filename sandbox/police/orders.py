"""An extradition order as a lawyer of the prosecution would sign it: right in everything, or changed in anything."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sandbox.maskinporten import jws
from sandbox.police.authority import Police

# Written out anew from the standard's page, so that a slip in the service's own list shows.
REASONS = {
    "Straffeprosessloven §210 (3) første punktum": "Opplysningene antas å ha betydning som bevis i straffesak "
    "der noen med skjellig grunn kan mistenkes for en straffbar handling.",
    "Straffeprosessloven §210 (3) andre punktum": "Opplysningene antas å ha betydning i en sak hvor noen er meldt "
    "savnet, og det er grunn til å frykte at noe har tilstøtt den savnede.",
}
CRIMINAL_CASE, MISSING_PERSON = REASONS
LIFE = timedelta(days=30)
APPROVED_BEFORE = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is ordered: about whom, in which case, and how much."""

    party_number: str
    from_date: date
    to_date: date
    case_id: uuid.UUID = field(default_factory=uuid.uuid4)
    mandate: str = CRIMINAL_CASE
    only_primary_owner: bool = False


def claims_of(wish: Wish, *, now: datetime) -> dict[str, Any]:
    """Return the claims of an order that is valid now and opens every endpoint."""
    approved_at = (now - APPROVED_BEFORE).astimezone(UTC).replace(microsecond=0)
    return {
        "extraditionOrderID": str(uuid.uuid4()),
        "version": "1.0.0",
        "partyID": wish.party_number,
        "mandate": wish.mandate,
        "reason": REASONS[wish.mandate],
        "fromDate": wish.from_date.isoformat(),
        "toDate": wish.to_date.isoformat(),
        "onlyPrimaryOwner": wish.only_primary_owner,
        "accountList": True,
        "accountDetails": True,
        "transactions": True,
        "cards": True,
        "roles": True,
        "district": {"districtID": "201", "districtLabel": "Oslo politidistrikt"},
        "approval": {
            "approvedByID": "sandbox-1",
            "approvedByName": "Sandkasse Jurist",
            "approvedByRole": "Politiadvokat",
            "approvalTimestamp": f"{approved_at:%Y-%m-%dT%H:%M:%SZ}",
        },
        "caseID": str(wish.case_id),
        "exp": int((approved_at + LIFE).timestamp()),
    }


def header_of(police: Police) -> dict[str, Any]:
    return {"alg": "PS256", "typ": "JWT", "kid": police.key_id}


def signed_order(
    police: Police,
    wish: Wish,
    *,
    now: datetime,
    claims: Mapping[str, Any] | None = None,
    headers: Mapping[str, Any] | None = None,
) -> str:
    """Return the order with these changes to its claims and header members, signed."""
    whole = changed(claims_of(wish, now=now), claims or {})
    return jws.sign(changed(header_of(police), headers or {}), whole, police.key)


def changed(members: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members with the changes: null removes one, an object in place of an object changes its members."""
    merged = dict(members)
    for name, value in changes.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict) and isinstance(merged.get(name), dict):
            merged[name] = changed(merged[name], value)
        else:
            merged[name] = value
    return merged
