"""A key comes out of a private file or not at all; what signs does so alike wherever its key lies."""

import base64
import os
import secrets
import subprocess
import sys

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from audit.key_sources import read_secret, read_security_module
from audit.security_module import KeyUnusable
from audit.signers import Signing, read_signer
from tests.cluster import ROOT

SECRET = secrets.token_bytes(64)
MESSAGE = b"what is signed"
PASSPHRASE = b"correct horse"


@pytest.fixture
def private(tmp_path):
    """Return a function that writes a file for this user alone and returns its path."""

    def write(content, mode=0o600, name="key"):
        path = tmp_path / name
        path.write_bytes(content)
        path.chmod(mode)
        return path

    return write


def read(path, length=64):
    return read_secret(f"file:{path}", name="r1", purpose="reference", length=length, module=None)


@pytest.mark.parametrize(
    ("content", "mode"),
    [
        pytest.param(SECRET, 0o600, id="the bytes themselves"),
        pytest.param(base64.b64encode(SECRET), 0o400, id="base64, for reading only"),
        pytest.param(base64.b64encode(SECRET) + b"\n", 0o600, id="base64 and a newline"),
    ],
)
def test_a_private_file_is_read(private, content, mode):
    assert read(private(content, mode)) == SECRET


@pytest.mark.parametrize(
    ("content", "mode", "sentence"),
    [
        pytest.param(SECRET, 0o640, "lies in a file that others may use too: give it the mode 0600", id="a group's"),
        pytest.param(SECRET, 0o604, "lies in a file that others may use too: give it the mode 0600", id="everybody's"),
        pytest.param(
            SECRET, 0o620, "lies in a file that others may use too: give it the mode 0600", id="a group may write it"
        ),
        pytest.param(SECRET[:-1], 0o600, "is not base64", id="a byte too few"),
        pytest.param(SECRET + b"\n", 0o600, "is not base64", id="a newline too much"),
        pytest.param(base64.b64encode(SECRET[:32]), 0o600, "is not 64 bytes long", id="a key of another ring"),
        pytest.param(b"", 0o600, "is not 64 bytes long", id="empty"),
        pytest.param(b"A" * 100_000, 0o600, "is not 64 bytes long", id="far too long"),
    ],
)
def test_another_file_is_refused(private, content, mode, sentence):
    with pytest.raises(KeyUnusable) as refused:
        read(private(content, mode))
    assert str(refused.value) == sentence


def test_a_file_of_another_user_is_refused(private, monkeypatch):
    path = private(SECRET)
    if os.geteuid() == 0:
        os.chown(path, 12345, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(KeyUnusable, match=r"^lies in a file of another user: only this user or root may own it$"):
        read(path)


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo], ids=["a folder", "a pipe that would block"])
def test_what_is_no_file_is_refused(tmp_path, make):
    make(tmp_path / "key", 0o600)
    with pytest.raises(KeyUnusable, match=r"^lies in something that is not a file$"):
        read(tmp_path / "key")


def test_a_link_is_as_private_as_what_it_leads_to(private, tmp_path):
    (tmp_path / "link").symlink_to(private(SECRET))
    assert read(tmp_path / "link") == SECRET
    private(SECRET, 0o644)
    with pytest.raises(KeyUnusable, match="others may use"):
        read(tmp_path / "link")


def test_no_settings_are_no_security_module():
    assert read_security_module(library="", token="", pin="", pin_file="") is None


ALL_OR_NONE = "Set PKCS11_MODULE and PKCS11_TOKEN, and one of PKCS11_PIN and PKCS11_PIN_FILE; or none"


@pytest.mark.parametrize(
    ("settings", "mode", "sentence"),
    [
        pytest.param({"library": "/lib/x.so", "token": "t", "pin": "1"}, 0o600, None, id="complete"),
        pytest.param({"library": "/lib/x.so", "token": "t", "pin_file": "PIN"}, 0o600, None, id="the PIN in a file"),
        pytest.param({"library": "/lib/x.so", "token": "t"}, 0o600, ALL_OR_NONE, id="no PIN"),
        pytest.param({"library": "/lib/x.so", "pin": "1"}, 0o600, ALL_OR_NONE, id="no token"),
        pytest.param({"token": "t", "pin": "1"}, 0o600, ALL_OR_NONE, id="no library"),
        pytest.param(
            {"library": "/lib/x.so", "token": "t", "pin": "1", "pin_file": "PIN"}, 0o600, ALL_OR_NONE, id="two PINs"
        ),
        pytest.param(
            {"library": "/lib/x.so", "token": "t", "pin_file": "PIN"},
            0o644,
            "PKCS11_PIN_FILE: the PIN lies in a file that others may use too: give it the mode 0600",
            id="everybody's PIN",
        ),
    ],
)
def test_settings_of_the_security_module(private, settings, mode, sentence):
    path = private(b"98765\n", mode)
    given = {"library": "", "token": "", "pin": "", "pin_file": "", **settings}
    given["pin_file"] = given["pin_file"] and str(path)
    if sentence:
        with pytest.raises(KeyUnusable) as refused:
            read_security_module(**given)
        assert str(refused.value) == sentence
    else:
        assert "98765" not in repr(read_security_module(**given))


