"""Whatever breaks between us and an agency's certificate: no plain text, the stated answer in time, and recovery."""

import contextlib
import threading
import time
import uuid
from datetime import UTC, datetime

import psycopg
import pytest

from dsop import certificates
from sandbox.certpub.agencies import publish_instead, publish_normally
from sandbox.certpub.authority import existing_authority
from sandbox.certpub.faults import faulty
from sandbox.certpub.site import here
from tests import cluster
from tests.certpub import CertPub
from tests.conftest import running
from tests.consumer import Consumer, body, identifier
from tests.upgrade.copies import copied_pair

DEBTOR, SKATTEETATEN, OTHER = "debtor-five-accounts", "974761076", "974760673"
UNAVAILABLE = {"code": "ACC-100", "message": "The service is not available for the moment. Try again later."}
LATEST = 6.0
EAGER_LATEST = LATEST - 2.5  # tests.eager gives a look-up two seconds, of which two in turn would be too long
DOWN = {("locator", SKATTEETATEN): "broken"}
WRONG = ("expired", "revoked", "other-number", "signing-only", "stranger")
LOOKED_UP = (
    f"SELECT true FROM dsop_agencycertificate WHERE participant = '{SKATTEETATEN}'"
    " AND attempted_at IS NOT NULL AND leased_until IS NULL"
)


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """A database of its own, so that no other server finds certificates for this one."""
    with copied_pair("certificates", tmp_path_factory.mktemp("dumps")) as pair:
        yield pair.environment()["DATABASE_URL"]


@pytest.fixture
def rows(database):
    """Run a statement on that database as superuser."""
    with psycopg.connect(cluster.CLUSTER.superuser_url("certificates"), autocommit=True) as connection:
        yield connection.execute


@pytest.fixture
def certpub(server, rows):
    rows("DELETE FROM dsop_agencycertificate")
    stand_in = CertPub(f"http://127.0.0.1:{server.port}")
    yield stand_in
    stand_in.close()


@pytest.fixture
def consumer(another_server, certpub, database):
    """Return a function that starts the service before that CertPub, and gives Skatteetaten asking it."""

    def start(application="dsop.wsgi:application", **faults):
        certpub.faults.update({(place, SKATTEETATEN): fault for place, fault in faults.items()})
        server = another_server(application, DATABASE_URL=database, CERTPUB_LOCATOR_URL=certpub.locator)
        return Consumer(server, SKATTEETATEN)

    return start


@pytest.fixture(scope="module")
def wrong():
    """Certificates with one thing wrong each, made before the service first asks which are revoked."""
    site = here()
    authority, now = existing_authority(site), datetime.now(UTC)
    return {fault: faulty(SKATTEETATEN, fault, site=site, authority=authority, now=now).certificate for fault in WRONG}


@pytest.fixture(scope="module")
def failing(tmp_path_factory):
    """Databases for the service that finds no certificate, so that it takes no turn at those of the others."""
    with copied_pair("failing", tmp_path_factory.mktemp("dumps")) as pair:
        with pair.superuser() as connection:  # what the suite's own service has found so far
            connection.execute("DELETE FROM dsop_agencycertificate")
        yield pair


@pytest.fixture
def failing_rows(failing):
    """Run a statement on its database as superuser."""
    with failing.superuser() as connection:
        yield connection.execute


@pytest.fixture(scope="module")
def lasting(server, failing, wrong, tmp_path_factory):
    """Skatteetaten before a service of one worker, and the CertPub that this service asks."""
    certpub, log = CertPub(f"http://127.0.0.1:{server.port}"), tmp_path_factory.mktemp("lasting") / "log"
    certpub.faults = DOWN
    environment = {**failing.environment(), "CERTPUB_LOCATOR_URL": certpub.locator, "WEB_CONCURRENCY": "1"}
    with running(cluster.free_port(), log, "tests.eager:application", environment) as started:
        yield Consumer(started, SKATTEETATEN), certpub
    certpub.close()


@pytest.fixture
def while_it_fails(lasting, failing_rows):
    """Return a function that lets CertPub fail in one way, and gives the answers until the service has noticed."""
    skatteetaten, certpub = lasting

    def asked(**faults):
        certpub.faults = {(place, SKATTEETATEN): fault for place, fault in faults.items()}
        failing_rows("DELETE FROM dsop_agencycertificate")
        answers = [ask(skatteetaten)]
        while not failing_rows(LOOKED_UP).fetchone():
            assert len(answers) < 1000, "nobody has looked for the certificate"
            answers.append(ask(skatteetaten))
        return skatteetaten, [*answers, ask(skatteetaten)]

    yield asked
    certpub.faults = DOWN


