"""The other two ways to write it give the product's content, so that they are compared with what they are."""

import json
import os
import subprocess
import sys

import pytest

from bench.questions import Asker, token
from tests import cluster
from tests.bench.test_floor import OWNED
from tests.consumer import identifier

RECORDED = (
    *("account_info_request_id", "correlation_id", "jti", "scopes", "requester_id", "legal_mandate", "endpoint"),
    *("service", "service_version", "items", "outcome", "http_status", "from_date", "to_date", "as_of", "evidence"),
    *("control_object_hash", "account_hashes", "account_reference_hash"),
)
SETTINGS = {"rival": "dsop.settings", "idiomatic": "bench.idiomatic_settings"}


@pytest.fixture(scope="module", params=SETTINGS)
def variant(request, server, tmp_path_factory):
    """Return a function that asks the variant, in a process of its own as in a run."""
    log = tmp_path_factory.mktemp("variant") / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.process", "batches.serve", request.param],
            cwd=cluster.ROOT,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": SETTINGS[request.param]},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
        )
    assert process.stdout.readline(), log.read_text()

    def ask(question):
        process.stdin.write(json.dumps({"questions": [[question.path, question.query, dict(question.headers)]]}) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        assert line, log.read_text()
        ((status, body),) = json.loads(line)["answers"]
        assert status == 200, (body, log.read_text())
        return json.loads(body)

    yield ask
    try:
        process.communicate(timeout=30)
    finally:
        process.kill()


@pytest.fixture
def same(server, variant, records):
    """Return a function that compares the answers, and the records in what they say of the question."""

    def ask(question):
        product = server.get(f"{question.path}?{question.query}", dict(question.headers))
        assert product.status == 200, product.data
        answered, wanted = variant(question), json.loads(product.data)
        for one, other in zip(answered.get("transactions", ()), wanted.get("transactions", ()), strict=True):
            assert one == other  # told one by one, a thousand are a long story
        assert answered == wanted
        of_product, of_variant = records()
        for name in RECORDED:
            assert of_variant[name] == of_product[name], name

    return ask


@pytest.fixture
def asker():
    return Asker({"positions": []})


@pytest.mark.parametrize("case", ["debtor-five-accounts", "sixty-accounts", "not-a-customer", "shielded-strictly"])
def test_account_list(same, asker, case):
    same(asker.of_party(token(asker.audience), identifier(case)))


def test_account_details(same, asker, superuser):
    number = identifier("debtor-five-accounts")
    with superuser("ledger") as session:
        accounts = session.execute(OWNED, [number]).fetchall()
    same(asker.of_account(token(asker.audience), accounts[0][0], number))


@pytest.mark.parametrize("case", ["many-pages", "debtor-five-accounts"])
def test_a_page_of_transactions(same, asker, superuser, case):
    number = identifier(case)
    with superuser("ledger") as session:
        accounts = session.execute(OWNED, [number]).fetchall()
    same(asker.of_page(token(asker.audience), accounts[0][0], number, None))
