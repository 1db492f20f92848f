"""Accept over HTTP, where plain JSON is allowed and where it is not (NEG-01 to NEG-04), after who may ask at all."""

import pytest

from tests import cluster
from tests.conftest import running
from tests.consumer import Consumer, body, identifier, mint

DEBTOR = "debtor-five-accounts"
JSON, JOSE = "application/json", "application/jose"
MESSAGE = "No media type in Accept can be served."
TABLE = [
    (None, JOSE, JOSE),
    ("*/*", JOSE, JOSE),
    ("application/*", JOSE, JOSE),
    ("application/jose", JOSE, JOSE),
    ("APPLICATION/JOSE; charset=utf-8", JOSE, JOSE),
    ("application/jose, application/json", JOSE, JOSE),
    ("application/json, application/jose", JOSE, JOSE),
    ("application/json", None, JSON),
    ("Application/Json", None, JSON),
    ("application/json;q=1, application/jose;q=0.5", JOSE, JSON),
    ("application/json, */*;q=0.1", JOSE, JSON),
    ("application/jose;q=0, application/json", None, JSON),
    ("application/jose;q=0", None, None),
    ("text/html, application/xml;q=0.9", None, None),
]


@pytest.fixture(scope="module")
def without_plain_json(server, tmp_path_factory):
    """A second service whose deployment does not allow plain JSON, as in production."""
    log = tmp_path_factory.mktemp("encrypted-only") / "log"
    with running(cluster.free_port(), log, environment={"PLAIN_JSON": "false"}) as started:
        yield Consumer(started, "974761076")


def ask(consumer, endpoint, **changes):
    call = {"accounts": consumer.accounts, "customerRelationships": consumer.customer_relationships}[endpoint]
    return call(identifier(DEBTOR), **changes)


def as_chosen(answer, chosen, endpoint):
    """Assert the answer's status and media type, and for a refusal its whole body."""
    if chosen:
        assert (answer.status, answer.headers["Content-Type"]) == (200, chosen), "NEG-03: no charset"
        assert (answer.data[:1] == b"{") == (chosen == JSON)
        return
    assert (answer.status, answer.headers["Content-Type"]) == (406, JSON)
    document = body(answer)
    document.pop("timestamp", None)
    assert document == (
        {"code": "ACC-013", "message": MESSAGE}
        if endpoint == "accounts"
        else {"errorCode": "ERR-406", "errorMessage": MESSAGE}
    )


@pytest.mark.parametrize("endpoint", ["accounts", "customerRelationships"])
@pytest.mark.parametrize(("accept", "elsewhere", "chosen"), TABLE)
def test_neg_02_and_neg_03_where_plain_json_is_allowed(skatteetaten, endpoint, accept, elsewhere, chosen):
    as_chosen(ask(skatteetaten, endpoint, Accept=accept), chosen, endpoint)


@pytest.mark.parametrize("endpoint", ["accounts", "customerRelationships"])
@pytest.mark.parametrize(("accept", "chosen", "elsewhere"), TABLE)
def test_neg_01_and_neg_02_where_it_is_not(without_plain_json, endpoint, accept, chosen, elsewhere):
    as_chosen(ask(without_plain_json, endpoint, Accept=accept), chosen, endpoint)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Content-Type": JSON}, id="content type"),
        pytest.param({"X-Accept": JSON}, id="a header of the caller's own"),
        pytest.param({"X-HTTP-Method-Override": "GET", "X-Content-Type": JSON}, id="overrides"),
        pytest.param({"Accept-Encoding": "identity", "Accept-Charset": "utf-8"}, id="other negotiation"),
        pytest.param({"X-Forwarded-Proto": "https", "X-PLAIN-JSON": "true"}, id="forwarded"),
    ],
)
@pytest.mark.parametrize("query", ["", "&format=json", "&accept=application/json", "&PLAIN_JSON=true"])
def test_neg_01_nothing_else_talks_it_into_plain_json(without_plain_json, headers, query):
    sent = without_plain_json.headers(PartyID=identifier(DEBTOR), Accept=None) | headers
    answer = without_plain_json.server.get(f"/v2/accounts?OnlyPrimaryOwner=true{query}", sent)
    if answer.status == 200:
        assert answer.headers["Content-Type"] == JOSE
        assert answer.data.count(b".") == 4
    assert b"accountReference" not in answer.data


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        pytest.param({"Authorization": None}, 401, "ACC-010", id="no token"),
        pytest.param(
            {"consumer": "974760673", "scope": "bits:kontoinformasjon"},
            403,
            "ACC-011",
            id="not authorised",
        ),
        pytest.param(
            {"consumer": "974761076", "scope": "bits:kundeforhold"},
            403,
            "ACC-011",
            id="scope",
        ),
        pytest.param({"CorrelationID": None}, 400, "ACC-001", id="form"),
        pytest.param({"Legal-Mandate": "Unknown"}, 400, "ACC-001", id="mandate"),
        pytest.param({}, 406, "ACC-013", id="all in order"),
    ],
)
def test_neg_04_406_comes_after_who_may_ask(skatteetaten, records, changes, status, code):
    if "scope" in changes:
        changes = {"Authorization": f"Bearer {mint(**changes)}"}
    answer = skatteetaten.accounts(identifier(DEBTOR), **{"Accept": "text/html", **changes})
    assert (answer.status, body(answer)["code"]) == (status, code)
    assert [(row["outcome"], row["code"]) for row in records()] == ([("refused", code)] if status != 401 else [])


def test_neg_04_an_endpoint_outside_the_mandate_comes_before_406(skatteetaten):
    answer = skatteetaten.details(
        "dataNotDelivered", "7d6d8e3c-5ea6-4f3c-9a52-6f4a4f1f2f11", "/cards", Accept="text/html"
    )
    assert (answer.status, body(answer)["message"]) == (400, "Cards are not part of the service.")
