"""What a bank sends to Altinn for a customer's consent, step by step."""

import uuid
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from sandbox.counterparts.addresses import ALTINN_KEY, LANEKASSEN_KEY
from sandbox.maskinporten.clients import BANK_NUMBER
from sandbox.maskinporten.details import CONSENT

LOAN_SCOPE = "lanekassen:lan/v1/saldoopplysninger"
WRITE, TOKENS = "altinn:consentrequests.write", "altinn:consenttokens"
BACK = "https://bank.example/studielan/tilbake?state=1"
REQUEST, PAGE, TOKEN = (
    "/altinn/api/ConsentRequest?ForceEIAuthentication",
    "/altinn/ui/AccessConsent/request",
    "/altinn/api/authorization/token",
)
PERSON, ORGANISATION = "urn:altinn:person:identifier-no:", "urn:altinn:organization:identifier-no:"


def moment(days=0.0):
    """Return the moment that many days from now, as the request wants it."""
    return (datetime.now(UTC) + timedelta(days=days)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def request_for(person, **changes):
    """Return the request of the page; a change to None leaves a field out."""
    document = {
        "coveredBy": BANK_NUMBER,
        "offeredBy": person,
        "offeredByName": "Lie",
        "requiredDelegator": person,
        "requiredDelegatorName": "Lie",
        "validTo": moment(days=30),
        "redirectUrl": BACK,
        "requestResources": [
            {"serviceCode": "5498", "serviceEditionCode": 1, "Metadata": {"Navn": "Eksempelbanken"}},
        ],
        "requestMessage": {},
    }  # fmt: skip
    return {name: value for name, value in {**document, **changes}.items() if value is not None}


def business(stand_ins, scope, **changes):
    """Return the headers of a call to Altinn; a change to None leaves one out."""
    sent = {
        "ApiKey": ALTINN_KEY,
        "Authorization": f"Bearer {stand_ins.token(scope)}",
        "Accept": "application/hal+json",
        "Content-Type": "application/json",
    }
    return {name: value for name, value in {**sent, **changes}.items() if value is not None}


def ask(stand_ins, document, **changes):
    return stand_ins.ask("POST", REQUEST, business(stand_ins, WRITE, **changes), document)


def answer(stand_ins, code, choice):
    """Answer on the page, as the customer's browser does."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    return stand_ins.ask("POST", f"{PAGE}?id={code}", form, urlencode({"answer": choice}).encode())


def exchange(stand_ins, code, **changes):
    headers = business(stand_ins, TOKENS, **{"Content-Type": None, **changes})
    return stand_ins.ask("GET", f"{TOKEN}?authcode={code}", headers)


def end(stand_ins, code):
    """Let the consent be over."""
    assert stand_ins.ask("POST", f"/control/altinn/consents/{code}/end").json() == {"ended": True}


def consented(stand_ins, person, **changes):
    """Return the authorization code of a consent that the person has given."""
    code = ask(stand_ins, request_for(person, **changes)).json()["AuthorizationCode"]
    assert answer(stand_ins, code, "yes").status == 302
    return code


def consent_token(stand_ins, person, **changes):
    return exchange(stand_ins, consented(stand_ins, person, **changes)).data.decode()


def altinn3_request(person, **changes):
    document = {
        "id": str(uuid.uuid4()),
        "from": f"{PERSON}{person}",
        "to": f"{ORGANISATION}{BANK_NUMBER}",
        "validTo": moment(days=30),
        "consentRights": [
            {
                "action": ["consent"],
                "resource": [{"type": "urn:altinn:resource", "value": "lanekassen-saldo"}],
                "metaData": {},
            }
        ],
        "redirectUrl": BACK,
    }
    return {name: value for name, value in {**document, **changes}.items() if value is not None}


def combined_token(stand_ins, person, consent_id):
    """Return the one token of Altinn 3 that does both jobs, as Maskinporten would write it."""
    detail = {
        "type": CONSENT,
        "id": consent_id,
        "from": f"{PERSON}{person}",
        "to": {"authority": "iso6523-actorid-upis", "ID": f"0192:{BANK_NUMBER}"},
        "consented": moment(),
        "validTo": moment(days=30),
        "consentRights": altinn3_request(person)["consentRights"],
    }
    return stand_ins.token(LOAN_SCOPE, authorization_details=[detail])


def balance_headers(stand_ins, person, **changes):
    """Return the headers of a look-up; a change to None leaves one out."""
    sent = {
        "ApiKey": LANEKASSEN_KEY,
        "Authorization": stand_ins.token(LOAN_SCOPE),
        "PSU_ID": person,
        "X-Request-Id": str(uuid.uuid4()),
    }
    return {name: value for name, value in {**sent, **changes}.items() if value is not None}


def balances(stand_ins, person, **changes):
    return stand_ins.ask("GET", "/lanekassen/saldo/v1/Accounts", balance_headers(stand_ins, person, **changes))
