"""What an operator or administrator gives us as certificates, and which of them belong to a test."""

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from legal.certificate_files import CertificatesUnreadable, certificates_in, is_test_authority
from tests.authority import enterprise, intermediate, root, rsa_key

ROOT = root()
CA = intermediate(ROOT)
LEAF = enterprise(CA)
PRIVATE = rsa_key("root").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
PRIVATE_DER = rsa_key("root").private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
PUBLIC = rsa_key("root").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
GARBLED = b"-----BEGIN CERTIFICATE-----\nbm8gY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        pytest.param(ROOT.pem, [ROOT], id="one as PEM"),
        pytest.param(ROOT.der, [ROOT], id="one as DER"),
        pytest.param(ROOT.pem + CA.pem + LEAF.pem, [ROOT, CA, LEAF], id="a bundle"),
        pytest.param(b"# Eksempel Root CA\r\n" + ROOT.pem + b"\n\nand\n" + CA.pem, [ROOT, CA], id="remarks in between"),
        pytest.param(ROOT.pem.replace(b"\n", b"\r\n"), [ROOT], id="lines as Windows ends them"),
        pytest.param(b"\xef\xbb\xbf" + ROOT.pem, [ROOT], id="a byte order mark"),
    ],
)
def test_a_bundle(content, found):
    assert certificates_in(content) == tuple(holder.certificate for holder in found)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(b"", "The file is empty.", id="nothing"),
        pytest.param(b" \n\t\n", "The file is empty.", id="blanks"),
        pytest.param(b"hello", "The file is neither PEM nor one certificate as DER.", id="a word"),
        pytest.param(ROOT.der + CA.der, "The file is neither PEM nor one certificate as DER.", id="two as DER"),
        pytest.param(PRIVATE_DER, "The file is neither PEM nor one certificate as DER.", id="a private key as DER"),
        pytest.param(
            ROOT.pem + PRIVATE, "The file holds a private key. Only certificates belong here.", id="a private key too"
        ),
        pytest.param(ROOT.pem + PUBLIC, "The file holds a PEM block that is no certificate.", id="a public key too"),
        pytest.param(ROOT.pem[:-20], "A PEM block of the file does not end.", id="cut off"),
        pytest.param(ROOT.pem[:-20] + CA.pem, "A PEM block of the file does not end.", id="one cut off, one whole"),
        pytest.param(ROOT.pem + GARBLED, "Certificate number 2 of the file cannot be read.", id="the second no DER"),
        pytest.param(
            ROOT.pem + CA.pem.replace(b"M", b"-", 1), "Certificate number 2 of the file cannot be read.", id="no base64"
        ),
        pytest.param(b"x" * 1_048_577, "The file is larger than 1 MB.", id="a byte too large"),
    ],
)
def test_a_file_that_is_no_bundle(content, sentence):
    with pytest.raises(CertificatesUnreadable) as refused:
        certificates_in(content)
    assert str(refused.value) == sentence
    assert isinstance(refused.value, ValueError)


@pytest.mark.parametrize(
    ("certificate", "expected"),
    [
        pytest.param(root("Eksempel Class 3 Test4 Root CA"), True, id="CRT-02 Test4"),
        pytest.param(root("Eksempel Root CA - G3 - TEST"), True, id="CRT-02 TEST"),
        pytest.param(root("eksempel test"), True, id="CRT-02 test"),
        pytest.param(root("Eksempel Sandbox Root CA"), True, id="CRT-02 the sandbox's own"),
        pytest.param(intermediate(root("Eksempel Test4 Root CA")), True, id="CRT-02 issued by a test root"),
        pytest.param(root("Eksempel Class 3 Root CA G2 ST"), False, id="CRT-02 a root of production"),
        pytest.param(CA, False, id="CRT-02 an intermediate of production"),
    ],
)
def test_crt_02_which_authority_is_a_test(certificate, expected):
    assert is_test_authority(certificate.certificate) is expected
