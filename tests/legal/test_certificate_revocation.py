"""CRT-08 over a whole chain: its intermediates can be revoked too, and all look-ups together keep one deadline."""

import datetime
import time

import pytest
from cryptography import x509

from legal.revocation import Checked, Evidence, Revocation
from tests.authority import (
    DAY,
    HOST,
    HOUR,
    NOW,
    intermediate,
    points,
    revocation_list,
    root,
    running_publications,
    status,
)
from tests.issuer import drips, says
from tests.legal.certificate_world import PASSED, World

SECOND = datetime.timedelta(seconds=1)
ROOT_CRL, CA_CRL, OCSP = "/root.crl", "/ca.crl", "/ocsp"
UNKNOWN, REVOKED = "crt.revocation_unknown", "crt.revoked"


@pytest.fixture
def world():
    with running_publications() as publications:
        yield World(publications)


def down(world, *paths):
    for path in paths:
        world.publications.answers[path] = says(b"", 503)


@pytest.mark.parametrize(
    ("prepare", "verdict", "unchecked"),
    [
        pytest.param(lambda w: None, PASSED, PASSED, id="CRT-08 nothing revoked"),
        pytest.param(
            lambda w: w.publications.publish(ROOT_CRL, revocation_list(w.root, w.ca.serial)),
            REVOKED,
            PASSED,
            id="CRT-08 the intermediate revoked",
        ),
        pytest.param(lambda w: down(w, ROOT_CRL), UNKNOWN, PASSED, id="CRT-08 the root's list down"),
        pytest.param(lambda w: down(w, CA_CRL), UNKNOWN, UNKNOWN, id="CRT-08 the intermediate's list down"),
        pytest.param(
            lambda w: w.publications.publish(CA_CRL, revocation_list(w.root)),
            UNKNOWN,
            UNKNOWN,
            id="CRT-08 the root's list in place of the intermediate's",
        ),
    ],
)
def test_crt_08_intermediates_are_checked_unless_told_otherwise(world, prepare, verdict, unchecked):
    prepare(world)
    leaf = world.leaf()
    assert (world.judge(leaf), world.judge(leaf, check_intermediates=False)) == (verdict, unchecked)


def test_crt_08_an_intermediate_without_addresses_passes_only_if_we_know_it(world):
    silent = intermediate(world.root)
    leaf = world.leaf(silent)
    assert world.judge(leaf, known=[silent]) == PASSED
    assert world.judge(leaf, known=[], brought=[silent]) == UNKNOWN


def test_crt_08_an_intermediate_brought_along_is_checked(world):
    leaf = world.leaf()
    assert world.judge(leaf, known=[], brought=[world.ca]) == PASSED
    world.publications.publish(ROOT_CRL, revocation_list(world.root, world.ca.serial))
    assert world.judge(leaf, known=[], brought=[world.ca], revocation=Revocation(hosts={HOST})) == REVOKED


@pytest.mark.parametrize(
    ("failing", "at"),
    [
        pytest.param([], NOW, id="CRT-08 all can be reached"),
        pytest.param([CA_CRL], NOW - HOUR, id="CRT-08 the intermediate's list is down"),
        pytest.param([ROOT_CRL], NOW - HOUR, id="CRT-08 the root's list is down"),
        pytest.param([CA_CRL, ROOT_CRL], NOW - HOUR, id="CRT-08 both are down"),
    ],
)
def test_crt_08_the_moment_told_is_that_of_the_oldest_check_in_the_chain(world, failing, at):
    down(world, *failing)
    assert world.check(world.leaf(), last_good_at=NOW - HOUR).revocation.at == at


@pytest.mark.parametrize("failing", [CA_CRL, ROOT_CRL])
@pytest.mark.parametrize(
    ("last_good_at", "verdict"),
    [
        pytest.param(NOW - DAY, PASSED, id="CRT-08 24 hours ago"),
        pytest.param(NOW - DAY - SECOND, UNKNOWN, id="CRT-08 a second too long ago"),
        pytest.param(None, UNKNOWN, id="CRT-08 never"),
    ],
)
def test_crt_08_grace_holds_for_the_whole_chain(world, failing, last_good_at, verdict):
    down(world, failing)
    assert world.judge(world.leaf(), last_good_at=last_good_at) == verdict


def test_crt_08_what_was_handed_on_does_not_prolong_itself(world):
    down(world, CA_CRL, ROOT_CRL)
    leaf, last_good_at = world.leaf(), NOW
    for hours in (8, 16, 24):
        found = world.check(leaf, now=NOW + hours * HOUR, last_good_at=last_good_at).revocation
        assert found == Checked(Evidence.EARLIER, NOW)
        last_good_at = found.at
    assert world.judge(leaf, now=NOW + 25 * HOUR, last_good_at=last_good_at) == UNKNOWN


def test_crt_08_all_look_ups_together_keep_the_deadline(world):
    for path in (ROOT_CRL, CA_CRL, OCSP):
        world.publications.answers[path] = drips(b"x")
    leaf = world.leaf(responder=world.publications.origin + OCSP)
    begun = time.monotonic()
    assert world.judge(leaf, seconds=1.0, last_good_at=NOW) == PASSED, "by the earlier check"
    assert 0.9 < time.monotonic() - begun < 2.0


def test_crt_08_the_intermediate_has_time_left_when_the_certificates_own_list_drips(world):
    world.publications.answers[CA_CRL] = drips(b"x")
    leaf = world.leaf(responder=world.publications.origin + OCSP)
    world.publications.respond(OCSP, lambda asked: status(asked, leaf.certificate, world.ca))
    begun = time.monotonic()
    assert world.check(leaf, seconds=1.0).revocation == Checked(Evidence.RESPONDER, NOW)
    assert time.monotonic() - begun < 2.0


def test_crt_08_bad_news_of_the_intermediate_comes_through_beside_a_list_that_drips(world):
    world.publications.answers[CA_CRL] = drips(b"x")
    world.publications.publish(ROOT_CRL, revocation_list(world.root, world.ca.serial))
    assert world.judge(world.leaf(), seconds=1.2, last_good_at=NOW - HOUR) == REVOKED


def test_no_list_is_asked_for_a_certificate_that_fails_otherwise(world):
    leaf = world.leaf(other=[(points("http://127.0.0.1/never.crl"), False)], ends=NOW - SECOND)
    assert world.judge(leaf) == "crt.expired"
    assert world.judge(world.leaf(without=[x509.CertificatePolicies])) == "crt.policy"
    assert world.judge(world.leaf(), roots=[root("Fremmed Root CA", "stranger")]) == "crt.chain"
    assert not world.publications.fetches
