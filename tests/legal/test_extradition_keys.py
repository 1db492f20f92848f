"""The police's keys: fetched by HTTP, each proven by its certificate (EO-02, EO-07; A5 of test-cases.md section 5)."""

import base64
import dataclasses
import logging

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from audit.fetching import FetchFailed
from legal.certificate_reasons import Reason
from legal.certificate_subjects import NamedSubject
from legal.certificates import CertificateRules, KeyUse
from legal.extradition import OrderReader
from legal.extradition_keys import UNIT, PoliceKeys
from legal.keys import KeyStore
from legal.refusals import KeysUnavailable, OrderCertificate, OrderKeyUnknown
from legal.revocation import Revocation
from tests.authority import (
    DAY,
    HOST,
    HOUR,
    NOW,
    ec_key,
    enterprise,
    intermediate,
    named,
    policies,
    revocation_list,
    root,
    running_publications,
    usage,
)
from tests.extradition import KEY, STRANGER, order
from tests.issuer import encoded, says, without_none

PATH = "/finans-jwks.json"
POLICY, TEST_POLICY = "2.16.578.1.26.1.3.2", "2.16.578.1.26.1.0.3.2"
CN = "Godkjenning av utleveringspålegg"
SIGNS = (usage("content_commitment"), True)


def office(common_name=CN, unit=UNIT):
    units = [(NameOID.ORGANIZATIONAL_UNIT_NAME, unit)] if unit else []
    return named(common_name, (NameOID.ORGANIZATION_NAME, "Politiet"), *units)


class Police:
    """A police authority in order, whose key set a test may change."""

    def __init__(self, publications):
        self.publications = publications
        self.root = root("Politiets Root CA", key="police-root")
        self.root_list = publications.publish("/root.crl", revocation_list(self.root))
        self.ca = intermediate(self.root, "Politiets CA", key="police-ca", crl=self.root_list)
        self.list = publications.publish("/ca.crl", revocation_list(self.ca))
        self.rules = CertificateRules(
            roots=(self.root.certificate,),
            intermediates=(),
            policies=frozenset({POLICY}),
            policy_arcs=frozenset(),
            usages=frozenset({KeyUse.DIGITAL_SIGNATURE, KeyUse.NON_REPUDIATION}),
            revocation=Revocation(hosts=[HOST]),
        )
        self.signer = self.certificate()

    def certificate(self, issuer=None, **changes):
        chosen = {"subject": office(), "key": KEY.private, "crl": self.list, "other": [SIGNS]} | changes
        return enterprise(issuer or self.ca, **chosen)

    def member(self, signer=None, chain=None, **changes):
        """Return a member of the key set with all that the police's own has; None leaves a member out."""
        signer = signer or self.signer
        chain = chain if chain is not None else [signer, self.ca]
        members = KEY.published(
            alg=None,
            x5c=[base64.b64encode(each.der).decode() for each in chain],
            nbf=int(signer.certificate.not_valid_before_utc.timestamp()),
            exp=int(signer.certificate.not_valid_after_utc.timestamp()),
        )
        members["x5t#S256"] = encoded(signer.certificate.fingerprint(SHA256()))
        return without_none(members | changes)

    def publish(self, *members):
        self.publications.answers[PATH] = says({"keys": list(members)})

    def keys(self, common_name=CN, clock=lambda: NOW, **changes):
        return PoliceKeys(
            self.publications.origin + PATH,
            dataclasses.replace(self.rules, **changes),
            NamedSubject(UNIT, common_name),
            loopback_http=True,
            clock=clock,
        )

    def reader(self, **changes):
        store = KeyStore("police", self.keys(**changes), cooldown_seconds=3600.0, retry_seconds=3600.0)
        store.turn()
        return OrderReader(store)


@pytest.fixture(scope="module")
def publications():
    with running_publications() as publications:
        yield publications


@pytest.fixture
def police(publications):
    publications.answers.clear()
    police = Police(publications)
    police.publish(police.member())
    return police


def test_a_1_an_order_by_a_key_of_the_set(police):
    proven = police.reader().read(order(), now=NOW)
    assert (proven.key_id, proven.certificate_sha256) == (
        KEY.key_id,
        police.signer.certificate.fingerprint(SHA256()).hex(),
    )


def test_a_warm_order_asks_nobody(police):
    reader = police.reader()
    before = dict(police.publications.fetches)
    for _ in range(20):
        reader.read(order(), now=NOW)
    assert dict(police.publications.fetches) == before


def with_usage(*uses):
    return lambda police: police.certificate(other=[(usage(*uses), True)])


