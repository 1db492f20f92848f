"""The file of public keys: Ed25519 alone, by fingerprint, and nothing beside them."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from audit.seal.adapters import Unusable
from audit.seal.checkpoints import fingerprint
from audit.seal.public_keys import LARGEST, read_public_keys

FIRST, SECOND = (ed25519.Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2))


def pem(private):
    return private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def written(tmp_path, content, mode=0o644):
    file = tmp_path / "keys.pem"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    file.chmod(mode)
    return str(file)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(pem(FIRST) + pem(SECOND), id="one behind the other"),
        pytest.param(f"# until 2027\n{pem(FIRST)}\n\n# since\n{pem(SECOND)}# end", id="remarks between them"),
        pytest.param((pem(FIRST) + pem(SECOND)).rstrip(), id="no line feed at the end"),
        pytest.param((pem(FIRST) + pem(SECOND)).replace("\n", "\r\n"), id="ends of lines as on Windows"),
        pytest.param(pem(FIRST) + pem(SECOND) + pem(FIRST), id="one of them twice"),
    ],
)
def test_keys_by_fingerprint(tmp_path, content):
    keys = [private.public_key() for private in (FIRST, SECOND)]
    assert read_public_keys(written(tmp_path, content)) == {fingerprint(key): key for key in keys}


def private_pem(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


OTHER = "names a file that holds something else than public keys in PEM"
WRONG = "names a file with a key that is not one for Ed25519"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param("", "names a file without keys", id="nothing"),
        pytest.param("# nothing\n", "names a file without keys", id="a remark alone"),
        pytest.param(pem(FIRST) + "x", OTHER, id="something behind it"),
        pytest.param("x\n" + pem(FIRST), OTHER, id="something before it"),
        pytest.param(pem(FIRST)[:-20], OTHER, id="a key without end"),
        pytest.param(private_pem(FIRST), OTHER, id="a private key"),
        pytest.param(pem(FIRST) + private_pem(FIRST), OTHER, id="a private key beside it"),
        pytest.param(pem(ec.generate_private_key(ec.SECP256R1())), WRONG, id="a key on another curve"),
        pytest.param(pem(rsa.generate_private_key(65537, 2048)), WRONG, id="an RSA key"),
        pytest.param(
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
            "names a file with a key that cannot be read",
            id="a key that is none",
        ),
        pytest.param(b"\xff\xfe" + pem(FIRST).encode(), OTHER, id="another encoding"),
        pytest.param("#" + "x" * LARGEST, "names a file that is too large", id="too much"),
    ],
)
def test_nothing_else_is_taken(tmp_path, content, reason):
    with pytest.raises(Unusable) as refused:
        read_public_keys(written(tmp_path, content))
    assert str(refused.value) == reason


@pytest.mark.parametrize("mode", [0o646, 0o664])
def test_a_file_that_others_may_write_is_not_trusted(tmp_path, mode):
    with pytest.raises(Unusable, match=r"^names a file that others may write$"):
        read_public_keys(written(tmp_path, pem(FIRST), mode))


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        pytest.param("keys.pem", "names a file that must be named by its whole path", id="half a path"),
        pytest.param("/nowhere/keys.pem", "names a file that cannot be read (No such file or directory)", id="nowhere"),
        pytest.param("/", "names a file that cannot be read (Is a directory)", id="a folder"),
    ],
)
def test_a_file_that_is_none(path, reason):
    with pytest.raises(Unusable) as refused:
        read_public_keys(path)
    assert str(refused.value) == reason
