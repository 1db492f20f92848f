"""One certificate against the rules of section 6.1: CRT-01, CRT-03 to CRT-06, and EO-07 by other rules."""

import dataclasses
import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from legal.certificates import KeyUse, ValidCertificate
from legal.revocation import Checked, Evidence
from tests.authority import (
    CONSUMER,
    DAY,
    NOW,
    POLICY,
    ec_key,
    patched,
    policies,
    rsa_key,
    running_publications,
    usage,
)
from tests.legal.certificate_world import PASSED, World

SECOND = datetime.timedelta(seconds=1)


@pytest.fixture(scope="module")
def world():
    with running_publications() as publications:
        yield World(publications)


@pytest.mark.parametrize("as_object", [False, True], ids=["as DER", "as an object"])
def test_what_is_known_of_a_certificate_that_passes(world, as_object):
    leaf = world.leaf(serial=0x1234567890ABCDEF)
    assert world.check(leaf.certificate if as_object else leaf.der) == ValidCertificate(
        certificate=leaf.certificate,
        chain=(leaf.certificate, world.ca.certificate, world.root.certificate),
        organisation_number=CONSUMER,
        serial_number=0x1234567890ABCDEF,
        thumbprint=leaf.certificate.fingerprint(hashes.SHA256()).hex(),
        not_before=NOW - 30 * DAY,
        not_after=NOW + 300 * DAY,
        revocation=Checked(Evidence.LIST, NOW),
    )


@pytest.mark.parametrize(
    ("begins", "ends", "verdict"),
    [
        pytest.param(NOW, NOW + DAY, PASSED, id="CRT-01 begins this very second"),
        pytest.param(NOW + SECOND, NOW + DAY, "crt.not_yet_valid", id="CRT-01 begins in a second"),
        pytest.param(NOW - DAY, NOW + SECOND, PASSED, id="CRT-01 ends in a second"),
        pytest.param(NOW - DAY, NOW, "crt.expired", id="CRT-01 ends this very second"),
        pytest.param(NOW - 2 * DAY, NOW - DAY, "crt.expired", id="CRT-01 ended yesterday"),
    ],
)
def test_crt_01_period(world, begins, ends, verdict):
    assert world.judge(world.leaf(begins=begins, ends=ends)) == verdict


@pytest.mark.parametrize(
    ("numbers", "verdict"),
    [
        pytest.param([POLICY], PASSED, id="CRT-03 a listed policy"),
        pytest.param(["2.16.578.1.29.13.1"], PASSED, id="CRT-03 another listed policy"),
        pytest.param(["0.4.0.194112.1.1", "1.2.3", POLICY], PASSED, id="CRT-03 a listed one among others"),
        pytest.param(["2.16.578.1.29.13.200.1.0"], PASSED, id="CRT-03 two steps below an arc"),
        pytest.param(["2.16.578.1.29.13.210.7"], PASSED, id="CRT-03 one step below an arc"),
        pytest.param(["2.16.578.1.29.13.200"], "crt.policy", id="CRT-03 an arc itself"),
        pytest.param(["2.16.578.1.29.13.2000"], "crt.policy", id="CRT-03 a number that begins like an arc"),
        pytest.param(["2.16.578.1.29.13.2000.1.0"], "crt.policy", id="CRT-03 below a number that begins like an arc"),
        pytest.param(["2.16.578.1.29.13.20"], "crt.policy", id="CRT-03 above an arc, by its digits"),
        pytest.param(["2.16.578.1.29.13.220.1.0"], "crt.policy", id="CRT-03 below an arc that is not listed"),
        pytest.param(["2.16.578.1.29.913.200.1.0"], "crt.policy", id="CRT-03 below the test environment's arc"),
        pytest.param(["2.16.578.1.26.1.0.3.2"], "crt.policy", id="CRT-03 the test environment's policy"),
        pytest.param([POLICY + ".1"], "crt.policy", id="CRT-03 below a listed policy"),
        pytest.param([POLICY + "2"], "crt.policy", id="CRT-03 a number that begins like a listed one"),
        pytest.param(["1.2.16.578.1.26.1.3.2"], "crt.policy", id="CRT-03 a number that ends like a listed one"),
        pytest.param(["2.5.29.32.0"], "crt.policy", id="CRT-03 any policy"),
        pytest.param(["0.4.0.194112.1.1"], "crt.policy", id="CRT-03 a policy of Europe alone"),
    ],
)
def test_crt_03_policies(world, numbers, verdict):
    assert world.judge(world.leaf(other=[(policies(*numbers), False)])) == verdict


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        pytest.param({"other": [(policies("2.5.29.32.0"), False)]}, PASSED, id="CRT-03 for any policy"),
        pytest.param({"other": [(policies("1.2.3", POLICY), False)]}, PASSED, id="CRT-03 for this policy too"),
        pytest.param({"other": [(policies("1.2.3"), False)]}, "crt.policy", id="CRT-03 for another policy"),
        pytest.param({"without": [x509.CertificatePolicies]}, "crt.policy", id="CRT-03 for no policy"),
    ],
)
def test_crt_03_policies_of_the_intermediate(world, changes, verdict):
    authority = world.authority(**changes)
    assert world.judge(world.leaf(authority), known=[authority]) == verdict