def ask(consumer, **changes):
    """Return the answer and how long it took."""
    begun = time.monotonic()
    answer = consumer.accounts(identifier(DEBTOR), **{"Accept": "application/jose", **changes})
    return answer, time.monotonic() - begun


def until(consumer, status, seconds=30):
    """Ask until the answer has that status, and return it."""
    deadline = time.monotonic() + seconds
    while True:
        answer, _ = ask(consumer)
        if answer.status == status or time.monotonic() > deadline:
            assert answer.status == status
            return answer
        time.sleep(0.2)


def until_every_worker_answers(consumer, seconds=30, **changes):
    """Ask on connections of their own, which any worker may take, until all are answered."""
    deadline, in_a_row = time.monotonic() + seconds, 0
    while in_a_row < 20:
        in_a_row = in_a_row + 1 if ask(consumer, Connection="close", **changes)[0].status == 200 else 0
        assert time.monotonic() < deadline


def nothing_leaked(answers, server):
    """Search bodies, headers and log for what only a plain answer holds."""
    markers = (identifier(DEBTOR).encode(), b"accountReference", b"primaryOwner", b"Eksempelbanken")
    told = b"".join(answer.data + repr(dict(answer.headers)).encode() for answer in answers) + server.log.read_bytes()
    assert [marker for marker in markers if marker in told] == []


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param({"locator": "slow"}, id="locator slow"),
        pytest.param({"locator": "broken"}, id="locator 500"),
        pytest.param({"locator": "page"}, id="locator answers a page"),
        pytest.param({"locator": "list"}, id="locator answers a list"),
        pytest.param({"locator": "huge"}, id="locator answers 10 MB"),
        pytest.param({"locator": "redirect"}, id="locator redirects"),
        pytest.param({"locator": "cut"}, id="locator cut in mid-body"),
        pytest.param({"locator": "not found"}, id="participant unknown"),
        pytest.param({"locator": "no publisher"}, id="BCL-01 no publisher named"),
        pytest.param({"locator": "other host"}, id="BCL-04 publisher on another host"),
        pytest.param({"publisher": "slow"}, id="publisher slow"),
        pytest.param({"publisher": "broken"}, id="publisher 500"),
        pytest.param({"publisher": "not found"}, id="publisher 404"),
        pytest.param({"publisher": "page"}, id="publisher answers a page"),
        pytest.param({"publisher": "bomb"}, id="BCP-02 entity bomb"),
        pytest.param({"publisher": "huge"}, id="publisher answers 10 MB"),
        pytest.param({"publisher": "redirect"}, id="publisher redirects"),
        pytest.param({"publisher": "cut"}, id="publisher cut in mid-body"),
        pytest.param({"publisher": "another's"}, id="BCP-03 answer about another"),
    ],
)
def test_no_certificate_no_plain_text(while_it_fails, faults, failing_rows):
    skatteetaten, answers = while_it_fails(**faults)
    for answer, seconds in answers:
        assert (answer.status, body(answer)) == (500, UNAVAILABLE)
        assert answer.headers["Content-Type"] == "application/json"
        assert int(answer.headers["Retry-After"]) > 0
        assert seconds < EAGER_LATEST
    nothing_leaked([answer for answer, _ in answers], skatteetaten.server)
    refused = failing_rows("SELECT outcome, refusal, evidence FROM audit_record ORDER BY at DESC LIMIT 1").fetchone()
    assert refused == ("failed", "CertificateUnavailable", None)
    plain = skatteetaten.accounts(identifier(DEBTOR))
    assert plain.status == 200, "the sandbox's plain answer needs no certificate"


@pytest.mark.parametrize("fault", WRONG)
def test_wrong_certificate_no_plain_text(while_it_fails, wrong, fault, failing_rows):
    """What the publisher holds is no certificate that the agency could be trusted to have (BCP-04)."""
    publish_instead(SKATTEETATEN, here(), [wrong[fault]])
    try:
        skatteetaten, answers = while_it_fails()
    finally:
        publish_normally(SKATTEETATEN, here())
    for answer, seconds in answers:
        assert (answer.status, body(answer)) == (500, UNAVAILABLE)
        assert seconds < EAGER_LATEST
    nothing_leaked([answer for answer, _ in answers], skatteetaten.server)
    found = "SELECT outcome, certificate FROM dsop_agencycertificate WHERE participant = %s"
    assert failing_rows(found, [SKATTEETATEN]).fetchone() == ("none_valid", None)


def test_the_service_as_shipped_has_its_answer_in_time():
    assert certificates.LOOK_UP_SECONDS + 1 <= LATEST


def test_locator_down(consumer, certpub):
    certpub.close()
    answer, seconds = ask(consumer())
    assert (answer.status, body(answer)) == (500, UNAVAILABLE)
    assert seconds < LATEST


