"""An agency under one of the six services: a case with everything right, in which a test then changes something."""

import json
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import quote

from legal.endpoints import Endpoint, Scope
from legal.periods import Period, day_in_oslo, months_before
from sandbox.bank import DEFAULT_SEED, characters
from sandbox.certpub.site import here
from sandbox.consumer_services import SERVICES, ReferenceType, last_calendar_year, today_only
from sandbox.police.authority import Police, police_at
from sandbox.police.orders import Wish, signed_order
from tests.consumer import Server, identifier, mint

TODAY = day_in_oslo(datetime.now(UTC))
LAST_YEAR = last_calendar_year(TODAY)
TWO_YEARS = Period(months_before(TODAY, 24), TODAY)
"""Within what the synthetic bank has online, so that answers are complete."""
PERIODS = {
    "fi-utlegg-saldo": today_only(TODAY),
    "skatt-kontroll": TWO_YEARS,
    "konkursbehandling": Period(TODAY - timedelta(days=300), TODAY),
    "oppgjor-etter-dodsfall": Period(TODAY - timedelta(days=100), TODAY),
    "vergekontroll": LAST_YEAR,
    "politi-utlevering": TWO_YEARS,
}
RULING = TODAY - timedelta(days=90)
"""When the courts of sandbox/brreg/notices.py opened every bankruptcy."""
GUARDIANS = {character.case: character.guardian for character in characters(DEFAULT_SEED)}
SCOPES = {
    Endpoint.CUSTOMER_RELATIONSHIPS: Scope.CUSTOMER_RELATIONSHIPS,
    Endpoint.ACCOUNT_SERVICING_PROVIDER: Scope.ACCOUNT_SERVICING_PROVIDER,
}
PATHS = {
    Endpoint.CUSTOMER_RELATIONSHIPS: "/customers/customerRelationships",
    Endpoint.ACCOUNT_SERVICING_PROVIDER: "/customers/accountServicingProvider",
    Endpoint.ACCOUNTS: "/accounts",
    Endpoint.ACCOUNT_DETAILS: "/accounts/{}",
    Endpoint.TRANSACTIONS: "/accounts/{}/transactions",
    Endpoint.CARDS: "/accounts/{}/cards",
    Endpoint.ROLES: "/accounts/{}/roles",
}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One enquiry about one party. `but` is the same case with something else in its questions."""

    server: Server
    service: str
    number: str
    period: Period
    owners: str
    reference: str
    kind: str
    consumer: str
    mandate: str
    first_mandate: str
    requester: str
    id: uuid.UUID = field(default_factory=uuid.uuid4)

    def but(self, **changes: Any) -> "Case":
        return replace(self, **changes)

    def between(self, from_date: date, to_date: date) -> "Case":
        return self.but(period=Period(from_date, to_date))

    def ask(self, endpoint: str, about: str = "", query: str | None = None, **headers: str | None) -> Any:
        """Return the answer; `about` is a reference or an account number, headers are as those of Consumer."""
        path = PATHS[Endpoint(endpoint)].format(about)
        sent = self.headers(Endpoint(endpoint), about, **headers)
        return self.server.get(f"/v2{path}{self.query(endpoint) if query is None else query}", sent)

    def query(self, endpoint: str) -> str:
        days = f"fromDate={self.period.from_date}&toDate={self.period.to_date}"
        if endpoint == Endpoint.ACCOUNT_SERVICING_PROVIDER:
            return ""
        of_party = endpoint in {Endpoint.ACCOUNTS, Endpoint.CUSTOMER_RELATIONSHIPS}
        return f"?{days}&OnlyPrimaryOwner={self.owners}" if of_party else f"?{days}"

    def headers(self, endpoint: Endpoint, about: str = "", **changes: str | None) -> dict[str, str]:
        scope = SCOPES.get(endpoint, Scope.ACCOUNT_INFORMATION)
        first = scope is not Scope.ACCOUNT_INFORMATION
        party = {Endpoint.ACCOUNTS: "PartyID", Endpoint.CUSTOMER_RELATIONSHIPS: "CustomerID"}.get(endpoint)
        headers: dict[str, str | None] = {
            "Authorization": f"Bearer {mint(consumer=self.consumer, scope=scope)}",
            "Accept": "application/json",
            "AccountInfoRequestID": str(self.id),
            "CorrelationID": str(uuid.uuid4()),
            "Legal-Mandate": quote(self.first_mandate if first else self.mandate, safe=""),
            **({party: self.number} if party else {}),
            **({"AccountID": about} if endpoint == Endpoint.ACCOUNT_SERVICING_PROVIDER else {}),
        }
        if not first:
            headers |= {
                "RequesterID": self.requester,
                "AdditionalReferenceIDType": self.kind,
                "AdditionalReferenceID": self.reference,
            }
        headers |= {name.replace("_", "-"): value for name, value in changes.items()}
        return {name: value for name, value in headers.items() if value is not None}

    def listed(self, **headers: str | None) -> list[dict[str, Any]]:
        """Return the accounts of the list."""
        accounts: list[dict[str, Any]] = told(self.ask("accounts", **headers))["accounts"]
        return accounts

    def first(self) -> str:
        """Return the first reference of the list."""
        reference: str = self.listed()[0]["accountReference"]
        return reference

    def ordered(self, **claims: Any) -> "Case":
        """Return the case with an order for just it, in which some claims are others; None leaves one out."""
        return self.but(reference=order_for(self, claims))


def case_of(server: Server, service: str, who: str, **changes: Any) -> Case:
    """Return a case about a character, as the service's page would have it."""
    known = SERVICES[service]
    case = Case(
        server=server,
        service=service,
        number=identifier(who),
        period=PERIODS[service],
        owners=known.only_primary_owner,
        reference=GUARDIANS[who] if known.reference_type is ReferenceType.GUARDIAN else "",
        kind=known.reference_type,
        consumer=known.consumer,
        mandate=known.legal_mandate,
        first_mandate=known.first_mandate or known.legal_mandate,
        requester=known.requester_id,
    ).but(**changes)
    return case if known.reference_type is not ReferenceType.ORDER or "reference" in changes else case.ordered()


def order_for(case: Case, claims: dict[str, Any] | None = None, headers: dict[str, Any] | None = None) -> str:
    wish = Wish(
        party_number=case.number,
        from_date=case.period.from_date,
        to_date=case.period.to_date,
        case_id=case.id,
        mandate=case.mandate,
        only_primary_owner=case.owners == "true",
    )
    return signed_order(police(), wish, now=datetime.now(UTC), claims=claims, headers=headers)


@cache
def police() -> Police:
    return police_at(here())


def told(answer: Any) -> Any:
    """Return the document of an answer that must be one."""
    assert answer.status == 200, answer.data
    return json.loads(answer.data)


def refusal(answer: Any) -> tuple[int, str | None, str]:
    """Return status, code and sentence of an answer that must be a refusal, in the body of its own API."""
    document = json.loads(answer.data)
    for code, message, more in (("code", "message", set()), ("errorCode", "errorMessage", {"timestamp"})):
        if document.keys() == {code, message} | more:
            return answer.status, document[code], document[message]
    assert document.keys() == {"statusCode", "message"} and document["statusCode"] == answer.status, document
    return answer.status, None, document["message"]
