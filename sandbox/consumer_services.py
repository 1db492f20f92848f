"""What the agencies know from the standard about their services: whom they ask what, in which order, and how far back.

Written out anew from the standard's pages, not read from the service's own files: a slip in those must show.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from legal.endpoints import Endpoint, Scope
from legal.periods import Period, months_before
from sandbox.police.orders import CRIMINAL_CASE


class Target(StrEnum):
    """What a step is asked about."""

    NOTHING = "nothing in its path"
    EACH = "each account reference of the list"
    FIRST = "the first account reference of the list"
    FIRST_NUMBER = "the first account number of the list"


class ReferenceType(StrEnum):
    """What an AdditionalReferenceID is."""

    NONE = ""
    GUARDIAN = "srf"
    ORDER = "pol1"


@dataclass(frozen=True, slots=True)
class Step:
    """One question of a service: where it goes, what it carries and what must come back."""

    endpoint: Endpoint
    path: str
    scope: Scope = Scope.ACCOUNT_INFORMATION
    party_header: str = ""  # carries the control object, where the question is about one
    target: Target = Target.NOTHING
    has_period: bool = True
    is_paged: bool = False
    status: int = 200
    code: str = ""

    @property
    def is_first(self) -> bool:
        """Whether the step is one of those that Bits answers in the national flow: step 1."""
        return self.scope is not Scope.ACCOUNT_INFORMATION


CUSTOMER_RELATIONSHIPS = Step(
    Endpoint.CUSTOMER_RELATIONSHIPS,
    "/customers/customerRelationships",
    scope=Scope.CUSTOMER_RELATIONSHIPS,
    party_header="CustomerID",
)
SERVICING_PROVIDER = Step(
    Endpoint.ACCOUNT_SERVICING_PROVIDER,
    "/customers/accountServicingProvider",
    scope=Scope.ACCOUNT_SERVICING_PROVIDER,
    target=Target.FIRST_NUMBER,
    has_period=False,
)
ACCOUNTS = Step(Endpoint.ACCOUNTS, "/accounts", party_header="PartyID")
ACCOUNT_DETAILS = Step(Endpoint.ACCOUNT_DETAILS, "/accounts/{}", target=Target.EACH)
TRANSACTIONS = Step(Endpoint.TRANSACTIONS, "/accounts/{}/transactions", target=Target.EACH, is_paged=True)
CARDS = Step(Endpoint.CARDS, "/accounts/{}/cards", target=Target.EACH)
ROLES = Step(Endpoint.ROLES, "/accounts/{}/roles", target=Target.EACH)


def not_in_service(endpoint: Endpoint) -> Step:
    """Return a question that the service does not have, and that is refused for it."""
    return Step(endpoint, f"/accounts/{{}}/{endpoint}", target=Target.FIRST, status=400, code="ACC-001")


def today_only(today: date) -> Period:
    return Period(today, today)


def ten_years(today: date) -> Period:
    return Period(months_before(today, 120), today)


def last_calendar_year(today: date) -> Period:
    return Period(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31))


def days_until_today(days: int) -> Callable[[date], Period]:
    """Return the period of so many days before today: the agency knows the ruling or the death, the sandbox guesses."""
    return lambda today: Period(today - timedelta(days), today)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What a consumer knows from the standard about its service."""

    consumer: str
    legal_mandate: str
    only_primary_owner: str
    period: Callable[[date], Period]
    steps: tuple[Step, ...]
    first_mandate: str = ""  # of step 1, where it is another
    requester_id: str = ""  # sent in step 2, where the service demands one
    reference_type: ReferenceType = ReferenceType.NONE
    participant: str = ""  # whose certificate answers are encrypted to, where it is another's

    def mandate_of(self, step: Step) -> str:
        return self.first_mandate if step.is_first and self.first_mandate else self.legal_mandate


SERVICES = {
    "fi-utlegg-saldo": Service(
        consumer="974761076",
        legal_mandate="FI-Utlegg-Test",
        only_primary_owner="true",
        period=today_only,
        steps=(
            CUSTOMER_RELATIONSHIPS,
            ACCOUNTS,
            ACCOUNT_DETAILS,
            not_in_service(Endpoint.TRANSACTIONS),
            not_in_service(Endpoint.ROLES),
            not_in_service(Endpoint.CARDS),
        ),
    ),
    "skatt-kontroll": Service(
        consumer="974761076",
        legal_mandate=(
            "Skatteforvaltningsloven § 10-2 første ledd, jf. § 10-14, jf. skatteforvaltningsforskriften § 10-2-1"
        ),
        only_primary_owner="false",
        period=ten_years,
        steps=(CUSTOMER_RELATIONSHIPS, ACCOUNTS, ACCOUNT_DETAILS, TRANSACTIONS, CARDS, ROLES),
        requester_id="sandbox-skatt-1",
    ),
    "konkursbehandling": Service(
        consumer="974760673",
        legal_mandate="kkl. §156 (3) og (4), jf. kkfor.§21",
        only_primary_owner="true",
        period=days_until_today(300),
        steps=(
            CUSTOMER_RELATIONSHIPS,
            ACCOUNTS,
            ACCOUNT_DETAILS,
            TRANSACTIONS,
            not_in_service(Endpoint.CARDS),
            not_in_service(Endpoint.ROLES),
        ),
    ),
    "oppgjor-etter-dodsfall": Service(
        consumer="974720760",
        legal_mandate="Arveloven § 92 første ledd og § 118, jf. § 88 a, jf. forskrift om Digitalt dødsbo",
        only_primary_owner="true",
        period=days_until_today(100),
        steps=(
            CUSTOMER_RELATIONSHIPS,
            ACCOUNTS,
            ACCOUNT_DETAILS,
            TRANSACTIONS,
            not_in_service(Endpoint.ROLES),
            not_in_service(Endpoint.CARDS),
        ),
        participant="991825827",
    ),
    "vergekontroll": Service(
        consumer="986186999",
        first_mandate="Vergemålsloven § 54 (2), jf. vergemålsforskriften §20a (2), jf. vergemålsforskriften §20a (1) a",
        legal_mandate=(
            "Vergemålsloven § 54 (2), jf. vergemålsforskriften § 20 (2), jf. vergemålsforskriften § 20a (1) b-e"
        ),
        only_primary_owner="true",
        period=last_calendar_year,
        steps=(
            CUSTOMER_RELATIONSHIPS,
            ACCOUNTS,
            ACCOUNT_DETAILS,
            TRANSACTIONS,
            ROLES,
            not_in_service(Endpoint.CARDS),
        ),
        reference_type=ReferenceType.GUARDIAN,
    ),
    "politi-utlevering": Service(
        consumer="915429785",
        legal_mandate=CRIMINAL_CASE,
        only_primary_owner="false",
        period=ten_years,
        steps=(CUSTOMER_RELATIONSHIPS, ACCOUNTS, SERVICING_PROVIDER, ACCOUNT_DETAILS, TRANSACTIONS, CARDS, ROLES),
        requester_id="sandbox-politi-1",
        reference_type=ReferenceType.ORDER,
    ),
}
