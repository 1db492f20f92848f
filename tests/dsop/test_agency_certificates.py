"""Certificates of agencies held, renewed and chosen (CAC, BCP-05): real rows, a real authority, several workers."""

import datetime
import threading
import time
from collections import Counter
from types import SimpleNamespace

import pytest
from django.db import connections

from dsop import certificates as room
from dsop.certificates import AgencyCertificates
from dsop.certpub import LookUpFailed, NotPublished
from dsop.models import AgencyCertificate
from legal.certificates import CertificateRules, KeyUse
from legal.refusals import CertificateUnavailable
from legal.revocation import Revocation
from tests.authority import (
    DAY,
    HOST,
    HOUR,
    POLICY,
    enterprise,
    intermediate,
    older,
    revocation_list,
    root,
    running_publications,
    seid2,
    usage,
)

PARTICIPANT = "312345625"  # of no agency, so that no running service looks it up too
MINUTE, SECOND = datetime.timedelta(minutes=1), datetime.timedelta(seconds=1)


class World:
    """An authority whose certificates are good now, what CertPub says of it, and a count of those who asked."""

    def __init__(self, publications):
        now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
        self.now, self.publications = now, publications
        self.root = root(begins=now - 99 * DAY, ends=now + 99 * DAY)
        times = {"begins": now - HOUR, "ends": now + DAY}
        crl = publications.publish("/root.crl", revocation_list(self.root, **times))
        self.ca = intermediate(self.root, crl=crl, begins=now - 98 * DAY, ends=now + 98 * DAY)
        self.revoke()
        self.rules = CertificateRules(
            roots=(self.root.certificate,),
            intermediates=(self.ca.certificate,),
            policies=frozenset({POLICY}),
            policy_arcs=frozenset(),
            usages=frozenset({KeyUse.KEY_ENCIPHERMENT, KeyUse.DATA_ENCIPHERMENT}),
            revocation=Revocation(hosts={HOST}),
        )
        self.published = []
        self.asked = Counter()

    def revoke(self, *serials):
        times = {"begins": self.now - HOUR, "ends": self.now + DAY}
        self.crl = self.publications.publish("/ca.crl", revocation_list(self.ca, *serials, **times))

    def leaf(self, *, begins=30, ends=30, **changes):
        begins, ends = self.now - begins * DAY, self.now + ends * DAY
        return enterprise(
            self.ca, begins=begins, ends=ends, **{"subject": seid2(PARTICIPANT), "crl": self.crl, **changes}
        )

    def store(self, lasts=HOUR):
        """Return a store as a worker has one, before this CertPub."""
        return Store(self, lasts)


class Store(AgencyCertificates):
    """A worker's store without its own thread; CertPub's part is played by the world."""

    def __init__(self, world, lasts):
        super().__init__(None, world.rules, lasts=lasts)
        self.world = world
        self._background = SimpleNamespace(ensure=lambda: None)

    def _published(self, participant, deadline):
        self.world.asked[participant] += 1
        said = self.world.published
        if callable(said):
            said = said()
        if isinstance(said, Exception):
            raise said
        return [holder.der for holder in said]

    def used(self, participant=PARTICIPANT):
        """Return the serial number of whom answers are encrypted to, or why not."""
        try:
            return self.recipient(participant).certificate.serial_number
        except CertificateUnavailable:
            return "unavailable"

    def renewed(self):
        """Look up again whatever was attempted, as the background would when it is due."""
        assert self.look_up(PARTICIPANT, deadline=time.monotonic() + 5)
        return self.used()


@pytest.fixture
def world():
    with running_publications() as publications:
        yield World(publications)


def row():
    return AgencyCertificate.objects.values("outcome", "reasons", "leased_until").get(pk=PARTICIPANT)


database = pytest.mark.django_db(databases=["default"])


@database
def test_bcp_05_newest_of_several_and_every_worker_alike(world):
    old, new, later = world.leaf(begins=20), world.leaf(begins=3, serial=90), world.leaf(begins=3, serial=80)
    world.published = [new, old, later]
    first = world.store()
    assert first.used() == 80
    second = world.store()
    second.read()
    assert second.used() == 80
    assert world.asked == {PARTICIPANT: 1}, "CAC-01 shared: the second asked nobody"


