"""Consent from the request to its end: what is asked, who may come back, what is kept, and when it is over."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from agencies.errors import BadInput, NotConfigured, NotTheApplication
from agencies.studielan import consent, consent_state, logins
from agencies.studielan.altinn2 import request_of
from agencies.studielan.errors import LoginOver, ReturnRefused
from agencies.studielan.logins import State
from agencies.studielan.models import Consent
from tests.agencies.studielan.customers import answer_consent, answer_page, asked_of, login_of, state_of
from tests.wire import recording

REQUEST, TOKEN = "/altinn/api/ConsentRequest", "/altinn/api/authorization/token"


def test_the_request_as_the_page_has_it(bank, login, settings):
    with recording() as altinn:
        settings.ALTINN_CONSENT_REQUEST_URL = f"{altinn.base}/api/ConsentRequest?ForceEIAuthentication"
        altinn.answer(201, json.dumps({"AuthorizationCode": "0A1B2C3D-4e5f-6071-8293-a4b5c6d7e8f9"}))
        customer = login("7")
        page = consent.ask(customer, surname="Strand")
        (seen,) = altinn.seen
    assert seen.line == "POST /api/ConsentRequest?ForceEIAuthentication HTTP/1.1"
    own = {"ApiKey", "Accept", "Content-Type", "Authorization"}
    assert {name: seen.header(name) for name in own - {"Authorization"}} == {
        "ApiKey": bank.settings["ALTINN_API_KEY"],
        "Accept": "application/hal+json",
        "Content-Type": "application/json",
    }
    assert seen.header("Authorization").startswith("Bearer ey")
    body = json.loads(seen.body)
    valid_to, redirect = body.pop("validTo"), body.pop("redirectUrl")
    assert body == {
        "coveredBy": "213456008",
        "offeredBy": customer.identifier,
        "offeredByName": "Strand",
        "requiredDelegator": customer.identifier,
        "requiredDelegatorName": "Strand",
        "requestResources": [
            {"serviceCode": "5498", "serviceEditionCode": 1, "Metadata": {"Navn": "Eksempelbanken"}},
        ],
        "requestMessage": {},
    }
    assert valid_to[-5] == "." and valid_to[-1] == "Z"
    days = datetime.fromisoformat(valid_to) - datetime.now(UTC)
    assert timedelta(days=363, hours=23) < days <= timedelta(days=364)
    assert redirect.startswith(settings.LANEKASSEN_REDIRECT_URL + "/")
    assert len(state_of(redirect)) == 43, "256 bits that nobody guesses"
    assert page.endswith("/altinn/ui/AccessConsent/request?id=0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9")


def test_the_fields_in_the_order_of_the_page(settings):
    settings.BANK_ORGANISATION_NUMBER, settings.LANEKASSEN_BANK_NAME = "213456008", "Banken"
    moment = datetime(2020, 11, 4, 11, 29, 56, 577_000, UTC)
    body = request_of("22899410096", "Lie", moment, "https://bank.example/back/x")
    assert body["validTo"] == "2020-11-04T11:29:56.577Z"
    assert list(body) == [
        *("coveredBy", "offeredBy", "offeredByName", "requiredDelegator", "requiredDelegatorName"),
        *("validTo", "redirectUrl", "requestResources", "requestMessage"),
    ]


@pytest.mark.parametrize(
    ("setting", "value", "surname", "error"),
    [
        pytest.param("LANEKASSEN_BANK_NAME", " ", "Lie", NotConfigured, id="a blank name would show no name"),
        pytest.param(
            "LANEKASSEN_REDIRECT_URL", "http://bank.example/", "Lie", NotConfigured, id="redirect without TLS"
        ),
        pytest.param("LANEKASSEN_REDIRECT_URL", "", "Lie", NotConfigured, id="no redirect"),
        pytest.param("LANEKASSEN_CONSENT_DAYS", 366, "Lie", NotConfigured, id="more than a year"),
        pytest.param("LANEKASSEN_CONSENT_DAYS", 0, "Lie", NotConfigured, id="no day"),
        pytest.param("LANEKASSEN_CONSENT", "altinn4", "Lie", NotConfigured, id="an unknown way"),
        pytest.param("LANEKASSEN_CONSENT", "altinn2", " ", BadInput, id="no surname"),
        pytest.param("LANEKASSEN_CONSENT", "altinn2", "Lie\n", BadInput, id="a surname with a line break"),
    ],
)
def test_what_is_not_asked(bank, login, settings, setting, value, surname, error):
    setattr(settings, setting, value)
    with pytest.raises(error):
        consent.ask(login("7"), surname=surname)
    assert asked_of(bank, REQUEST) == []


def test_nobody_is_told_of_a_login_that_never_began(bank, db):
    with pytest.raises(LoginOver):
        consent.ask(login_of("7"), surname="Strand")
    assert asked_of(bank, REQUEST) == []


@pytest.mark.parametrize(
    "answer",
    [b"", b"[]", b"{}", b'{"AuthorizationCode":17}', b'{"AuthorizationCode":"../x"}', b"<html>"],
)
def test_answers_without_a_code(bank, login, settings, answer):
    with recording() as altinn:
        settings.ALTINN_CONSENT_REQUEST_URL = f"{altinn.base}/"
        altinn.answer(200, answer)
        with pytest.raises(NotTheApplication):
            consent.ask(login("7"), surname="Strand")


# --- coming back ---


@pytest.mark.parametrize(
    "state",
    [
        pytest.param(lambda right: "", id="none"),
        pytest.param(lambda right: right[:-1], id="cut"),
        pytest.param(lambda right: right.swapcase(), id="other letters"),
        pytest.param(lambda right: "\ud800", id="no text"),
    ],
)
def test_a_return_that_was_not_sent(bank, login, state):
    customer = login("7")
    right = state_of(answer_page(bank, consent.ask(customer, surname="Strand")))
    with pytest.raises(ReturnRefused):
        consent.come_back(customer, state(right))
    assert Consent.objects.count() == 0
    consent.come_back(customer, right)
    with pytest.raises(ReturnRefused):
        consent.come_back(customer, right)


def test_the_return_of_another_login(bank, login):
    """Whoever lures a customer to a return address of his own gains nothing."""
    attacker, victim = login("1a", secret="a" * 32), login("7")
    state = state_of(answer_page(bank, consent.ask(attacker, surname="Solberg")))
    with pytest.raises(ReturnRefused):
        consent.come_back(victim, state)
    assert Consent.objects.count() == 0


def test_a_no_leaves_no_consent(bank, login):
    customer = login("7")
    answer_consent(bank, customer, consent.ask(customer, surname="Strand"), answer="no")
    assert logins.balances(customer).state is State.CONSENT_NEEDED
    assert asked_of(bank) == [], "Lånekassen is not asked"
    assert Consent.objects.count() == 0


def test_a_new_consent_takes_the_place_of_the_old(bank, consented, login):
    customer = consented("7")
    before = consent_state.find(customer.identifier)
    answer_consent(bank, customer, consent.ask(customer, surname="Strand"))
    after = consent_state.find(customer.identifier)
    assert before.code != after.code
    assert Consent.objects.count() == 1


def test_what_is_kept_tells_nothing(consented):
    customer = consented("7")
    row = Consent.objects.get()
    code = consent_state.find(customer.identifier).code
    stored = repr([bytes(value) if isinstance(value, memoryview) else value for value in vars(row).values()])
    assert customer.identifier not in stored
    assert code not in stored


# --- its end ---


def test_past_its_end_nobody_is_asked(bank, consented):
    customer = consented("7")
    Consent.objects.update(valid_to=timezone.now(), primed=True)
    assert logins.balances(customer).state is State.CONSENT_NEEDED
    assert asked_of(bank) == []
    assert Consent.objects.count() == 0


def test_what_has_ended_is_swept(consented):
    consented("7")
    assert (logins.sweep(), Consent.objects.count()) == (0, 1)
    Consent.objects.update(valid_to=timezone.now())
    assert (logins.sweep(), Consent.objects.count()) == (1, 0)


def test_the_end_is_the_tokens(bank, consented):
    customer = consented("7")
    Consent.objects.update(valid_to=timezone.now() + timedelta(days=5000))
    logins.balances(customer)
    assert consent_state.find(customer.identifier).valid_to < timezone.now() + timedelta(days=365)


def test_withdrawn_after_it_was_remembered(bank, consented, login):
    """It shows as a 403; the code is exchanged once, in vain, and the customer is offered to consent anew."""
    customer = consented("7")
    assert logins.balances(customer).state is State.ANSWERED
    bank.ask("DELETE", f"/control/lanekassen/consents/213456008/{customer.identifier}")
    logins.end(customer)
    again = login("7", secret="u" * 32)
    assert logins.balances(again).state is State.CONSENT_NEEDED
    assert len(asked_of(bank, TOKEN)) == 2
    assert Consent.objects.count() == 0
    answer_consent(bank, again, consent.ask(again, surname="Strand"))
    assert logins.balances(again).state is State.ANSWERED


def test_one_exchange_for_many_logins(bank, consented, login):
    consented("7")
    for letter in "abc":
        assert logins.balances(login("7", secret=letter * 32)).state is State.ANSWERED
    assert len(asked_of(bank, TOKEN)) == 1
    shown = ["CONSENT-ID" in request["headers"] for request in asked_of(bank)]
    assert shown == [True, False, False]


@pytest.mark.parametrize(
    ("fault", "state", "kept"),
    [
        pytest.param({"status": 403}, State.CONSENT_NEEDED, False, id="403 says no"),
        pytest.param({"status": 404}, State.CONSENT_NEEDED, False, id="404 says no"),
        pytest.param({"status": 500}, State.LATER, True, id="500 says nothing"),
        pytest.param({"drop": "before"}, State.LATER, True, id="no answer says nothing"),
        pytest.param({"status": 200, "body": "no token"}, State.LATER, True, id="not a token"),
    ],
)
def test_exchanges_that_fail(bank, consented, fault, state, kept):
    customer = consented("7")
    bank.fault(TOKEN, **fault)
    assert logins.balances(customer).state is state
    assert asked_of(bank) == []
    assert (Consent.objects.count() == 1) == kept


# --- Altinn 3 ---


def test_altinn3_is_one_token_for_both(bank, login, settings):
    settings.LANEKASSEN_CONSENT = "altinn3"
    customer = login("7")
    answer_consent(bank, customer, consent.ask(customer, surname="Strand"))
    look = logins.balances(customer)
    assert look.state is State.ANSWERED
    (asked,) = asked_of(bank)
    assert "CONSENT-ID" not in asked["headers"]
    assert asked_of(bank, TOKEN) == []


def test_altinn3_request_and_withdrawal(bank, login, settings):
    settings.LANEKASSEN_CONSENT = "altinn3"
    customer = login("7")
    answer_consent(bank, customer, consent.ask(customer, surname="Strand"))
    (request,) = asked_of(bank, "/altinn3/")
    body = json.loads(request["body"])
    kept = consent_state.find(customer.identifier)
    assert body == {
        "id": kept.code,
        "from": f"urn:altinn:person:identifier-no:{customer.identifier}",
        "to": "urn:altinn:organization:identifier-no:213456008",
        "validTo": body["validTo"],
        "consentRights": [
            {
                "action": ["consent"],
                "resource": [{"type": "urn:altinn:resource", "value": "sandbox-studielan"}],
                "metaData": {"Navn": "Eksempelbanken"},
            }
        ],
        "redirectUrl": body["redirectUrl"],
    }
    bank.ask("DELETE", f"/control/lanekassen/consents/213456008/{customer.identifier}")
    assert logins.balances(customer).state in {State.CONSENT_NEEDED, State.LATER}
