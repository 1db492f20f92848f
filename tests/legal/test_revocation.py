"""CRT-08: revoked or not, by the authority's list and its responder, and what happens when they fail."""

import datetime
import threading
import time

import pytest
from cryptography import x509
from cryptography.x509.ocsp import OCSPCertStatus

from legal.certificate_reasons import CertificateRefused
from legal.revocation import Checked, Evidence, Revocation
from tests.authority import (
    DAY,
    HOST,
    HOUR,
    NOW,
    enterprise,
    handmade_list,
    intermediate,
    named,
    revocation_list,
    root,
    rsa_key,
    running_publications,
    scope,
    status,
    usage,
)
from tests.issuer import drips, hangs, says, wait_until

SECOND = datetime.timedelta(seconds=1)
UNKNOWN, REVOKED = "crt.revocation_unknown", "crt.revoked"
LIST, RESPONDER, BOTH = Evidence.LIST, Evidence.RESPONDER, Evidence.LIST_AND_RESPONDER
CRL, OCSP = "/ca.crl", "/ocsp"
GOOD, BAD, NEVER_HEARD_OF = OCSPCertStatus.GOOD, OCSPCertStatus.REVOKED, OCSPCertStatus.UNKNOWN


class Place:
    """An intermediate with a certificate, its list and its responder; until told otherwise, both are down."""

    def __init__(self, publications):
        self.publications = publications
        self.origin, self.answers, self.fetches = publications.origin, publications.answers, publications.fetches
        self.root = root()
        self.ca = intermediate(self.root)
        self.leaf = self.certificate()
        self.revocation = Revocation(hosts={HOST})

    def certificate(self, crl=CRL, responder=OCSP, **changes):
        addresses = [self.origin + path if path else None for path in (crl, responder)]
        return enterprise(self.ca, crl=addresses[0], responder=addresses[1], **changes)

    def lists(self, *revoked, **changes):
        self.publications.publish(CRL, revocation_list(self.ca, *revoked, **changes))

    def responds(self, says=GOOD, **changes):
        self.publications.respond(OCSP, lambda asked: self.status(asked, says=says, **changes))

    def status(self, asked, *, about=None, **changes):
        return status(asked, about or self.leaf.certificate, self.ca, **changes)

    def check(self, leaf=None, *, issuer=None, now=NOW, seconds=4.0, last_good_at=None, revocation=None):
        return (revocation or self.revocation).check(
            (leaf or self.leaf).certificate,
            (issuer or self.ca).certificate,
            now=now,
            seconds=seconds,
            last_good_at=last_good_at,
        )

    def judge(self, leaf=None, **circumstances):
        """Return the evidence, or the reason for refusing."""
        try:
            return self.check(leaf, **circumstances).evidence
        except CertificateRefused as refused:
            return refused.reason.value


@pytest.fixture
def place():
    with running_publications() as publications:
        yield Place(publications)


LISTS = {"silent": (), "revoked": ("leaf",), "down": None}
STATUSES = {"good": GOOD, "revoked": BAD, "unknown": NEVER_HEARD_OF, "down": None}


@pytest.mark.parametrize(
    ("listed", "said", "verdict"),
    [
        pytest.param("silent", "good", BOTH, id="CRT-08 not listed, good"),
        pytest.param("silent", "down", LIST, id="CRT-08 not listed, responder down"),
        pytest.param("silent", None, LIST, id="CRT-08 not listed, no responder"),
        pytest.param("down", "good", RESPONDER, id="CRT-08 list down, good"),
        pytest.param(None, "good", RESPONDER, id="CRT-08 no list, good"),
        pytest.param("silent", "revoked", REVOKED, id="CRT-08 revoked by the responder only"),
        pytest.param("silent", "unknown", UNKNOWN, id="CRT-08 not listed, but the responder never heard of it"),
        pytest.param("revoked", "good", REVOKED, id="CRT-08 revoked by the list only"),
        pytest.param("revoked", "revoked", REVOKED, id="CRT-08 revoked by both"),
        pytest.param("revoked", "unknown", REVOKED, id="CRT-08 listed, and the responder never heard of it"),
        pytest.param("revoked", "down", REVOKED, id="CRT-08 listed, responder down"),
        pytest.param("revoked", None, REVOKED, id="CRT-08 listed, no responder"),
        pytest.param("down", "revoked", REVOKED, id="CRT-08 list down, revoked"),
        pytest.param("down", "unknown", UNKNOWN, id="CRT-08 list down, never heard of"),
        pytest.param("down", "down", UNKNOWN, id="CRT-08 both down"),
        pytest.param("down", None, UNKNOWN, id="CRT-08 list down, no responder"),
        pytest.param(None, "revoked", REVOKED, id="CRT-08 no list, revoked"),
        pytest.param(None, "unknown", UNKNOWN, id="CRT-08 no list, never heard of"),
        pytest.param(None, "down", UNKNOWN, id="CRT-08 no list, responder down"),
        pytest.param(None, None, UNKNOWN, id="CRT-08 names neither"),
    ],
)
def test_crt_08_list_and_responder(place, listed, said, verdict):
    place.leaf = place.certificate(crl=CRL if listed else None, responder=OCSP if said else None)
    if listed in {"silent", "revoked"}:
        place.lists(*([place.leaf.serial] if listed == "revoked" else []))
    if said in {"good", "revoked", "unknown"}:
        place.responds(STATUSES[said])
    assert place.judge() == verdict
    if listed == "revoked":
        assert place.fetches == {CRL: 1}, "the list comes first, and was enough"


