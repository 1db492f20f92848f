"""Who is asked about: the party behind a number or nobody, and why a list would be empty."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.ledger import NO_PARTY
from accounts.models import FinancialInstitution
from accounts.standing import GUARANTOR_ONLY, HOLDS_NOTHING, SHIELDED, UNKNOWN, control_object
from legal.periods import Period
from legal.refusals import LedgerInconsistent, LedgerOutdated
from tests.accounts.conftest import OTHER, OURS

NUMBER, FORMER, NOBODY = "15869010089", "55869010072", "15819010029"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TODAY, YESTERDAY = date(2026, 11, 21), date(2026, 11, 20)
GUARANTEE, OWNERSHIP, DISPOSAL = "guarantor", "primaryOwner", "authorisedUser"


def asked(number=NUMBER, institutions=(OURS,)):
    period = Period(TODAY, TODAY)
    return control_object(number, period=period, institutions=institutions, now=NOW, max_age=timedelta(hours=48))


@pytest.mark.parametrize("number", [NUMBER, FORMER], ids=["present number", "former number"])
def test_any_number_finds_the_party(bank, number):
    party = bank.party((FORMER, date(1999, 1, 1), date(2004, 5, 31)), (NUMBER, date(2004, 6, 1)))
    found = asked(number)
    assert (found.party_id, found.empty_because) == (party.pk, HOLDS_NOTHING)
    assert found.as_of == datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def test_nobody_has_that_number(bank):
    bank.party(NUMBER)
    found = asked(NOBODY)
    assert (found.party_id, found.empty_because) == (NO_PARTY, UNKNOWN)


@pytest.mark.parametrize(
    ("grade", "shielded"),
    [
        pytest.param("ugradert", False, id="open"),
        pytest.param("klientadresse", False, id="client address"),
        pytest.param("fortrolig", True, id="confidential"),
        pytest.param("strengtFortrolig", True, id="strictly confidential"),
        pytest.param("", True, id="no grade"),
        pytest.param("Ugradert", True, id="another letter case"),
        pytest.param("nyGradering", True, id="a grade that is not known"),
    ],
)
def test_a_shielded_party_is_nobody(bank, grade, shielded):
    party = bank.party(FORMER, NUMBER, grade=grade)
    bank.role(bank.account(), party)
    for number in (NUMBER, FORMER):
        found = asked(number)
        assert found.party_id == (NO_PARTY if shielded else party.pk)
        assert found.empty_because == (SHIELDED if shielded else HOLDS_NOTHING)


@pytest.mark.parametrize(
    ("roles", "reason"),
    [
        pytest.param([], HOLDS_NOTHING, id="no role"),
        pytest.param([(GUARANTEE, None)], GUARANTOR_ONLY, id="a guarantee"),
        pytest.param([(GUARANTEE, None)] * 2, GUARANTOR_ONLY, id="two guarantees"),
        pytest.param([(GUARANTEE, None), (OWNERSHIP, None)], HOLDS_NOTHING, id="a guarantee and an account"),
        pytest.param(
            [(GUARANTEE, None), (OWNERSHIP, YESTERDAY)], GUARANTOR_ONLY, id="a guarantee and a former account"
        ),
        pytest.param([(GUARANTEE, YESTERDAY)], HOLDS_NOTHING, id="a guarantee that ended yesterday"),
        pytest.param([(GUARANTEE, TODAY)], GUARANTOR_ONLY, id="a guarantee that ends today"),
        pytest.param([(DISPOSAL, None)], HOLDS_NOTHING, id="disposal only"),
    ],
)
def test_why_a_list_would_be_empty(bank, roles, reason):
    party = bank.party(NUMBER)
    for kind, end in roles:
        bank.role(bank.account(), party, kind, end=end)
    found = asked()
    assert (found.party_id, found.empty_because) == (party.pk, reason)


def test_a_role_at_an_institution_of_another_audience_does_not_count(bank):
    party = bank.party(NUMBER)
    bank.role(bank.account(at=OURS), party, GUARANTEE)
    bank.role(bank.account(at=OTHER), party, OWNERSHIP)
    assert asked(institutions=[OURS]).empty_because == GUARANTOR_ONLY
    assert asked(institutions=[OTHER]).empty_because == HOLDS_NOTHING
    assert asked(institutions=[OURS, OTHER]).empty_because == HOLDS_NOTHING


@pytest.mark.parametrize(
    "institutions",
    [
        pytest.param(["213000005"], id="another bank"),
        pytest.param([OURS, "213000005"], id="one of two"),
        pytest.param([f"{OURS} "], id="written with a blank"),
    ],
)
@pytest.mark.parametrize("number", [NUMBER, NOBODY], ids=["a customer", "nobody"])
def test_an_institution_that_the_ledger_lacks(bank, institutions, number):
    bank.party(NUMBER)
    with pytest.raises(LedgerInconsistent):
        asked(number, institutions=institutions)


@pytest.mark.parametrize("number", [NUMBER, NOBODY], ids=["a customer", "nobody"])
@pytest.mark.parametrize(
    ("institution", "refused"), [(OURS, True), (OTHER, False)], ids=["of this audience", "of another audience"]
)
def test_a_ledger_that_is_too_old_answers_nobody(bank, number, institution, refused):
    bank.party(NUMBER)
    FinancialInstitution.objects.filter(organisation_number=institution).update(as_of=NOW - timedelta(hours=49))
    if refused:
        with pytest.raises(LedgerOutdated):
            asked(number)
    else:
        assert asked(number).as_of == datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def test_the_oldest_institution_speaks_for_all(bank):
    older = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
    FinancialInstitution.objects.filter(organisation_number=OTHER).update(as_of=older)
    assert asked(institutions=[OURS, OTHER]).as_of == older


def test_two_parties_behind_one_number_are_none(bank, monkeypatch):
    """The tables cannot hold that (see test_ledger.py), but a bank's own views may."""
    bank.party(NUMBER)
    standings = [standing._replace(party_ids=[1, 2]) for standing in asked().standings]
    monkeypatch.setattr("accounts.standing.standing_of", lambda *args, **kwargs: standings)
    with pytest.raises(LedgerInconsistent):
        asked()


def test_a_party_found_twice_by_one_number_is_one(bank, monkeypatch):
    party = bank.party(NUMBER)
    found = asked()
    standings = [standing._replace(party_ids=[party.pk] * 2, grades=["ugradert"] * 2) for standing in found.standings]
    monkeypatch.setattr("accounts.standing.standing_of", lambda *args, **kwargs: standings)
    assert asked() == replace(found, standings=standings)
