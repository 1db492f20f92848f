"""What operators see of the service as shipped: the figures of all workers, and in no line or figure anybody at all."""

import contextlib
import itertools
import os
import re
import signal
import socket
import time
import urllib.request
import uuid
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from accounts.models import Account, Party, PartyIdentifier
from dsop.metrics.known import BY_NAME
from legal.refusals import Refusal
from tests import cluster
from tests.agency import Case, case_of, told
from tests.conftest import running
from tests.consumer import Consumer, identifier

METRICS_PORT = cluster.free_port()
WORDS = {"none", "other", "health", "admin", "unknown", "unreadable"}


class Watched:
    """The running service, and what can be seen of it."""

    address = f"http://127.0.0.1:{METRICS_PORT}/metrics"

    def __init__(self, server):
        self.server = server
        self.agency = Consumer(server, "974761076")

    def shown(self):
        """Return the figures as they are when each worker has told what it counted."""
        time.sleep(1.2)
        for _ in range(100):  # for a moment no worker may be there
            with contextlib.suppress(OSError), urllib.request.urlopen(self.address, timeout=10) as answer:
                return answer.read().decode()
            time.sleep(0.1)
        raise AssertionError("nobody shows the figures")

    def samples(self, name):
        """Return the values of one series by its labels."""
        families = text_string_to_metric_families(self.shown())
        found = [sample for family in families for sample in family.samples if sample.name == name]
        order = (*BY_NAME[re.sub("_(bucket|count|sum)$", "", name)].labels, "le")
        return {tuple(one.labels[name] for name in order if name in one.labels): one.value for one in found}

    def requests(self, endpoint):
        return sum(value for labels, value in self.samples("dsop_requests_total").items() if labels[0] == endpoint)

    def workers(self):
        main = self.server.process.pid
        return [int(pid) for pid in Path(f"/proc/{main}/task/{main}/children").read_text().split()]

    def log(self):
        return self.server.log.read_text()


@pytest.fixture(scope="module")
def watched(server, tmp_path_factory):
    """One more service, with a port for its figures."""
    folder = tmp_path_factory.mktemp("watched")
    environment = {"METRICS_BIND": f"127.0.0.1:{METRICS_PORT}", "METRICS_FOLDER": str(folder / "metrics")}
    with running(cluster.free_port(), folder / "log", environment=environment) as started:
        yield Watched(started)


def on_connections_of_their_own(watched, times):
    """Ask so that both workers get some of the questions."""
    for _ in range(times):
        headers = watched.agency.headers(PartyID=identifier("debtor-five-accounts"), Connection="close")
        assert watched.server.get("/v2/accounts?OnlyPrimaryOwner=true", headers).status == 200


UNREADABLE = {
    400: b"GET /v2/accounts HTTP/1.1\r\nHost: x\r\nPartyID : 1\r\n\r\n",
    414: b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    501: b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: something\r\n\r\n",
}


def test_what_cannot_be_read_is_counted(watched):
    before = watched.samples("dsop_requests_total")
    for status, sent in UNREADABLE.items():
        with socket.create_connection(("127.0.0.1", watched.server.port), timeout=10) as client:
            client.sendall(sent)
            assert client.recv(12) == f"HTTP/1.1 {status}".encode()
    after = watched.samples("dsop_requests_total")
    more = {labels: value - before.get(labels, 0) for labels, value in after.items() if labels[0] == "unreadable"}
    assert more == {("unreadable", "none", "refused", "none"): len(UNREADABLE)}


