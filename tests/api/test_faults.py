"""Whatever breaks: no answer without a record, no data in an error, and the service comes back by itself."""

import contextlib
import os
import signal
import socket
import threading
import time
import uuid
from pathlib import Path

import pytest
import urllib3

from tests.consumer import Consumer, body, identifier, mint
from tests.statements import statements_of
from tests.upgrade.copies import copied_pair

DEBTOR = "debtor-five-accounts"
UNAVAILABLE = {"code": "ACC-100", "message": "The service is not available for the moment. Try again later."}
CRASHED = {"code": "ACC-500", "message": "The service failed. Try again later."}


@contextlib.contextmanager
def closed(superuser, database):
    """Close a database to everybody and cut the connections that are open."""
    with superuser("default" if database == "ledger" else "ledger") as connection:
        connection.execute(f"ALTER DATABASE {database} ALLOW_CONNECTIONS false")
        try:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [database])
            yield
        finally:
            connection.execute(f"ALTER DATABASE {database} ALLOW_CONNECTIONS true")


def test_no_record_no_answer(skatteetaten, superuser, records):
    with superuser() as connection:
        connection.execute("ALTER TABLE audit_record ADD CONSTRAINT no_more CHECK (false) NOT VALID")
        try:
            answers = [
                skatteetaten.accounts(identifier(DEBTOR)),
                skatteetaten.details("x", str(uuid.uuid4())),
                skatteetaten.accounts("x"),
                skatteetaten.server.get("/v2/nothing", skatteetaten.headers()),
            ]
        finally:
            connection.execute("ALTER TABLE audit_record DROP CONSTRAINT no_more")
    assert [(answer.status, body(answer)) for answer in answers] == [(500, UNAVAILABLE)] * 4
    assert records() == []
    assert skatteetaten.accounts(identifier(DEBTOR)).status == 200


def test_ledger_down(skatteetaten, superuser, records):
    with closed(superuser, "ledger"):
        answers = [skatteetaten.accounts(identifier(DEBTOR)), skatteetaten.details("x", str(uuid.uuid4()))]
        assert [(answer.status, body(answer)) for answer in answers] == [(500, UNAVAILABLE)] * 2
        customers = skatteetaten.customer_relationships(identifier(DEBTOR))
        assert (customers.status, body(customers)["errorCode"]) == (500, "ERR-500")
        assert skatteetaten.server.get("/health/live").status == 200
        time.sleep(1.1)
        assert skatteetaten.server.get("/health/ready").status == 503
    assert [(row["outcome"], row["refusal"], row["http_status"]) for row in records()] == [
        ("failed", "LedgerUnavailable", 500)
    ] * 3
    assert {skatteetaten.accounts(identifier(DEBTOR)).status for _ in range(20)} == {200}, "it comes back by itself"


def test_default_down(skatteetaten, superuser, records):
    with closed(superuser, "dsop"):
        answers = [skatteetaten.accounts(identifier(DEBTOR)), skatteetaten.accounts("x")]
        assert [(answer.status, body(answer)) for answer in answers] == [(500, UNAVAILABLE)] * 2
    assert {skatteetaten.accounts(identifier(DEBTOR)).status for _ in range(20)} == {200}, "it comes back by itself"
    assert len(records()) == 20


def test_connections_cut_while_the_databases_live(skatteetaten, superuser, records):
    """A cut connection costs no answer: reading is asked again, and a record that was written is not written twice."""
    for _ in range(3):
        with superuser() as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dsop'")
        assert {skatteetaten.accounts(identifier(DEBTOR)).status for _ in range(20)} == {200}
    assert len(records()) == 60


def test_ledger_too_old(skatteetaten, superuser, records):
    with superuser("ledger") as connection:
        connection.execute("UPDATE financial_institution SET as_of = as_of - interval '30 days'")
        try:
            case_id = str(uuid.uuid4())
            answers = [skatteetaten.accounts(identifier(case)) for case in (DEBTOR, "not-a-customer")]
            customers = skatteetaten.customer_relationships(identifier(DEBTOR), AccountInfoRequestID=case_id)
        finally:
            connection.execute("UPDATE financial_institution SET as_of = as_of + interval '30 days'")
    assert [(answer.status, body(answer)) for answer in answers] == [(500, UNAVAILABLE)] * 2
    assert (customers.status, body(customers)["errorCode"]) == (500, "ERR-500")
    assert {row["refusal"] for row in records()} == {"LedgerOutdated"}


def test_details_of_a_ledger_too_old(skatteetaten, superuser, records):
    case_id = str(uuid.uuid4())
    reference = body(skatteetaten.accounts(identifier(DEBTOR), AccountInfoRequestID=case_id))["accounts"][0][
        "accountReference"
    ]
    with superuser("ledger") as connection:
        connection.execute("UPDATE financial_institution SET as_of = as_of - interval '30 days'")
        try:
            answer = skatteetaten.details(reference, case_id)
        finally:
            connection.execute("UPDATE financial_institution SET as_of = as_of + interval '30 days'")
    assert (answer.status, body(answer)) == (500, UNAVAILABLE)


