"""From the previous release to this one while both serve: nobody waits, nothing is refused, and there is a way back."""

import os
import sys
import tarfile
import threading
import time
import uuid
from dataclasses import dataclass, field

import pytest

from audit.keyring import KeyRing
from audit.partitions import TABLES
from audit.secrecy import Kind, hashes_of, reveal
from tests import warm
from tests.consumer import Consumer, Server, body, identifier
from tests.upgrade import release
from tests.upgrade.copies import Pair, empty_pair

LONGEST_WAIT = 5.0  # seconds; two servers start beside it. Behind a lock one would wait for its statement's end, 8 s
PAUSE = 0.05
AGENCY = "974761076"
PARTY = identifier(release.PARTY_CASE)
ADDED = sorted(set(TABLES) - {"audit_record", "audit_turned_away"})
BEHIND = [
    *(f"dsop.E041: The table {table} does not exist. Run migrate." for table in ADDED),
    *(
        f"dsop.E069: The database {alias} lacks migrations of this version. Run migrate as owner."
        for alias in ("default", "ledger")
    ),
]
NEW_AGENCY = """
from legal.models import DataConsumer
DataConsumer.objects.create(organisation_number="889640782", name="Ny etat")
"""


@dataclass
class Agency:
    """An agency that asks one server on and on, a case at a time, and notes what it gets and how long it waits."""

    server: Server
    statuses: list[int] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.consumer = Consumer(self.server, AGENCY)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self._thread.start()

    def _ask(self) -> None:
        while not self._done.is_set():
            case = str(uuid.uuid4())
            self._note(self.consumer.customer_relationships, PARTY, AccountInfoRequestID=case)
            listed = self._note(self.consumer.accounts, PARTY, AccountInfoRequestID=case)
            self._note(self.consumer.details, body(listed)["accounts"][0]["accountReference"], case)

    def _note(self, ask, *words, **changes):
        begun = time.monotonic()
        answer = ask(*words, **changes)
        self.waits.append(time.monotonic() - begun)
        self.statuses.append(answer.status)
        time.sleep(PAUSE)
        return answer

    def stop(self) -> None:
        """Let the agency finish its case; what it saw is complete then."""
        self._done.set()
        self._thread.join()


@pytest.fixture(scope="module")
def former(tmp_path_factory):
    """The folder of the previous release's code."""
    folder = tmp_path_factory.mktemp("former")
    with tarfile.open(release.code()) as packed:
        packed.extractall(folder, filter="data")
    return folder


@pytest.fixture
def pair(former):
    """Its databases, as it left them, on this day: with its own partitions, and a ledger that is not old."""
    with empty_pair("upgrade") as pair:
        for alias in pair.names:
            pair.restore(alias, release.dump(alias))
        pair.owner_runs("audit_partitions", folder=former)
        with pair.superuser("ledger") as connection:
            connection.execute("UPDATE financial_institution SET as_of = now()")
        yield pair


@pytest.fixture
def ask():
    """Return a function that lets an agency ask a server until it is stopped, at the latest when the test ends."""
    agencies = []

    def begin(server):
        agencies.append(Agency(server))
        return agencies[-1]

    yield begin
    for agency in agencies:
        agency.stop()


def start_fails(pair: Pair) -> list[str]:
    """Return the lines with which this version refuses to start on these databases; none when it would start."""
    environment = {**os.environ, **release.KEYS, **pair.environment()}
    done = warm.run([sys.executable, "-c", "import dsop.wsgi"], environment=environment)
    lines = [line.partition("start. ")[2] for line in done.stderr.splitlines() if not line.startswith("{")]
    assert done.returncode == (4 if lines else 0), done.stderr
    return lines


def count(connection, table: str) -> int:
    return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_both_versions_serve_while_the_database_migrates(pair, former, another_server, ask):
    addresses = {**release.KEYS, **pair.environment()}
    with pair.superuser() as database:
        before = count(database, "audit_record")
        assert before > 0, "the release's own records came with its database"

        old = another_server(folder=former, **addresses)
        asks_old = ask(old)
        assert sorted(start_fails(pair)) == BEHIND

        pair.owner_runs("migrate", "--no-input")
        pair.owner_runs("migrate", "--no-input", "--database=ledger")
        pair.owner_runs("database_roles", "--apply")
        asked_while_migrating = len(asks_old.statuses)
        assert asked_while_migrating > 20

        new = another_server(**addresses)
        asks_new = ask(new)
        pair.owner_runs("shell", "--command", NEW_AGENCY, folder=former)

        each_resolves_the_others_references(asks_old.consumer, asks_new.consumer)
        asks_old.stop()
        old.stop()
        old = another_server(folder=former, **addresses)  # the way back: the former version starts on what was migrated
        asks_again = ask(old)
        time.sleep(1)

        for agency in (asks_again, asks_new):
            agency.stop()
        agencies = (asks_old, asks_new, asks_again)
        assert {status for agency in agencies for status in agency.statuses} == {200}
        assert max(wait for agency in agencies for wait in agency.waits) < LONGEST_WAIT
        assert len(asks_old.statuses) > asked_while_migrating
        asked = sum(len(agency.statuses) for agency in agencies) + 4
        assert count(database, "audit_record") == before + asked, "no answer without a record, whoever gave it"


def each_resolves_the_others_references(old: Consumer, new: Consumer) -> None:
    for one, other in ((old, new), (new, old)):
        case = str(uuid.uuid4())
        listed = body(one.accounts(PARTY, AccountInfoRequestID=case))["accounts"]
        answer = other.details(listed[0]["accountReference"], case)
        assert (answer.status, body(answer)["account"]["accountIdentifier"]) == (200, listed[0]["accountIdentifier"])


def test_what_the_former_version_sealed_is_revealed(pair, settings):
    settings.AUDIT_ENCRYPTION_KEYS = KeyRing(release.KEYS["AUDIT_ENCRYPTION_KEYS"], length=32)
    settings.AUDIT_LOOKUP_KEYS = KeyRing(release.KEYS["AUDIT_LOOKUP_KEYS"], length=32)
    with pair.superuser() as database:
        question = "SELECT id, control_object_sealed FROM audit_record WHERE control_object_hash = ANY (%s)"
        rows = database.execute(question, [hashes_of(Kind.PARTY, PARTY)]).fetchall()
    assert rows, "found by the number's hash"
    assert {reveal(sealed, column="control_object_sealed", record=record) for record, sealed in rows} == {PARTY}
