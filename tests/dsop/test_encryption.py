"""A document closed for one certificate, without a server: what leaves `encrypted`, and what it never does (JWE)."""

import base64
import json
import re
import warnings
import zlib
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from joserfc.errors import InvalidKeyLengthError
from jwcrypto import jwe, jwk

from dsop import renderers
from dsop.encryption import Recipient, encrypted
from legal.refusals import EncryptionFailed
from tests.authority import ec_key, enterprise, intermediate, root, rsa_key

KEY_ALGORITHMS = ("RSA-OAEP-256", "RSA-OAEP")
NOT_FOR_CERTIFICATES = ("RSA1_5", "dir", "PBES2-HS256+A128KW", "A128KW", "ECDH-ES+A256KW", "none", "")
CONTENT_ENCRYPTIONS = ("A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM")
COMPACT = re.compile(rb"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+){4}")
DEFAULT = {"key_algorithm": "RSA-OAEP-256", "content_encryption": "A128CBC-HS256"}
HOLDER = enterprise(intermediate(root()))
RECIPIENT = Recipient.from_der(HOLDER.der)
PRIVATE = jwk.JWK.from_pem(
    HOLDER.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
)


def opened(closed):
    token = jwe.JWE(algs=[*KEY_ALGORITHMS, *CONTENT_ENCRYPTIONS])
    token.deserialize(closed.decode("ascii"), PRIVATE)
    return json.loads(token.objects["protected"]), token.payload


@pytest.mark.parametrize("key_algorithm", KEY_ALGORITHMS)
@pytest.mark.parametrize("content_encryption", CONTENT_ENCRYPTIONS)
@pytest.mark.parametrize(
    "document",
    [
        pytest.param(b"{}", id="smallest"),
        pytest.param('{"name":"Rank Bjørk 𝄞"}'.encode(), id="beyond ASCII"),
        pytest.param(b'{"transactions":"' + b"x" * 300_000 + b'"}', id="JWE-12 beyond what readers take by default"),
    ],
)
def test_jwe_02_and_jwe_03_every_pair_gives_back_the_bytes(key_algorithm, content_encryption, document):
    closed = encrypted(document, RECIPIENT, key_algorithm=key_algorithm, content_encryption=content_encryption)
    header, inside = opened(closed)
    assert inside == document
    assert (header["alg"], header["enc"]) == (key_algorithm, content_encryption)


@given(document=st.binary(min_size=1, max_size=400))
@hypothesis_settings(deadline=None, max_examples=60)
def test_jwe_01_is_five_segments_whatever_the_document(document):
    closed = encrypted(document, RECIPIENT, **DEFAULT)
    assert COMPACT.fullmatch(closed)
    assert opened(closed)[1] == document


def test_jwe_05_header():
    header, _ = opened(closed := encrypted(b"{}", RECIPIENT, **DEFAULT))
    digest = base64.urlsafe_b64decode(header.pop("x5t#S256") + "=")
    assert digest == HOLDER.certificate.fingerprint(HOLDER.certificate.signature_hash_algorithm)
    assert header == {"alg": "RSA-OAEP-256", "enc": "A128CBC-HS256", "cty": "application/json"}
    assert len(closed.partition(b".")[0]) < 1024


def test_jwe_06_fresh_key_and_vector_each_time():
    several = [encrypted(b'{"same":1}', RECIPIENT, **DEFAULT).split(b".") for _ in range(20)]
    assert len({segments[0] for segments in several}) == 1
    for place in (1, 2, 3, 4):
        assert len({segments[place] for segments in several}) == 20


def test_jwe_07_what_repeats_is_not_made_shorter():
    document = b"a" * 10_000
    closed = encrypted(document, RECIPIENT, key_algorithm="RSA-OAEP", content_encryption="A256GCM")
    ciphertext = base64.urlsafe_b64decode(closed.split(b".")[3] + b"==")
    assert len(ciphertext) == len(document) > len(zlib.compress(document))


@pytest.mark.parametrize(
    ("key_algorithm", "content_encryption"),
    [
        *((key_algorithm, "A128CBC-HS256") for key_algorithm in NOT_FOR_CERTIFICATES),
        *(("RSA-OAEP-256", encryption) for encryption in ("A192GCM", "A192CBC-HS384", "none", "", "RSA-OAEP")),
    ],
)
def test_jwe_03_and_jwe_11_nothing_else_encrypts_to_a_certificate(key_algorithm, content_encryption):
    with pytest.raises(ValueError, match="no algorithms of ours"):
        encrypted(b"{}", RECIPIENT, key_algorithm=key_algorithm, content_encryption=content_encryption)


@pytest.mark.parametrize("key", [ec_key("elliptic"), rsa_key("short", 1024)], ids=["JWE-04 elliptic", "JWE-11 1024"])
def test_no_other_key(key):
    """Such certificates are refused long before (CRT-06); this is the last door."""
    recipient = Recipient.from_der(enterprise(intermediate(root()), key=key).der)
    with warnings.catch_warnings(), pytest.raises((AssertionError, InvalidKeyLengthError)):
        warnings.simplefilter("ignore")  # where it serves, a warning alone would stop nothing
        encrypted(b"{}", recipient, **DEFAULT)


class Refusing:
    """A recipient whose key fails with a message that quotes what it was given."""

    x5t = "x"

    @property
    def key(self):
        raise RuntimeError("Rank Bjørk 21874612345")


def test_jwe_09_and_cac_07_a_failure_says_nothing_and_gives_nothing(monkeypatch, caplog):
    """The renderer's own answer when encrypting breaks: a fixed refusal without cause, whatever broke."""
    agency = SimpleNamespace(
        certificate_participant="974761076", key_algorithm="RSA-OAEP", content_encryption="A256GCM"
    )
    in_force = SimpleNamespace(agencies={"974761076": agency})
    monkeypatch.setattr(renderers, "register", SimpleNamespace(in_force=lambda: in_force))
    store = SimpleNamespace(recipient=lambda participant: Refusing())
    monkeypatch.setattr(renderers, "certificates", lambda: store)
    with pytest.raises(EncryptionFailed) as caught:
        renderers.AnswerRenderer().render(b'{"name":"Rank"}', media_type="application/jose", consumer="974761076")
    assert caught.value.__suppress_context__
    assert caught.value.__cause__ is None
    assert "Rank" not in repr(caught.value) + str(caught.value.detail) + caplog.text
    assert (caught.value.status_code, caught.value.outcome) == (500, "failed")


def test_neg_01_plain_json_is_refused_by_the_renderer_too(settings, monkeypatch):
    """Were a media type to slip through negotiation, the renderer would still encrypt, or fail."""
    settings.PLAIN_JSON = False
    assert renderers.AnswerRenderer().media_types == ("application/jose",)
    monkeypatch.setattr(renderers, "register", SimpleNamespace(in_force=lambda: SimpleNamespace(agencies={})))
    with pytest.raises(KeyError):
        renderers.AnswerRenderer().render(b"{}", media_type="application/json", consumer="974761076")
