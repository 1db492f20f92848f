"""Which host a question goes to, and which questions are asked once more at the primary."""

import threading
import time
import uuid
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import OperationalError, connections

from accounts.ledger import servicer_of
from accounts.references import Referred, context_of, reference_to
from accounts.replicas import asked_again, is_worth_another_try, lags
from accounts.views import AccountDetails, AccountList, AccountServicingProvider, CustomerRelationships
from legal.periods import Period, day_in_oslo
from legal.refusals import NothingHere
from tests.accounts.enquiries import AUDIENCE, enquiry
from tests.accounts.replicas.conftest import FRESH, GONE, LATE, PRIMARY, overheard
from tests.consumer import identifier

NOW = datetime.now(UTC)
TODAY = Period(day_in_oslo(NOW), day_in_oslo(NOW))
REPLICA = 1


@pytest.fixture(autouse=True)
def audience(settings):
    settings.AUDIENCES = {AUDIENCE: ["213456008"]}


def session():
    """Return where the thread's connection is, and its process there."""
    with connections["ledger"].cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return connections["ledger"]._host, cursor.fetchone()[0]


def test_a_connection_stays_while_its_host_is_fresh(told):
    first = session()
    assert first[0] == REPLICA
    told.found(PRIMARY, FRESH)
    assert session() == first


def test_a_connection_to_a_host_that_is_left_out_is_closed_before_the_next_question(told):
    first = session()
    told.found(PRIMARY, LATE)
    second = session()
    assert (first[0], second[0]) == (REPLICA, 0)
    assert first[1] != second[1]
    told.found(PRIMARY, FRESH)
    assert session()[0] == REPLICA, "back when it has caught up"


def test_a_host_that_joins_gets_its_share(told):
    told.found(GONE, FRESH, wanted="any")
    first = session()
    told.found(GONE, FRESH, FRESH, wanted="any", edition=1)
    assert session()[1] != first[1], "connections are spread anew"


def test_nobody_is_fresh_and_the_primary_is_gone(told):
    told.found(GONE, LATE)
    with pytest.raises(OperationalError, match="No host of the ledger is fresh"):
        session()


def test_a_host_that_cannot_be_reached_is_passed_over(told):
    told.cut(REPLICA)
    assert session()[0] == 0


def test_two_hosts_are_tried_and_the_primary_is_one_of_them(told):
    told.found(PRIMARY, FRESH, FRESH)
    told.cut(1)
    told.cut(2)
    assert session()[0] == 0


@pytest.mark.parametrize(
    ("lags", "tried"),
    [
        pytest.param([FRESH] * 3 + [PRIMARY], 2, id="three replicas and a primary"),
        pytest.param([GONE] + [FRESH] * 3, 2, id="three replicas"),
        pytest.param([PRIMARY, LATE], 1, id="the primary alone"),
        pytest.param([GONE, LATE], 0, id="nobody"),
    ],
)
def test_hosts_are_tried_for_a_bounded_time(told, lags, tried):
    told.found(*lags)
    candidates = connections["ledger"]._candidates(told.told, True)
    assert len(candidates) == len(set(candidates)) == tried
    assert PRIMARY not in lags or lags.index(PRIMARY) in candidates


def test_a_cut_connection_is_opened_on_another_host(told, superuser):
    _, pid = session()
    with superuser("ledger") as connection:
        connection.execute("SELECT pg_terminate_backend(%s)", [pid])
    told.cut(REPLICA)
    assert len(servicer_of("12345678903", institutions=["1"])) == 0
    assert connections["ledger"]._host == 0


def test_who_waits_at_a_host_that_has_frozen_is_sent_to_another(told):
    """It looks as if the host had hung up, however long it would have taken; connections elsewhere are left alone."""
    session()
    with connections["ledger"].at_primary():
        elsewhere = session()
    hanging_up = threading.Timer(0.3, told.lines.hang_up, [REPLICA])
    hanging_up.start()
    begun = time.monotonic()
    with pytest.raises(OperationalError) as failed, connections["ledger"].cursor() as cursor:
        cursor.execute("SELECT pg_sleep(7)")
    assert time.monotonic() - begun < 6
    assert is_worth_another_try(failed.value)
    hanging_up.join()
    with connections["ledger"].at_primary():
        assert session() == elsewhere


@pytest.mark.parametrize(
    ("state", "words", "again"),
    [
        pytest.param("40001", "canceling statement due to conflict with recovery", True, id="a replica gives way"),
        pytest.param("40P01", "deadlock detected", True, id="deadlock"),
        pytest.param("57014", "canceling statement due to conflict with recovery", True, id="cancelled for recovery"),
        pytest.param("57014", "canceling statement due to statement timeout", False, id="it takes too long"),
        pytest.param("42501", "permission denied", False, id="no right"),
    ],
)
def test_what_is_asked_again(told, state, words, again):
    with pytest.raises(Exception) as failed, connections["ledger"].cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION '{words}' USING ERRCODE = '{state}'; END $$")
    assert isinstance(failed.value.__cause__, psycopg.Error)
    assert is_worth_another_try(failed.value) is again


