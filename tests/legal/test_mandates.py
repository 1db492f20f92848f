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


SKATT_TEXT = "Skatteforvaltningsloven § 10-2 første ledd, jf. § 10-14, jf. skatteforvaltningsforskriften § 10-2-1"
KONKURS_TEXT = "kkl. §156 (3) og (4), jf. kkfor.§21"
OED_TEXT = "Arveloven § 92 første ledd og § 118, jf. § 88 a, jf. forskrift om Digitalt dødsbo"
VERGE_STEP_1 = "Vergemålsloven § 54 (2), jf. vergemålsforskriften §20a (2), jf. vergemålsforskriften §20a (1) a"
VERGE_STEP_2 = "Vergemålsloven § 54 (2), jf. vergemålsforskriften § 20 (2), jf. vergemålsforskriften § 20a (1) b-e"
POLICE_TEXT, POLICE_MISSING = (
    "Straffeprosessloven §210 (3) første punktum", "Straffeprosessloven §210 (3) andre punktum",
)  # fmt: skip
BRREG, DIGDIR, SRF, POLICE = "974760673", "974720760", "986186999", "915429785"
STEP_1 = {Endpoint.CUSTOMER_RELATIONSHIPS}
LIST = {Endpoint.ACCOUNTS, Endpoint.ACCOUNT_DETAILS, Endpoint.TRANSACTIONS}
ALL_FIVE = LIST | {Endpoint.CARDS, Endpoint.ROLES}
SERVED = {
    ("fi-utlegg-saldo", SKATT, "FI-Utlegg-Test"): STEP_1 | LIST - {Endpoint.TRANSACTIONS},
    ("skatt-kontroll", SKATT, SKATT_TEXT): STEP_1 | ALL_FIVE,
    ("konkursbehandling", BRREG, KONKURS_TEXT): STEP_1 | LIST,
    ("oppgjor-etter-dodsfall", DIGDIR, OED_TEXT): STEP_1 | LIST,
    ("vergekontroll", SRF, VERGE_STEP_1): STEP_1,
    ("vergekontroll", SRF, VERGE_STEP_2): LIST | {Endpoint.ROLES},
    ("politi-utlevering", POLICE, POLICE_TEXT): set(Endpoint),
    ("politi-utlevering", POLICE, POLICE_MISSING): set(Endpoint),
}
BLOCKED = {
    Endpoint.TRANSACTIONS: TransactionsNotInMandate,
    Endpoint.CARDS: CardsNotInMandate,
    Endpoint.ROLES: RolesNotInMandate,
}


@pytest.mark.parametrize("endpoint", Endpoint)
@pytest.mark.parametrize(("service", "consumer", "text"), SERVED, ids=lambda word: word[:24])
def test_each_service_serves_its_endpoints_and_no_other(service, consumer, text, endpoint):
    if endpoint in SERVED[service, consumer, text]:
        mandate = IN_FORCE.mandate(consumer=consumer, text=text, endpoint=endpoint)
        assert (mandate.service, mandate.endpoint) == (service, endpoint)
        return
    of_another_step = service == "vergekontroll" and any(
        endpoint in endpoints for (other, *_), endpoints in SERVED.items() if other == service
    )
    refusal = UnknownMandate if of_another_step else BLOCKED.get(endpoint, EndpointNotInMandate)
    with pytest.raises(refusal) as refused:
        IN_FORCE.mandate(consumer=consumer, text=text, endpoint=endpoint)
    assert type(refused.value) is refusal
    assert (refusal.status_code, refusal.default_code) == (400, "ACC-001")


@pytest.mark.parametrize("other", [SKATT, BRREG, DIGDIR, SRF, POLICE, "991825827", "889640782"])
@pytest.mark.parametrize(("service", "consumer", "text"), SERVED, ids=lambda word: word[:24])
def test_no_agency_has_another_s_mandate(service, consumer, text, other):
    if other == consumer:
        return
    for endpoint in Endpoint:
        with pytest.raises(MandateOfAnother):
            IN_FORCE.mandate(consumer=other, text=text, endpoint=endpoint)


@pytest.mark.parametrize(
    ("consumer", "text"),
    [
        pytest.param(
            SKATT,
            "Skatteforvaltningsloven §10-2 første ledd, jf. skatteforvaltningsforskriften §10-2-1",
            id="skatt, the validation tables' text",
        ),
        pytest.param(SKATT, SKATT_TEXT.replace("S", "s", 1), id="skatt, lower-case first letter"),
        pytest.param(SKATT, SKATT_TEXT.replace("ledd,", "ledd"), id="skatt, no comma"),
        pytest.param(SKATT, "Skatteforvaltningsloven § 10-2", id="skatt, the pilot's text"),
        pytest.param(SKATT, SKATT_TEXT.replace("§ ", "§\xa0"), id="skatt, blanks that do not break"),
        pytest.param(SKATT, SKATT_TEXT.replace("ø", "o\u0338"), id="skatt, a composed letter taken apart"),
        pytest.param(BRREG, "kkl. § 156 (3) og (4), jf. kkfor. § 21", id="konkurs, with blanks"),
        pytest.param(DIGDIR, OED_TEXT.replace(", jf.", ",<br> jf."), id="OED, with the page's line breaks"),
        pytest.param(DIGDIR, "Arveloven § 92 første ledd", id="OED, the legal page's text"),
        pytest.param(SRF, VERGE_STEP_2.replace("§ 20 (2)", "§ 20a (2)"), id="verge, as it may have been meant"),
        pytest.param(POLICE, "Straffeprosessloven § 210 (3) første punktum", id="police, with a blank"),
        pytest.param(POLICE, "Straffeprosessloven § 210 første ledd", id="police, an older text"),
        pytest.param(POLICE, "Hvitvaskingsloven § 26", id="police, an older law"),
    ],
)
@pytest.mark.parametrize("endpoint", [Endpoint.CUSTOMER_RELATIONSHIPS, Endpoint.ACCOUNTS])
def test_other_spellings_are_unknown(consumer, text, endpoint):
    with pytest.raises(UnknownMandate):
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