@pytest.mark.parametrize("reason", [x509.ReasonFlags.certificate_hold, x509.ReasonFlags.remove_from_crl, None])
def test_crt_08_on_the_list_is_revoked_for_whatever_reason(place, reason):
    place.lists(place.leaf.serial, reason=reason)
    place.responds()
    assert place.judge() == REVOKED


@pytest.mark.parametrize(
    ("last_good", "verdict"),
    [
        pytest.param(datetime.timedelta(0), Evidence.EARLIER, id="CRT-08 good this very second"),
        pytest.param(HOUR, Evidence.EARLIER, id="CRT-08 good an hour ago"),
        pytest.param(DAY, Evidence.EARLIER, id="CRT-08 good 24 hours ago"),
        pytest.param(DAY + SECOND, UNKNOWN, id="CRT-08 good a second too long ago"),
        pytest.param(-SECOND, UNKNOWN, id="CRT-08 good in the future"),
        pytest.param(None, UNKNOWN, id="CRT-08 never seen to be good"),
    ],
)
def test_crt_08_neither_can_be_reached(place, last_good, verdict):
    last_good_at = None if last_good is None else NOW - last_good
    assert place.judge(last_good_at=last_good_at) == verdict
    assert place.fetches == {CRL: 1, OCSP: 1}


def test_crt_08_the_moment_of_an_earlier_check_is_handed_on_and_not_renewed(place):
    assert place.check(last_good_at=NOW - HOUR) == Checked(Evidence.EARLIER, NOW - HOUR)
    place.lists()
    assert place.check(last_good_at=NOW - HOUR) == Checked(Evidence.LIST, NOW)


@pytest.mark.parametrize(
    ("prepare", "verdict"),
    [
        pytest.param(lambda p: p.lists(p.leaf.serial), REVOKED, id="CRT-08 listed"),
        pytest.param(lambda p: p.responds(BAD), REVOKED, id="CRT-08 revoked by the responder"),
        pytest.param(lambda p: p.responds(NEVER_HEARD_OF), UNKNOWN, id="CRT-08 the responder never heard of it"),
    ],
)
def test_crt_08_an_earlier_check_is_no_answer_to_bad_news(place, prepare, verdict):
    prepare(place)
    assert place.judge(last_good_at=NOW - SECOND) == verdict


def part(place, *paths):
    return [x509.UniformResourceIdentifier(place.origin + path) for path in paths]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(lambda p: {}, id="a plain one"),
        pytest.param(lambda p: {"begins": NOW + 5 * datetime.timedelta(minutes=1)}, id="made by a clock ahead of ours"),
        pytest.param(lambda p: {"ends": NOW + SECOND}, id="for another second"),
        pytest.param(
            lambda p: {"extensions": [(scope(only_contains_user_certs=True), True)]}, id="about enterprises alone"
        ),
        pytest.param(
            lambda p: {"extensions": [(scope(full_name=part(p, CRL)), True)]}, id="about what names this list"
        ),
        pytest.param(
            lambda p: {"extensions": [(scope(full_name=part(p, "/other.crl", CRL)), False)]}, id="by several names"
        ),
        pytest.param(
            lambda p: {
                "extensions": [(x509.AuthorityKeyIdentifier.from_issuer_public_key(p.ca.private.public_key()), False)]
            },
            id="that names its key",
        ),
        pytest.param(
            lambda p: {
                "extensions": [(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"\x05\x00"), False)]
            },
            id="with something unknown but not critical",
        ),
    ],
)
def test_crt_08_a_list_that_counts(place, changes):
    place.lists(**changes(place))
    assert place.judge() == LIST
    place.lists(place.leaf.serial, **changes(place))
    assert place.judge(revocation=Revocation(hosts={HOST})) == REVOKED