WITHOUT_THE_EXTRA = """
import sys
sys.modules["pkcs11"] = None  # as if nobody had installed it
from audit.keyring import KeyRing
from audit.security_module import KeyUnusable, SecurityModule
try:
    KeyRing("h1:pkcs11:dsop", length=32, module=SecurityModule(library="/lib/x.so", token="t", pin="98765"))
except KeyUnusable as error:
    print(error)
"""


def test_without_the_optional_library_a_security_module_is_one_sentence():
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_THE_EXTRA], cwd=ROOT, capture_output=True, text=True, check=True
    )
    sentence = "the key h1 needs the optional extra pkcs11: install what requirements/pkcs11.txt lists\n"
    assert (done.stdout, done.stderr) == (sentence, "")


def pem(key, passphrase=None):
    how = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)


RSA, SHORT_RSA = rsa.generate_private_key(65537, 2048), rsa.generate_private_key(65537, 1024)
EDWARDS, ELLIPTIC = Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())


def test_the_banks_key_signs_as_maskinporten_reads_it(private):
    signer = read_signer(f"file:{private(pem(RSA))}", Signing.RS256)
    signer.public_key.verify(signer.sign(MESSAGE), MESSAGE, PKCS1v15(), SHA256())
    assert signer.public_key.public_numbers() == RSA.public_key().public_numbers()
    with pytest.raises(InvalidSignature):
        signer.public_key.verify(signer.sign(MESSAGE), MESSAGE + b"!", PKCS1v15(), SHA256())


def test_the_seals_key_signs(private):
    signer = read_signer(f"file:{private(pem(EDWARDS))}", Signing.ED25519)
    EDWARDS.public_key().verify(signer.sign(MESSAGE), MESSAGE)
    assert "private" not in repr(signer)


def test_a_passphrase_comes_from_a_file_too(private):
    passphrase_file = str(private(PASSPHRASE + b"\n", name="passphrase"))
    path = private(pem(EDWARDS, PASSPHRASE))
    signer = read_signer(f"file:{path}", Signing.ED25519, passphrase_file=passphrase_file)
    EDWARDS.public_key().verify(signer.sign(MESSAGE), MESSAGE)


PUBLIC = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize(
    ("content", "signing", "passphrase", "sentence"),
    [
        pytest.param(pem(EDWARDS), Signing.RS256, None, "is not one for RS256", id="the seal's key for grants"),
        pytest.param(pem(RSA), Signing.ED25519, None, "is not one for ED25519", id="the bank's key for the seal"),
        pytest.param(pem(ELLIPTIC), Signing.RS256, None, "is neither an RSA nor an Ed25519 key", id="another kind"),
        pytest.param(pem(SHORT_RSA), Signing.RS256, None, "is shorter than 2048 bits", id="short"),
        pytest.param(
            PUBLIC, Signing.RS256, None, "is not a private key in PEM, or its passphrase is another", id="public"
        ),
        pytest.param(b"", Signing.RS256, None, "is not a private key in PEM, or its passphrase is another", id="empty"),
        pytest.param(
            pem(RSA, PASSPHRASE),
            Signing.RS256,
            b"wrong horse",
            "is not a private key in PEM, or its passphrase is another",
            id="another passphrase",
        ),
        pytest.param(
            pem(RSA, PASSPHRASE),
            Signing.RS256,
            None,
            "needs a passphrase, or has one that it does not need",
            id="no passphrase",
        ),
        pytest.param(
            pem(RSA),
            Signing.RS256,
            PASSPHRASE,
            "needs a passphrase, or has one that it does not need",
            id="a passphrase for nothing",
        ),
    ],
)
def test_another_key_does_not_sign(private, content, signing, passphrase, sentence):
    passphrase_file = str(private(passphrase, name="passphrase")) if passphrase else ""
    with pytest.raises(KeyUnusable) as refused:
        read_signer(f"file:{private(content)}", signing, passphrase_file=passphrase_file)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        pytest.param(
            pem(EDWARDS).decode(), "is named neither by file: nor by pkcs11:", id="in the environment as it is"
        ),
        pytest.param("pkcs11:seal", "needs a security module", id="no security module"),
        pytest.param("file:seal.pem", "lies in a file that must be named by its whole path", id="a relative path"),
    ],
)
def test_no_place_to_sign_from(source, sentence):
    with pytest.raises(KeyUnusable, match=f"^{sentence}"):
        read_signer(source, Signing.ED25519)


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_key_that_others_may_read_does_not_sign(private, mode):
    with pytest.raises(KeyUnusable, match="others may use"):
        read_signer(f"file:{private(pem(RSA), mode)}", Signing.RS256)