@database
def test_cac_05_what_another_worker_found_since_is_not_looked_up_again(world):
    """However late a worker is with reading the table."""
    good = world.leaf()
    world.published = [good]
    late, later = world.store(), world.store()
    assert world.store().used() == good.serial
    assert late.used() == good.serial
    hour_ago = datetime.datetime.now(datetime.UTC) - HOUR
    AgencyCertificate.objects.update(found_at=hour_ago, attempted_at=hour_ago)
    later.read()
    assert late.renewed() == good.serial
    assert later.used() == good.serial
    assert world.asked == {PARTICIPANT: 2}


@database
@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        pytest.param({"begins": 60, "ends": -1}, "crt.expired", id="expired"),
        pytest.param({"begins": -1}, "crt.not_yet_valid", id="not yet valid"),
        pytest.param({"other": [(usage("content_commitment"), True)]}, "crt.usage", id="for signing"),
        pytest.param({"subject": seid2("974760673")}, "crt.subject", id="another's"),
        pytest.param({"subject": older("974760673")}, "crt.subject", id="another's, older profile"),
    ],
)
def test_bcp_04_what_fails_is_dropped_and_cac_03_none_left_is_none(world, wrong, reason):
    good, bad = world.leaf(begins=20), world.leaf(**wrong)
    world.published = [bad, good]
    store = world.store()
    assert store.used() == good.serial
    assert row() == {"outcome": "usable", "reasons": [reason], "leased_until": None}
    world.published = [bad]
    assert store.renewed() == "unavailable"
    assert row() == {"outcome": "none_valid", "reasons": [reason], "leased_until": None}
    assert AgencyCertificate.objects.get(pk=PARTICIPANT).certificate is None


@database
@pytest.mark.parametrize(
    ("said", "outcome", "still_used"),
    [
        pytest.param(LookUpFailed("status"), "failed", True, id="CAC-02 5xx"),
        pytest.param(LookUpFailed("timeout"), "failed", True, id="CAC-02 timeout"),
        pytest.param(LookUpFailed("xml"), "failed", True, id="CAC-02 malformed"),
        pytest.param(LookUpFailed("about_another"), "failed", True, id="BCP-03 about another"),
        pytest.param(NotPublished(), "not_published", False, id="CAC-03 404"),
        pytest.param([], "none_valid", False, id="CAC-03 no certificate in the answer"),
    ],
)
def test_what_becomes_of_a_good_one(world, said, outcome, still_used):
    good = world.leaf()
    world.published = [good]
    store, second = world.store(), world.store()
    assert store.used() == good.serial
    world.published = said
    assert store.renewed() == (good.serial if still_used else "unavailable")
    assert row()["outcome"] == outcome
    second.read()
    assert second.used() == (good.serial if still_used else "unavailable"), "and of the other worker's"
    world.published = [good]
    assert store.renewed() == good.serial


@database
def test_cac_03_revoked_is_removed_at_once(world):
    good = world.leaf()
    world.published = [good]
    store = world.store()
    assert store.used() == good.serial
    world.revoke(good.serial)
    fresh = world.store()
    fresh._rules = CertificateRules(**{**vars(world.rules), "revocation": Revocation(hosts={HOST})})
    assert fresh.renewed() == "unavailable"
    store.read()
    assert store.used() == "unavailable"
    assert row()["reasons"] == ["crt.revoked"]


@database
@pytest.mark.parametrize("said", [NotPublished(), LookUpFailed("status"), []], ids=["404", "failing", "none"])
def test_cac_04_and_cac_07_nothing_found_is_asked_once_a_minute(world, said):
    world.published = said
    store, second = world.store(), world.store()
    assert [store.used() for _ in range(5)] == ["unavailable"] * 5
    second.read()
    assert second.used() == "unavailable"
    assert world.asked == {PARTICIPANT: 1}
    AgencyCertificate.objects.update(attempted_at=datetime.datetime.now(datetime.UTC) - 61 * SECOND)
    store.read()
    world.published = [good := world.leaf()]
    assert store.used() == good.serial
    assert world.asked == {PARTICIPANT: 2}


@database
def test_cac_06_ended_while_held_is_not_used(world):
    good = world.leaf(ends=1)
    world.published = [good]
    store = world.store()
    assert store.used() == good.serial
    ended = world.leaf(begins=60, ends=-1)
    AgencyCertificate.objects.update(certificate=ended.der)
    store.read()
    world.published = [ended]
    assert store.used() == "unavailable"


@database
def test_cac_01_a_new_worker_begins_with_what_the_others_found(world):
    good = world.leaf()
    world.published = [good]
    world.store().used()
    world.published = LookUpFailed("status")
    late = world.store()
    late.read()
    assert late.used() == good.serial