def published(**changes):
    return lambda place: place.lists(**changes)


def answered(answer):
    return lambda place: place.answers.update({CRL: answer})


def extended(value, critical=True):
    return published(extensions=[(value, critical)])


MANY = b"HTTP/1.0 200 OK\r\n\r\n"


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        pytest.param(published(private=rsa_key("stranger")), "signature", id="CRT-08 signed by a stranger"),
        pytest.param(
            published(private=rsa_key("enterprise")), "signature", id="CRT-08 signed by the certificate itself"
        ),
        pytest.param(published(name=named("Eksempel CA 4")), "issuer", id="CRT-08 in another authority's name"),
        pytest.param(
            lambda p: p.publications.publish(CRL, revocation_list(p.root)),
            "issuer",
            id="CRT-08 the list of the authority above",
        ),
        pytest.param(
            lambda p: p.publications.publish(CRL, handmade_list(p.ca, sha1=True)),
            "algorithm",
            id="CRT-08 signed with SHA-1",
        ),
        pytest.param(
            lambda p: p.publications.publish(CRL, handmade_list(p.ca, ends=False)),
            "times",
            id="CRT-08 without a next update",
        ),
        pytest.param(published(begins=NOW - 2 * DAY, ends=NOW - DAY), "times", id="CRT-08 run out yesterday"),
        pytest.param(published(ends=NOW), "times", id="CRT-08 runs out this very second"),
        pytest.param(published(begins=NOW + HOUR, ends=NOW + DAY), "times", id="CRT-08 from the future"),
        pytest.param(extended(x509.DeltaCRLIndicator(16)), "extension", id="CRT-08 only the difference to another"),
        pytest.param(
            extended(x509.DeltaCRLIndicator(16), critical=False), "delta", id="CRT-08 a difference, not critically"
        ),
        pytest.param(extended(scope(indirect_crl=True)), "scope", id="CRT-08 with entries of other authorities"),
        pytest.param(extended(scope(only_contains_ca_certs=True)), "scope", id="CRT-08 about authorities alone"),
        pytest.param(extended(scope(only_contains_attribute_certs=True)), "scope", id="CRT-08 about attributes alone"),
        pytest.param(
            extended(scope(relative_name=x509.RelativeDistinguishedName(list(named("2"))[:1]))),
            "scope",
            id="CRT-08 about a part named by the end of a name",
        ),
        pytest.param(
            extended(scope(only_some_reasons=frozenset({x509.ReasonFlags.key_compromise}))),
            "scope",
            id="CRT-08 for some reasons only",
        ),
        pytest.param(
            extended(scope(full_name=[x509.UniformResourceIdentifier("http://crl.example/2.crl")])),
            "scope",
            id="CRT-08 about another part of the certificates",
        ),
        pytest.param(
            extended(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"\x05\x00")),
            "extension",
            id="CRT-08 with something critical unknown",
        ),
        pytest.param(answered(says(b"")), "malformed", id="CRT-08 empty"),
        pytest.param(answered(says(b"<!doctype html><title>Sorry</title>")), "malformed", id="CRT-08 HTML"),
        pytest.param(answered(says(b"\x30\x82\x01\x00")), "malformed", id="CRT-08 the beginning of a list"),
        pytest.param(answered(says(b"", 500)), "status", id="CRT-08 error 500"),
        pytest.param(answered(says(b"", 302, Location="/good.crl")), "status", id="CRT-08 a redirect to a good one"),
        pytest.param(answered(says(b"x" * 50_001)), "size", id="CRT-08 a byte larger than the limit"),
        pytest.param(answered(drips(b"x" * 8192, every=0.001)), "size", id="CRT-08 without end"),
        pytest.param(answered(says(b"x", **{"Content-Length": "100"})), "connection", id="CRT-08 broken off"),
        pytest.param(
            answered(lambda handler: handler.connection.close()), "connection", id="CRT-08 closed without a word"
        ),
    ],
)
def test_crt_08_a_list_that_does_not_count(place, prepare, reason, caplog):
    place.publications.publish("/good.crl", revocation_list(place.ca))
    prepare(place)
    place.revocation = Revocation(hosts={HOST}, largest_list=50_000)
    assert place.judge() == UNKNOWN
    assert [record.reason for record in caplog.records if getattr(record, "source", "") == "list"] == [reason]
    place.responds()
    assert place.judge() == RESPONDER


