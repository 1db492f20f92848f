"""What is printed of Altinn 3: a consent request, its token, the system register."""

import time
import uuid

import pytest

from sandbox.maskinporten import clients, jws
from sandbox.maskinporten.clients import BANK_NUMBER
from tests import cluster
from tests.sandbox.counterparts.consenting import (
    BACK,
    ORGANISATION,
    PAGE,
    PERSON,
    WRITE,
    altinn3_request,
    answer,
    balances,
    combined_token,
    moment,
)

CUSTOMER = "22899410096"
REQUESTS = "/altinn3/accessmanagement/api/v1/enterprise/consentrequests/"
SYSTEMS = "/altinn3/authentication/api/v1/systemregister/vendor"
REGISTER = "altinn:authentication/systemregister.write"
BSU = "ske-innrapportering-boligsparing-ungdom"


def post(stand_ins, path, scope, document, **changes):
    sent = {"Authorization": f"Bearer {stand_ins.token(scope)}", "Content-Type": "application/json", **changes}
    return stand_ins.ask("POST", path, sent, document)


def ask(stand_ins, document, **changes):
    return post(stand_ins, REQUESTS, WRITE, document, **changes)


# --- consent ---


def test_a_request(stand_ins):
    document = altinn3_request(CUSTOMER)
    answered = ask(stand_ins, document)
    page = f"{stand_ins.base}{PAGE}?id={document['id']}"
    assert (answered.status, answered.json()) == (201, {**document, "status": "created", "viewUri": page})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(pytest.param(name, None, id=f"no {name}") for name in altinn3_request(CUSTOMER)),
        pytest.param("id", "x", id="no UUID"),
        pytest.param("from", CUSTOMER, id="a bare number"),
        pytest.param("from", f"{PERSON}1", id="a number that is none"),
        pytest.param("to", f"{ORGANISATION}351000007", id="another bank"),
        pytest.param("to", BANK_NUMBER, id="a bare organisation"),
        pytest.param("validTo", "tomorrow", id="no moment"),
        pytest.param("validTo", moment(days=-1), id="past"),
        pytest.param("validTo", "2027-01-01T00:00:00", id="no time zone"),
        pytest.param("consentRights", [], id="no right"),
        pytest.param("consentRights", [{"action": ["read"]}], id="another action"),
        pytest.param(
            "consentRights",
            [{"action": ["consent"], "resource": [{"type": "x", "value": "y"}], "metaData": {}}],
            id="no resource of Altinn's",
        ),
        pytest.param("redirectUrl", "http://bank.example", id="not https"),
    ],
)
def test_a_field(stand_ins, field, value):
    answered = ask(stand_ins, altinn3_request(CUSTOMER, **{field: value}))
    detail = f"{field} is missing or invalid"
    assert (answered.status, answered.json()) == (400, {"title": "Bad Request", "detail": detail})


def test_an_id_is_used_once(stand_ins):
    document = altinn3_request(CUSTOMER)
    others = {**document, "redirectUrl": f"{BACK}&other"}
    assert [ask(stand_ins, each).status for each in (document, document, others)] == [201, 201, 400]


@pytest.mark.parametrize("path", [REQUESTS, SYSTEMS])
def test_who_may_ask(stand_ins, path):
    answers = [
        stand_ins.ask("GET", path),
        stand_ins.ask("POST", path),
        post(stand_ins, path, "skatteetaten:aktivkonto", {}),
        post(stand_ins, path, f"{WRITE} {REGISTER}", {}, **{"Content-Type": "text/plain"}),
        post(stand_ins, path, f"{WRITE} {REGISTER}", b"["),
    ]
    assert [answer.status for answer in answers] == [405, 401, 403, 400, 400]