def test_party_that_became_shielded_has_no_account_behind_an_older_reference(skatteetaten, superuser, records):
    case_id, number = str(uuid.uuid4()), identifier(DEBTOR)
    reference = body(skatteetaten.accounts(number, AccountInfoRequestID=case_id))["accounts"][0]["accountReference"]
    change = (
        "UPDATE party SET protection_grade = %s WHERE id = (SELECT party_id FROM party_identifier WHERE value = %s)"
    )
    with superuser("ledger") as connection:
        for grade in ("strengtFortrolig", "fortrolig", "", "hemmeligere"):
            connection.execute(change, [grade, number])
            try:
                answer = skatteetaten.details(reference, case_id)
                listed = body(skatteetaten.accounts(number))
            finally:
                connection.execute(change, ["ugradert", number])
            assert answer.data == b'{"code":"ACC-002","message":"Not found."}'
            assert listed == {"responseDetails": {"status": "complete"}, "accounts": [], "links": []}


def test_crash_inside_the_view(another_server, records):
    server = another_server("tests.faulty:application", FAULT="crash")
    answer = Consumer(server, "974761076").accounts(identifier(DEBTOR))
    assert (answer.status, body(answer)) == (500, CRASHED)
    (row,) = records()
    assert (row["outcome"], row["refusal"], row["code"]) == ("failed", "Crash", "ACC-500")
    log = server.log.read_text()
    assert "ValueError" in log
    assert "Nordavind" not in log and "15869010089" not in log and identifier(DEBTOR) not in log


def test_killed_between_record_and_answer(another_server, records):
    server = another_server("tests.faulty:application", FAULT="killed before sending")
    consumer = Consumer(server, "974761076")
    with pytest.raises(urllib3.exceptions.ProtocolError):
        consumer.accounts(identifier(DEBTOR))
    assert [(row["endpoint"], row["outcome"]) for row in records()] == [("accounts", "answered")]


def test_workers_killed_under_load(another_server, records):
    """Both sides are counted: each answer that arrived has its record."""
    server = another_server()
    consumer = Consumer(server, "974761076")
    answered, enough, deadline = [], threading.Event(), time.monotonic() + 60

    def ask():
        while not enough.is_set():
            correlation_id = str(uuid.uuid4())
            with contextlib.suppress(urllib3.exceptions.HTTPError):
                if consumer.accounts(identifier(DEBTOR), CorrelationID=correlation_id).status == 200:
                    answered.append(correlation_id)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    killed, seen = 0, 0
    while len(answered) < seen + 8 or killed < 4:
        if time.monotonic() > deadline:
            break
        time.sleep(0.05)
        if len(answered) >= seen + 8 and killed < 4 and (workers := children_of(server.process.pid)):
            os.kill(workers[0], signal.SIGKILL)
            killed, seen = killed + 1, len(answered)
    enough.set()
    for thread in threads:
        thread.join()
    recorded = {str(row["correlation_id"]) for row in records() if row["outcome"] == "answered"}
    assert killed == 4
    assert len(answered) > 20
    assert set(answered) <= recorded


def children_of(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize(
    ("table", "where"),
    [("legal_dataconsumer", "organisation_number = '974761076'"), ("legal_service", "slug = 'fi-utlegg-saldo'")],
)
def test_a_closed_agency_or_service_is_refused_within_a_second_by_every_worker(skatteetaten, superuser, table, where):
    def statuses():
        return {skatteetaten.accounts(identifier(DEBTOR)).status for _ in range(16)}

    with superuser() as connection:
        connection.execute(f"UPDATE {table} SET is_open = false WHERE {where}")
        try:
            time.sleep(1)
            closed_statuses = statuses()
        finally:
            connection.execute(f"UPDATE {table} SET is_open = true WHERE {where}")
    assert closed_statuses == {403 if table == "legal_dataconsumer" else 400}
    time.sleep(1)
    assert statuses() == {200}


def status_of(answers):
    """Read one answer from the socket to its end; a flood by an ordinary client would cost more than the service."""
    status, length = int(answers.readline().split()[1]), 0
    for line in iter(answers.readline, b"\r\n"):
        name, _, value = line.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
    assert len(answers.read(length)) == length > 0
    return status


@pytest.fixture
def trail_of_its_own(tmp_path):
    """Databases that nobody else writes to: each server appends its sums of the minute when the minute is over."""
    with copied_pair("flooded", tmp_path) as pair:
        with pair.superuser() as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute("DELETE FROM audit_record")
            connection.execute("DELETE FROM audit_turned_away")
        yield pair


def test_five_thousand_bad_tokens_leave_no_statement_and_few_rows(another_server, trail_of_its_own):
    server = another_server(**trail_of_its_own.environment())
    token = mint(consumer="974761076", scope="bits:kontoinformasjon", claims={"aud": "x"})
    questions = [
        f"GET /v2/accounts HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n{more}\r\n".encode()
        for more in (f"Authorization: Bearer {token}\r\n", "")
    ]

    def flood():
        with socket.create_connection(("127.0.0.1", server.port)) as connection, connection.makefile("rb") as answers:
            for question in questions * 1250:
                connection.sendall(question)
                assert status_of(answers) == 401

    def storm():
        threads = [threading.Thread(target=flood) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert statements_of(storm) == []
    server.stop()
    with trail_of_its_own.superuser() as connection:
        rows = connection.execute("SELECT reason, consumer, sum(count) FROM audit_turned_away GROUP BY 1, 2 ORDER BY 1")
        assert rows.fetchall() == [("tok.audience", "974761076", 2500), ("tok.missing", "", 2500)]
        (stored,) = connection.execute("SELECT count(*) FROM audit_turned_away").fetchone()
        assert stored <= 2 * 2 * 3, "a row a minute, worker and reason"
        assert connection.execute("SELECT count(*) FROM audit_record").fetchone() == (0,)