def test_crt_08_a_list_by_one_who_may_not_sign_lists(place):
    place.ca = intermediate(place.root, other=[(usage("key_cert_sign"), True)])
    place.lists()
    assert place.judge(place.certificate(responder=None)) == UNKNOWN


@pytest.mark.parametrize(
    ("only", "verdict"),
    [
        pytest.param({"only_contains_ca_certs": True}, LIST, id="about authorities alone"),
        pytest.param({"only_contains_user_certs": True}, UNKNOWN, id="about enterprises alone"),
    ],
)
def test_crt_08_the_list_above_an_intermediate(place, only, verdict):
    place.publications.publish("/root.crl", revocation_list(place.root, extensions=[(scope(**only), True)]))
    authority = intermediate(place.root, crl=place.origin + "/root.crl")
    assert place.judge(authority, issuer=place.root) == verdict


@pytest.mark.parametrize(
    "point",
    [
        pytest.param({"reasons": frozenset({x509.ReasonFlags.key_compromise})}, id="CRT-08 for some reasons only"),
        pytest.param({"crl_issuer": [x509.DirectoryName(named("Andre"))]}, id="CRT-08 by another authority"),
        pytest.param({"full_name": ["ldap://127.0.0.1/cn=list"]}, id="CRT-08 by LDAP"),
        pytest.param({"full_name": ["file:///etc/passwd"]}, id="CRT-08 a file"),
        pytest.param({"full_name": ["http://169.254.169.254/latest/meta-data"]}, id="CRT-08 a host not listed"),
        pytest.param({"full_name": ["http://localhost/ca.crl"]}, id="CRT-08 this machine by a name not listed"),
        pytest.param({"full_name": ["http://user@127.0.0.1/ca.crl"]}, id="CRT-08 user-info"),
        pytest.param({"full_name": ["http://127.0.0.1.example/ca.crl"]}, id="CRT-08 a host that begins like ours"),
        pytest.param({"full_name": []}, id="CRT-08 no address"),
    ],
)
def test_crt_08_addresses_that_are_not_asked(place, point):
    place.lists()
    names = point.pop("full_name", [place.origin + CRL])
    whole = {"full_name": [x509.UniformResourceIdentifier(name) for name in names] or None, **point}
    if not whole["full_name"]:
        whole["crl_issuer"] = [x509.DirectoryName(place.ca.name)]
    whole = {"relative_name": None, "reasons": None, "crl_issuer": None} | whole
    points = x509.CRLDistributionPoints([x509.DistributionPoint(**whole)])
    assert place.judge(place.certificate(crl=None, responder=None, other=[(points, False)])) == UNKNOWN
    assert not place.fetches


def test_crt_08_the_second_address_where_the_first_fails(place):
    place.publications.publish("/second.crl", revocation_list(place.ca))
    names = [x509.UniformResourceIdentifier(place.origin + path) for path in ("/first.crl", "/second.crl")]
    points = x509.CRLDistributionPoints([x509.DistributionPoint(names, None, None, None)])
    assert place.judge(place.certificate(crl=None, responder=None, other=[(points, False)])) == LIST
    assert place.fetches == {"/first.crl": 1, "/second.crl": 1}


def test_crt_08_a_list_is_kept_until_its_next_update(place):
    place.lists(ends=NOW + HOUR)
    place.leaf = place.certificate(responder=None)
    for now in (NOW, NOW + HOUR / 2, NOW + HOUR - SECOND):
        assert place.judge(now=now) == LIST
        assert place.judge(place.certificate(responder=None), now=now) == LIST
    assert place.fetches == {CRL: 1}
    assert place.judge(now=NOW + HOUR) == UNKNOWN, "published still, but run out"
    place.lists(place.leaf.serial, ends=NOW + 2 * HOUR)
    assert place.judge(now=NOW + HOUR) == REVOKED
    assert place.fetches == {CRL: 3}