def granted(stand_ins, consent_id):
    """Ask the Maskinporten stand-in for the consent's token, as the bank does."""
    folder = cluster.FOLDER / "maskinporten"
    key = clients.private_key(folder, BANK_NUMBER)
    now = int(time.time())
    claims = {
        "aud": cluster.ENVIRONMENT["MASKINPORTEN_ISSUER"],
        "iss": clients.BANK.client_id,
        "iat": now,
        "exp": now + 100,
        "jti": str(uuid.uuid4()),
        "scope": "lanekassen:lan/v1/saldoopplysninger",
        "authorization_details": [{"type": "urn:altinn:consent", "id": consent_id, "from": f"{PERSON}{CUSTOMER}"}],
    }
    assertion = jws.sign({"alg": "RS256", "kid": key.kid}, claims, key.private)
    form = f"grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion={assertion}"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return stand_ins.ask("POST", "/sandbox/maskinporten/token", headers, form.encode())


def test_one_token_does_both_jobs(stand_ins):
    """From the request over the customer's yes and Maskinporten to the answer, and no further after a withdrawal."""
    document = altinn3_request(CUSTOMER)
    ask(stand_ins, document)
    assert granted(stand_ins, document["id"]).status == 400
    assert answer(stand_ins, document["id"], "yes").headers["Location"] == BACK

    token = granted(stand_ins, document["id"]).json()["access_token"]
    assert balances(stand_ins, CUSTOMER, Authorization=token).status == 200

    answer(stand_ins, document["id"], "withdraw")
    assert balances(stand_ins, CUSTOMER, Authorization=token).status == 403
    assert granted(stand_ins, document["id"]).status == 400


def test_a_token_for_another_person_or_by_the_switch_for_nobody(stand_ins):
    document = altinn3_request(CUSTOMER)
    ask(stand_ins, document)
    answer(stand_ins, document["id"], "yes")
    token = combined_token(stand_ins, CUSTOMER, document["id"])
    assert balances(stand_ins, "15819010029", Authorization=token).status == 403

    stand_ins.switch(**{"lanekassen.altinn3": False})
    assert balances(stand_ins, CUSTOMER, Authorization=token).status == 403

    stand_ins.switch(**{"lanekassen.altinn3": None})
    assert balances(stand_ins, CUSTOMER, Authorization=token).status == 200


# --- the system register ---


def system(**changes):
    rights = [{"resource": [{"id": "urn:altinn:resource", "value": BSU}]}]
    return {"id": f"{BANK_NUMBER}_bsu", "rights": rights, **changes}


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(system(), id="as later pages print it"),
        pytest.param(
            {"Id": f"{BANK_NUMBER}_bsu", "Rights": [{"Resource": [{"value": BSU, "id": "urn:altinn:resource"}]}]},
            id="as the first page prints it",
        ),
        pytest.param(
            system(rights=[], accessPackages=[{"urn": "urn:altinn:accesspackage:skattegrunnlag"}]), id="a package"
        ),
    ],
)
def test_a_system(stand_ins, document):
    answered = post(stand_ins, SYSTEMS, REGISTER, document)
    assert (answered.status, uuid.UUID(answered.json()).version) == (200, 5)


@pytest.mark.parametrize(
    ("document", "field"),
    [
        pytest.param(system(id="351000007_bsu"), "id", id="another vendor's"),
        pytest.param(system(id=BANK_NUMBER), "id", id="no name"),
        pytest.param(system(rights=[]), "rights", id="no right"),
        pytest.param(system(rights={}), "rights", id="rights that are no list"),
        pytest.param(system(rights=["x"]), "rights", id="a right that is no object"),
        pytest.param(system(rights=[{"resource": [{"id": "x", "value": BSU}]}]), "rights", id="another kind"),
        pytest.param(system(accessPackages=[{"urn": "x"}]), "accessPackages", id="no such package"),
        pytest.param(system(accessPackages=["x"]), "accessPackages", id="a package that is no object"),
    ],
)
def test_a_system_that_is_refused(stand_ins, document, field):
    answered = post(stand_ins, SYSTEMS, REGISTER, document)
    detail = f"{field} is missing or invalid"
    assert (answered.status, answered.json()) == (400, {"title": "Bad Request", "detail": detail})
