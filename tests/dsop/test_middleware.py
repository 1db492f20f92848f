"""What every request passes, whatever lies behind: its log line, its host, and the machines' short way."""

import logging
import uuid
from functools import partial
from types import SimpleNamespace

import orjson
import pytest
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory

from audit.recording import Entry
from dsop import errors, middleware
from dsop.logs import JSONLines
from dsop.middleware import KnownHost, RequestLog

client = partial(Client, headers={"Host": "testserver"})

SECRET = "15869010089"
CASE = uuid.UUID("d4a820ca-ddde-11ed-b5ea-0242ac120002")
FAILED = {"code": "ACC-500", "message": "The service failed. Try again later."}


@pytest.fixture
def lines(caplog):
    """Return a function that reads the log written so far as the service would have written it."""
    caplog.set_level(logging.INFO)

    def read():
        written = [JSONLines().format(record) for record in caplog.records]
        assert SECRET not in "".join(written)
        return [orjson.loads(text) for text in written]

    return read


def request_line(lines):
    [told] = [told for told in lines() if told["event"] == "request"]
    assert told.pop("duration_ms") >= 0
    return {name: told[name] for name in told if name not in {"time", "level", "logger", "event"}}


def logged(response, method="GET", path=f"/v2/accounts/{SECRET}?fromDate={SECRET}", route=None):
    request = RequestFactory().generic(method, path, headers={"PartyID": SECRET, "User-Agent": SECRET})
    request.resolver_match = SimpleNamespace(route=route) if route else None
    return RequestLog(lambda _: response)(request)


def response_with(status=200, **facts):
    response = HttpResponse(b'{"a":1}', status=status)
    for name, fact in facts.items():
        setattr(response, name, fact)
    return response


ANSWERED = Entry(
    method="GET",
    endpoint="accounts",
    outcome="answered",
    http_status=200,
    consumer="974761076",
    supplier="312345625",
    client_id=SECRET,
    jti=SECRET,
    service="fi-utlegg-saldo",
    legal_mandate=SECRET,
    account_info_request_id=CASE,
    correlation_id=CASE,
    requester_id=SECRET,
    items=0,
    control_object=SECRET,
    additional_reference=SECRET,
    account_reference=SECRET,
    accounts=[SECRET],
    malformed={"PartyID": SECRET},
)


@pytest.mark.parametrize(
    ("method", "route", "response", "told"),
    [
        pytest.param(
            "GET",
            "v2/accounts",
            response_with(entry=ANSWERED, reason=""),
            {
                "method": "GET",
                "route": "v2/accounts",
                "status": 200,
                "endpoint": "accounts",
                "service": "fi-utlegg-saldo",
                "consumer": "974761076",
                "supplier": "312345625",
                "correlation_id": str(CASE),
                "account_info_request_id": str(CASE),
                "outcome": "answered",
                "items": 0,
            },
            id="answered",
        ),
        pytest.param(
            "GET",
            "v2/accounts",
            response_with(
                400, entry=Entry(endpoint="accounts", outcome="refused", code="ACC-001"), reason="form.party_id"
            ),
            {
                "method": "GET",
                "route": "v2/accounts",
                "status": 400,
                "endpoint": "accounts",
                "code": "ACC-001",
                "outcome": "refused",
                "reason": "form.party_id",
            },
            id="refused",
        ),
        pytest.param(
            "GET", None, response_with(404), {"method": "GET", "route": "unmatched", "status": 404}, id="unmatched"
        ),
        pytest.param(
            SECRET, None, response_with(405), {"method": "other", "route": "unmatched", "status": 405}, id="own method"
        ),
        pytest.param(
            "GET",
            "admin/",
            StreamingHttpResponse([b"a"]),
            {"method": "GET", "route": "admin/", "status": 200},
            id="streaming",
        ),
    ],
)
def test_request_line(lines, method, route, response, told):
    logged(response, method=method, route=route)
    assert request_line(lines) == told