def test_crt_03_no_policies_at_all(world):
    assert world.judge(world.leaf(without=[x509.CertificatePolicies])) == "crt.policy"


def unknown(number="1.2.3.4"):
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(number), b"\x05\x00")


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        pytest.param({"other": [(unknown(), False)]}, PASSED, id="CRT-04 unknown, not critical"),
        pytest.param({"without": [x509.BasicConstraints]}, PASSED, id="CRT-04 no basic constraints"),
        pytest.param(
            {"other": [(x509.BasicConstraints(False, None), False)]}, PASSED, id="CRT-04 basic constraints not critical"
        ),
        pytest.param({"other": [(unknown(), True)]}, "crt.extension", id="CRT-04 unknown and critical"),
        pytest.param(
            {"other": [(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), True)]},
            "crt.extension",
            id="CRT-04 extended key usage critical",
        ),
        pytest.param({"other": [(policies(POLICY), True)]}, "crt.extension", id="CRT-04 policies critical"),
        pytest.param(
            {"other": [(x509.SubjectAlternativeName([x509.DNSName("etaten.example")]), True)]},
            "crt.extension",
            id="CRT-04 alternative names critical",
        ),
        pytest.param({"other": [(usage("key_encipherment"), False)]}, "crt.usage", id="CRT-04 key usage not critical"),
        pytest.param({"without": [x509.KeyUsage]}, "crt.usage", id="CRT-04 no key usage"),
        pytest.param(
            {"other": [(x509.BasicConstraints(True, None), True)]},
            "crt.usage",
            id="CRT-05 an authority by its own word",
        ),
    ],
)
def test_crt_04_critical_extensions(world, changes, verdict):
    assert world.judge(world.leaf(**changes)) == verdict


@pytest.mark.parametrize(
    ("uses", "to_encrypt", "to_sign"),
    [
        pytest.param(["key_encipherment"], PASSED, "crt.usage", id="CRT-05 keyEncipherment"),
        pytest.param(["data_encipherment"], PASSED, "crt.usage", id="CRT-05 dataEncipherment"),
        pytest.param(["digital_signature", "key_encipherment"], PASSED, PASSED, id="CRT-05 both, as most are"),
        pytest.param(["content_commitment"], "crt.usage", PASSED, id="CRT-05 nonRepudiation alone"),
        pytest.param(["digital_signature"], "crt.usage", PASSED, id="CRT-05 digitalSignature alone"),
        pytest.param(["key_agreement"], "crt.usage", "crt.usage", id="CRT-05 keyAgreement alone"),
        pytest.param([], "crt.usage", "crt.usage", id="CRT-05 nothing"),
        pytest.param(["key_encipherment", "key_cert_sign"], "crt.usage", "crt.usage", id="CRT-05 signs certificates"),
        pytest.param(["digital_signature", "crl_sign"], "crt.usage", "crt.usage", id="CRT-05 signs lists"),
    ],
)
def test_crt_05_and_eo_07_key_usage(world, uses, to_encrypt, to_sign):
    leaf = world.leaf(other=[(usage(*uses), True)])
    signing = frozenset({KeyUse.DIGITAL_SIGNATURE, KeyUse.NON_REPUDIATION})
    assert (world.judge(leaf), world.judge(leaf, usages=signing)) == (to_encrypt, to_sign)


