"""On what legal basis? Consumer + Legal-Mandate + endpoint find the mandate in force, or a refusal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from legal.disclosure import TECHNICAL, WITHHOLD, Disclosed, Fields, filter_by, tree
from legal.endpoints import Endpoint
from legal.limits import Key, Limit
from legal.refusals import (
    CardsNotInMandate,
    ConsumerUnknown,
    EndpointNotInMandate,
    MandateOfAnother,
    RolesNotInMandate,
    TransactionsNotInMandate,
    UnknownMandate,
)
from legal.service_files import CUSTOMER_ENDPOINTS, standard_fields

NOT_IN_MANDATE = {
    Endpoint.TRANSACTIONS: TransactionsNotInMandate,
    Endpoint.ROLES: RolesNotInMandate,
    Endpoint.CARDS: CardsNotInMandate,
}


@dataclass(frozen=True, slots=True)
class Mandate:
    """What one service allows at one endpoint: the names of its rules, and the fields that are sent.

    `data_not_delivered` allows an account to be listed without data at the other endpoints. `other_holders_withheld`
    leaves other holders out of cards and roles where the control object itself has only disposal over the account.
    """

    service: str
    version: int
    endpoint: Endpoint
    scope: str
    texts: frozenset[str]
    period: str
    owner: str
    requester: str
    additional_reference: str
    precondition: str
    data_not_delivered: bool
    other_holders_withheld: bool
    fields: Fields
    disclosed: Disclosed = field(init=False, repr=False, compare=False)
    """The filter by these fields."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "disclosed", filter_by(self.fields))


@dataclass(frozen=True, slots=True)
class ServiceInForce:
    """An open service with its approved version."""

    slug: str
    consumers: frozenset[str]
    texts: frozenset[str]
    mandates: Mapping[Endpoint, Mandate]


@dataclass(frozen=True, slots=True)
class Agency:
    """An open agency: whose certificate answers are encrypted to, and how (AUT-04, JWE-03)."""

    organisation_number: str
    certificate_participant: str
    key_algorithm: str
    content_encryption: str


@dataclass(frozen=True, slots=True)
class Mandates:
    """All that is in force; replaced as a whole when it changes."""

    agencies: Mapping[str, Agency] = field(default_factory=dict)
    services: tuple[ServiceInForce, ...] = field(default=())
    limits: Mapping[Key, Limit] = field(default_factory=dict)

    def check_consumer(self, consumer: str) -> None:
        """Refuse an organisation that is no open agency of ours (AUT-05)."""
        if consumer not in self.agencies:
            raise ConsumerUnknown

    def mandate(self, *, consumer: str, text: str, endpoint: Endpoint) -> Mandate:
        """Return the mandate. Refuse an unknown text, another agency's, and an endpoint outside the service."""
        named = [service for service in self.services if text in service.texts]
        if not named:
            raise UnknownMandate
        own = [service for service in named if consumer in service.consumers]
        if not own:
            raise MandateOfAnother
        steps = [service.mandates[endpoint] for service in own if endpoint in service.mandates]
        if not steps:
            raise NOT_IN_MANDATE.get(endpoint, EndpointNotInMandate)
        for mandate in steps:
            if text in mandate.texts:
                return mandate
        raise UnknownMandate  # the text of another step of the same service


def service_in_force(rules: Mapping[str, Any], *, version: int) -> ServiceInForce:
    """Return the service that checked rules describe."""
    mandates = {
        Endpoint(endpoint): _mandate(rules, Endpoint(endpoint), step, version)
        for endpoint, step in rules["steps"].items()
    }
    return ServiceInForce(
        slug=rules["service"],
        consumers=frozenset(consumer["organisation_number"] for consumer in rules["consumers"]),
        texts=frozenset().union(*(mandate.texts for mandate in mandates.values())),
        mandates=mandates,
    )


def words(rules: Mapping[str, Any], endpoint: Endpoint) -> Mapping[str, str]:
    """Return the word for each field at an endpoint that the service has."""
    if endpoint in CUSTOMER_ENDPOINTS:  # the disclosure tables do not name them: every field is technical
        return dict.fromkeys(standard_fields()[endpoint], TECHNICAL)
    table: Mapping[str, str] = rules["fields"][endpoint]
    return table


def _mandate(rules: Mapping[str, Any], endpoint: Endpoint, step: Mapping[str, Any], version: int) -> Mandate:
    return Mandate(
        service=rules["service"],
        version=version,
        endpoint=endpoint,
        scope=step["scope"],
        texts=frozenset(step["mandates"]),
        period=step["period"],
        owner=step["owner"],
        requester=step["requester"],
        additional_reference=step["additional_reference"],
        precondition=step["precondition"],
        data_not_delivered=rules.get("data_not_delivered", False),
        other_holders_withheld=rules.get("other_holders") == WITHHOLD,
        fields=tree(words(rules, endpoint), undecided=rules.get("undecided", WITHHOLD)),
    )