def test_answer_has_its_length():
    assert logged(response_with())["Content-Length"] == "7"


def test_head_has_the_length_of_what_is_not_sent():
    response = logged(response_with(), method="HEAD")
    assert (response["Content-Length"], response.content) == ("7", b"")


def crash(*_):
    raise ValueError(SECRET)


@pytest.mark.parametrize(
    ("path", "document"),
    [
        pytest.param("/v2/accounts", FAILED, id="Control API"),
        pytest.param("/health/live", FAILED, id="health"),
        pytest.param(
            "/v2/customers/customerRelationships",
            {"errorCode": "ERR-500", "errorMessage": "The service failed. Try again later."},
            id="customers",
        ),
    ],
)
@pytest.mark.parametrize(
    "prepare",
    [
        pytest.param(lambda patch: patch.setattr(middleware, "is_for_browsers", crash), id="in a middleware"),
        pytest.param(lambda patch: patch.setattr(middleware, "validate_host", crash), id="at the host"),
        pytest.param(
            lambda patch: patch.setattr("django.core.handlers.base.get_resolver", crash), id="at the addresses"
        ),
    ],
)
def test_crash_before_the_view(monkeypatch, lines, prepare, path, document):
    prepare(monkeypatch)
    response = client(raise_request_exception=False).get(path, headers={"CorrelationID": str(CASE), "PartyID": SECRET})
    told = response.json()
    told.pop("timestamp", None)
    assert (response.status_code, response["Content-Type"], told) == (500, "application/json", document)
    assert response["CorrelationID"] == str(CASE)
    [crashed] = [told for told in lines() if told["event"] == "crash"]
    assert crashed["error"] == "ValueError"
    assert crashed["at"][-1].endswith(":crash")
    assert request_line(lines) == {"method": "GET", "route": "unmatched", "status": 500, "reason": "bug"}


def test_crash_of_the_answer_to_a_crash(monkeypatch, lines):
    """Django asks the addresses who answers for a crash; when that fails too, the outermost still answers."""
    monkeypatch.setattr(middleware, "is_for_browsers", crash)
    monkeypatch.setattr("django.core.handlers.exception.get_resolver", crash)
    response = client(raise_request_exception=False).get("/v2/accounts")
    assert (response.status_code, response.json()) == (500, FAILED)
    assert request_line(lines)["reason"] == "bug"


@pytest.mark.parametrize(
    ("error", "answer", "reason"),
    [
        pytest.param(
            SuspiciousOperation(SECRET),
            (400, {"code": "ACC-001", "message": "The request is malformed."}),
            "http.malformed",
            id="400",
        ),
        pytest.param(
            PermissionDenied(SECRET),
            (403, {"code": "ACC-011", "message": "The consumer is not authorised here."}),
            "aut.consumer",
            id="403",
        ),
        pytest.param(Http404(SECRET), (404, {"code": "ACC-002", "message": "Not found."}), "http.not_found", id="404"),
        pytest.param(ValueError(SECRET), (500, FAILED), "bug", id="500"),
    ],
)
def test_what_django_turns_into_an_answer(monkeypatch, lines, error, answer, reason):
    def fail(_):
        raise error

    monkeypatch.setattr(middleware, "is_for_browsers", fail)
    agency = client(raise_request_exception=False)
    response = agency.get("/v2/accounts")
    assert ((response.status_code, response.json()), response["Content-Type"]) == (answer, "application/json")
    assert request_line(lines)["reason"] == reason
    monkeypatch.undo()
    monkeypatch.setattr(SessionMiddleware, "process_request", lambda *_: fail(None))
    page = agency.get("/admin/")
    assert page.status_code == answer[0]
    assert page["Content-Type"].startswith("text/html")
    assert SECRET not in page.content.decode()


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_outermost_addresses_name_our_answers(settings, status):
    from django.urls import get_resolver

    ours = {400: errors.malformed, 403: errors.forbidden, 404: errors.not_found, 500: errors.server_error}
    assert get_resolver("dsop.urls").resolve_error_handler(status) is ours[status]
    assert get_resolver(settings.ROOT_URLCONF).resolve_error_handler(status) is ours[status]


