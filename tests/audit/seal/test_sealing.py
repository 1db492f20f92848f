"""Each row comes under a signed root once, when no older transaction runs any more, and never by its age."""

import threading
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import psycopg
import pytest
from django.db import connections, transaction

from audit.partitions import SEALED, bounds, months
from audit.recording import record
from audit.seal import rows, sealing
from audit.seal.checkpoints import FIRST, Statement, fingerprint
from audit.seal.leaves import columns_of, content_of, leaf, selected
from audit.seal.merkle import Tree
from audit.seal.rows import TooOld
from audit.seal.sealing import Sealer
from audit.security_module import KeyUnusable
from tests.audit.entries import NOON, answered
from tests.audit.seal.conftest import add

NOWHERE_YET = 10**15
NEXT_MONTH = bounds(months(NOON.date(), 1)[1])[0]


def test_a_commit_held_back_over_three_checkpoints_is_sealed_in_the_fourth(begin, write, seal, sealed):
    first, second, third = (begin() for _ in range(3))
    held = begin()
    write("after the one held back")
    running = begin()
    for name, session in (("1", first), ("2", second), ("3", third), ("held back", held), ("running", running)):
        add(session, name)
    for session in (first, second, third):
        session.commit()
        assert seal() == (1, 1)
    assert seal() == (0, 0)
    held.commit()
    assert seal() == (1, 2)
    assert sealed() == {1: ["1"], 2: ["2"], 3: ["3"], 4: ["held back", "after the one held back"]}
    running.rollback()
    assert seal() == (0, 0)


@pytest.mark.parametrize("database", ["dsop", "ledger"])
def test_what_runs_elsewhere_in_the_cluster_holds_back_too_until_it_ends(begin, write, seal, database):
    write("before")
    elsewhere = begin(database)
    write("after")
    assert seal() == (1, 1)
    assert seal() == (0, 0)
    elsewhere.rollback()
    assert seal() == (1, 1)


def test_who_only_reads_holds_nothing_back(as_superuser, superuser, write, seal):
    reader = superuser()
    with reader.transaction():
        reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        reader.execute("SELECT count(*) FROM audit_turned_away")
        write("a row")
        assert seal() == (1, 1)


def test_rows_with_numbers_of_another_cluster_are_sealed_at_once(begin, write, seal, sealed):
    begin()
    write("restored", xact=NOWHERE_YET)
    write("from before the seal", xact=0)
    write("waits")
    assert seal() == (1, 2)
    assert sealed() == {1: ["from before the seal", "restored"]}


def test_in_the_same_cluster_only_what_came_since_is_looked_at_and_in_another_everything(
    as_superuser, write, seal, sealed
):
    write("a row")
    assert seal() == (1, 1)
    write("put among those before", xact=1)  # which is what audit_verify is for
    assert seal() == (0, 0)
    with as_superuser.transaction():
        as_superuser.execute("SET LOCAL session_replication_role = replica")
        as_superuser.execute("UPDATE audit_checkpoint SET cluster = '1'")
    assert seal() == (1, 1)
    assert sealed() == {1: ["a row"], 2: ["put among those before"]}


def test_restored_rows_are_looked_for_at_first_and_then_once_an_hour(write, sealer, signer):
    process = Sealer(signer, None)
    now = datetime.now(UTC)

    def seal(minutes):
        return process.run(sealer, now=now + timedelta(minutes=minutes)).rows

    write("a row")
    assert seal(0) == 1
    write("restored", xact=NOWHERE_YET)
    assert [seal(minutes) for minutes in (1, 59, 60, 61)] == [0, 0, 1, 0]


def test_months_are_never_mixed_nor_tables(committing, as_superuser, write, seal):
    write("this month")
    write("next month", moment=NEXT_MONTH)
    write("the last moment", moment=NEXT_MONTH - timedelta(microseconds=1))
    record(answered())
    assert seal() == (3, 4)
    rows = as_superuser.execute(
        "SELECT number, sealed_table, month, size FROM audit_checkpoint ORDER BY number"
    ).fetchall()
    this, following = months(NOON.date(), 1)
    assert rows == [
        (1, "audit_record", datetime.now(UTC).date().replace(day=1), 1),
        (2, "audit_turned_away", this, 2),
        (3, "audit_turned_away", following, 1),
    ]


def test_a_checkpoint_holds_no_more_leaves_than_it_may(write, seal, sealed, as_superuser):
    write(*"abcde")
    assert seal(most=2) == (3, 5)
    assert sealed() == {1: ["a", "b"], 2: ["c", "d"], 3: ["e"]}
    write(*"fg")
    assert seal(most=2) == (1, 2)
    assert as_superuser.execute("SELECT count(DISTINCT below) FROM audit_checkpoint").fetchone() == (2,)


def test_where_nothing_is_new_there_is_no_checkpoint(seal, as_superuser, write):
    assert [seal(), seal()] == [(0, 0)] * 2
    write("a row")
    assert [seal(), seal(), seal()] == [(1, 1), (0, 0), (0, 0)]
    assert as_superuser.execute("SELECT count(*) FROM audit_checkpoint").fetchone() == (1,)


