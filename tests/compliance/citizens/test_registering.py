"""What is laid down of a citizen's request: everything about the person, bounded, and what came since then."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts.parties import KnownParty, LedgerSilent
from compliance.citizens import registering
from compliance.citizens.clock import due_on, months_after
from compliance.citizens.contents import asker_of
from compliance.citizens.grounds import Decision, Ground
from compliance.citizens.models import CitizenContent, CitizenRequest
from compliance.citizens.registering import since_then, take_in
from compliance.citizens.starting import started
from compliance.finding import records
from tests.compliance.citizens.asking import ASKER, asked, standing, told
from tests.compliance.finding.trail import OPEN, SHIELDED, STRANGER, add

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
TODAY = date(2026, 11, 22)
INCLUDED, UNDECIDED, WITHHELD = Decision.INCLUDED, Decision.UNDECIDED, Decision.WITHHELD


@pytest.mark.parametrize(
    ("received", "one", "three"),
    [
        pytest.param(date(2026, 11, 22), date(2026, 12, 22), date(2027, 2, 22), id="the same day of the month"),
        pytest.param(date(2026, 1, 31), date(2026, 2, 28), date(2026, 4, 30), id="a month without that day: its last"),
        pytest.param(date(2028, 1, 31), date(2028, 2, 29), date(2028, 4, 30), id="a leap year"),
        pytest.param(date(2026, 2, 28), date(2026, 3, 28), date(2026, 5, 28), id="the last day, but not of the next"),
        pytest.param(date(2026, 12, 31), date(2027, 1, 31), date(2027, 3, 31), id="over the year's end"),
        pytest.param(date(2026, 4, 17), date(2026, 5, 17), date(2026, 7, 17), id="a public holiday is not moved"),
    ],
)
def test_the_clock(received, one, three):
    assert (due_on(received, extended=False), due_on(received, extended=True)) == (one, three)


@given(st.dates(date(1950, 1, 1), date(2100, 1, 1)), st.integers(-200, 200))
def test_months_go_forth_and_back(day, months):
    there = months_after(day, months)
    assert (there.year * 12 + there.month) - (day.year * 12 + day.month) == months
    assert there.day == day.day or ((there + timedelta(days=1)).day == 1 and there.day < day.day)


@pytest.mark.parametrize(
    ("service", "age", "expected"),
    [
        pytest.param("politi-utlevering", 0, (WITHHELD, Ground.CRIME), id="the police"),
        pytest.param("politi-utlevering", 9999, (WITHHELD, Ground.CRIME), id="the police, however long ago"),
        pytest.param("skatt-kontroll", 729, (UNDECIDED, ""), id="tax control, one day too young"),
        pytest.param("skatt-kontroll", 730, (INCLUDED, ""), id="tax control, old enough"),
        pytest.param("fi-utlegg-saldo", 364, (UNDECIDED, ""), id="attachment, one day too young"),
        pytest.param("fi-utlegg-saldo", 365, (INCLUDED, ""), id="attachment, old enough"),
        pytest.param("vergekontroll", 0, (INCLUDED, ""), id="no days are set"),
        pytest.param("agencies:bsu", 0, (INCLUDED, ""), id="the bank's own"),
        pytest.param("", 0, (INCLUDED, ""), id="refused before any service was known"),
    ],
)
def test_how_a_disclosure_begins(service, age, expected):
    days = {"fi-utlegg-saldo": 365, "skatt-kontroll": 730}
    assert started(service=service, told_on=TODAY - timedelta(days=age), today=TODAY, undecided_days=days) == expected


def test_everything_about_the_person_is_laid_down_and_nothing_else():
    about = told()
    refused = add(OPEN, minutes=5, service="vergekontroll", outcome="refused", code="ACC-001")
    empty = add(OPEN, minutes=4, service="vergekontroll", items=0, empty_because="shielded")
    add(SHIELDED, minutes=3)
    request = asked()
    rows = request.disclosures.order_by("record")
    assert [(row.record, row.at, row.consumer, row.endpoint, row.outcome, row.is_empty) for row in rows] == [
        (record.pk, record.at, record.consumer, record.endpoint, record.outcome, record is empty)
        for record in (*about.values(), refused, empty)
    ]
    assert standing(request) == [
        ("vergekontroll", "included", "", False, ""),
        ("agencies:bsu", "included", "", False, ""),
        ("politi-utlevering", "withheld", "crime", False, ""),
        ("skatt-kontroll", "undecided", "", False, ""),
        ("vergekontroll", "included", "", False, ""),
        ("vergekontroll", "included", "", False, ""),
    ]


def test_former_numbers_are_looked_for_too(monkeypatch):
    known = KnownParty((OPEN, STRANGER), "Debtor", False, True)
    monkeypatch.setattr(records, "party_known_by", {OPEN: known}.get)
    before, after = add(STRANGER, minutes=9), add(OPEN, minutes=8)
    assert set(asked().disclosures.values_list("record", flat=True)) == {before.pk, after.pk}


def test_a_silent_ledger_keeps_nothing(monkeypatch):
    def silent(number):
        raise LedgerSilent

    monkeypatch.setattr(records, "party_known_by", silent)
    with pytest.raises(LedgerSilent):
        asked()
    assert not CitizenRequest.objects.exists() and not CitizenContent.objects.exists()


def test_what_came_since_then_waits_until_it_is_taken_in():
    told()
    request = asked()
    assert [*since_then(request, OPEN)] == []
    later = [add(OPEN, service="vergekontroll"), add(OPEN, service="politi-utlevering")]
    assert {record.pk for record in since_then(request, OPEN)} == {record.pk for record in later}
    late = add(OPEN, minutes=2, service="konkursbehandling")  # committed after the look, though older
    assert take_in(request, OPEN) == 3
    assert [*since_then(request, OPEN)] == []
    assert ("politi-utlevering", "withheld", "crime", False, "") in standing(request)
    assert request.disclosures.filter(record=late.pk).exists()


def test_rows_are_laid_down_in_batches(monkeypatch):
    monkeypatch.setattr(registering, "BATCH", 2)
    for minute in range(5):
        add(OPEN, minutes=minute)
    with CaptureQueriesContext(connection) as captured:
        asked()
    inserts = [query for query in captured if 'INSERT INTO "citizens_citizendisclosure"' in query["sql"]]
    assert len(inserts) == 3


def test_who_asks_is_sealed_and_never_in_clear():
    request = asked()
    asker, found_by = asker_of(request)
    assert asker == ASKER and found_by.startswith(b"l1:")
    kept = CitizenContent.objects.get(pk=request.pk)
    assert not any(secret.encode() in bytes(kept.sealed) for secret in (OPEN, ASKER.name, *ASKER.address))
    with connection.cursor() as cursor:
        for table in ("citizenrequest", "citizenrequestevent", "citizendisclosure", "citizendisclosureevent"):
            cursor.execute(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM citizens_{table} t")
            [text] = cursor.fetchone()
            assert OPEN not in text and "Łukasz" not in text


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"decision": "withheld", "ground": ""}, id="withheld without a ground"),
        pytest.param({"decision": "included", "ground": "crime"}, id="told on a ground"),
        pytest.param({"decision": "undecided", "ground": "crime"}, id="undecided on a ground"),
        pytest.param({"decided_name": "Kari"}, id="decided by a name without a person"),
    ],
)
def test_the_database_refuses_half_a_decision(changes):
    told()
    request = asked()
    with pytest.raises(IntegrityError), transaction.atomic():
        request.disclosures.update(**changes)


def test_the_database_refuses_a_disclosure_twice():
    told()
    request = asked()
    row = request.disclosures.first()
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)
