"""An agency opens what was encrypted to it, by whichever library, and nothing else."""

import base64
import json
import re
import warnings
import zlib

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwe as joserfc_jwe
from joserfc.errors import SecurityWarning
from joserfc.jwk import RSAKey
from jwcrypto import jwe as jwcrypto_jwe
from jwcrypto import jwk as jwcrypto_jwk

from sandbox.certpub.decryption import CannotOpen, opened

NOT_COMPACT = re.compile("^not five segments of base64url$")
NOT_OURS = re.compile("^not encrypted to this key with the algorithms agreed on$")
PAIRS = [
    pytest.param(alg, enc, id=f"{alg} {enc}")
    for alg in ("RSA-OAEP-256", "RSA-OAEP")
    for enc in ("A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM")
]
DOCUMENT = '{"amount":12345678901234567890.10,"name":"Brønnøysund 𝄞"}'.encode()
STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def file(key, tmp_path_factory):
    path = tmp_path_factory.mktemp("agency") / "974761076.pem"
    encoding, layout = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path.write_bytes(key.private_bytes(encoding, layout, serialization.NoEncryption()))
    return path


def header(alg="RSA-OAEP-256", enc="A128CBC-HS256", **further):
    return {"alg": alg, "enc": enc, "cty": "application/json", "x5t#S256": "A" * 43, **further}


def by_joserfc(head, document, private):
    algorithms = [name for name in (head["alg"], head["enc"], head.get("zip")) if name]
    return joserfc_jwe.encrypt_compact(head, document, RSAKey.import_key(private.public_key()), algorithms=algorithms)


def by_jwcrypto(head, document, private):
    pem = private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    algorithms = [head["alg"], head["enc"]]
    jwe = jwcrypto_jwe.JWE(document, json.dumps(head), algs=algorithms)
    jwe.add_recipient(jwcrypto_jwk.JWK.from_pem(pem))
    return jwe.serialize(compact=True)


@pytest.mark.parametrize("encrypt", [by_joserfc, by_jwcrypto])
@pytest.mark.parametrize(("alg", "enc"), PAIRS)
def test_it_opens(key, file, encrypt, alg, enc):
    answer = opened(encrypt(header(alg, enc), DOCUMENT, key), file)
    assert (answer.header, answer.document) == (header(alg, enc), DOCUMENT)


@pytest.mark.parametrize("length", [1, 65_537, 3_000_000])
def test_it_opens_answers_of_any_length(key, file, length):
    assert opened(by_joserfc(header(), b"x" * length, key), file).document == b"x" * length


def segment(answer, place, change):
    segments = answer.split(".")
    segments[place] = change(segments[place])
    return ".".join(segments)


def flip(text):
    octets = bytearray(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    octets[len(octets) // 2] ^= 1
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda answer: f'"{answer}"', id="in quotation marks"),
        pytest.param(lambda answer: f"{answer}\n", id="a line break at the end"),
        pytest.param(lambda answer: f"{answer}=", id="padding"),
        pytest.param(lambda answer: answer.replace(".", ".\n", 1), id="a line break inside"),
        pytest.param(lambda answer: answer.rpartition(".")[0], id="four segments"),
        pytest.param(lambda answer: f"{answer}.AAAA", id="six segments"),
        pytest.param(lambda answer: segment(answer, 1, lambda _: ""), id="an empty segment"),
        pytest.param(lambda answer: "", id="nothing"),
        pytest.param(lambda answer: DOCUMENT.decode(), id="the document itself"),
    ],
)
def test_what_is_not_compact_form(key, file, change):
    answer = change(by_joserfc(header(), DOCUMENT, key))
    with pytest.raises(CannotOpen, match=NOT_COMPACT):
        opened(answer, file)


@pytest.mark.parametrize(("alg", "enc"), PAIRS)
@pytest.mark.parametrize("place", range(5), ids=["header", "key", "vector", "text", "tag"])
def test_one_bit_is_different(key, file, alg, enc, place):
    answer = segment(by_joserfc(header(alg, enc), DOCUMENT, key), place, flip)
    with pytest.raises(CannotOpen, match=NOT_OURS):
        opened(answer, file)


@pytest.mark.parametrize(("alg", "enc"), PAIRS)
def test_encrypted_to_somebody_else(file, alg, enc):
    with pytest.raises(CannotOpen, match=NOT_OURS):
        opened(by_joserfc(header(alg, enc), DOCUMENT, STRANGER), file)


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(header(alg="RSA1_5"), id="RSA1_5"),
        pytest.param(header(enc="A192GCM"), id="A192GCM"),
        pytest.param(header(enc="A192CBC-HS384"), id="A192CBC-HS384"),
        pytest.param(header(zip="DEF"), id="compressed"),
    ],
)
def test_algorithms_that_were_not_agreed_on(key, file, head):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        answer = by_joserfc(head, DOCUMENT, key)
    with pytest.raises(CannotOpen, match=NOT_OURS):
        opened(answer, file)


@pytest.mark.parametrize(
    "head",
    [
        b"[]",
        b'"alg"',
        b"{}",
        b'{"alg":"RSA-OAEP-256"}',
        b'{"alg":7,"enc":"A128GCM"}',
        b'{"alg":[],"enc":{}}',
        b"\xff",
        b"{",
    ],
)
def test_a_header_that_is_none(key, file, head):
    encoded = base64.urlsafe_b64encode(head).rstrip(b"=").decode()
    answer = segment(by_joserfc(header(), DOCUMENT, key), 0, lambda _: encoded)
    with pytest.raises(CannotOpen):
        opened(answer, file)


def test_a_small_answer_never_becomes_a_large_one(key, file):
    bomb = zlib.compress(bytes(1_000_000))[2:-4]
    with pytest.raises(CannotOpen):
        opened(by_jwcrypto({**header(), "zip": "DEF"}, bomb, key), file)


def test_the_reason_says_nothing_of_the_answer(key, file):
    answer = segment(by_joserfc(header(), DOCUMENT, key), 4, flip)
    with pytest.raises(CannotOpen) as caught:
        opened(answer, file)
    assert caught.value.__cause__ is None
    assert answer[:20] not in str(caught.value)
