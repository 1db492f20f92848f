"""Keys rotate in two steps while the service runs: every instance learns the new key before any writes with it."""

import base64
import os
import sys
import threading
import uuid

import pytest

from audit.keyring import KeyRing
from audit.secrecy import Kind, hashes_of, reveal
from tests import cluster, warm
from tests.cluster import key
from tests.conftest import running
from tests.consumer import Consumer, body, identifier

DEBTOR = "debtor-five-accounts"
LENGTHS = {"REFERENCE_KEYS": 64, "AUDIT_LOOKUP_KEYS": 32, "AUDIT_ENCRYPTION_KEYS": 32}
NEW = {name: key(f"{name[0].lower()}-new", length) for name, length in LENGTHS.items()}
OLD = {name: os.environ[name] for name in LENGTHS}
ANNOUNCED = {name: f"{OLD[name]},{NEW[name]}" for name in LENGTHS}
CHANGED = {name: f"{NEW[name]},{OLD[name]}" for name in LENGTHS}
MADE_UP = "l0:" + base64.b64encode(b"changeme" * 4).decode()
STARTS = {
    "announced": ANNOUNCED,
    "changed": CHANGED,
    "taken back too far": OLD,
    "old one retired": NEW,
    "made up": {**CHANGED, "AUDIT_LOOKUP_KEYS": f"{CHANGED['AUDIT_LOOKUP_KEYS']},{MADE_UP}"},
    "doubled": {**CHANGED, "AUDIT_ENCRYPTION_KEYS": f"{CHANGED['AUDIT_ENCRYPTION_KEYS']},{OLD['AUDIT_LOOKUP_KEYS']}"},
    "everybody's": {**CHANGED, "REFERENCE_KEYS": "r9:file:/etc/passwd"},
}


@pytest.fixture(scope="module")
def announced(server, tmp_path_factory):
    """The service with the new keys beside the old ones, which it still writes with."""
    with running(cluster.free_port(), tmp_path_factory.mktemp("announced") / "log", environment=ANNOUNCED) as started:
        yield started


@pytest.fixture(scope="module")
def changed(server, tmp_path_factory):
    """The service that writes with the new keys."""
    with running(cluster.free_port(), tmp_path_factory.mktemp("changed") / "log", environment=CHANGED) as started:
        yield started


def ask(server):
    return Consumer(server, "974761076")


def list_accounts(server, case):
    answer = ask(server).accounts(identifier(DEBTOR), AccountInfoRequestID=case)
    assert answer.status == 200
    return [account["accountReference"] for account in body(answer)["accounts"]]


class Enquiries(threading.Thread):
    """Asks without pause: the list at one instance, the details at every instance there is by then."""

    def __init__(self, *instances):
        super().__init__()
        self.instances, self.over, self.statuses = [*instances], threading.Event(), []

    def run(self):
        while not self.over.is_set():
            case = str(uuid.uuid4())
            for listing in [*self.instances]:
                reference = list_accounts(listing, case)[0]
                self.statuses += [ask(giving).details(reference, case).status for giving in [*self.instances]]

    def await_some_more(self):
        enough = len(self.statuses) + 20
        while self.is_alive() and len(self.statuses) < enough:
            self.over.wait(0.01)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *failure):
        self.over.set()
        self.join(20)


def test_no_enquiry_fails_while_keys_change(server, request, clean_audit):
    """Old beside announced, then announced beside changed: as when instances are restarted one after the other."""
    with Enquiries(server) as enquiries:
        announced = request.getfixturevalue("announced")
        enquiries.instances.append(announced)
        enquiries.await_some_more()
        enquiries.instances.remove(server)
        changed = request.getfixturevalue("changed")
        enquiries.instances.append(changed)
        enquiries.await_some_more()
        enquiries.instances.remove(announced)
        enquiries.await_some_more()
        assert enquiries.is_alive()
    assert len(enquiries.statuses) >= 60 and set(enquiries.statuses) == {200}


@pytest.mark.django_db
def test_what_each_step_can_read_and_start_with(server, announced, changed, records, settings):
    """A reference opens wherever its key is known; records are found and read as long as no look-up key is gone."""
    instances = {"old": server, "announced": announced, "changed": changed}
    case = str(uuid.uuid4())
    listed = {name: list_accounts(instance, case) for name, instance in instances.items()}
    assert listed["old"] == listed["announced"] != listed["changed"]
    opened = {
        (made, read): ask(instance).details(listed[made][0], case).status
        for made in instances
        for read, instance in instances.items()
    }
    assert opened == {
        **{(made, read): 200 for made in instances for read in instances},
        ("changed", "old"): 404,  # which is why there is a step between them
    }
    for name, length in LENGTHS.items():
        setattr(settings, name, KeyRing(CHANGED[name], length=length))
    rows = [row for row in records() if row["endpoint"] == "accounts"]
    possible = hashes_of(Kind.PARTY, identifier(DEBTOR))
    assert [bytes(row["control_object_hash"]).split(b":")[0] for row in rows] == [b"l1", b"l1", b"a-new"]
    assert all(bytes(row["control_object_hash"]) in possible for row in rows)
    for row in rows:
        sealed = row["control_object_sealed"]
        assert reveal(sealed, column="control_object_sealed", record=row["id"]) == identifier(DEBTOR)
    assert {name: complaints_of_a_start(rings) for name, rings in STARTS.items()} == {
        "announced": [],
        "changed": [],
        "taken back too far": ["dsop.E053: AUDIT_LOOKUP_KEYS: the key a-new is missing"],
        "old one retired": ["dsop.E053: AUDIT_LOOKUP_KEYS: the key l1 is missing"],
        "made up": ["dsop.E051: AUDIT_LOOKUP_KEYS: the key l0 is not random. make_key makes one."],
        "doubled": ["dsop.E052: The same secret is in AUDIT_ENCRYPTION_KEYS l1 and in AUDIT_LOOKUP_KEYS l1. make_key"],
        "everybody's": ["REFERENCE_KEYS: the key r9 lies in a file that others may use too: give it the mode 0600."],
    }


def complaints_of_a_start(rings):
    started = warm.run([sys.executable, "-c", "import dsop.wsgi"], environment={**os.environ, **rings})
    said = [
        line.partition(",")[0].partition(" makes another")[0]
        for line in started.stderr.splitlines()
        if not line.startswith("{")
    ]
    assert started.returncode == (4 if said else 0)
    return [line.removeprefix("The service does not start. ") for line in said]
