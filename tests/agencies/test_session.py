"""A call as it stands on the wire, and what becomes of every kind of answer."""

import base64
import dataclasses
import ipaddress
import json
import re
import ssl
import time
import uuid

import pytest
from cryptography import x509
from django.db import connection

from agencies import errors
from agencies.faults import Fault
from agencies.session import Api, Session
from audit.recording import NotRecorded
from audit.transport import tls_context
from tests.agencies.conftest import TOKENS
from tests.audit.test_fetching import issue
from tests.issuer import drips, running_issuer, says

API = Api(name="pension", scopes=("skatteetaten:tjenestepensjonsavtale",), profile="seed", waits=(0.0,))
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
THEIRS = "df496591-dabc-42b8-84e2-163ad19302e6"

pytestmark = pytest.mark.django_db


def fault(code="OTP-003", **more):
    return json.dumps({"kode": code, "melding": "…", "korrelasjonsid": THEIRS, **more})


def api(**changes):
    return dataclasses.replace(API, **changes)


def ask(agency, how=API, *, repeatable=True, **more):
    return Session(how).call("GET", f"{agency.base}/v1/otp?fraOgMed=2026-01", repeatable=repeatable, **more)


def error_of(agency, how=API, **more):
    with pytest.raises(errors.AgencyError) as caught:
        ask(agency, how, **more)
    return caught.value


def held():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM agencies_slot WHERE until IS NOT NULL")
        return cursor.fetchone()[0]


def test_the_whole_request(bank, agency):
    agency.answer(201, b'{"a": 1}', {"X-Their-Own": "x"})
    answer = Session(API).call(
        "DELETE",
        f"{agency.base}/v1/otp/avtaleforhold?x=%C3%A6&y",
        headers=[("Content-Type", "application/json"), ("PSU_ID", "1"), ("idempotencyKey", "k"), ("X-Same", "a")],
        body=b'{"avtalereferanse": "\xc3\xa6"}',
        repeatable=False,
        ok=frozenset({200, 201}),
    )
    (seen,) = agency.seen
    assert seen.raw == (
        b"DELETE /v1/otp/avtaleforhold?x=%C3%A6&y HTTP/1.1\r\n"
        + f"Host: 127.0.0.1:{agency.port}\r\n".encode()
        + b"Content-Length: 25\r\nAccept-Encoding: identity\r\nUser-Agent: dsop-kontrollinformasjon\r\n"
        + f"Authorization: Bearer {TOKENS[0]}\r\nAccept: application/json\r\n".encode()
        + f"Korrelasjonsid: {answer.correlation_id}\r\n".encode()
        + b"Content-Type: application/json\r\nPSU_ID: 1\r\nidempotencyKey: k\r\nX-Same: a\r\n\r\n"
        + b'{"avtalereferanse": "\xc3\xa6"}'
    )
    assert (answer.status, answer.body, answer.headers["x-their-own"]) == (201, b'{"a": 1}', "x")
    assert (answer.attempts, held()) == (1, 0)
    assert UUID.fullmatch(answer.correlation_id)


@pytest.mark.parametrize(
    ("how", "headers", "sent"),
    [
        pytest.param(
            api(bearer=False, correlation_header="X-Request-Id"),
            [("Accept", "application/json;v=1")],
            {"Authorization": TOKENS[0], "X-Request-Id": UUID, "Accept": "application/json;v=1"},
            id="a bare token, another name for the id",
        ),
        pytest.param(
            api(correlation_header=""),
            [("accept", "application/xml")],
            {"Authorization": f"Bearer {TOKENS[0]}", "accept": "application/xml"},
            id="no id, Accept in small letters",
        ),
        pytest.param(
            API,
            [("Authorization", "Bearer exchanged")],
            {"Accept": "application/json", "Korrelasjonsid": UUID, "Authorization": "Bearer exchanged"},
            id="a token exchanged for ours",
        ),
    ],
)
def test_headers_that_the_session_adds(bank, agency, how, headers, sent):
    agency.answer(200, b"{}")
    ask(agency, how, headers=headers)
    always = {"Host", "Accept-Encoding", "User-Agent"}
    ours = {name: value for name, value in agency.seen[0].headers if name not in always}
    assert list(ours) == list(sent)
    assert all(
        wanted.fullmatch(ours[name]) if wanted is UUID else ours[name] == wanted for name, wanted in sent.items()
    )