def test_crt_08_an_older_list_is_no_way_back(place):
    place.leaf = place.certificate(responder=None)
    place.lists(place.leaf.serial, begins=NOW - HOUR, ends=NOW + HOUR)
    assert place.judge() == REVOKED
    place.lists(begins=NOW - 2 * HOUR, ends=NOW + 5 * DAY)
    assert place.judge(now=NOW + 2 * HOUR) == UNKNOWN


def test_crt_08_a_list_counts_for_its_own_issuer_alone(place):
    place.lists()
    assert place.judge(place.certificate(responder=None)) == LIST
    namesake = intermediate(place.root, key="namesake")
    stranger = enterprise(namesake, crl=place.origin + CRL)
    assert place.judge(stranger, issuer=namesake) == UNKNOWN
    assert place.fetches == {CRL: 2}


def test_crt_08_few_lists_are_kept(place):
    leaves = [place.certificate(crl=f"/{number}.crl", responder=None) for number in range(17)]
    for number in range(17):
        place.publications.publish(f"/{number}.crl", revocation_list(place.ca))
    assert {place.judge(leaf) for leaf in leaves} == {LIST}
    assert place.judge(leaves[16]) == LIST
    assert place.judge(leaves[0]) == LIST
    assert (place.fetches["/16.crl"], place.fetches["/0.crl"]) == (1, 2)


def test_crt_08_a_list_of_several_megabytes(place):
    serials = range(1 << 152, (1 << 152) + 120_000)
    body = handmade_list(place.ca, *serials)
    assert len(body) > 4_000_000
    place.publications.publish(CRL, body)
    assert place.judge(place.certificate(responder=None)) == LIST
    assert place.judge(place.certificate(responder=None, serial=serials[-1])) == REVOKED


def test_the_responder_helps_in_time_where_the_list_drips(place):
    place.answers[CRL] = drips(b"x")
    place.responds()
    begun = time.monotonic()
    assert place.judge(seconds=1.0) == RESPONDER
    assert 0.4 < time.monotonic() - begun < 2.0


def test_one_deadline_for_everything(place):
    place.answers[CRL] = place.answers[OCSP] = drips(b"x")
    begun = time.monotonic()
    assert place.judge(seconds=0.8) == UNKNOWN
    assert 0.7 < time.monotonic() - begun < 2.0


def test_without_any_time_left_only_what_is_here_counts(place):
    place.lists()
    place.responds()
    assert place.judge(seconds=0) == UNKNOWN
    wait_until(lambda: place.judge(seconds=0) == LIST)
    assert place.fetches == {CRL: 1}, "fetched for the next one, by nobody who waits"


def test_a_list_that_comes_too_late_serves_the_next(place):
    come = threading.Event()
    place.answers[CRL] = hangs(come, says(revocation_list(place.ca)))
    leaf = place.certificate(responder=None)
    assert place.judge(leaf, seconds=0.1) == UNKNOWN
    assert place.judge(leaf, seconds=0.1) == UNKNOWN
    come.set()
    wait_until(lambda: place.judge(leaf, seconds=0) == LIST)
    assert place.fetches == {CRL: 1}


def test_one_fetch_for_all_who_ask_at_once(place):
    come = threading.Event()
    place.answers[CRL] = hangs(come, says(revocation_list(place.ca)))
    leaves = [place.certificate(responder=None) for _ in range(8)]
    verdicts = []
    threads = [threading.Thread(target=lambda leaf=leaf: verdicts.append(place.judge(leaf))) for leaf in leaves]
    for thread in threads:
        thread.start()
    wait_until(lambda: place.fetches[CRL])
    impatient = time.monotonic()
    assert place.judge(leaves[0], seconds=0.1) == UNKNOWN
    assert time.monotonic() - impatient < 2.0
    come.set()
    for thread in threads:
        thread.join()
    assert verdicts == [LIST] * 8
    assert place.fetches == {CRL: 1}


def test_what_is_logged_names_the_host_and_a_word(place, caplog):
    place.answers[CRL] = says(b"", 500)
    leaf = place.certificate(responder=None)
    assert place.judge(leaf) == UNKNOWN
    elsewhere = enterprise(place.ca, crl="http://crl.elsewhere.example/x.crl")
    assert place.judge(elsewhere) == UNKNOWN
    ours = [record for record in caplog.records if record.name == "legal.revocation"]
    said = [(record.message, record.source, record.host, record.reason) for record in ours]
    assert said == [
        ("crt.source_failed", "list", HOST, "status"),
        ("crt.source_failed", "list", "crl.elsewhere.example", "host"),
    ]