@pytest.mark.parametrize(
    ("key", "strict", "elliptic"),
    [
        pytest.param(lambda: rsa_key("enterprise"), PASSED, PASSED, id="CRT-06 RSA 2048"),
        pytest.param(lambda: rsa_key("longer", 3072), PASSED, PASSED, id="CRT-06 RSA 3072"),
        pytest.param(lambda: rsa_key("shorter", 2040), "crt.key", "crt.key", id="CRT-06 RSA 2040"),
        pytest.param(lambda: rsa_key("short", 1024), "crt.key", "crt.key", id="CRT-06 RSA 1024"),
        pytest.param(lambda: ec_key("p256"), "crt.key", PASSED, id="CRT-06 P-256"),
        pytest.param(lambda: ec_key("p384", ec.SECP384R1), "crt.key", PASSED, id="CRT-06 P-384"),
        pytest.param(lambda: ec_key("k1", ec.SECP256K1), "crt.key", "crt.key", id="CRT-06 an odd curve"),
        pytest.param(ed25519.Ed25519PrivateKey.generate, "crt.key", "crt.key", id="CRT-06 Ed25519"),
    ],
)
def test_crt_06_public_key(world, key, strict, elliptic):
    leaf = world.leaf(key=key())
    assert (world.judge(leaf), world.judge(leaf, elliptic=True)) == (strict, elliptic)


RSA_ENCRYPTION, RSASSA_PSS = bytes.fromhex("06092a864886f70d0101010500"), bytes.fromhex("06092a864886f70d01010a3000")


@pytest.mark.parametrize(
    ("exponent", "change"),
    [
        pytest.param(65537, (bytes.fromhex("0203010001"), bytes.fromhex("0203010000")), id="CRT-06 an even exponent"),
        pytest.param(3, (bytes.fromhex("020103"), bytes.fromhex("020101")), id="CRT-06 exponent 1 hides nothing"),
        pytest.param(65537, (RSA_ENCRYPTION, RSASSA_PSS), id="CRT-06 a key marked for signatures alone"),
    ],
)
def test_crt_06_a_key_that_no_builder_makes(world, exponent, change):
    key = rsa_key("enterprise") if exponent == 65537 else rsa.generate_private_key(exponent, 2048)
    leaf = world.leaf(key=key, without=[x509.SubjectKeyIdentifier])
    assert world.judge(leaf) == PASSED
    assert world.judge(patched(leaf, world.ca, change)) == "crt.key"


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        pytest.param({"algorithm": hashes.SHA384()}, PASSED, id="SHA-384"),
        pytest.param({"algorithm": hashes.SHA512()}, PASSED, id="SHA-512"),
        pytest.param({"algorithm": hashes.SHA224()}, "crt.algorithm", id="SHA-224"),
        pytest.param({"algorithm": hashes.SHA3_256()}, "crt.algorithm", id="SHA-3, which nobody uses here"),
    ],
)
def test_signature_algorithm(world, changes, verdict):
    assert world.judge(world.leaf(**changes)) == verdict


def test_sha_1_is_refused(world):
    assert world.judge(patched(world.leaf(), world.ca, sha1=True)) == "crt.algorithm"


def twice(world):
    leaf = world.leaf(other=[(unknown("1.2.3.4"), False), (unknown("1.2.3.5"), False)])
    return patched(leaf, world.ca, (bytes.fromhex("06032a0305"), bytes.fromhex("06032a0304")))


def with_an_unused_bit(world):
    """Return a certificate whose signature ends with a zero that its encoding calls unused."""
    leaf = next(leaf for leaf in iter(world.leaf, None) if leaf.certificate.signature[-1] % 2 == 0)
    signature = leaf.certificate.signature
    assert leaf.der.endswith(b"\x00" + signature)
    return leaf.der[: -len(signature) - 1] + b"\x01" + signature


def broken_points(world):
    """Return a certificate whose distribution points hold an integer."""
    points = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.29.31"), b"\x02\x01\x01")
    leaf = world.leaf(crl=None, other=[(points, False)])
    return patched(leaf, world.ca, (bytes.fromhex("06032a1d1f"), bytes.fromhex("0603551d1f")))


