"""The stand-in for Lånekassen: which consent allows a look-up, and how long one is remembered."""

import pytest

from sandbox.counterparts.lanekassen.persons import PERSONS
from sandbox.maskinporten.clients import BANK_NUMBER
from tests.sandbox.counterparts.consenting import (
    LOAN_SCOPE,
    answer,
    balances,
    consent_token,
    consented,
    end,
    exchange,
)

NUMBERS = {person.case: person.number for person in PERSONS}
PERSON = NUMBERS["13"]


def is_refused(answered, status):
    assert (answered.status, answered.json()) == (status, {"message": "Consent token is invalid"})


def with_consent(stand_ins, person, **changes):
    return balances(stand_ins, person, **{"Consent-ID": consent_token(stand_ins, person), **changes})


CONSENTS = {
    "none": lambda stand_ins, token: None,
    "in quotation marks": lambda stand_ins, token: f'"{token(PERSON)}"',
    "no token": lambda stand_ins, token: "x.y.z",
    "a token of Maskinporten's": lambda stand_ins, token: stand_ins.token(LOAN_SCOPE),
    "a wrong signature": lambda stand_ins, token: f"{token(PERSON)[:-8]}{'A' * 8}",
    "of another person": lambda stand_ins, token: token(NUMBERS["1a"]),
}


@pytest.mark.parametrize("make", CONSENTS.values(), ids=CONSENTS)
def test_consent(stand_ins, make):
    sent = make(stand_ins, lambda person: consent_token(stand_ins, person))
    is_refused(balances(stand_ins, PERSON, **{"Consent-ID": sent}), 403)


def test_a_consent_token_that_is_too_old(stand_ins):
    """It holds for 30 seconds; here for none."""
    stand_ins.switch(**{"altinn.token_seconds": 0})
    is_refused(with_consent(stand_ins, PERSON), 403)


def test_with_a_supplier_the_consumer_is_still_the_bank(stand_ins):
    supplier = {"authority": "iso6523-actorid-upis", "ID": "0192:312345633"}
    token = stand_ins.token(LOAN_SCOPE, supplier=supplier)
    assert with_consent(stand_ins, PERSON, Authorization=token).status == 200


def test_a_consent_to_another_bank(stand_ins):
    other = stand_ins.token(LOAN_SCOPE, consumer="351000007")
    is_refused(with_consent(stand_ins, PERSON, Authorization=other), 403)


# --- memory ---


def test_after_a_200_the_consent_is_remembered(stand_ins):
    assert [with_consent(stand_ins, PERSON).status, balances(stand_ins, PERSON).status] == [200, 200]
    remembered = stand_ins.ask("GET", "/control/lanekassen/consents").json()["consents"]
    assert list(remembered) == [f"{BANK_NUMBER}/{PERSON}"]


def test_it_is_remembered_for_that_person_and_that_bank(stand_ins):
    with_consent(stand_ins, PERSON)
    other = stand_ins.token(LOAN_SCOPE, consumer="351000007")
    is_refused(balances(stand_ins, NUMBERS["1a"]), 403)
    is_refused(balances(stand_ins, PERSON, Authorization=other), 403)


def test_a_remembered_consent_ends(stand_ins):
    code = consented(stand_ins, PERSON)
    token = exchange(stand_ins, code).data.decode()
    assert balances(stand_ins, PERSON, **{"Consent-ID": token}).status == 200
    end(stand_ins, code)
    is_refused(balances(stand_ins, PERSON), 403)
    is_refused(balances(stand_ins, PERSON, **{"Consent-ID": token}), 403)
    assert [with_consent(stand_ins, PERSON).status, balances(stand_ins, PERSON).status] == [200, 200]


def test_a_withdrawn_consent_is_refused_on_the_next_call(stand_ins):
    code = consented(stand_ins, PERSON)
    token = exchange(stand_ins, code).data.decode()
    assert balances(stand_ins, PERSON, **{"Consent-ID": token}).status == 200
    answer(stand_ins, code, "withdraw")
    is_refused(balances(stand_ins, PERSON), 403)


def test_withdrawal_by_the_test(stand_ins):
    with_consent(stand_ins, PERSON)
    path = f"/control/lanekassen/consents/{BANK_NUMBER}/{PERSON}"
    assert [stand_ins.ask("DELETE", path).json() for _ in range(2)] == [{"withdrawn": 1}, {"withdrawn": 0}]
    is_refused(balances(stand_ins, PERSON), 403)


def test_a_consent_sent_again_renews_the_memory(stand_ins):
    """It is no error, and from then on the new one counts."""
    first, second = consented(stand_ins, PERSON), consented(stand_ins, PERSON)
    for code in (first, second):
        token = exchange(stand_ins, code).data.decode()
        assert balances(stand_ins, PERSON, **{"Consent-ID": token}).status == 200
    answer(stand_ins, first, "withdraw")
    assert balances(stand_ins, PERSON).status == 200
    answer(stand_ins, second, "withdraw")
    is_refused(balances(stand_ins, PERSON), 403)


def test_a_wrong_consent_is_refused_beside_a_remembered_one(stand_ins):
    with_consent(stand_ins, PERSON)
    is_refused(balances(stand_ins, PERSON, **{"Consent-ID": "x"}), 403)
    assert balances(stand_ins, PERSON).status == 200