def test_what_is_signed_is_what_is_there(committing, as_superuser, write, seal, signer):
    for number in range(5):
        record(answered(jti=f'"\\\t{number}' if number % 2 else str(number)))
    write("of the release before")
    seal(most=2)
    record(answered())
    seal()
    chain = checkpoints(as_superuser)
    assert [checkpoint.size for checkpoint in chain] == [2, 2, 1, 1, 1]
    previous = FIRST
    for checkpoint in chain:
        statement = Statement.of(checkpoint)
        signer.public_key.verify(checkpoint.signature, statement.message)
        assert (checkpoint.previous, checkpoint.key) == (previous, fingerprint(signer.public_key))
        leaves = stored_leaves(as_superuser, checkpoint)
        assert leaves == own_leaves(as_superuser, checkpoint)
        assert checkpoint.root == Tree(leaves).root
        previous = statement.digest


def checkpoints(session):
    with session.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        rows = cursor.execute("SELECT * FROM audit_checkpoint ORDER BY number").fetchall()
    return [SimpleNamespace(**row) for row in rows]


def stored_leaves(session, checkpoint):
    question = f"SELECT leaf FROM {checkpoint.sealed_table}_sealed WHERE checkpoint = %s ORDER BY position"
    return [value for (value,) in session.execute(question, [checkpoint.number])]


def own_leaves(session, checkpoint):
    """Return the leaves made anew from the rows, as anybody would who has only the description."""
    table = checkpoint.sealed_table
    rows = session.execute(
        f"SELECT r.salt, {selected(table, 'r')} FROM {table} r JOIN {table}_sealed s USING (id) "
        "WHERE s.checkpoint = %s ORDER BY s.position",
        [checkpoint.number],
    )
    return [leaf(salt, content_of(table, dict(zip(columns_of(table), texts, strict=True)))) for salt, *texts in rows]


class Slow:
    """A key that signs only when it may."""

    def __init__(self, signer):
        self.public_key, self._sign = signer.public_key, signer.sign
        self.asked, self.may = threading.Event(), threading.Event()

    def sign(self, message):
        self.asked.set()
        assert self.may.wait(60)
        return self._sign(message)


@pytest.fixture
def another(sealer):
    """Return a function that starts a sealer of its own in a thread, and one that waits for what it sealed."""
    started = []

    def start(name, signer, **options):
        results = []

        def run():
            connections[name] = own = sealer.copy(alias=name)
            try:
                results.append(sealing.seal(own, signer, None, now=datetime.now(UTC), **options))
            finally:
                own.close()

        started.append(threading.Thread(target=run))
        started[-1].start()

        def finished(thread=started[-1]):
            thread.join(60)
            return results[0].checkpoints, results[0].rows

        return finished

    yield start
    for thread in started:
        thread.join(60)


def test_two_sealers_at_once_make_one_chain_and_seal_each_row_once(write, signer, another, sealed, as_superuser, seal):
    write("a", "b")
    slow = Slow(signer)
    first = another("first", slow)
    assert slow.asked.wait(60)
    second = another("second", signer)
    wait_until_somebody_waits(as_superuser)
    write("c")
    slow.may.set()
    assert (first(), second()) == ((1, 2), (1, 1))
    assert sealed() == {1: ["a", "b"], 2: ["c"]}
    assert [checkpoint.number for checkpoint in checkpoints(as_superuser)] == [1, 2]
    assert seal() == (0, 0)


def wait_until_somebody_waits(session):
    question = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    for _ in range(3000):
        if session.execute(question).fetchone()[0]:
            return
        threading.Event().wait(0.02)
    raise AssertionError("Nobody waits.")


def test_a_key_that_fails_leaves_nothing_written(write, seal, signer, as_superuser, sealed):
    class Gone:
        public_key = signer.public_key
        signed = 0

        def sign(self, message):
            self.signed += 1
            if self.signed == 2:
                raise KeyUnusable("is gone")
            return signer.sign(message)

    write(*"abc")
    with pytest.raises(KeyUnusable):
        seal(signer=Gone(), most=2)
    assert (sealed(), checkpoints(as_superuser)) == ({}, [])
    assert seal() == (1, 3)


def test_a_sealer_of_an_older_release_leaves_alone_what_it_does_not_know(write, seal, monkeypatch, as_superuser):
    without = {"consumer": TooOld, "writer": None}  # the one is filled in these rows, the other empty
    write("a row")
    for column, refusal in without.items():
        known = [name for name in columns_of("audit_turned_away") if name != column]
        monkeypatch.setattr(rows, "columns_of", lambda table, known=known: known)
        with pytest.raises(refusal) if refusal else nullcontext():
            assert seal() == (1, 1)
    assert len(checkpoints(as_superuser)) == 1


def test_nothing_is_sealed_within_a_transaction_of_somebody_else(sealer, seal, write):
    write("a row")
    with pytest.raises(RuntimeError), transaction.atomic(using=sealer.alias):
        seal()
    assert seal() == (1, 1)


def test_sealing_costs_whoever_writes_nothing(as_superuser):
    """What is sealed is found by the columns that rows have anyway: no trigger runs when one is written."""
    insert = 4  # pg_trigger's bit
    for table in SEALED:
        found = as_superuser.execute(
            "SELECT tgname FROM pg_trigger WHERE tgtype::int & %s <> 0 AND (tgrelid = %s::regclass OR tgrelid IN "
            "(SELECT inhrelid FROM pg_inherits WHERE inhparent = %s::regclass))",
            [insert, table, table],
        ).fetchall()
        assert found == []
