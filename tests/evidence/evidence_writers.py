"""Sixteen writers, commits held back at random, the seal each second: no false alarm, and nothing is left out."""

import random
import signal
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from audit.outbound import record_sent
from audit.partitions import MOMENTS, SEALED
from audit.recording import record
from audit.turned_away import count, flush
from tests.audit.entries import answered
from tests.evidence.trail import FULL, start

WRITERS = 16
SECONDS = 60 if FULL else 5
PAUSE, LONGEST_DELAY = 1, 4.0
DELAYED = """
CREATE FUNCTION evidence_delay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_sleep({longest} * pow(random(), 20)); RETURN NULL; END $$
"""
DELAY = """
CREATE CONSTRAINT TRIGGER evidence_delay AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION evidence_delay()
"""


@pytest.fixture
def delays(almighty):
    """Let commits take up to some seconds, most of them next to nothing, so that some outlast several checkpoints."""
    almighty.execute(DELAYED.format(longest=LONGEST_DELAY))
    for table in SEALED:
        almighty.execute(DELAY.format(table=table))
    yield
    almighty.execute("DROP FUNCTION evidence_delay CASCADE")


@pytest.fixture
def watching(seal):
    process = start("audit_seal", "--watch", AUDIT_SEAL_SECONDS=str(PAUSE), **seal.of_the_sealer())
    yield process
    if process.poll() is None:
        process.kill()
    process.wait(10)
    process.stdout.close()


def write(number: int, until: float) -> tuple[int, float]:
    """Append what a thread of a server and one of the bank's errands would; return how many rows, the slowest time."""
    choice, rows, longest = random.Random(number), 0, 0.0
    while (begun := time.monotonic()) < until:
        if choice.random() < 0.1:
            parties = [f"018101{party:05}" for party in range(choice.randrange(1, 6))]
            rows += len(
                record_sent(
                    recipient="974761076",
                    service="bsu",
                    operation="report",
                    parties=parties,
                    body=b"{}",
                    correlation_id=uuid.uuid4(),
                )
            )
        else:
            record(answered(account_info_request_id=uuid.uuid4(), correlation_id=uuid.uuid4()))
            rows += 1
        longest = max(longest, time.monotonic() - begun)
        if choice.random() < 0.05:
            connection.close()  # a new connection is a new writer
    connection.close()
    return rows, longest


def test_nothing_is_alarmed_and_nothing_left_out(
    seal, almighty, delays, watching, bars, django_db_setup, django_db_blocker
):
    alarms, stopped = [], threading.Event()

    def verify_meanwhile():
        while not stopped.wait(0.2):
            ended = seal.verify()
            if ended.code:
                alarms.append(ended)

    verifier = threading.Thread(target=verify_meanwhile)
    with django_db_blocker.unblock():
        verifier.start()
        record(answered())
        wait_for_a_checkpoint(almighty)
        until = time.monotonic() + SECONDS
        with ThreadPoolExecutor(WRITERS) as pool:
            written = [*pool.map(lambda number: write(number, until), range(WRITERS))]
        for reason in ("expired", "audience"):
            count(reason)
        flush()
        connection.close()
        stopped.set()
        verifier.join()
    rows, longest = 1 + sum(rows for rows, _ in written), max(seconds for _, seconds in written)
    watching.send_signal(signal.SIGTERM)
    said = watching.stdout.read()
    assert (watching.wait(30), "Traceback" in said, "seal_failed" in said) == (0, False, False), said[-4000:]
    assert alarms == []
    assert almighty.execute("SELECT count(*) FROM audit_record").fetchone() == (rows,)
    assert {table: outside(almighty, table) for table in SEALED} == dict.fromkeys(SEALED, 0)
    checkpoints = almighty.execute("SELECT count(*) FROM audit_checkpoint").fetchone()[0]
    seal.assert_holds()
    told = f"{rows} rows in {checkpoints} checkpoints, the longest commit took {longest:.1f} s"
    bars.hold(f"{WRITERS} writers for {SECONDS} s: no row outside a checkpoint, no alarm", "0 and 0", told, rows > 0)
    assert (longest > PAUSE, checkpoints > 2) == (True, True), "commits were held back over checkpoints"


def wait_for_a_checkpoint(session):
    until = time.monotonic() + 60
    while time.monotonic() < until and not session.execute("SELECT FROM audit_checkpoint").fetchone():
        time.sleep(0.1)


def outside(session, table):
    """Return how many rows are in no checkpoint."""
    query = f"SELECT count(*) FROM {table} r LEFT JOIN {table}_sealed s ON s.id = r.id AND s.at = r.{MOMENTS[table]}"
    return session.execute(f"{query} WHERE s.id IS NULL").fetchone()[0]
