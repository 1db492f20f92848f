"""`manage.py enquire` asks what the agency asks, in its order, and tells a right answer from a wrong one.

The bank is a programmable one here, so that it can answer wrongly; Maskinporten is the stand-in itself.
"""

import json
import re
import socket
import threading
import uuid
from dataclasses import replace
from io import StringIO
from types import SimpleNamespace

import jwt
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import CommandError, call_command
from django.core.servers.basehttp import ThreadedWSGIServer
from django.http import HttpResponse
from django.test.testcases import QuietWSGIRequestHandler
from django.urls import include, path, re_path
from django.utils import timezone

from legal.periods import Period
from sandbox.consumer import Enquiry
from sandbox.consumer_services import SERVICES
from sandbox.maskinporten import keys
from tests.cluster import free_port
from tests.consumer import identifier

DEBTOR = "15869010089"
SKATTEETATEN = {"authority": "iso6523-actorid-upis", "ID": "0192:974761076"}
COMPLETE = '"responseDetails":{"status":"complete"}'
RELATIONS = '{"banks":[{"organizationID":"213456008","bankName":"Fjordbanken","activeAccount":true}]}'
LIST = f'{{{COMPLETE},"accounts":[{{"accountReference":"Ref-one_1"}},{{"accountReference":"Ref-two_2"}}],"links":[]}}'
DETAILS = f'{{{COMPLETE},"account":{{"balances":[{{"amount":12345678901234567890.10}}]}}}}'
REFUSED = '{"code":"ACC-001","message":"Not part of the service."}'

bank = SimpleNamespace(answers={}, asked=[])


def answer(request, name, reference=""):
    headers = {key: value for key, value in request.headers.items() if key not in {"Host", "Content-Length"}}
    bank.asked.append((name, reference, request.method, request.GET.dict(), headers))
    status, media_type, body = bank.answers[name]
    redirect = {"Location": "/elsewhere"} if status == 302 else {}
    return HttpResponse(body, status=status, content_type=media_type, headers=redirect)


def misleading_metadata(request):
    return HttpResponse(json.dumps(bank.metadata), content_type="application/json")


urlpatterns = [
    path("misleading/.well-known/oauth-authorization-server", misleading_metadata),
    path("sandbox/maskinporten/", include("sandbox.maskinporten.urls")),
    path("v2/customers/customerRelationships", answer, {"name": "customerRelationships"}),
    path("v2/accounts", answer, {"name": "accounts"}),
    path("v2/accounts/<reference>", answer, {"name": "accountDetails"}),
    re_path(r"^v2/accounts/(?P<reference>[^/]+)/(?P<name>transactions|roles|cards)$", answer),
]


@pytest.fixture(scope="module")
def sandbox_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sandbox")


