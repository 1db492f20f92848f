"""What an extradition order must say, once its signature is known to be right: every rule on its claims."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from legal.claims import is_integer
from legal.endpoints import Endpoint
from legal.headers import read_date, read_party_number, read_uuid
from legal.periods import Period, day_in_oslo, months_before
from legal.refusals import OrderClaims, OrderMandate, OrderNotInForce, OrderPeriod, OrderTimes

VERSION = "1.0.0"
REACH_MONTHS = 120
LONGEST_LIFE = timedelta(days=90)
LONGEST_TEXT = 255
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
# Politi-Utlevering, "utleveringspålegg": each mandate has its one reason.
REASONS = {
    "Straffeprosessloven §210 (3) første punktum": (
        "Opplysningene antas å ha betydning som bevis i straffesak der noen med skjellig grunn kan mistenkes "
        "for en straffbar handling."
    ),
    "Straffeprosessloven §210 (3) andre punktum": (
        "Opplysningene antas å ha betydning i en sak hvor noen er meldt savnet, og det er grunn til å frykte "
        "at noe har tilstøtt den savnede."
    ),
}
FLAGS = (Endpoint.ACCOUNT_DETAILS, Endpoint.TRANSACTIONS, Endpoint.CARDS, Endpoint.ROLES)


@dataclass(frozen=True, slots=True)
class Order:
    """What a lawyer of the prosecution has ordered us to hand over. `endpoints` are those that it opens."""

    extradition_order_id: UUID
    case_id: UUID
    party_number: str
    mandate: str
    reason: str
    period: Period
    only_primary_owner: bool
    endpoints: frozenset[Endpoint]
    district_id: str
    district_label: str
    approved_by_id: str
    approved_by_name: str
    approved_by_role: str
    approved_at: datetime
    expires_at: datetime
    version: str
    key_id: str
    certificate_sha256: str

    def evidence(self) -> dict[str, str]:
        """Return what the record keeps beside the order itself, in words that JSON has."""
        return {
            "extradition_order_id": str(self.extradition_order_id),
            "case_id": str(self.case_id),
            "approved_by_id": self.approved_by_id,
            "approved_by_role": self.approved_by_role,
            "approved_at": self.approved_at.isoformat(),
            "expires_at": self.expires_at.isoformat(),
            "key_id": self.key_id,
            "certificate_sha256": self.certificate_sha256,
        }


def order_from(claims: Mapping[str, Any], *, key_id: str, certificate_sha256: str, now: datetime) -> Order:
    """Return the order that the claims make. Refuse them by EO-03 to EO-05; what they say besides is nothing to us."""
    try:
        order = _read(claims, key_id, certificate_sha256)
    except (ValueError, OverflowError, OSError):
        raise OrderClaims from None
    check_pair(order.mandate, order.reason)
    check_period(order.period, today=day_in_oslo(now))
    check_times(order.approved_at, order.expires_at, now=now)
    return order


def check_pair(mandate: str, reason: str) -> None:
    """Refuse a mandate that is none of the two, and a reason that is not that mandate's (EO-04)."""
    if REASONS.get(mandate) != reason:
        raise OrderMandate


def check_period(period: Period, *, today: date) -> None:
    """Refuse a period that ends before it begins, or begins more than ten years ago (EO-05)."""
    if period.from_date > period.to_date or period.from_date < months_before(today, REACH_MONTHS):
        raise OrderPeriod


def check_times(approved_at: datetime, expires_at: datetime, *, now: datetime) -> None:
    """Refuse an order made to live for more than 90 days, and one that is not of this moment (EO-05)."""
    if not timedelta(0) <= expires_at - approved_at <= LONGEST_LIFE:
        raise OrderTimes
    if not approved_at <= now <= expires_at:
        raise OrderNotInForce


def _read(claims: Mapping[str, Any], key_id: str, certificate_sha256: str) -> Order:
    """Return the claims, each of its own type and form (EO-03). Raise ValueError."""
    if claims.get("version") != VERSION or claims.get("accountList") is not True:
        raise ValueError
    district, approval = _object(claims, "district"), _object(claims, "approval")
    flags = {endpoint: _boolean(claims, endpoint) for endpoint in FLAGS}
    return Order(
        extradition_order_id=read_uuid(_text(claims, "extraditionOrderID")),
        case_id=read_uuid(_text(claims, "caseID")),
        party_number=read_party_number(_text(claims, "partyID")),
        mandate=_text(claims, "mandate"),
        reason=_text(claims, "reason"),
        period=Period(read_date(_text(claims, "fromDate")), read_date(_text(claims, "toDate"))),
        only_primary_owner=_boolean(claims, "onlyPrimaryOwner"),
        endpoints=frozenset({Endpoint.ACCOUNTS, *(endpoint for endpoint, granted in flags.items() if granted)}),
        district_id=_text(district, "districtID"),
        district_label=_text(district, "districtLabel"),
        approved_by_id=_text(approval, "approvedByID"),
        approved_by_name=_text(approval, "approvedByName"),
        approved_by_role=_text(approval, "approvedByRole"),
        approved_at=_moment(approval, "approvalTimestamp"),
        expires_at=_numeric_date(claims, "exp"),
        version=VERSION,
        key_id=key_id,
        certificate_sha256=certificate_sha256,
    )


def _object(claims: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = claims.get(name)
    if not isinstance(value, dict):
        raise ValueError
    return value


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_TEXT or not value.isprintable():
        raise ValueError
    return value


def _boolean(claims: Mapping[str, Any], name: str) -> bool:
    value = claims.get(name)
    if not isinstance(value, bool):
        raise ValueError
    return value


def _moment(claims: Mapping[str, Any], name: str) -> datetime:
    text = _text(claims, name)
    if not MOMENT.fullmatch(text):
        raise ValueError
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _numeric_date(claims: Mapping[str, Any], name: str) -> datetime:
    value = claims.get(name)
    if not is_integer(value):
        raise ValueError
    return datetime.fromtimestamp(value, UTC)