BY_STATUS = [
    (400, errors.Invalid),
    (401, errors.Unauthenticated),
    (402, errors.Refused),
    (403, errors.Forbidden),
    (404, errors.NotFound),
    (405, errors.WrongMethod),
    (406, errors.NotAcceptable),
    (409, errors.Conflict),
    (410, errors.Gone),
    (415, errors.Refused),
    (429, errors.Busy),
    (500, errors.Failed),
    (502, errors.Failed),
    (503, errors.Unavailable),
    (504, errors.Failed),
]


@pytest.mark.parametrize(("status", "kind"), [pytest.param(*row, id=str(row[0])) for row in BY_STATUS])
def test_the_status_decides(bank, agency, status, kind):
    agency.answer(status, fault("OTP-999"), times=3)
    error = error_of(agency, repeatable=False)
    assert type(error) is kind
    assert (error.api, error.status, error.code, error.correlation_id) == ("pension", status, "OTP-999", THEIRS)
    assert str(error) == kind.sentence


@pytest.mark.parametrize(
    ("profile", "status", "code", "kind"),
    [
        pytest.param("seed", 500, "OTP-012", errors.Unauthenticated, id="a token fault said as 500, in seed"),
        pytest.param("current", 500, "OTP-012", errors.Failed, id="the same code of the other profile"),
        pytest.param("seed", 500, "OTP-021", errors.Failed, id="another code of seed"),
    ],
)
def test_code_and_profile_decide_second(bank, agency, profile, status, code, kind):
    agency.answer(status, fault(code), times=2)
    codes = {("seed", "OTP-012"): errors.Unauthenticated}
    assert type(error_of(agency, api(profile=profile, codes=codes), repeatable=False)) is kind


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(404, b"404 NOT FOUND", id="a plain 404"),
        pytest.param(404, b"Unknown instance. ID=8ac2", id="a gateway's own words"),
        pytest.param(401, b"<html>proxy</html>", id="a proxy's page"),
        pytest.param(500, b"", id="nothing"),
        pytest.param(400, b'{"kode": "OTP-003"}', id="no message"),
        pytest.param(400, b'{"kode": 3, "melding": "x"}', id="a code that is a number"),
        pytest.param(400, b'{"kode": "15869010089", "melding": "x"}', id="a code that may be somebody's number"),
        pytest.param(400, b'[{"kode": "OTP-003", "melding": "x"}]', id="a list"),
        pytest.param(400, b'{"kode": "OTP-003", "melding": "\xff"}', id="not UTF-8"),
        pytest.param(400, b"[" * 100_000, id="very deep"),
        pytest.param(302, b"", id="a redirect"),
        pytest.param(304, b"", id="not modified"),
        pytest.param(204, b"", id="a success that is none of the call's"),
        pytest.param(299, fault().encode(), id="the format with a status of success"),
    ],
)
def test_it_did_not_reach_the_application(bank, agency, status, body):
    agency.answer(status, body, {"Location": f"{agency.base}/elsewhere"}, times=2)
    error = error_of(agency, repeatable=False)
    assert (type(error), error.status, error.code) == (errors.NotTheApplication, status, "")
    assert str(error) == "The request did not reach the application."
    assert {seen.line for seen in agency.seen} == {"GET /v1/otp?fraOgMed=2026-01 HTTP/1.1"}, "no redirect was followed"


def test_specifications_and_further_members(bank, agency):
    found = [{"kode": "GLD_1052", "melding": "m", "sti": "leveranse/inntektsaar", "angittVerdi": "2022", "nytt": 1}]
    agency.answer(400, fault("GLD_010", spesifisering=found, nytt={}))
    error = error_of(agency)
    (told,) = error.specifications
    assert (told.code, told.message, told.path, told.given) == ("GLD_1052", "m", "leveranse/inntektsaar", "2022")
    assert repr(told) == "Specification(code='GLD_1052', path='leveranse/inntektsaar')"


def test_an_agency_of_whose_bodies_nothing_is_known(bank, agency):
    agency.answer(403, b"anything at all")
    error = error_of(agency, api(read=lambda body: Fault("")))
    assert (type(error), error.code) == (errors.Forbidden, "")


