"""Which institution services an account number: asked by the police alone, answered in the words of KAR 1.1.2."""

import json

import pytest

from sandbox.consumer_services import SERVICES
from tests.agency import refusal, told
from tests.consumer import mint

ENDPOINT = "accountServicingProvider"
FORM = "AccountID must be sent once, as eleven digits or more."


@pytest.fixture(scope="module")
def case(opens):
    return opens("politi-utlevering", "debtor-five-accounts")


@pytest.fixture(scope="module")
def numbers(case):
    return [account["accountIdentifier"] for account in case.listed()]


def test_an_account_of_this_bank(case, numbers):
    assert len(numbers) == 5
    for number in numbers:
        assert told(case.ask(ENDPOINT, number)) == {"organizationId": "213456008", "bankName": "Eksempelbanken"}


@pytest.mark.parametrize(
    "number",
    [
        pytest.param("99990000006", id="eleven digits"),
        pytest.param("213456008213", id="twelve digits"),
        pytest.param("9" * 35, id="as long as may be"),
    ],
)
def test_an_account_nobody_knows(case, number):
    assert refusal(case.ask(ENDPOINT, number)) == (404, "ERR-404", "Not found.")


def test_an_account_of_another_institution_in_the_ledger(case, superuser):
    """The audience names ours alone."""
    with superuser("ledger") as connection:
        (number,) = connection.execute(
            "SELECT number FROM account JOIN financial_institution servicer ON servicer.id = servicer_id "
            "WHERE organisation_number <> '213456008' LIMIT 1"
        ).fetchone()
    assert refusal(case.ask(ENDPOINT, number)) == (404, "ERR-404", "Not found.")


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(None, id="missing"),
        pytest.param("", id="empty"),
        pytest.param("1234567890", id="ten digits"),
        pytest.param("9" * 36, id="too long"),
        pytest.param("1234.56.78903", id="with points"),
        pytest.param("12345678903,12345678903", id="sent twice"),
        pytest.param("NO9386011117947", id="an IBAN"),
    ],
)
def test_a_malformed_account_number(case, sent):
    assert refusal(case.ask(ENDPOINT, AccountID=sent)) == (400, "ERR-004", FORM)


@pytest.mark.parametrize("service", sorted(SERVICES.keys() - {"politi-utlevering"}))
def test_every_other_service(opens, numbers, service):
    case = opens(service, "debtor-five-accounts")
    message = "This endpoint is not part of the service."
    assert refusal(case.ask(ENDPOINT, numbers[0])) == (400, "ERR-400", message)


@pytest.mark.parametrize("scope", ["bits:kundeforhold", "bits:kontoinformasjon"])
def test_the_scopes_of_the_other_endpoints(case, numbers, scope):
    token = mint(consumer=case.consumer, scope=scope)
    message = "The access token lacks the scope of this endpoint."
    assert refusal(case.ask(ENDPOINT, numbers[0], Authorization=f"Bearer {token}")) == (403, "ERR-001", message)


@pytest.mark.parametrize(
    ("token", "message"),
    [
        pytest.param(None, "An access token from Maskinporten is required.", id="no token"),
        pytest.param("Bearer a.b.c", "The access token is malformed.", id="a malformed one"),
    ],
)
def test_401_has_a_body_of_its_own(case, numbers, token, message):
    answer = case.ask(ENDPOINT, numbers[0], Authorization=token)
    assert (answer.status, json.loads(answer.data)) == (401, {"statusCode": 401, "message": message})


def test_the_document_of_the_standard_has_its_own_spelling(case, numbers):
    """organizationId here, organizationID in customerRelationships."""
    assert told(case.ask(ENDPOINT, numbers[0])).keys() == {"organizationId", "bankName"}
    assert told(case.ask("customerRelationships"))["banks"][0].keys() >= {"organizationID", "bankName"}