@pytest.mark.parametrize("path", ["/v2/accounts", "/v2/unknown", "/health/live", "/unknown"])
@pytest.mark.parametrize("method", ["get", "post", "options"])
def test_machines_pass_by_what_browsers_need(monkeypatch, path, method):
    monkeypatch.setattr(SessionMiddleware, "process_request", crash)
    response = getattr(client(enforce_csrf_checks=True), method)(path)
    assert response.status_code in {200, 401, 404, 405}
    assert not {"Set-Cookie", "Vary", "Location"} & set(response.headers)
    assert response["Content-Type"] == "application/json"
    assert not response.cookies


@pytest.mark.django_db
def test_browsers_meet_all_of_it(monkeypatch):
    response = client(enforce_csrf_checks=True).post("/admin/login/", {"username": "a", "password": "b"})
    assert response.status_code == 403
    assert "Cookie" in client().get("/admin/login/")["Vary"]


@pytest.mark.parametrize("path", ["/v2/accounts", "/health/live", "/unknown", "//v2/accounts"])
def test_no_redirect_to_https_for_machines(settings, path):
    settings.SECURE_SSL_REDIRECT = True
    assert "Location" not in client().get(path).headers
    assert client().get("/admin/login/")["Location"] == "https://testserver/admin/login/"


@pytest.mark.parametrize(
    ("meta", "known"),
    [
        pytest.param({"HTTP_HOST": "bank.example"}, True, id="ours"),
        pytest.param({"HTTP_HOST": "bank.example:8443"}, True, id="with a port"),
        pytest.param({"HTTP_HOST": "a.branch.example"}, True, id="below a domain of ours"),
        pytest.param({"HTTP_HOST": "[::1]:8000"}, True, id="IPv6"),
        pytest.param({"HTTP_HOST": "bank.example", "RAW_URI": "https://bank.example/v2"}, True, id="in the target"),
        pytest.param({"HTTP_HOST": "bank.example", "RAW_URI": "//evil.example/v2"}, True, id="path with two slashes"),
        pytest.param({"HTTP_HOST": "bank.example", "RAW_URI": "https://evil.example/v2"}, False, id="other target"),
        pytest.param({"HTTP_HOST": "bank.example", "RAW_URI": "https:///v2"}, False, id="target without host"),
        pytest.param({"HTTP_HOST": "branch.example.evil"}, False, id="ours as beginning"),
        pytest.param({"HTTP_HOST": "evilbank.example"}, False, id="ours as end"),
        pytest.param({"HTTP_HOST": "[::1"}, False, id="half of IPv6"),
        pytest.param({"HTTP_HOST": "bank.example\n"}, False, id="line end"),
        pytest.param({"HTTP_HOST": ""}, False, id="empty"),
        pytest.param({}, False, id="missing"),
    ],
)
def test_host(settings, meta, known):
    settings.ALLOWED_HOSTS = ["bank.example", ".branch.example", "[::1]"]
    request = RequestFactory().get("/v2/accounts")
    request.META.pop("HTTP_HOST", None)
    request.META.update(meta)
    response = KnownHost(lambda _: HttpResponse(status=299))(request)
    assert response.status_code == (299 if known else 400)


PEOPLE, MACHINES = "desk.bank.example", "api.bank.example"


@pytest.fixture
def divided(settings):
    settings.ALLOWED_HOSTS, settings.ADMIN_HOSTS = [PEOPLE, MACHINES], [PEOPLE]


def asked(path, host, method="GET"):
    """Return what a host answers, without what differs from question to question."""
    answer = Client(headers={"Host": host}).generic(method, path)
    headers = {name: value for name, value in answer.headers.items() if name != "CorrelationID"}
    return answer.status_code, headers, answer.content


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
@pytest.mark.parametrize(
    "path", ["/admin", "/admin/", "/admin/login/", "/admin/language", "/static/admin/css/base.css", "/static/"]
)
def test_the_agencies_hosts_know_of_no_admin(divided, path, method):
    found = asked(path, MACHINES, method)
    assert found == asked("/whatever", MACHINES, method)
    assert found[0] == 404 and "Set-Cookie" not in found[1]