def test_cold_warm_and_shared(consumer, certpub):
    """Once found, nobody is asked again, by any worker."""
    skatteetaten = consumer()
    until(skatteetaten, 200)
    assert {ask(skatteetaten, Connection=how)[0].status for how in ("keep-alive", "close") * 20} == {200}
    assert [place for place, participant in certpub.asked if participant == SKATTEETATEN] == ["locator", "publisher"]


def test_cac_02_a_failing_certpub_does_not_stop_us_and_cac_03_a_404_does(consumer, certpub, rows):
    skatteetaten = consumer()
    until(skatteetaten, 200)
    due = "UPDATE dsop_agencycertificate SET found_at = found_at - interval '2 hours', attempted_at = NULL"
    certpub.faults[("publisher", SKATTEETATEN)] = "broken"
    rows(due)
    wait_for(rows, "failed")
    assert ask(skatteetaten)[0].status == 200
    rows("UPDATE dsop_agencycertificate SET found_at = found_at - interval '1 day'")
    until(skatteetaten, 500)  # but not for more than a day
    certpub.faults.clear()
    rows("UPDATE dsop_agencycertificate SET attempted_at = NULL")
    until(skatteetaten, 200)
    certpub.faults[("publisher", SKATTEETATEN)] = "not found"
    rows(due)
    wait_for(rows, "not_published")
    until(skatteetaten, 500)


def wait_for(rows, outcome, seconds=30):
    deadline = time.monotonic() + seconds
    question = f"SELECT outcome FROM dsop_agencycertificate WHERE participant = '{SKATTEETATEN}'"
    while rows(question).fetchone() != (outcome,):
        assert time.monotonic() < deadline, rows(
            "SELECT outcome, reasons, attempted_at, found_at, leased_until, now() FROM dsop_agencycertificate"
        ).fetchall()
        time.sleep(0.1)


def test_at_most_one_request_of_a_worker_waits(consumer, certpub):
    """The others are told to come again, and whoever needs no certificate is served, all while CertPub is silent."""
    skatteetaten = consumer("tests.patient:application", locator="held")
    until_every_worker_answers(skatteetaten, Accept="application/json")
    statuses = []
    threads = [threading.Thread(target=lambda: statuses.append(ask(skatteetaten)[0].status)) for _ in range(10)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        answer = skatteetaten.accounts(identifier(DEBTOR))
        assert answer.status == 200, (answer.data + skatteetaten.server.log.read_bytes()[-3000:]).decode()
    deadline = time.monotonic() + 60
    while len(statuses) < 8:
        assert time.monotonic() < deadline, "more than one of a worker waits"
        time.sleep(0.05)
    assert not certpub.let_go.is_set()
    certpub.let_go.set()
    for thread in threads:
        thread.join()
    assert statuses == [500] * 10


def test_other_agencies_are_not_slowed(consumer, certpub, rows):
    rows(
        "INSERT INTO legal_dataconsumer (organisation_number, name, is_open) VALUES (%s, 'Brønnøysundregistrene', true)"
        " ON CONFLICT DO NOTHING",
        [OTHER],
    )
    rows(
        "UPDATE legal_serviceversion SET rules = jsonb_set(rules, '{consumers}',"
        ' \'[{"organisation_number": "974761076", "name": "Skatteetaten"},'
        ' {"organisation_number": "974760673", "name": "Brønnøysundregistrene"}]\')'
        " WHERE service_id = (SELECT id FROM legal_service WHERE slug = 'fi-utlegg-saldo')"
    )
    skatteetaten = consumer("tests.patient:application", locator="held")
    other = Consumer(skatteetaten.server, OTHER)
    until_every_worker_answers(other)
    waiting = threading.Thread(target=lambda: ask(skatteetaten))
    waiting.start()
    assert [ask(other, Connection="close")[0].status for _ in range(30)] == [200] * 30
    assert waiting.is_alive(), "it waits as long as CertPub is silent"
    certpub.let_go.set()
    waiting.join()
    with contextlib.suppress(psycopg.Error):
        rows("DELETE FROM legal_dataconsumer WHERE organisation_number = %s", [OTHER])


def test_warm_costs_no_statement_more(consumer):
    """The certificate is in memory: the same three statements as for a plain answer."""
    from tests.statements import statements_of

    skatteetaten = consumer()
    until(skatteetaten, 200)
    for _ in range(40):
        ask(skatteetaten)
    case_id = str(uuid.uuid4())
    headers = skatteetaten.headers(PartyID=identifier(DEBTOR), AccountInfoRequestID=case_id, Accept=None)
    asked = statements_of(lambda: skatteetaten.server.get("/v2/accounts?OnlyPrimaryOwner=true", headers))
    assert [statement.database for statement in asked if statement.database != "dsop"] == [
        "ledger",
        "ledger",
        "certificates",
    ]