@database
def test_a_pinned_certificate_asks_no_directory_and_is_checked_all_the_same(world):
    pinned, bad = world.leaf(), world.leaf(begins=60, ends=-1)
    world.published = [world.leaf(begins=1)]
    AgencyCertificate.objects.create(participant=PARTICIPANT, certificate=pinned.der, pinned=True)
    assert world.store().renewed() == pinned.serial
    assert world.asked == {}
    AgencyCertificate.objects.update(certificate=bad.der)
    assert world.store().renewed() == "unavailable"
    assert bytes(AgencyCertificate.objects.get(pk=PARTICIPANT).certificate) == bad.der, "kept until it is unpinned"


@database
def test_cac_05_a_lease_keeps_others_away_until_it_ends(world):
    world.published = [good := world.leaf()]
    now = datetime.datetime.now(datetime.UTC)
    AgencyCertificate.objects.create(participant=PARTICIPANT, leased_until=now + 9 * SECOND)
    store = world.store()
    assert not store.look_up(PARTICIPANT, deadline=time.monotonic() + 5)
    assert world.asked == {}
    AgencyCertificate.objects.update(leased_until=now - SECOND)
    assert store.look_up(PARTICIPANT, deadline=time.monotonic() + 5), "whoever held it has gone"
    assert store.used() == good.serial
    assert row()["leased_until"] is None


@database
def test_cac_05_the_background_looks_up_what_is_due_and_nothing_else(world, monkeypatch):
    agency = SimpleNamespace(certificate_participant=PARTICIPANT)
    in_force = SimpleNamespace(agencies={PARTICIPANT: agency, "889640782": agency})
    monkeypatch.setattr(room, "register", SimpleNamespace(in_force=lambda: in_force))
    world.published = [world.leaf()]
    store = world.store()
    for asked, found_before in ((1, None), (1, 44 * MINUTE), (2, 45 * MINUTE), (2, 0 * MINUTE)):
        if found_before is not None:
            now = datetime.datetime.now(datetime.UTC)
            AgencyCertificate.objects.update(found_at=now - found_before, attempted_at=now - found_before)
        assert store.turn() == room.TURN_SECONDS
        assert world.asked == {PARTICIPANT: asked}, found_before


@pytest.fixture
def committed(superuser, django_db_blocker):
    """Let rows be committed, by threads with their own connections; they are gone afterwards."""
    with superuser() as connection, django_db_blocker.unblock():

        def forget():
            connection.execute("DELETE FROM dsop_agencycertificate WHERE participant = %s", [PARTICIPANT])

        forget()
        yield connection
        forget()


def at_once(*functions):
    """Run each in a thread of its own, begun together; return what they returned."""
    barrier, results = threading.Barrier(len(functions)), [None] * len(functions)

    def run(place):
        try:
            barrier.wait()
            results[place] = functions[place]()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[place]) for place in range(len(functions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_cac_05_two_workers_at_once_look_up_once(world, committed):
    """Both are answered by the one look-up; the second waits for the first's."""
    good = world.leaf()

    def slowly():
        time.sleep(0.4)
        return [good]

    world.published = slowly
    assert at_once(world.store().used, world.store().used) == [good.serial, good.serial]
    assert world.asked == {PARTICIPANT: 1}


def test_at_most_one_request_of_a_worker_waits(world, committed):
    good, refused = world.leaf(), threading.Barrier(6, timeout=60)  # the five others and whoever looks up

    def silently():
        refused.wait()
        return [good]

    def used():
        if (answer := store.used()) == "unavailable":
            refused.wait()
        return answer

    world.published = silently
    store = world.store()
    answers = at_once(*[used] * 6)
    assert sorted(map(str, answers)) == sorted([str(good.serial), *["unavailable"] * 5])
    assert store.used() == good.serial
    assert world.asked == {PARTICIPANT: 1}
    connections.close_all()


def test_a_broken_database_is_unavailable_and_nothing_else(world, committed):
    """The cold look-up is asked under a serving role that has lost the table."""
    world.published = [world.leaf()]
    committed.execute("REVOKE SELECT ON dsop_agencycertificate FROM dsop_serving")
    try:
        assert world.store().used() == "unavailable"
    finally:
        committed.execute("GRANT SELECT ON dsop_agencycertificate TO dsop_serving")
        connections.close_all()
    assert world.asked == {}
