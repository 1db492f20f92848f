"""The service behind either server it ships with: the same answers, the same records, the same refusals."""

import uuid

import pytest

from tests import cluster
from tests.conftest import running
from tests.consumer import Consumer, body, identifier

CASE = str(uuid.uuid4())
DEBTOR = "debtor-five-accounts"


@pytest.fixture(scope="module")
def granian(server, tmp_path_factory):
    log = tmp_path_factory.mktemp("granian") / "log"
    with running(cluster.free_port(), log, command=("-m", "dsop.granian")) as second:
        yield second


@pytest.fixture
def both(server, granian):
    return [Consumer(server, "974761076"), Consumer(granian, "974761076")]


ACCOUNTS = "/v2/accounts?OnlyPrimaryOwner=true"


def asked(consumer, path=ACCOUNTS, method="GET", **changes):
    headers = consumer.headers(**{"AccountInfoRequestID": CASE, "PartyID": identifier(DEBTOR), **changes})
    return consumer.server.request(method, path, headers)


@pytest.mark.parametrize(
    ("path", "method", "changes", "status"),
    [
        pytest.param(ACCOUNTS, "GET", {}, 200, id="an answer"),
        pytest.param("/v2/accounts?fromDate=%32x", "GET", {}, 400, id="a malformed query"),
        pytest.param("/v2/accounts/x", "GET", {}, 404, id="a worthless reference"),
        pytest.param("/v2/%2e%2e/unknown%0a", "GET", {}, 404, id="no such path"),
        pytest.param("/v2/accounts", "POST", {}, 405, id="another method"),
        pytest.param("/v2/accounts", "GET", {"Authorization": None}, 401, id="no token"),
        pytest.param("/v2/accounts", "GET", {"PartyID": "1586901008"}, 400, id="a malformed header"),
        pytest.param("/v2/accounts", "GET", {"Legal_Mandate": None}, 400, id="no mandate"),
        pytest.param("/v2/accounts", "GET", {"Accept": "text/html"}, 406, id="another media type"),
        pytest.param("/v2/customers/customerRelationships", "GET", {}, 403, id="the other API"),
        pytest.param("/health/ready", "GET", {}, 200, id="health"),
    ],
)
def test_the_same_answer(both, path, method, changes, status):
    first, second = (asked(consumer, path, method, **changes) for consumer in both)
    assert (first.status, second.status) == (status, status)
    told = [body(answer) for answer in (first, second)]
    for document in told:
        document.pop("timestamp", None)  # of an answer under /customers
    assert told[0] == told[1]
    names = [{name.lower() for name in answer.headers} - {"server", "connection", "date"} for answer in (first, second)]
    assert names[0] == names[1]


def test_the_same_records(both, records):
    answers = [asked(consumer) for consumer in both]
    assert [answer.status for answer in answers] == [200, 200]
    varying = {"id", "at", "jti", "correlation_id", "duration_us", "salt", "writer", "writer_number", "writer_previous"}
    first, second = ({name: row[name] for name in row if not name.endswith("_sealed")} for row in records())
    differing = {name for name in first if first[name] != second[name]}
    assert differing <= varying | {"control_object_commitment", "answer_digest", "xact"}
    assert first["document_digest"] == second["document_digest"]
