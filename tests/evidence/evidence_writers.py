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
LONGEST_DELAY = 4.0
DELAYED = """
CREATE FUNCTION evidence_delay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_sleep({longest} * pow(random(), 8)); RETURN NULL; END $$
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
    process = start("audit_seal", "--watch", AUDIT_SEAL_SECONDS="1", **seal.of_the_sealer())
    yield process
    if process.poll() is None:
        process.kill()
    process.wait(10)
    process.stdout.close()


def write(number: int, until: float) -> int:
    """Append what a thread of a server and one of the bank's errands would, and return how many rows."""
    choice, rows = random.Random(number), 0
    while time.monotonic() < until:
        if choice.random() < 0.1:
            parties = [f"018101{party:05}" for party in range(choice.randrange(1, 20))]
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
        if choice.random() < 0.05:
            connection.close()  # a new connection is a new writer
    connection.close()
    return rows


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
        until = time.monotonic() + SECONDS
        with ThreadPoolExecutor(WRITERS) as pool:
            rows = sum(pool.map(lambda number: write(number, until), range(WRITERS)))
        for reason in ("expired", "audience"):
            count(reason)
        flush()
        connection.close()
        stopped.set()
        verifier.join()
    watching.send_signal(signal.SIGTERM)
    said = watching.stdout.read()
    assert (watching.wait(30), "Traceback" in said, "seal_failed" in said) == (0, False, False), said[-4000:]
    assert alarms == []
    assert almighty.execute("SELECT count(*) FROM audit_record").fetchone() == (rows,)
    assert {table: outside(almighty, table) for table in SEALED} == dict.fromkeys(SEALED, 0)
    held_back = almighty.execute(HELD_BACK).fetchone()[0]
    checkpoints = almighty.execute("SELECT count(*) FROM audit_checkpoint").fetchone()[0]
    seal.assert_holds()
    told = f"{rows} rows in {checkpoints} checkpoints, {held_back} of them sealed after later ones"
    bars.hold(f"{WRITERS} writers for {SECONDS} s: rows outside a checkpoint, alarms", "0, 0", told, rows > 0)
    bars.hold("commits were held back over checkpoints", "> 0", str(held_back), held_back > 0)


# Rows that were written before, by their own moment, a row that is in an earlier checkpoint.
HELD_BACK = """
SELECT count(*) FROM audit_record r JOIN audit_record_sealed s USING (id, at)
WHERE EXISTS (SELECT FROM audit_record_sealed o WHERE o.checkpoint < s.checkpoint AND o.at > r.at)
"""


def outside(session, table):
    """Return how many rows are in no checkpoint."""
    query = f"SELECT count(*) FROM {table} r LEFT JOIN {table}_sealed s ON s.id = r.id AND s.at = r.{MOMENTS[table]}"
    return session.execute(f"{query} WHERE s.id IS NULL").fetchone()[0]