@pytest.mark.parametrize(
    ("answers", "how", "repeatable", "attempts"),
    [
        pytest.param([(500, "X-1"), (503, "X-1")], API, True, 3, id="500 and 503, then well"),
        pytest.param([(429, "X-1")], API, True, 2, id="429, then well"),
        pytest.param([None, None], API, True, 3, id="hung up twice, then well"),
        pytest.param([(418, "GLD_023")], api(retry_codes=frozenset({"GLD_023"})), True, 2, id="a code that passes"),
        pytest.param([(401, "X-1")], API, True, 2, id="another token"),
        pytest.param([(401, "X-1")], API, False, 2, id="another token, though not to be repeated"),
        pytest.param([(401, "X-1"), (500, "X-1")], API, True, 3, id="another token, then a failure, then well"),
    ],
)
def test_tried_again_and_well(bank, agency, answers, how, repeatable, attempts):
    for answer in answers:
        agency.answer(answer[0], fault(answer[1])) if answer else agency.cut()
    agency.answer(200, b"{}")
    assert ask(agency, how, repeatable=repeatable).attempts == attempts
    assert len({seen.header("Korrelasjonsid") for seen in agency.seen}) == attempts, "each has an id of its own"
    given = [seen.header("Authorization") for seen in agency.seen]
    renewed = sum(answer is not None and answer[0] == 401 for answer in answers)
    assert given[-1] == f"Bearer {TOKENS[renewed]}"


@pytest.mark.parametrize(
    ("answer", "how", "repeatable", "attempts"),
    [
        pytest.param((400, "X-1"), API, True, 1, id="400"),
        pytest.param((403, "X-1"), API, True, 1, id="403"),
        pytest.param((404, "X-1"), API, True, 1, id="404"),
        pytest.param((405, "X-1"), API, True, 1, id="405"),
        pytest.param((406, "X-1"), API, True, 1, id="406"),
        pytest.param((409, "X-1"), API, True, 1, id="409"),
        pytest.param((500, "X-1"), API, True, 3, id="500 to the end"),
        pytest.param((500, "X-1"), API, False, 1, id="500, not to be repeated"),
        pytest.param((500, "X-1"), api(retries=1), True, 2, id="500, one more try"),
        pytest.param((500, "X-1"), api(retries=0), True, 1, id="500, no more try"),
        pytest.param((500, "X-1"), api(retry_statuses=frozenset()), True, 1, id="500 where its page says no"),
        pytest.param((401, "X-1"), API, True, 2, id="401 twice"),
        pytest.param((401, "X-1"), API, False, 2, id="401 twice, not to be repeated"),
        pytest.param(None, API, False, 1, id="hung up, not to be repeated"),
        pytest.param(None, API, True, 3, id="hung up to the end"),
    ],
)
def test_how_often_before_it_gives_up(bank, agency, answer, how, repeatable, attempts):
    agency.answer(answer[0], fault(answer[1]), times=5) if answer else agency.cut(times=5)
    error = error_of(agency, how, repeatable=repeatable)
    assert (len(agency.seen), error.attempts, held()) == (attempts, attempts, 0)


def test_a_token_that_is_not_ours_cannot_be_renewed(bank, agency, maskinporten):
    agency.answer(401, fault(), times=2)
    error = error_of(agency, headers=[("Authorization", "Bearer exchanged")])
    assert (type(error), len(agency.seen), maskinporten.seen) == (errors.Unauthenticated, 1, [])


def test_a_404_after_a_lost_answer_is_told_apart(bank, agency):
    agency.cut()
    agency.answer(404, fault("OTP-014"))
    error = error_of(agency)
    assert (type(error), error.repeated) == (errors.NotFound, True)
    agency.answer(404, fault("OTP-014"))
    assert not error_of(agency).repeated
    agency.answer(401, fault("OTP-004"))
    agency.answer(404, fault("OTP-014"))
    assert not error_of(agency).repeated, "what was refused was not done"


@pytest.mark.parametrize(
    ("asked", "attempts", "at_least"),
    [
        pytest.param("1", 2, 1.0, id="a second"),
        pytest.param("31", 1, 0.0, id="longer than we wait"),
        pytest.param("99999999999999999999", 2, 0.0, id="not a number of seconds"),
        pytest.param("Wed, 21 Oct 2015 07:28:00 GMT", 2, 0.0, id="a moment gone by"),
        pytest.param("Wed, 21 Oct 2099 07:28:00 GMT", 1, 0.0, id="a moment far ahead"),
        pytest.param("soon", 2, 0.0, id="a word"),
    ],
)
def test_retry_after_is_honoured(bank, agency, asked, attempts, at_least):
    agency.answer(429, fault(), {"Retry-After": asked})
    agency.answer(200, b"{}")
    began = time.monotonic()
    if attempts == 1:
        assert type(error_of(agency)) is errors.Busy
    else:
        ask(agency)
    assert time.monotonic() - began >= at_least
    assert len(agency.seen) == attempts


