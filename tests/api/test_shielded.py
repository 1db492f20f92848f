"""The shielded, under each service: nobody learns that they are customers, nor anything of them from others' data."""

import pytest

from tests.agency import GUARDIANS, refusal, told
from tests.statements import statements_of

SHIELDED = ("shielded-strictly", "shielded-confidential")
WARM_UP = 24
SENTENCE = "Information about another party is not available through this channel."
PARTIAL = {"status": "partial", "message": SENTENCE}
VARYING = {"CorrelationID", "Date"}
EMPTY = {"responseDetails": {"status": "complete"}, "accounts": [], "links": []}


def refused(message, status=403, code="ACC-011"):
    return lambda answer: refusal(answer) == (status, code, message)


def empty(document):
    return lambda answer: told(answer) == document


UNKNOWN = {
    "bankruptcy": "This legal mandate presupposes a bankruptcy, and none is known here.",
    "death": "This legal mandate presupposes a death, and none is known here.",
    "guardianship": "This legal mandate presupposes a guardianship with daily banking in the period; "
    "none is known here.",
}


@pytest.fixture(scope="module", autouse=True)
def warm(opens):
    for _ in range(WARM_UP):
        opens("fi-utlegg-saldo", "not-a-customer").listed()


@pytest.mark.parametrize(
    ("service", "accounts", "banks"),
    [
        pytest.param("fi-utlegg-saldo", empty(EMPTY), empty({"banks": []}), id="fi-utlegg-saldo"),
        pytest.param("skatt-kontroll", empty(EMPTY), empty({"banks": []}), id="skatt-kontroll"),
        pytest.param("politi-utlevering", empty(EMPTY), empty({"banks": []}), id="politi-utlevering"),
        pytest.param(
            "konkursbehandling",
            refused(UNKNOWN["bankruptcy"]),
            refused(UNKNOWN["bankruptcy"], code="ERR-001"),
            id="konkursbehandling",
        ),
        pytest.param(
            "oppgjor-etter-dodsfall",
            refused(UNKNOWN["death"]),
            refused(UNKNOWN["death"], code="ERR-001"),
            id="oppgjor-etter-dodsfall",
        ),
        pytest.param("vergekontroll", refused(UNKNOWN["guardianship"]), empty({"banks": []}), id="vergekontroll"),
    ],
)
def test_the_same_bytes_and_statements_as_for_the_unknown(opens, service, accounts, banks):
    """Also for a guarantor, who is told of nowhere."""
    answers = {"accounts": [], "customerRelationships": []}
    cases = [opens(service, who) for who in ("not-a-customer", *SHIELDED, "guarantor-only")]
    if service == "vergekontroll":
        cases = [case.but(reference=GUARDIANS["under-guardianship"]) for case in cases]
    for case in cases:
        case.ask("accounts")  # so that a bankruptcy that there is not is remembered for each of them
    asked = statements_of(
        lambda: [answers[endpoint].append(case.ask(endpoint)) for case in cases for endpoint in answers]
    )
    assert all(map(accounts, answers["accounts"]))
    assert all(map(banks, answers["customerRelationships"]))
    for found in answers.values():
        headers = {tuple(item for item in answer.headers.items() if item[0] not in VARYING) for answer in found}
        assert len(headers) == 1
    assert len({answer.data for answer in answers["accounts"]}) == 1
    assert len(asked) % len(cases) == 0
    share = len(asked) // len(cases)
    assert all(asked[begin : begin + share] == asked[:share] for begin in range(0, len(asked), share))


@pytest.fixture(scope="module")
def hidden(superuser):
    """Return names and numbers of every shielded party in the ledger."""
    with superuser("ledger") as connection:
        rows = connection.execute(
            "SELECT name, value FROM party JOIN party_identifier ON party_id = party.id "
            "WHERE protection_grade <> 'ugradert'"
        ).fetchall()
    return {text for row in rows for text in row}


@pytest.mark.parametrize(
    ("service", "endpoints"),
    [
        pytest.param("skatt-kontroll", ("accountDetails", "transactions", "cards", "roles"), id="skatt-kontroll"),
        pytest.param("politi-utlevering", ("accountDetails", "transactions", "cards", "roles"), id="politi-utlevering"),
        pytest.param("fi-utlegg-saldo", ("accountDetails",), id="fi-utlegg-saldo"),
    ],
)
def test_nothing_of_the_shielded_in_another_s_data(opens, hidden, service, endpoints):
    """Co-owner, user, card holder, payer by number and payee by account: not a name, not a number, in any answer."""
    assert len(hidden) > 8
    case = opens(service, "shielded-around")
    answers = [case.ask("customerRelationships"), case.ask("accounts")]
    for account in told(answers[1])["accounts"]:
        answers += [case.ask(endpoint, account["accountReference"]) for endpoint in endpoints]
    for answer in answers:
        told(answer)
        text = answer.data.decode()
        assert not [value for value in hidden if value in text]
        assert "Skjult" not in text


@pytest.mark.parametrize("service", ["skatt-kontroll", "politi-utlevering"])
def test_it_is_said_that_something_is_left_out(opens, service):
    case = opens(service, "shielded-around")
    listed = told(case.ask("accounts"))
    assert listed["responseDetails"] == PARTIAL, "the account at its disposal has a shielded owner"
    own = next(a for a in listed["accounts"] if a["primaryOwner"].get("identifier", {}).get("value") == case.number)
    (disposed,) = [account for account in listed["accounts"] if account is not own]
    assert disposed["primaryOwner"].keys() == {"permission", "startDate"}
    expected = {"accountDetails": {"status": "complete"}, "transactions": PARTIAL, "cards": PARTIAL, "roles": PARTIAL}
    answers = {endpoint: told(case.ask(endpoint, own["accountReference"])) for endpoint in expected}
    assert {endpoint: answer["responseDetails"] for endpoint, answer in answers.items()} == expected
    others = [each for moved in answers["transactions"]["transactions"] for each in moved["counterParties"]]
    assert sorted(each.get("name", "") for each in others) == ["", "", "Åpen Venn", "Åpen Venn"]
    roles = answers["roles"]["roles"]
    assert [len(role.keys() & {"name", "identifier"}) for role in roles].count(0) == 2, "co-owner and user"


def test_the_owner_alone_is_told_of_where_only_owners_are_asked_for(opens):
    listed = told(opens("skatt-kontroll", "shielded-around", owners="TRUE").ask("accounts"))
    assert (listed["responseDetails"], len(listed["accounts"])) == ({"status": "complete"}, 1)