@pytest.fixture
def base_url(settings, sandbox_folder):
    """The programmable bank, answering rightly, behind a real socket beside the stand-in."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
    origin = f"http://127.0.0.1:{server.server_port}"
    settings.ROOT_URLCONF, settings.MIDDLEWARE, settings.SANDBOX_FOLDER = __name__, [], sandbox_folder
    settings.MASKINPORTEN_ISSUER, settings.AUDIENCES = f"{origin}/sandbox/maskinporten/", {f"{origin}/v2": []}
    good, bad = (200, "application/json"), (400, "application/json")
    bank.asked.clear()
    bank.answers = {
        "customerRelationships": (*good, RELATIONS),
        "accounts": (*good, LIST),
        "accountDetails": (*good, DETAILS),
        "transactions": (*bad, REFUSED),
        "roles": (*bad, REFUSED),
        "cards": (*bad, REFUSED),
    }
    server.set_app(WSGIHandler())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"{origin}/v2"
    server.shutdown()
    thread.join()
    server.server_close()


def enquire(*options):
    """Return what was printed and the error, if any."""
    out = StringIO()
    try:
        call_command("enquire", "fi-utlegg-saldo", DEBTOR, *options, stdout=out)
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), ""


EVERY_STEP = [
    ("customerRelationships", ""),
    ("accounts", ""),
    ("accountDetails", "Ref-one_1"),
    ("accountDetails", "Ref-two_2"),
    ("transactions", "Ref-one_1"),
    ("roles", "Ref-one_1"),
    ("cards", "Ref-one_1"),
]


def test_it_asks_the_steps_in_order(base_url):
    today = timezone.localdate().isoformat()
    period = {"fromDate": today, "toDate": today}
    assert enquire()[1] == ""
    assert [(name, reference) for name, reference, *_ in bank.asked] == EVERY_STEP
    assert {method for _, _, method, *_ in bank.asked} == {"GET"}
    queries = [query for *_, query, _ in bank.asked]
    assert queries == [{"OnlyPrimaryOwner": "true", **period}] * 2 + [period] * 5


def test_its_headers(base_url):
    enquire()
    headers = [headers for *_, headers in bank.asked]
    cases = {each["Accountinforequestid"] for each in headers}
    calls = [each["Correlationid"] for each in headers]
    assert len(cases) == 1
    assert len(set(calls)) == len(calls) == len(EVERY_STEP)
    assert all(str(uuid.UUID(value)) == value for value in (*cases, *calls))
    assert {each["Legal-Mandate"] for each in headers} == {"FI-Utlegg-Test"}
    assert {each["Accept"] for each in headers} == {"application/json"}
    party = [{name: each[name] for name in ("Customerid", "Partyid") if name in each} for each in headers]
    assert party == [{"Customerid": DEBTOR}, {"Partyid": DEBTOR}, {}, {}, {}, {}, {}]


def test_its_tokens_are_real(base_url, settings):
    enquire()
    key = keys.signing_keys(keys.folder())[0].private.public_key()
    claims = [
        jwt.decode(
            headers["Authorization"].removeprefix("Bearer "),
            key,
            algorithms=["RS256"],
            audience=base_url,
            issuer=settings.MASKINPORTEN_ISSUER,
        )
        for *_, headers in bank.asked
    ]
    assert {json.dumps(each["consumer"]) for each in claims} == {json.dumps(SKATTEETATEN)}
    assert [each["scope"] for each in claims] == ["bits:kundeforhold", *["bits:kontoinformasjon"] * 6]
    assert len({each["jti"] for each in claims}) == 2, "one token serves all questions of its scope"


def test_no_exchange_keeps_a_token(base_url, settings):
    today = Period(timezone.localdate(), timezone.localdate())
    enquiry = Enquiry(SERVICES["fi-utlegg-saldo"], DEBTOR, base_url, settings.MASKINPORTEN_ISSUER, keys.folder(), today)
    kept = [repr(exchange) for exchange in enquiry.exchanges()]
    sent = {headers["Authorization"].removeprefix("Bearer ") for *_, headers in bank.asked}
    assert len(sent) == 2
    assert not any(token in exchange for token in sent for exchange in kept)


def test_the_mandate_is_percent_encoded(base_url, monkeypatch):
    service = replace(SERVICES["fi-utlegg-saldo"], legal_mandate="Loven § 4 (første ledd), jf. 100 %")
    monkeypatch.setitem(SERVICES, "fi-utlegg-saldo", service)
    enquire()
    encoded = "Loven%20%C2%A7%204%20%28f%C3%B8rste%20ledd%29%2C%20jf.%20100%20%25"
    assert {headers["Legal-Mandate"] for *_, headers in bank.asked} == {encoded}


def test_as_one_json_document(base_url):
    printed, error = enquire("--json")
    document = json.loads(printed, parse_float=str)
    exchanges = document["exchanges"]
    assert error == ""
    assert set(document) == {"service", "identifier", "exchanges"}
    assert (document["service"], document["identifier"]) == ("fi-utlegg-saldo", DEBTOR)
    assert [each["step"] for each in exchanges] == [name for name, _ in EVERY_STEP]
    assert [each["response"]["status"] for each in exchanges] == [200] * 4 + [400] * 3
    assert exchanges[1]["response"]["body"] == json.loads(LIST)
    today = timezone.localdate().isoformat()
    request = exchanges[1]["request"]
    assert request["method"] == "GET"
    assert request["url"] == f"{base_url}/accounts?OnlyPrimaryOwner=true&fromDate={today}&toDate={today}"
    assert set(request["headers"]) == {
        "Authorization",
        "Accept",
        "AccountInfoRequestID",
        "CorrelationID",
        "Legal-Mandate",
        "PartyID",
    }
    assert {each["response"]["headers"]["Content-Type"] for each in exchanges} == {"application/json"}
    assert set(exchanges[0]) == {"step", "request", "response"}
    assert set(exchanges[0]["response"]) == {"status", "headers", "body"}


@pytest.mark.parametrize("options", [[], ["--json"]], ids=["as text", "as JSON"])
def test_what_is_printed_holds_exact_amounts_and_no_token(base_url, options):
    printed, _ = enquire(*options)
    assert '"amount": 12345678901234567890.10' in printed
    assert re.search(r"[\w-]{20,}\.[\w-]{20,}", printed) is None
    assert all(headers["Authorization"] not in printed for *_, headers in bank.asked)


def test_as_text(base_url):
    printed, _ = enquire()
    fixed = re.sub(r"[0-9a-f-]{36}", "<uuid>", printed)
    today = timezone.localdate().isoformat()
    assert (
        f"2. accounts\n> GET {base_url}/accounts?OnlyPrimaryOwner=true&fromDate={today}&toDate={today}\n"
        "> Authorization: Bearer eyJ"
    ) in fixed
    assert (
        "> Accept: application/json\n> AccountInfoRequestID: <uuid>\n> CorrelationID: <uuid>\n"
        f"> Legal-Mandate: FI-Utlegg-Test\n> PartyID: {DEBTOR}\n< 200 application/json\n{{\n"
    ) in fixed
    assert '< 400 application/json\n{\n  "code": "ACC-001",\n  "message": "Not part of the service."\n}\n' in fixed
    assert printed.endswith("7 questions, every answer as expected.\n")


def test_the_identifier_stands_in_no_address(base_url):
    document = json.loads(enquire("--json")[0])
    assert all(DEBTOR not in exchange["request"]["url"] for exchange in document["exchanges"])
    assert not any(DEBTOR in f"{reference}{query}" for _, reference, _, query, _ in bank.asked)


@pytest.mark.parametrize(
    ("accounts", "asked"),
    [
        pytest.param("[]", 2, id="no accounts: nothing more to ask"),
        pytest.param('[{"accountReference":"dataNotDelivered"}]', 2, id="data not delivered"),
        pytest.param(
            '[{"accountReference":"DATANOTDELIVERED"},{"accountReference":"Ref"}]', 6, id="delivered for one of two"
        ),
    ],
)
def test_it_asks_only_about_accounts_that_can_be_asked_about(base_url, accounts, asked):
    bank.answers["accounts"] = (200, "application/json", f'{{{COMPLETE},"accounts":{accounts}}}')
    assert enquire()[1] == ""
    assert len(bank.asked) == asked


def listing(reference):
    return (200, "application/json", json.dumps({"accounts": [{"accountReference": reference}]}))


@pytest.mark.parametrize(
    ("name", "wrong", "sentence"),
    [
        pytest.param(
            "customerRelationships", (403, "application/json", "{}"), "1 of 7 answers were not", id="step 1 refused"
        ),
        pytest.param("accounts", (401, "application/json", REFUSED), "1 of 2 answers were not", id="token refused"),
        pytest.param("accounts", (500, "text/html", "<h1>no</h1>"), "1 of 2 answers were not", id="crash as HTML"),
        pytest.param("accounts", (200, "text/html", LIST), "1 of 2 answers were not", id="wrong media type"),
        pytest.param("accounts", (200, "application/json", "[]"), "1 of 2 answers were not", id="a list"),
        pytest.param("accounts", (200, "application/json", "{"), "1 of 2 answers were not", id="half a document"),
        pytest.param("accounts", (200, "application/json", '{"a":NaN}'), "1 of 2 answers were not", id="NaN"),
        pytest.param("accounts", (200, "application/json", ""), "1 of 2 answers were not", id="nothing"),
        pytest.param("accounts", (200, "application/json", "{}"), "1 of 2 answers were not", id="no list"),
        pytest.param("accounts", (200, "application/json", '{"accounts":7}'), "1 of 2 answers were not", id="a number"),
        pytest.param("accounts", listing(None), "1 of 2 answers were not", id="no reference"),
        pytest.param("accounts", listing(".."), "1 of 2 answers were not", id="reference leads upwards"),
        pytest.param("accounts", listing("a/b"), "1 of 2 answers were not", id="reference with a slash"),
        pytest.param("accounts", listing("a?b"), "1 of 2 answers were not", id="reference with a query"),
        pytest.param("accounts", (302, "text/plain", ""), "1 of 2 answers were not", id="redirect"),
        pytest.param("accountDetails", (404, "application/json", "{}"), "2 of 7 answers were not", id="no details"),
        pytest.param(
            "transactions", (200, "application/json", "{}"), "1 of 7 answers were not", id="answered too much"
        ),
        pytest.param(
            "roles", (400, "application/json", '{"code":"ACC-011"}'), "1 of 7 answers were not", id="other code"
        ),
        pytest.param("cards", (400, "text/plain", REFUSED), "1 of 7 answers were not", id="refusal as plain text"),
    ],
)
@pytest.mark.parametrize("options", [[], ["--json"]], ids=["as text", "as JSON"])
def test_a_wrong_answer_is_seen(base_url, name, wrong, sentence, options):
    bank.answers[name] = wrong
    printed, error = enquire(*options)
    assert error == f"{sentence} as expected."
    if options:
        statuses = [each["response"]["status"] for each in json.loads(printed)["exchanges"] if each["step"] == name]
        assert set(statuses) == {wrong[0]}
    else:
        assert "NOT AS EXPECTED: expected " in printed
        assert "every answer as expected" not in printed


def test_an_answer_does_not_steer_the_terminal(base_url):
    bank.answers["accounts"] = (500, "text/plain", "\x1b[2J\x9b31m\u202egone\r")
    assert "\x1b" not in enquire()[0]
    assert set("\x1b\x9b\u202e\r").isdisjoint(enquire()[0])


@pytest.mark.parametrize("options", [[], ["--json"]], ids=["as text", "as JSON"])
def test_a_server_that_is_not_there(settings, sandbox_folder, options):
    origin = f"http://127.0.0.1:{free_port()}"
    settings.SANDBOX_FOLDER, settings.AUDIENCES = sandbox_folder, {f"{origin}/v2": []}
    settings.MASKINPORTEN_ISSUER = f"{origin}/sandbox/maskinporten/"
    assert enquire(*options) == ("", f"No server answers at {origin}; start it with: make run")


def test_a_bank_that_is_not_there(base_url):
    origin = f"http://127.0.0.1:{free_port()}"
    assert enquire("--json", "--base-url", f"{origin}/v2") == (
        "",
        f"No server answers at {origin}; start it with: make run",
    )


def test_a_bank_that_breaks_off(base_url):
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def half_an_answer():
            connection, _ = listening.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")

        thread = threading.Thread(target=half_an_answer)
        thread.start()
        origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
        printed, error = enquire("--json", "--base-url", f"{origin}/v2")
        thread.join()
    assert (printed, error) == ("", f"The server at {origin} broke off its answer.")


def test_an_answer_without_end(base_url, monkeypatch):
    monkeypatch.setattr("sandbox.consumer.MAX_ANSWER", 100_000)
    bank.answers["accounts"] = (200, "application/json", "[" + "0," * 100_000 + "0]")
    assert enquire("--json") == ("", "An answer is too large.")


def test_the_base_url_is_the_audience_too(base_url):
    origin = base_url.removesuffix("/v2").replace("127.0.0.1", "localhost")
    assert enquire("--base-url", f"{origin}/v2/")[1] == ""
    token = bank.asked[0][-1]["Authorization"].removeprefix("Bearer ")
    assert jwt.decode(token, options={"verify_signature": False})["aud"] == f"{origin}/v2"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        pytest.param({"issuer": "http://127.0.0.1/"}, "No Maskinporten metadata at {}", id="of another issuer"),
        pytest.param({"token_endpoint": None}, "No Maskinporten metadata at {}", id="without a token endpoint"),
        pytest.param(
            {"token_endpoint": "http://127.0.0.1/token"},
            "The metadata names a token endpoint outside the issuer.",
            id="leads elsewhere",
        ),
    ],
)
def test_metadata_that_misleads_gets_no_grant(base_url, settings, changes, sentence):
    issuer = settings.MASKINPORTEN_ISSUER = base_url.replace("v2", "misleading/")
    bank.metadata = {"issuer": issuer, "token_endpoint": f"{issuer}token"} | changes
    address = f"{issuer}.well-known/oauth-authorization-server (200)."
    assert enquire("--json") == ("", sentence.format(address))


def test_a_refused_grant_is_said(base_url, settings, monkeypatch):
    monkeypatch.setattr("sandbox.consumer.clients.client_id_of", lambda organisation: "nobody")
    sentence = (
        "The token endpoint gave no token: 400 invalid_grant "
        "Invalid assertion. Client authentication failed. Unknown client in iss. (MP-100)"
    )
    assert enquire("--json") == ("", sentence)
    assert bank.asked == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param(["fi-utlegg-saldo", "1586901008"], "eleven or nine digits", id="ten digits"),
        pytest.param(["fi-utlegg-saldo", "158690 10089"], "eleven or nine digits", id="a blank inside"),
        pytest.param(["fi-utlegg-saldo", "15869010089\r\nX: y"], "eleven or nine digits", id="another header"),
        pytest.param(["fi-utlegg-saldo", DEBTOR, "--base-url", "ftp://a/v2"], "without query", id="not http"),
        pytest.param(["fi-utlegg-saldo", DEBTOR, "--base-url", "http://a/v2?x"], "without query", id="with a query"),
        pytest.param(["fi-utlegg-saldo", DEBTOR, "--base-url", "http://u@a/v2"], "without query", id="with a user"),
        pytest.param(["skatt", DEBTOR], "invalid choice: 'skatt'", id="unknown service"),
    ],
)
def test_what_cannot_be_asked(settings, arguments, sentence):
    settings.AUDIENCES = {"http://127.0.0.1:1/v2": []}
    with pytest.raises(CommandError, match=re.escape(sentence)):
        call_command("enquire", *arguments, stdout=StringIO())


# --- against the bank itself, as shipped ---


@pytest.mark.parametrize(
    ("case", "accounts"),
    [
        pytest.param("debtor-five-accounts", 5, id="five accounts, each with its details"),
        pytest.param("not-a-customer", 0, id="nobody here: two questions and empty lists"),
        pytest.param("shielded-strictly", 0, id="shielded: the same"),
    ],
)
def test_the_bank_answers_as_the_standard_promises(server, clean_audit, case, accounts):
    out = StringIO()
    call_command("enquire", "fi-utlegg-saldo", identifier(case), "--json", stdout=out)
    asked = [each["step"] for each in json.loads(out.getvalue())["exchanges"]]
    refused = ["transactions", "roles", "cards"] if accounts else []
    assert asked == ["customerRelationships", "accounts", *["accountDetails"] * accounts, *refused]