def with_serial(world, before, after):
    """Return a certificate whose serial number was `before`, written as `after`."""
    leaf = world.leaf(serial=int.from_bytes(before, "big"))
    version, length = b"\xa0\x03\x02\x01\x02\x02", bytes([len(before)])
    return patched(leaf, world.ca, (version + length + before, version + length + after))


@pytest.mark.filterwarnings("ignore:Parsed a serial number")  # the library's own remark on them
@pytest.mark.parametrize(
    "certificate",
    [
        pytest.param(lambda w: b"", id="nothing"),
        pytest.param(lambda w: b"\x30\x80" + b"\x00" * 40, id="an endless length"),
        pytest.param(lambda w: w.leaf().pem, id="PEM where DER belongs"),
        pytest.param(lambda w: w.leaf().der + b"\x00", id="a byte too many"),
        pytest.param(lambda w: w.leaf().der[:-1], id="a byte too few"),
        pytest.param(lambda w: w.leaf().der * 2, id="two certificates"),
        pytest.param(lambda w: w.leaf(other=[(big(), False)]).der, id="larger than any certificate"),
        pytest.param(twice, id="an extension twice"),
        pytest.param(lambda w: with_serial(w, b"\x01" * 19, b"\xff" + b"\x01" * 18), id="a negative serial number"),
        pytest.param(lambda w: with_serial(w, b"\x01" * 19, b"\x00" + b"\x01" * 18), id="a needless zero in front"),
        pytest.param(lambda w: with_serial(w, b"\x01", b"\x00"), id="serial number 0"),
        pytest.param(lambda w: with_serial(w, b"\x7f" + b"\x01" * 19, b"\xff" * 20), id="serial number -1, at length"),
        pytest.param(
            lambda w: patched(w.leaf(), w.ca, (b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x01")), id="version 2"
        ),
        pytest.param(with_an_unused_bit, id="a signature one bit of which is said to be unused"),
        pytest.param(broken_points, id="distribution points that cannot be read"),
    ],
)
def test_malformed(world, certificate):
    assert world.judge(certificate(world)) == "crt.malformed"


def big():
    return x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x04\x83\x00\x80\x00" + b"x" * 32768)


@settings(max_examples=150, deadline=None)
@given(position=st.integers(min_value=0), flip=st.integers(min_value=1, max_value=255))
@pytest.mark.filterwarnings("ignore")
def test_no_altered_byte_passes_or_crashes(world, position, flip):
    altered = bytearray(UNALTERED.setdefault("der", world.leaf().der))
    altered[position % len(altered)] ^= flip
    assert world.judge(bytes(altered)) != PASSED


UNALTERED: dict[str, bytes] = {}


@given(certificate=st.binary(max_size=200))
def test_any_bytes_are_refused(world, certificate):
    assert world.judge(certificate) == "crt.malformed"


def test_rsassa_pss_signatures_are_understood(world):
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
    assert world.judge(world.leaf(rsa_padding=pss)) == PASSED


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        pytest.param({"roots": ()}, "need a root", id="no root"),
        pytest.param({"usages": frozenset()}, "need a root", id="no key usage"),
        pytest.param({"policies": frozenset(), "policy_arcs": frozenset()}, "need a root", id="no policy"),
        pytest.param({"policies": frozenset({"2.16.578."})}, "object identifier", id="a policy that ends with a dot"),
        pytest.param({"policies": frozenset({""})}, "object identifier", id="an empty policy"),
        pytest.param({"policy_arcs": frozenset({"2.16.*"})}, "object identifier", id="an arc with an asterisk"),
        pytest.param({"policy_arcs": frozenset({"2"})}, "object identifier", id="an arc that holds nearly everything"),
    ],
)
def test_faults_in_the_rules_are_found_when_they_are_made(world, changes, sentence):
    with pytest.raises(ValueError, match=sentence):
        dataclasses.replace(world.rules, **changes)


def test_a_root_must_be_one(world):
    with pytest.raises(ValueError, match="self-issued"):
        dataclasses.replace(world.rules, roots=(world.ca.certificate,))
    with pytest.raises(ValueError, match="no certificate of an authority"):
        dataclasses.replace(world.rules, roots=(world.leaf().certificate,))


def test_rules_cannot_be_altered(world):
    with pytest.raises(dataclasses.FrozenInstanceError):
        world.rules.policies = frozenset()
