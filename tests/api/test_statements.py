"""What a request costs the databases: a fixed number of statements, whatever is asked about."""

import functools
import re
import time
import uuid

import pytest

from tests import cluster
from tests.consumer import body, identifier
from tests.statements import statements_of

WARM_UP = 24  # more than the threads of both workers, so that every thread has its connections


@pytest.fixture(scope="module", autouse=True)
def warm(skatteetaten):
    """Open every thread's connections: they last, so that no request pays for one afterwards."""
    case_id = str(uuid.uuid4())
    for _ in range(WARM_UP):
        skatteetaten.customer_relationships(identifier("debtor-five-accounts"))
        listed = body(skatteetaten.accounts(identifier("debtor-five-accounts"), AccountInfoRequestID=case_id))
        skatteetaten.details(listed["accounts"][0]["accountReference"], case_id)


CASES = ["debtor-five-accounts", "sixty-accounts", "not-a-customer", "shielded-strictly", "guarantor-only"]


@pytest.mark.parametrize("case", CASES)
def test_account_list(skatteetaten, case):
    asked = statements_of(lambda: skatteetaten.accounts(identifier(case)))
    assert [(statement.database, statement.sql.split()[0]) for statement in asked] == [
        ("ledger", "SELECT"),
        ("ledger", "SELECT"),
        ("dsop", "WITH"),  # … kept AS (INSERT INTO audit_answer …) INSERT INTO audit_record …
    ]


@pytest.mark.parametrize("case", CASES)
def test_customer_relationships(skatteetaten, case):
    asked = statements_of(lambda: skatteetaten.customer_relationships(identifier(case)))
    assert [(statement.database, statement.sql.split()[0]) for statement in asked] == [
        ("ledger", "SELECT"),
        ("ledger", "SELECT"),
        ("dsop", "WITH"),  # … kept AS (INSERT INTO audit_answer …) INSERT INTO audit_record …
    ]


@pytest.mark.parametrize("case", ["debtor-five-accounts", "sixty-accounts", "organisation"])
def test_account_details(skatteetaten, case):
    case_id = str(uuid.uuid4())
    listed = body(skatteetaten.accounts(identifier(case), AccountInfoRequestID=case_id))
    reference = listed["accounts"][0]["accountReference"]
    asked = statements_of(lambda: skatteetaten.details(reference, case_id))
    assert [statement.database for statement in asked] == ["ledger", "ledger", "dsop"]


@pytest.mark.parametrize(
    ("ask", "statements"),
    [
        pytest.param(lambda c: c.accounts("x"), ["dsop"], id="malformed PartyID"),
        pytest.param(lambda c: c.accounts("15869010089", ""), ["dsop"], id="missing parameter"),
        pytest.param(lambda c: c.details("x", str(uuid.uuid4()), "/cards"), ["dsop"], id="endpoint not in mandate"),
        pytest.param(lambda c: c.details("x", str(uuid.uuid4())), ["ledger", "dsop"], id="worthless reference"),
        pytest.param(lambda c: c.accounts("15869010089", Legal_Mandate="x"), ["dsop"], id="unknown mandate"),
        pytest.param(lambda c: c.server.get("/v2/x", c.headers()), ["dsop"], id="unknown path"),
        pytest.param(lambda c: c.server.get("/v2/accounts"), [], id="no token"),
        pytest.param(
            lambda c: c.server.get("/v2/accounts", {"Authorization": "Bearer a.b.c"}), [], id="malformed token"
        ),
        pytest.param(
            lambda c: c.accounts("15869010089", Authorization=f"Bearer {c.token(aud='x')}"), [], id="wrong audience"
        ),
        pytest.param(lambda c: c.server.get("/health/live"), [], id="health"),
    ],
)
def test_refusals(skatteetaten, ask, statements):
    assert [statement.database for statement in statements_of(lambda: ask(skatteetaten))] == statements


def keep(answers, case, ask):
    answers[case] = ask(identifier(case))


def test_the_shielded_cost_what_the_unknown_cost(skatteetaten):
    """The same texts of SQL, and equal bytes but for the ids in the headers."""
    for ask in (skatteetaten.accounts, skatteetaten.customer_relationships):
        asked, answers = {}, {}
        for case in ("not-a-customer", "shielded-strictly", "shielded-confidential", "guarantor-only"):
            asked[case] = statements_of(functools.partial(keep, answers, case, ask))
        assert len({tuple(statements) for statements in asked.values()}) == 1
        assert len({answer.data for answer in answers.values()}) == 1
        varying = {"CorrelationID", "Date"}
        headers = {
            tuple((name, value) for name, value in answer.headers.items() if name not in varying)
            for answer in answers.values()
        }
        assert len(headers) == 1


def test_worthless_references_cost_the_same(skatteetaten):
    case_id = str(uuid.uuid4())
    listed = body(skatteetaten.accounts(identifier("debtor-five-accounts"), AccountInfoRequestID=case_id))
    right = listed["accounts"][0]["accountReference"]
    asked = {
        tuple(statements_of(lambda reference=reference, case=case: skatteetaten.details(reference, case)))
        for reference, case in (
            (right, str(uuid.uuid4())),
            (right[:-1], case_id),
            ("dataNotDelivered", case_id),
            (listed["accounts"][0]["accountIdentifier"], case_id),
        )
    }
    assert len(asked) == 1


def test_connections_last(skatteetaten, superuser):
    """Thirty requests are answered over the very connections that were there before."""

    def connections():
        with superuser() as connection:
            rows = connection.execute("SELECT pid FROM pg_stat_activity WHERE application_name = 'dsop'").fetchall()
            return {pid for (pid,) in rows}

    before = connections()
    for _ in range(30):
        assert skatteetaten.accounts(identifier("debtor-five-accounts")).status == 200
    assert connections() == before


def test_statements_are_prepared(skatteetaten):
    """PostgreSQL's log names the prepared statement that it executes."""
    with cluster.CLUSTER.log.open("rb") as log:
        log.seek(0, 2)
        skatteetaten.accounts(identifier("debtor-five-accounts"))
        time.sleep(0.15)
        executed = re.findall(rb"\|dsop\|[^|]*\|LOG:  execute (\S+):", log.read())
    assert len(executed) == 3
    assert all(name.startswith(b"_pg3_") for name in executed)