REFUSED = [
    pytest.param(lambda police: police.certificate(), None, id="A5 as the police's own"),
    pytest.param(with_usage("digital_signature"), None, id="A5 for digital signatures"),
    pytest.param(with_usage("key_encipherment"), Reason.USAGE, id="A5 for encryption only"),
    pytest.param(lambda police: police.certificate(subject=office(unit="Politiet")), Reason.SUBJECT, id="A5 other OU"),
    pytest.param(lambda police: police.certificate(subject=office(unit="")), Reason.SUBJECT, id="A5 no OU"),
    pytest.param(lambda police: police.certificate(subject=office("Påtalen")), Reason.SUBJECT, id="A5 other CN"),
    pytest.param(
        lambda police: police.certificate(subject=office(f"{CN} TEST")), Reason.SUBJECT, id="A5 test CN in production"
    ),
    pytest.param(
        lambda police: police.certificate(ends=NOW - HOUR), Reason.EXPIRED, id="A5 expired when the set was fetched"
    ),
    pytest.param(lambda police: police.certificate(begins=NOW + HOUR), Reason.NOT_YET_VALID, id="A5 not valid yet"),
    pytest.param(
        lambda police: police.certificate(other=[SIGNS, (policies(TEST_POLICY), False)]),
        Reason.POLICY,
        id="A5 another policy",
    ),
    pytest.param(
        lambda police: police.certificate(root("Politiets CA", key="stranger")), Reason.CHAIN, id="A5 another issuer"
    ),
    pytest.param(
        lambda police: police.certificate(crl="http://127.0.0.2/x.crl"),
        Reason.REVOCATION_UNKNOWN,
        id="A5 its list is at a strange host",
    ),
]


@pytest.mark.parametrize(("signer", "reason"), REFUSED)
def test_the_certificate_decides(police, signer, reason):
    police.publish(police.member(signer(police)))
    assert police.keys()()[KEY.key_id].refused == reason


@pytest.mark.parametrize(
    ("signer", "refusal"),
    [
        pytest.param(lambda police: police.certificate(subject=office("x")), OrderCertificate, id="refused: 400"),
        pytest.param(lambda police: police.certificate(crl=None), KeysUnavailable, id="revocation unknown: 500"),
    ],
)
def test_a_5_what_the_police_are_told(police, signer, refusal):
    police.publish(police.member(signer(police)))
    with pytest.raises(refusal):
        police.reader().read(order(), now=NOW)


def test_a_5_production_cn_where_the_test_s_is_wanted(police):
    assert police.keys(f"{CN} TEST")()[KEY.key_id].refused == Reason.SUBJECT


def test_a_5_a_chain_to_another_root(police):
    other = root("Politiets Root CA", key="stranger").certificate
    assert police.keys(roots=(other,))()[KEY.key_id].refused == Reason.CHAIN


def test_a_5_without_its_intermediate(police):
    police.publish(police.member(chain=[police.signer]))
    assert police.keys()()[KEY.key_id].refused == Reason.CHAIN


def test_a_5_an_intermediate_that_was_revoked(police):
    police.publications.publish("/root.crl", revocation_list(police.root, police.ca.serial))
    assert police.keys()()[KEY.key_id].refused == Reason.REVOKED


def test_test_and_production_stand_in_one_set(police):
    """The key of the other environment is refused; ours is not disturbed."""
    theirs = police.certificate(
        root("Politiets Root CA - TEST", key="stranger"), subject=office(f"{CN} TEST"), key=STRANGER.private
    )
    test = police.member(theirs, kid=STRANGER.key_id, n=STRANGER.published()["n"])
    police.publish(police.member(), test)
    refused = {key_id: key.refused for key_id, key in police.keys()().items()}
    assert refused == {KEY.key_id: None, STRANGER.key_id: Reason.CHAIN}


OTHER_NUMBERS = {"n": STRANGER.published()["n"]}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"kid": None}, "kid", id="no kid"),
        pytest.param({"kid": "key-one"}, "kid", id="kid not decimal"),
        pytest.param({"kid": 20261122001}, "kid", id="kid a number"),
        pytest.param({"kty": "EC"}, "kind", id="another kind of key"),
        pytest.param({"use": "enc"}, "kind", id="for encryption"),
        pytest.param({"alg": "RS256"}, "alg", id="for another algorithm"),
        pytest.param({"n": "AQAB"}, "malformed", id="a number too short"),
        pytest.param({"e": None}, "malformed", id="half a key"),
        pytest.param(OTHER_NUMBERS, "certificate", id="n is not the certificate's"),
        pytest.param({"x5c": None}, "certificate", id="no certificate"),
        pytest.param({"x5c": []}, "certificate", id="an empty chain"),
        pytest.param({"x5c": "MIIB"}, "certificate", id="a chain that is no list"),
        pytest.param({"x5c": [1]}, "certificate", id="a chain of numbers"),
        pytest.param({"x5c": ["MIIB"]}, "certificate", id="half a certificate"),
        pytest.param({"x5c": ["-----"]}, "certificate", id="not base64"),
        pytest.param({"x5t#S256": encoded(b"x" * 32)}, "thumbprint", id="another certificate's thumbprint"),
        pytest.param({"x5t#S256": 1}, "thumbprint", id="a thumbprint that is no text"),
        pytest.param({"nbf": "1795000000"}, "times", id="nbf a text"),
        pytest.param({"exp": True}, "times", id="exp a word"),
        pytest.param({"exp": 10**30}, "times", id="exp beyond every calendar"),
    ],
)
def test_key_08_a_malformed_member_is_left_out(police, caplog, changes, reason):
    sound = police.member(police.certificate(key=STRANGER.private), kid="7", n=STRANGER.published()["n"])
    police.publish(police.member(**changes), sound)
    with caplog.at_level(logging.WARNING):
        assert list(police.keys()()) == ["7"]
    assert [record.reason for record in caplog.records if record.getMessage() == "keys.skipped"] == [reason]