def test_what_a_replica_did_not_find_is_asked_once_more_at_the_primary(told):
    with overheard() as asked:
        for answer, places in (([], [1, 0]), (["something"], [1])):
            del asked[:]
            assert (
                asked_again(lambda answer=answer: (session(), answer)[1], is_nothing=lambda found: not found) == answer
            )
            assert [host for host, _ in asked] == places


def test_both_connections_last(told):
    """One question after the other: neither the replica's connection nor the primary's is opened anew."""
    pids = []
    for _ in range(3):
        asked_again(lambda: pids.append(session()), is_nothing=lambda found: True)
    assert pids == [*pids[:2]] * 3
    assert [host for host, _ in pids[:2]] == [REPLICA, 0]


@pytest.mark.parametrize(
    ("lags", "wanted"),
    [
        pytest.param([PRIMARY, LATE], "any", id="the primary itself was asked"),
        pytest.param([GONE, FRESH], "any", id="the primary is gone"),
    ],
)
def test_nothing_is_asked_twice(told, lags, wanted):
    told.found(*lags, wanted=wanted)
    with overheard() as asked:
        asked_again(session, is_nothing=lambda found: True)
    assert len(asked) == 1


def test_with_one_host_nothing_is_asked_twice(django_db_blocker):
    times = []
    with django_db_blocker.unblock():
        asked_again(lambda: times.append(1), is_nothing=lambda found: True)
    assert times == [1]
    assert lags() == {}


def of_party(view, number):
    return lambda: view().document(enquiry(number=number, period=TODAY, asked_at=NOW, only_primary_owner=True))


def of_reference(reference):
    def document():
        view = AccountDetails()
        view.enquiry = enquiry(reference=reference, period=TODAY, asked_at=NOW)
        return view.document(view.enquiry)

    return document


def of_account(number):
    question = enquiry(number=None, period=TODAY, asked_at=NOW, account_number=number)
    return lambda: AccountServicingProvider().document(question)


def asked_of(document):
    """Return each host with the text it was asked."""
    with overheard() as asked:
        try:
            document()
        except NothingHere:
            asked.append(("", "404"))
    return tuple(asked)


NOBODIES = (
    "not-a-customer",
    "shielded-strictly",
    "shielded-confidential",
    "guarantor-only",
    "customer-without-accounts",
)


@pytest.mark.parametrize("view", [AccountList, CustomerRelationships])
def test_whoever_is_answered_alike_costs_the_same(told, view):
    """The same texts of SQL to the same hosts: a replica's two, and the primary's two."""
    cases = NOBODIES[:4] if view is CustomerRelationships else NOBODIES
    asked = {asked_of(of_party(view, identifier(case))) for case in cases}
    assert len(asked) == 1
    assert [host for host, _ in asked.pop()] == [REPLICA, REPLICA, 0, 0]


def test_somebody_who_is_found_costs_what_it_did(told):
    asked = asked_of(of_party(AccountList, identifier("debtor-five-accounts")))
    assert [host for host, _ in asked] == [REPLICA, REPLICA]


def test_worthless_references_cost_the_same(told):
    case = enquiry(reference="x", period=TODAY, asked_at=NOW)
    shielded = reference_to(Referred(7, identifier("shielded-strictly")), context_of(case))
    unknown = reference_to(Referred(8, identifier("not-a-customer")), context_of(case))
    asked = {asked_of(of_reference(one)) for one in ("x", str(uuid.uuid4()), shielded, unknown)}
    assert len(asked) == 1
    assert [host for host, _ in asked.pop()] == [REPLICA, 0, ""]


def test_an_unknown_account_number_is_asked_once_more(told):
    assert [host for host, _ in asked_of(of_account("99980000000"))] == [REPLICA, 0, ""]


def of_facts(case):
    question = enquiry(number=identifier(case), period=TODAY, asked_at=NOW, rules={"precondition": "death"})
    return lambda: AccountList().facts(question)


def test_what_no_precondition_can_rest_on_is_asked_once_more(told):
    """A customer who lives is refused in the same words as the unknown and the shielded, and costs the same."""
    alike = ("debtor-five-accounts", "not-a-customer", "shielded-strictly", "shielded-confidential", "guarantor-only")
    asked = {asked_of(of_facts(case)) for case in alike}
    assert len(asked) == 1
    assert [host for host, _ in asked.pop()] == [REPLICA, 0]
    assert [host for host, _ in asked_of(of_facts("deceased"))] == [REPLICA]