def test_all_workers_are_counted_and_one_that_is_killed_stays_so(watched):
    before = watched.requests("accounts")
    on_connections_of_their_own(watched, 12)
    assert watched.requests("accounts") == before + 12
    assert watched.samples("dsop_workers") == {(): 2}
    killed = watched.workers()[0]
    os.kill(killed, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while len(watched.workers()) < 2 or killed in watched.workers() or watched.samples("dsop_workers") != {(): 2}:
        assert time.monotonic() < deadline
    assert watched.requests("accounts") == before + 12
    on_connections_of_their_own(watched, 3)
    for worker in watched.workers():  # in order, before the second is over in which they would have told
        os.kill(worker, signal.SIGTERM)
    while watched.samples("dsop_workers") != {(): 2}:
        assert time.monotonic() < deadline
    assert watched.requests("accounts") == before + 15


def test_what_a_request_leaves(watched):
    labels = ("accounts", "fi-utlegg-saldo", "answered", "none")
    before = {name: watched.samples(name) for name in ("dsop_requests_total", "dsop_request_database_seconds_count")}
    on_connections_of_their_own(watched, 2)
    watched.server.get("/v2/accounts")
    requests, waited = watched.samples("dsop_requests_total"), watched.samples("dsop_request_database_seconds_count")
    assert requests[labels] == before["dsop_requests_total"].get(labels, 0) + 2
    assert requests["accounts", "none", "refused", "ACC-010"] >= 1
    assert watched.samples("dsop_refusals_total")["tok.missing",] >= 1
    for database in ("default", "ledger"):
        assert waited[database,] >= before["dsop_request_database_seconds_count"].get((database,), 0) + 2
    assert watched.samples("dsop_token_age_seconds_bucket")["+Inf",] >= 2


def test_the_gauges_of_the_service_as_shipped(watched):
    now, deadline = time.time(), time.monotonic() + 60
    while not (ages := watched.samples("dsop_keys_fetched_timestamp_seconds")) or 0 in ages.values():
        assert time.monotonic() < deadline
    assert {*ages} == {("maskinporten",), ("politiet",)} or len(ages) == 2
    assert all(now - 3600 < moment <= time.time() for moment in ages.values())
    while not watched.samples("dsop_figure_failed"):
        assert time.monotonic() < deadline
    assert set(watched.samples("dsop_figure_failed").values()) == {0.0}
    assert watched.samples("dsop_audit_partition_months") == {(): 3}
    assert watched.samples("dsop_ledger_as_of_timestamp_seconds").keys() == {("213456008",)}


def test_agencies_find_nothing(watched, server):
    unknown = server.get("/nothing")
    for path in ("/metrics", "/metrics/", "/v2/metrics"):
        answer = watched.server.get(path)
        assert answer.status in {401, 404}
    assert (server.get("/metrics").status, server.get("/metrics").data) == (unknown.status, unknown.data)


class Markers:
    """Words and numbers that nobody else writes, one for each input."""

    def __init__(self):
        self.planted = {}
        self._numbers = itertools.count(15_86_90_10_000)

    def word(self, where):
        return self._planted(where, f"merke-{uuid.uuid4().hex[:12]}")

    def number(self, where):
        return self._planted(where, str(next(self._numbers)))

    def _planted(self, where, marker):
        self.planted[marker] = where
        return marker

    def among(self, text):
        """Return where those were planted that a text holds, however their digits are grouped."""
        bare = re.sub(r"(?<=[0-9])[ .-](?=[0-9])", "", text)
        return {where for marker, where in self.planted.items() if marker in text or marker in bare}


HEADERS_OF_WORDS = (
    "RequesterID",
    "AdditionalReferenceIDType",
    "Legal-Mandate",
    "Accept",
    "User-Agent",
    "Cookie",
    "X-Api-Key",
)
HEADERS_OF_IDS = ("CorrelationID", "AccountInfoRequestID")
HEADERS_OF_NUMBERS = ("PartyID", "CustomerID", "AccountID", "AdditionalReferenceID", "X-Forwarded-For", "Forwarded")
CLAIMS = ("sub", "pid", "client_orgno", "name", "authorization_details", "cnf", "delegation_source", "consumer_org")
PATHS = (
    "/v2/accounts",
    "/v2/customers/customerRelationships",
    "/v2/customers/accountServicingProvider",
    "/v2/accounts/{}",
    "/v2/accounts/{}/transactions",
    "/v2/accounts/{}/cards",
    "/v2/accounts/{}/roles",
    "/v2/{}",
    "/{}",
    "/health/{}",
    "/admin/{}/",
    "/metrics/{}",
)


def plant(watched, markers):
    """Put a marker into each input of each endpoint, alone, so that each gets as far as it can."""
    case = case_of(watched.server, "fi-utlegg-saldo", "debtor-five-accounts")
    for path in PATHS:
        usual = case.headers("customerRelationships" if "customers" in path else "accounts")
        filled = path.format(markers.word(f"path {path}"))
        for name in HEADERS_OF_WORDS + HEADERS_OF_IDS:
            watched.server.get(filled, usual | {name: markers.word(f"{name} at {path}")})
        for name in HEADERS_OF_NUMBERS:
            watched.server.get(filled, usual | {name: markers.number(f"{name} at {path}")})
        for name in ("fromDate", "cursor", "OnlyPrimaryOwner", "unknown"):
            watched.server.get(f"{filled}?{name}={markers.number(f'query {name} at {path}')}", usual)
        watched.server.get(f"{filled}?{markers.number(f'a name in the query at {path}')}", usual)
        watched.server.get(filled, {**usual, "Host": f"{markers.word(f'Host at {path}')}.example"})
        watched.server.request(markers.word("method").upper(), filled, usual)
    for name in CLAIMS:
        token = watched.agency.token(**{name: markers.number(f"claim {name}")})
        watched.server.get("/v2/accounts", case.headers("accounts") | {"Authorization": f"Bearer {token}"})
    for scheme in ("Bearer", "Basic", "DPoP"):
        watched.server.get("/v2/accounts", {"Authorization": f"{scheme} {markers.word(f'a {scheme} token')}"})


def test_no_input_is_in_a_log_line_or_a_figure(watched):
    markers = Markers()
    plant(watched, markers)
    assert len(markers.planted) > 200
    assert markers.among(watched.log()) == set()
    assert markers.among(watched.shown()) == set()


def test_nobody_of_the_ledger_is_in_a_log_line_or_a_figure(watched, django_db_blocker):
    people, markers = Markers(), Markers()
    with django_db_blocker.unblock():
        for number in PartyIdentifier.objects.values_list("value", flat=True):
            people.planted[number] = "party's number"
        for name in Party.objects.values_list("name", flat=True):
            people.planted[name] = "party's name"
        for number in Account.objects.values_list("number", flat=True):
            people.planted[number] = "account"
    ask_everything(case_of(watched.server, "skatt-kontroll", "debtor-five-accounts"), markers)
    ask_everything(case_of(watched.server, "fi-utlegg-saldo", "debtor-five-accounts"), markers)
    assert len(people.planted) > 50 and len(markers.planted) > 3
    assert people.among(watched.log()) | markers.among(watched.log()) == set()
    assert people.among(watched.shown()) | markers.among(watched.shown()) == set()


def ask_everything(case: Case, references):
    for account in told(case.ask("accounts"))["accounts"]:
        references.planted[account["accountReference"]] = "account's reference"
        for endpoint in ("accountDetails", "transactions", "cards", "roles"):
            case.ask(endpoint, account["accountReference"])
    case.ask("customerRelationships")


def test_every_label_is_of_a_closed_list(watched):
    reasons = {one.reason for one in every(Refusal) if hasattr(one, "reason")}
    closed = {
        "code": re.compile("(ACC|ERR)-[0-9]{3}"),
        "le": re.compile(r"[+-]?(Inf|[0-9.]+)"),
        "institution": re.compile("213456008"),
    }
    for family in text_string_to_metric_families(watched.shown()):
        for sample in family.samples:
            for name, value in sample.labels.items():
                if name in closed and value not in WORDS:
                    assert closed[name].fullmatch(value)
                elif name == "reason":
                    assert value in reasons
                elif name not in {"code", "agency"}:
                    assert re.fullmatch("[A-Za-z-]{3,40}", value), (family.name, name, value)


def every(kind):
    yield kind
    for one in kind.__subclasses__():
        yield from every(one)
