"""What a warm request of each service costs the databases, its record included: exact counts of statements."""

import uuid
from datetime import timedelta
from itertools import pairwise

import pytest

from tests.agency import TODAY, told
from tests.statements import statements_of

WARM_UP = 24  # more than the threads of both workers, so that every thread has its connections
pytestmark = pytest.mark.usefixtures("notices")

CHARACTERS = {
    "skatt-kontroll": "every-field",
    "konkursbehandling": "bankrupt",
    "oppgjor-etter-dodsfall": "deceased",
    "vergekontroll": "under-guardianship",
    "politi-utlevering": "every-field",
}


@pytest.fixture(scope="module", autouse=True)
def warm(opens, notices):
    """Open every thread's connections, and let what is remembered be remembered."""
    for service, who in CHARACTERS.items():
        case = opens(service, who)
        reference = case.first()
        for _ in range(WARM_UP // len(CHARACTERS) + 1):
            told(case.ask("transactions", reference))


def costs(*asks):
    """Return the statements of each question, as databases; each ends with its record."""
    asked = statements_of(lambda: [ask() for ask in asks])
    ends = [place for place, statement in enumerate(asked, start=1) if "INSERT INTO audit_record" in statement.sql]
    assert len(ends) == len(asks) and ends[-1] == len(asked)
    found = [asked[begin:end] for begin, end in pairwise([0, *ends])]
    for statements in found:
        assert all(statement.sql.lstrip("(").startswith("SELECT") for statement in statements[:-1]), (
            "no BEGIN, COMMIT or SET"
        )
        assert {statement.database for statement in statements[:-1]} <= {"ledger"}
        assert statements[-1].database == "dsop"
    return [len(statements) for statements in found]


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        pytest.param(
            "skatt-kontroll",
            {
                "customerRelationships": 3,
                "accounts": 3,
                "accountDetails": 3,
                "transactions": 4,
                "cards": 3,
                "roles": 3,
            },
            id="skatt-kontroll",
        ),
        pytest.param(
            "konkursbehandling",
            {"customerRelationships": 3, "accounts": 3, "accountDetails": 3, "transactions": 4},
            id="konkursbehandling: the notices are remembered",
        ),
        pytest.param(
            "oppgjor-etter-dodsfall",
            {"customerRelationships": 4, "accounts": 4, "accountDetails": 3, "transactions": 4},
            id="oppgjor-etter-dodsfall: one more for the death, except below a reference",
        ),
        pytest.param(
            "vergekontroll",
            {"customerRelationships": 3, "accounts": 4, "accountDetails": 3, "transactions": 4, "roles": 3},
            id="vergekontroll: one more for the guardianship, except below a reference",
        ),
        pytest.param(
            "politi-utlevering",
            {
                "customerRelationships": 3,
                "accountServicingProvider": 2,
                "accounts": 3,
                "accountDetails": 3,
                "transactions": 4,
                "cards": 3,
                "roles": 3,
            },
            id="politi-utlevering: an order costs the databases nothing",
        ),
    ],
)
def test_answers(opens, service, expected):
    case = opens(service, CHARACTERS[service])
    account = next(account for account in case.listed() if account["status"] != "deleted")
    about = {"accountServicingProvider": account["accountIdentifier"]}

    def question(endpoint):
        return lambda: told(case.ask(endpoint, about.get(endpoint, account["accountReference"])))

    found = costs(*[question(endpoint) for endpoint in expected])
    assert dict(zip(expected, found, strict=True)) == expected


def test_every_page_costs_the_same(opens):
    """The first and the last page of thirteen hundred transactions of one moment."""
    busy_day = TODAY - timedelta(days=120)
    case = opens("skatt-kontroll", "many-pages").between(busy_day, busy_day)
    pages = [told(case.ask("transactions", account["accountReference"])) for account in case.listed()]
    first, last = next(page["links"] for page in pages if len(page["links"]) == 2)
    headers = case.headers("transactions")
    assert costs(
        lambda: told(case.server.get(f"/v2{first['href']}", headers)),
        lambda: told(case.server.get(f"/v2{last['href']}", headers)),
    ) == [4, 4]


@pytest.mark.parametrize(
    ("service", "who", "changes", "expected"),
    [
        pytest.param("konkursbehandling", "debtor-five-accounts", {}, 1, id="konkurs: no notice"),
        pytest.param("konkursbehandling", "bankruptcy-annulled", {}, 1, id="konkurs: deleted"),
        pytest.param("konkursbehandling", "bankrupt", {"days": 600}, 1, id="konkurs: too early"),
        pytest.param("oppgjor-etter-dodsfall", "debtor-five-accounts", {}, 2, id="a living person"),
        pytest.param("oppgjor-etter-dodsfall", "not-a-customer", {}, 2, id="dødsfall: nobody we know"),
        pytest.param("oppgjor-etter-dodsfall", "deceased", {"days": 600}, 2, id="dødsfall: too early"),
        pytest.param("vergekontroll", "ward-other-task", {}, 2, id="another task"),
        pytest.param("vergekontroll", "under-guardianship", {"reference": "15869010089"}, 2, id="another guardian"),
        pytest.param("politi-utlevering", "every-field", {"id": uuid.UUID(int=1)}, 1, id="another case"),
        pytest.param("skatt-kontroll", "every-field", {"requester": ""}, 1, id="RequesterID missing"),
    ],
)
def test_refusals(opens, service, who, changes, expected):
    case = opens(service, who)
    if days := changes.pop("days", None):
        case = case.between(TODAY - timedelta(days=days), TODAY)
    case = case.but(**changes)
    refused = [case.ask("accounts").status for _ in range(2)]
    assert set(refused) <= {400, 403}
    assert costs(lambda: case.ask("accounts")) == [expected]


@pytest.mark.parametrize(
    ("service", "endpoint", "expected"),
    [
        pytest.param("konkursbehandling", "transactions", 1, id="konkurs"),
        pytest.param("oppgjor-etter-dodsfall", "transactions", 2, id="dødsfall"),
        pytest.param("vergekontroll", "roles", 2, id="verge"),
    ],
)
def test_a_worthless_reference_below_a_precondition(opens, service, endpoint, expected):
    case = opens(service, CHARACTERS[service])
    case.ask(endpoint, "worthless")
    assert costs(lambda: case.ask(endpoint, "worthless")) == [expected]