class TestNothingLeaves:
    """What stops a call does so before a byte of it is sent."""

    def test_the_record_cannot_be_written(self, bank, agency):
        def fail(correlation_id):
            raise NotRecorded

        assert type(error_of(agency, before_attempt=fail)) is errors.NotRecorded
        assert (agency.seen, held()) == ([], 0)

    def test_whatever_else_the_client_raises(self, bank, agency):
        def fail(correlation_id):
            raise RuntimeError

        with pytest.raises(RuntimeError):
            ask(agency, before_attempt=fail)
        assert (agency.seen, held()) == ([], 0)

    def test_it_is_told_the_id_of_each_attempt(self, bank, agency):
        told = []
        agency.answer(500, fault())
        agency.answer(200, b"{}")
        ask(agency, before_attempt=told.append)
        assert [str(one) for one in told] == [seen.header("Korrelasjonsid") for seen in agency.seen]
        assert all(isinstance(one, uuid.UUID) for one in told)

    def test_no_token(self, bank, agency, maskinporten):
        maskinporten.clear()
        maskinporten.answer(400, json.dumps({"error": "invalid_grant", "error_description": "Wrong aud (MP-110)"}))
        error = error_of(agency)
        assert (type(error), error.reason, error.code, error.api) == (
            errors.NoToken,
            "invalid_grant",
            "MP-110",
            "pension",
        )
        assert (agency.seen, len(maskinporten.seen)) == ([], 1)

    def test_we_do_not_know_who_we_are(self, bank, agency):
        bank.BANK_ORGANISATION_NUMBER = ""
        assert error_of(agency).setting == "BANK_ORGANISATION_NUMBER"
        assert agency.seen == []

    @pytest.mark.parametrize(
        "address",
        [
            pytest.param("http://api.skatteetaten.no/x", id="without TLS"),
            pytest.param("http://localhost:1/x", id="a name for this machine"),
            pytest.param("https://user:password@api.skatteetaten.no/x", id="with a password"),
            pytest.param("https://api.skatteetaten.no/x\r\nX: y", id="with a line break"),
            pytest.param("/x", id="a path"),
        ],
    )
    def test_an_address_that_nothing_is_sent_to(self, bank, address):
        with pytest.raises(errors.BadInput) as caught:
            Session(API).call("GET", address, repeatable=True)
        assert caught.value.what == "address"

    def test_this_machine_without_tls_outside_the_sandbox(self, bank, agency):
        with pytest.raises(errors.AgencyError):
            bank.SANDBOX = False
            ask(agency)
        assert agency.seen == []

    @pytest.mark.parametrize("value", ["a\r\nX: y", "a\nb", "a\0b", "\u2028", "€"])
    def test_a_header_that_is_more_than_a_line(self, bank, agency, value):
        error = error_of(agency, headers=[("idempotencyKey", value)])
        assert (error.what, agency.seen) == ("header", [])


def test_nobody_listens(bank, maskinporten):
    with running_issuer() as gone:
        address = gone.origin
    with pytest.raises(errors.Unreachable) as caught:
        Session(API).call("GET", address, repeatable=True)
    assert (caught.value.may_have_arrived, caught.value.attempts, held()) == (False, 3, 0)


SHORT = api(connect_seconds=0.2, read_seconds=0.2, retries=0, largest=1000)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(drips(b"", before=b""), id="silence"),
        pytest.param(drips(b"x", before=b"HTTP/1.0 200 OK\r\nX-Slow: "), id="headers byte by byte"),
        pytest.param(drips(b"x", before=b"HTTP/1.0 200 OK\r\n\r\n"), id="a body byte by byte"),
        pytest.param(
            drips(b"1\r\nx\r\n", before=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), id="chunks"
        ),
        pytest.param(says(b"{}", **{"Content-Length": "9"}), id="broken off"),
        pytest.param(drips(b"?", before=b"gopher\r\n", every=0.01), id="not HTTP"),
    ],
)
def test_no_whole_answer_in_time(bank, answer):
    with running_issuer() as slow:
        slow.answers["/x"] = answer
        began = time.monotonic()
        with pytest.raises(errors.Unreachable) as caught:
            Session(SHORT).call("GET", f"{slow.origin}/x", repeatable=True)
    assert caught.value.may_have_arrived
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("size", "fits"), [pytest.param(1000, True, id="fits"), pytest.param(1001, False, id="one more")]
)
def test_the_largest_answer(bank, agency, size, fits):
    agency.answer(200, b"x" * size)
    if fits:
        assert len(ask(agency, SHORT).body) == size
    else:
        assert type(error_of(agency, SHORT)) is errors.NotTheApplication