@pytest.mark.parametrize("path", ["/v2/accounts", "/v2", "/v2/openapi.json", "/openapi", "/", "/whatever"])
def test_people_s_hosts_know_of_no_api(divided, path):
    assert asked(path, PEOPLE) == asked(path, "stranger.example")


@pytest.mark.parametrize(
    ("path", "host", "status"),
    [
        pytest.param("/admin/login/", PEOPLE, 200, id="the admin on its own host"),
        pytest.param("/admin/login/", PEOPLE.upper(), 200, id="in capitals"),
        pytest.param("/admin/login/", f"{PEOPLE}:8443", 200, id="with a port"),
        pytest.param("/v2/accounts", MACHINES, 401, id="the API on the agencies'"),
        pytest.param("/health/live", MACHINES, 200, id="health there"),
        pytest.param("/health/live", PEOPLE, 200, id="health here"),
        pytest.param("/admin/login/", "stranger.example", 400, id="a stranger"),
    ],
)
def test_what_each_host_answers(divided, db, path, host, status):
    assert asked(path, host)[0] == status


def test_one_request_cannot_name_both(divided):
    """A proxy may have looked at the one and we at the other."""
    answer = Client(headers={"Host": PEOPLE}).get("/admin/login/", RAW_URI=f"http://{MACHINES}/admin/login/")
    assert answer.status_code == 404
    answer = Client(headers={"Host": MACHINES}).get("/v2/accounts", RAW_URI=f"http://{PEOPLE}/v2/accounts")
    assert answer.status_code == 400


@pytest.fixture
def written(caplog):
    """The lines as they were written, each at its moment."""
    caplog.set_level(logging.INFO)
    lines, handler = [], logging.Handler()
    handler.setFormatter(JSONLines())
    handler.emit = lambda record: lines.append(handler.format(record))
    for name in ("", "urllib3"):  # the latter tells nobody else
        logging.getLogger(name).addHandler(handler)
    yield lines
    for name in ("", "urllib3"):
        logging.getLogger(name).removeHandler(handler)


IDS = {"CorrelationID": str(CASE), "AccountInfoRequestID": "a3a820ca-ddde-11ed-b5ea-0242ac120002"}


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        pytest.param(
            IDS, {"correlation_id": str(CASE), "account_info_request_id": IDS["AccountInfoRequestID"]}, id="both"
        ),
        pytest.param({"CorrelationID": str(CASE)}, {"correlation_id": str(CASE)}, id="one"),
        pytest.param({"CorrelationID": str(CASE).upper()}, {"correlation_id": str(CASE)}, id="in capitals"),
        pytest.param({"CorrelationID": SECRET, "AccountInfoRequestID": SECRET}, {}, id="of no form"),
        pytest.param({"CorrelationID": f"{{{CASE}}}"}, {}, id="in braces"),
        pytest.param({"CorrelationID": f"{CASE},{CASE}"}, {}, id="twice"),
        pytest.param({}, {}, id="none"),
    ],
)
def test_every_line_of_a_request_has_its_ids(written, headers, told):
    def view(request):
        logging.getLogger("legal.views").warning("inside")
        logging.getLogger("urllib3").warning("library")
        return response_with()

    RequestLog(view)(RequestFactory().get("/v2/accounts", headers=headers))
    logging.getLogger("legal.views").warning("after")
    *of_request, after = map(orjson.loads, written)
    names = ("correlation_id", "account_info_request_id")
    assert [line["event"] for line in of_request] == ["inside", "library", "request"]
    assert [{name: line[name] for name in names if name in line} for line in of_request] == [told] * 3
    assert not {*names} & after.keys()
