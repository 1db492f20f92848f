"""Each request is counted once, under words of closed lists, and asks the database nothing for it."""

import pytest
from django.db import connections
from django.http import HttpResponse
from django.test import RequestFactory

from audit.measuring import exchange_with, exchanged, spent, token_seen
from audit.recording import Entry
from dsop.metrics import counting
from dsop.metrics.peers import peers
from dsop.metrics.sums import Sums

SECRET = "15869010089"


@pytest.fixture
def sums(monkeypatch):
    made = Sums()
    monkeypatch.setattr(counting, "sums", made)
    yield made
    exchanged.listen(None)
    token_seen.listen(None)


def counted(sums, name):
    return sums.copy().get(name, {})


def answered(**facts):
    response = HttpResponse(b"", status=facts.pop("status", 200))
    for name, fact in facts.items():
        setattr(response, name, fact)
    return response


SERVED = Entry(endpoint="accounts", service="fi-utlegg-saldo", outcome="answered", control_object=SECRET)
REFUSED = Entry(endpoint="roles", outcome="refused", code="ACC-001", consumer=SECRET, legal_mandate=SECRET)


@pytest.mark.parametrize(
    ("path", "response", "labels", "reasons"),
    [
        pytest.param(
            "/v2/accounts", answered(entry=SERVED), ("accounts", "fi-utlegg-saldo", "answered", "none"), [], id="answer"
        ),
        pytest.param(
            f"/v2/accounts/{SECRET}/roles",
            answered(entry=REFUSED, reason="hdr.mandate", status=400),
            ("roles", "none", "refused", "ACC-001"),
            ["hdr.mandate"],
            id="refusal before the mandate",
        ),
        pytest.param(f"/{SECRET}", answered(status=404), ("other", "none", "refused", "none"), [], id="no such path"),
        pytest.param("/health/ready", answered(), ("health", "none", "answered", "none"), [], id="health"),
        pytest.param("/health/ready", answered(status=503), ("health", "none", "failed", "none"), [], id="not ready"),
        pytest.param(f"/admin/{SECRET}/", answered(status=302), ("admin", "none", "answered", "none"), [], id="admin"),
        pytest.param(
            "/v2/accounts",
            answered(reason="http.host", status=400),
            ("other", "none", "refused", "none"),
            ["http.host"],
            id="a host that is not ours",
        ),
    ],
)
def test_labels_of_a_request(sums, path, response, labels, reasons):
    spent.begin()
    counting.request(RequestFactory().get(path, {"PartyID": SECRET}), response, 0.004)
    endpoint, _, outcome, _ = labels
    assert counted(sums, "dsop_requests_total") == {labels: [1]}
    assert counted(sums, "dsop_refusals_total") == {(reason,): [1] for reason in reasons}
    assert [*counted(sums, "dsop_request_seconds")] == [(endpoint, outcome)]
    assert counted(sums, "dsop_request_database_seconds") == {}
    assert SECRET not in str(sums.copy())


@pytest.mark.django_db(databases=["default", "ledger"])
def test_a_request_pays_for_its_statements_alone(sums, django_assert_num_queries):
    for alias in ("default", "ledger"):
        counting.time_statements(connections[alias])
        counting.time_statements(connections[alias])  # the connection was lost and came back
    spent.begin()
    try:
        with connections["ledger"].cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.003)")
            cursor.execute("SELECT pg_sleep(0.003)")
        with django_assert_num_queries(0):
            counting.request(RequestFactory().get("/v2/accounts"), answered(entry=SERVED), 0.01)
    finally:
        for alias in ("default", "ledger"):
            connections[alias].execute_wrappers.remove(counting.timed)
            assert counting.timed not in connections[alias].execute_wrappers, "once is enough"
    [(labels, cells)] = counted(sums, "dsop_request_database_seconds").items()
    assert labels == ("ledger",)
    assert sum(cells[:-1]) == 1
    assert cells[-1] >= 0.006


@pytest.mark.parametrize(
    ("host", "raised", "labels"),
    [
        pytest.param("certpub.example", None, ("certpub", "answered"), id="answer"),
        pytest.param("certpub.example", KeyError, ("certpub", "answered"), id="an answer that is an exception here"),
        pytest.param("certpub.example", OSError, ("certpub", "failed"), id="none"),
        pytest.param("15869010089.example", None, ("other", "answered"), id="nobody of the settings"),
    ],
)
def test_exchanges_with_others(sums, settings, host, raised, labels):
    settings.CERTPUB_LOCATOR_URL = "https://certpub.example/locator"
    counting.start()
    try:
        with exchange_with(host, answers=(KeyError,)):
            if raised:
                raise raised
    except (KeyError, OSError):
        pass
    assert [*counted(sums, "dsop_outbound_seconds")] == [labels]


def test_every_peer_is_found_by_its_settings(settings):
    settings.MASKINPORTEN_ISSUER = "https://issuer.example/"
    settings.CERTPUB_LOCATOR_URL, settings.CERTPUB_PUBLISHER_HOSTS = "https://one.example:8443/x", ["two.example"]
    settings.CERTIFICATE_REVOCATION_HOSTS = ["two.example", "three.example"]
    settings.EXTRADITION_JWKS_URL = ""
    assert peers() == {
        "issuer.example": "maskinporten",
        "one.example": "certpub",
        "two.example": "certpub",
        "three.example": "revocation",
    }


@pytest.mark.parametrize("age", [-12.0, -3.0, 0.5, 100.0])
def test_the_age_of_a_token(sums, age):
    counting.start()
    token_seen(age)
    [cells] = counted(sums, "dsop_token_age_seconds").values()
    assert (sum(cells[:-1]), cells[-1]) == (1, age)