def test_the_environments_proxies_are_not_used(bank, agency, monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    agency.answer(200, b"{}")
    assert ask(agency).status == 200


class TestProxy:
    """The proxy of the setting, asked for everything but this machine."""

    def test_it_is_asked_for_a_tunnel(self, bank, agency, maskinporten):
        Session(API).token()
        bank.OUTBOUND_PROXY_URL = agency.base
        agency.answer(403, b"no")
        with pytest.raises(errors.Unreachable) as caught:
            Session(API).call("GET", "https://tjenestepensjonsavtale.api.skatteetaten-test.no/v1/x", repeatable=False)
        assert not caught.value.may_have_arrived
        (seen,) = agency.seen
        assert seen.line.startswith("CONNECT tjenestepensjonsavtale.api.skatteetaten-test.no:443 HTTP/1.")
        assert "Authorization" not in seen.names

    def test_its_password_is_for_the_proxy_alone(self, bank, agency, maskinporten):
        Session(API).token()
        bank.OUTBOUND_PROXY_URL = agency.base.replace("//", "//bank:p%40ss@")
        agency.answer(407, b"no")
        with pytest.raises(errors.Unreachable):
            Session(API).call("GET", "https://tjenestepensjonsavtale.api.skatteetaten-test.no/v1/x", repeatable=False)
        sent = {name.lower(): value for name, value in agency.seen[0].headers}
        assert sent["proxy-authorization"] == f"Basic {base64.b64encode(b'bank:p@ss').decode()}"

    def test_never_for_this_machine(self, bank, agency):
        bank.OUTBOUND_PROXY_URL = "http://127.0.0.1:9"
        agency.answer(200, b"{}")
        assert ask(agency).status == 200


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A folder with an authority of our own and server certificates that it issued."""
    folder = tmp_path_factory.mktemp("tls")
    issue(folder, "authority", None)
    issue(folder, "right", x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    issue(folder, "wrong-name", x509.DNSName("maskinporten.no"))
    return folder


@pytest.mark.parametrize(
    ("vouched_for", "name", "arrives"),
    [
        pytest.param(True, "right", True, id="vouched for"),
        pytest.param(False, "right", False, id="by nobody we know"),
        pytest.param(True, "wrong-name", False, id="for another host"),
    ],
)
def test_certificates_are_checked(bank, authority, monkeypatch, vouched_for, name, arrives):
    if vouched_for:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority / "authority.pem"))
    tls_context.cache_clear()
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(authority / f"{name}.pem", authority / f"{name}.key")
    with running_issuer(theirs) as server:
        server.answers["/x"] = says(b"{}")
        try:
            assert Session(API).call("GET", f"{server.origin}/x", repeatable=False).status == 200
        except errors.Unreachable as error:
            assert (error.may_have_arrived, server.fetches["/x"]) == (False, 0)
    tls_context.cache_clear()
    assert server.fetches["/x"] == arrives


def test_neither_token_nor_address_nor_body_is_told(bank, agency, caplog):
    caplog.set_level("DEBUG")
    number = "15869010089"
    agency.answer(500, fault("OTP-021", spesifisering=[{"kode": "GLD_1022", "angittVerdi": number}]), times=3)
    with pytest.raises(errors.AgencyError) as caught:
        Session(API).call(
            "POST",
            f"{agency.base}/{number}?x={number}",
            headers=[("PSU_ID", number)],
            body=number.encode(),
            repeatable=True,
        )
    told = "".join(str(vars(record)) for record in caplog.records if record.name.startswith("agencies"))
    told += repr(caught.value) + str(caught.value) + str(caught.value.__context__) + repr(vars(caught.value))
    assert "agencies.refused" in told
    assert number not in told
    assert not [token for token in TOKENS if token in told]