def test_key_08_an_elliptic_certificate_beside_rsa_numbers(police):
    police.publish(police.member(police.certificate(key=ec_key("police"))))
    with pytest.raises(FetchFailed, match=r"^keys$"):
        police.keys()()


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"x5t#S256": None}, id="without a thumbprint"),
        pytest.param({"nbf": None, "exp": None}, id="without times"),
        pytest.param({"use": None}, id="without use"),
        pytest.param({"alg": "PS256"}, id="with the algorithm"),
    ],
)
def test_members_that_may_be_absent(police, changes):
    police.publish(police.member(**changes))
    assert police.keys()()[KEY.key_id].refused is None


def test_the_members_times_narrow_the_certificate_s(police):
    begins, ends = int((NOW - DAY).timestamp()), int((NOW + DAY).timestamp())
    police.publish(police.member(nbf=begins, exp=ends))
    key = police.keys()()[KEY.key_id]
    assert (key.not_before, key.not_after) == (NOW - DAY, NOW + DAY)
    police.publish(police.member(nbf=0, exp=2**33))
    key = police.keys()()[KEY.key_id]
    assert key.not_before == police.signer.certificate.not_valid_before_utc
    assert key.not_after == police.signer.certificate.not_valid_after_utc


def test_key_11_a_kid_given_twice(police):
    police.publish(police.member(), police.member())
    with pytest.raises(FetchFailed, match=r"^keys$"):
        police.keys()()


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(says(b"", 500), id="error 500"),
        pytest.param(says(b"", 302, Location="/elsewhere"), id="redirect"),
        pytest.param(says(b"<html>"), id="HTML"),
        pytest.param(says([]), id="a list"),
        pytest.param(says({"keys": []}), id="an empty set"),
        pytest.param(says(b" " * 70_000), id="too large"),
    ],
)
def test_key_10_no_set_means_our_failure(police, answer):
    police.publications.answers[PATH] = answer
    with pytest.raises(KeysUnavailable):
        police.reader().read(order(), now=NOW)


def test_key_09_https_only(police):
    keys = PoliceKeys(police.publications.origin + PATH, police.rules, NamedSubject(UNIT, CN))
    with pytest.raises(FetchFailed, match=r"^address$"):
        keys()


def test_key_06_an_unknown_kid_is_refused_at_once(police):
    reader = police.reader()
    with pytest.raises(OrderKeyUnknown):
        reader.read(order(headers={"kid": "1"}), now=NOW)
    assert reader.read(order(), now=NOW)


class Days:
    """A clock that is moved by hand."""

    now = NOW

    def __call__(self):
        return self.now


def test_crt_08_a_day_without_lists(police):
    """A certificate found good stays so for a day, one never looked at does not; revoked, it stays revoked."""
    clock = Days()
    keys = police.keys(clock=clock, revocation=Revocation(hosts=[HOST]))
    assert keys()[KEY.key_id].refused is None
    del police.publications.answers["/root.crl"], police.publications.answers["/ca.crl"]
    clock.now = NOW + 2 * DAY - HOUR  # the lists have run out a day ago
    assert keys()[KEY.key_id].refused == Reason.REVOCATION_UNKNOWN
    clock.now = NOW + DAY + HOUR / 2
    keys._last_good = {police.signer.certificate.fingerprint(SHA256()).hex(): NOW + DAY - HOUR}
    assert keys()[KEY.key_id].refused is None
    police.publications.publish(
        "/ca.crl", revocation_list(police.ca, police.signer.serial, begins=clock.now - HOUR, ends=clock.now + DAY)
    )
    assert keys()[KEY.key_id].refused == Reason.REVOKED
    assert keys._last_good == {}


def test_a_revocation_is_not_outlived_by_the_last_good_set(police):
    """Were the only key left out of a set, the store would go on with the set of before for a day."""
    moment = [1_000.0]
    store = KeyStore("police", police.keys(revocation=Revocation(hosts=[HOST])), clock=lambda: moment[0])
    store.turn()
    assert OrderReader(store).read(order(), now=NOW)
    address = police.publications.origin + "/newer.crl"
    renewed = police.certificate(crl=address)
    police.publications.publish("/newer.crl", revocation_list(police.ca, renewed.serial))
    police.publish(police.member(renewed))
    moment[0] += 3600.0
    store.turn()
    with pytest.raises(OrderCertificate):
        OrderReader(store).read(order(), now=NOW)
