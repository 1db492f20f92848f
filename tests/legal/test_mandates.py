"""On what legal basis: which mandate a consumer has at an endpoint, or why none."""

import pytest

from legal.endpoints import Endpoint
from legal.mandates import Agency, Mandates, service_in_force
from legal.refusals import (
    CardsNotInMandate,
    ConsumerUnknown,
    EndpointNotInMandate,
    MandateOfAnother,
    RolesNotInMandate,
    TransactionsNotInMandate,
    UnknownMandate,
)
from legal.service_files import read_services

SKATT, OTHER = "974761076", "974760673"
IN_FORCE = Mandates(
    agencies={number: Agency(number, number, "RSA-OAEP-256", "A128CBC-HS256") for number in (SKATT, OTHER)},
    services=tuple(service_in_force(rules, version=3) for rules in read_services()),
)


@pytest.mark.parametrize("endpoint", [Endpoint.CUSTOMER_RELATIONSHIPS, Endpoint.ACCOUNTS, Endpoint.ACCOUNT_DETAILS])
def test_mandate_of_fi_utlegg_saldo(endpoint):
    mandate = IN_FORCE.mandate(consumer=SKATT, text="FI-Utlegg-Test", endpoint=endpoint)
    assert (mandate.service, mandate.version, mandate.endpoint) == ("fi-utlegg-saldo", 3, endpoint)
    assert (mandate.period, mandate.owner) == ("today_only", "primary_owner_only")


@pytest.mark.parametrize(
    ("consumer", "text", "endpoint", "refusal"),
    [
        pytest.param(SKATT, "FI-Utlegg", Endpoint.ACCOUNTS, UnknownMandate, id="unknown text"),
        pytest.param(SKATT, "fi-utlegg-test", Endpoint.ACCOUNTS, UnknownMandate, id="wrong letter case"),
        pytest.param(SKATT, "FI-Utlegg-Test ", Endpoint.ACCOUNTS, UnknownMandate, id="trailing blank"),
        pytest.param(OTHER, "FI-Utlegg-Test", Endpoint.ACCOUNTS, MandateOfAnother, id="another agency's mandate"),
        pytest.param(SKATT, "FI-Utlegg-Test", Endpoint.TRANSACTIONS, TransactionsNotInMandate, id="transactions"),
        pytest.param(SKATT, "FI-Utlegg-Test", Endpoint.ROLES, RolesNotInMandate, id="roles"),
        pytest.param(SKATT, "FI-Utlegg-Test", Endpoint.CARDS, CardsNotInMandate, id="cards"),
        pytest.param(
            SKATT, "FI-Utlegg-Test", Endpoint.ACCOUNT_SERVICING_PROVIDER, EndpointNotInMandate, id="police only"
        ),
        pytest.param(OTHER, "FI-Utlegg-Test", Endpoint.CARDS, MandateOfAnother, id="agency before endpoint"),
    ],
)
def test_mandate_that_is_refused(consumer, text, endpoint, refusal):
    with pytest.raises(refusal):
        IN_FORCE.mandate(consumer=consumer, text=text, endpoint=endpoint)


def test_unknown_consumer_is_refused():
    IN_FORCE.check_consumer(SKATT)
    with pytest.raises(ConsumerUnknown):
        IN_FORCE.check_consumer("991825827")


def test_nothing_in_force_refuses_everybody():
    with pytest.raises(ConsumerUnknown):
        Mandates().check_consumer(SKATT)
    with pytest.raises(UnknownMandate):
        Mandates().mandate(consumer=SKATT, text="FI-Utlegg-Test", endpoint=Endpoint.ACCOUNTS)
