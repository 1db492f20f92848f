"""The grant as Digdir documents it: claim for claim, and signed so that Maskinporten knows by whom."""

import base64
import time
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from agencies.errors import NotConfigured
from agencies.grants import signed_grant, wanted
from agencies.tokens import fetch_token
from sandbox.certpub.enterprise import certificate_file
from sandbox.maskinporten import clients
from tests import cluster
from tests.issuer import signing_key

SCOPE = "skatteetaten:aktivkonto"
SYSTEM_USER = {
    "type": "urn:altinn:systemuser",
    "systemuser_org": {"authority": "iso6523-actorid-upis", "ID": "0192:313367002"},
}
CONSENT = {"type": "urn:altinn:consent", "id": "33a0911a-5459-456f-bc57-3d37ef9a016c", "from": "urn:altinn:person:…"}


def opened(grant):
    key = signing_key("bank").private.public_key()
    return jwt.get_unverified_header(grant), jwt.decode(
        grant, key, algorithms=["RS256"], audience="https://test.maskinporten.no/", options={"verify_iat": False}
    )


@pytest.mark.parametrize(
    ("asked", "more"),
    [
        pytest.param(wanted([SCOPE]), {"scope": SCOPE}, id="for oneself"),
        pytest.param(wanted(["b", "a", "b"]), {"scope": "a b"}, id="several scopes, each once"),
        pytest.param(
            wanted([SCOPE], consumer_org="213456008"), {"scope": SCOPE, "consumer_org": "213456008"}, id="by delegation"
        ),
        pytest.param(
            wanted([SCOPE], system_user_organisation="313367002"),
            {"scope": SCOPE, "authorization_details": [SYSTEM_USER]},
            id="for a system user's organisation",
        ),
        pytest.param(
            wanted([SCOPE], authorization_details=[CONSENT]),
            {"scope": SCOPE, "authorization_details": [CONSENT]},
            id="on a consent",
        ),
    ],
)
def test_the_whole_grant(bank, asked, more):
    header, claims = opened(signed_grant(asked))
    assert header == {"alg": "RS256", "typ": "JWT", "kid": "bank-key"}
    now = int(time.time())
    assert now - 5 <= claims["iat"] <= now
    assert claims["exp"] - claims["iat"] == 60
    assert claims == {
        "aud": "https://test.maskinporten.no/",
        "iss": "3b1c7f02-5a64-4b8e-9d53-0c2a44e0a111",
        "iat": claims["iat"],
        "exp": claims["exp"],
        "jti": claims["jti"],
        **more,
    }


def test_each_grant_is_another(bank):
    assert len({opened(signed_grant(wanted([SCOPE])))[1]["jti"] for _ in range(3)}) == 3


def test_the_whole_request(bank, maskinporten):
    fetch_token(wanted([SCOPE]))
    (seen,) = maskinporten.seen
    assert seen.line == "POST /token HTTP/1.1"
    assert seen.headers == [
        ("Host", f"127.0.0.1:{maskinporten.port}"),
        ("Content-Length", str(len(seen.body))),
        ("Accept-Encoding", "identity"),
        ("User-Agent", "dsop-kontrollinformasjon"),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Accept", "application/json"),
    ]
    form = parse_qs(seen.body.decode(), strict_parsing=True)
    assert form == {"grant_type": ["urn:ietf:params:oauth:grant-type:jwt-bearer"], "assertion": form["assertion"]}
    assert opened(form["assertion"][0])[1]["scope"] == SCOPE


@pytest.fixture
def certified(bank):
    """The bank with its sandbox certificate in the place of a registered key."""
    bank.MASKINPORTEN_KEY_FILE = str(clients.key_file(cluster.FOLDER / "maskinporten", clients.BANK_NUMBER))
    bank.MASKINPORTEN_CERTIFICATE_FILE = str(certificate_file(cluster.FOLDER))
    bank.MASKINPORTEN_KEY_ID = ""
    return bank


def chain_of(path):
    return x509.load_pem_x509_certificates(path.read_bytes())


@pytest.mark.parametrize("turned", [False, True], ids=["leaf first in the file", "leaf last in the file"])
def test_a_certificate_goes_with_its_chain(certified, tmp_path, turned):
    chain = chain_of(certificate_file(cluster.FOLDER))
    strangers = chain_of(cluster.FOLDER / "certpub" / "roots.pem")[1:]
    file = tmp_path / "chain.pem"
    placed = [*strangers, *(reversed(chain) if turned else chain)]
    file.write_bytes(b"".join(certificate.public_bytes(Encoding.PEM) for certificate in placed))
    certified.MASKINPORTEN_CERTIFICATE_FILE = str(file)
    header = jwt.get_unverified_header(signed_grant(wanted([SCOPE])))
    assert header == {"alg": "RS256", "typ": "JWT", "x5c": header["x5c"]}
    assert [x509.load_der_x509_certificate(base64.b64decode(text, validate=True)) for text in header["x5c"]] == chain
    assert len(chain) == 2


EITHER = "MASKINPORTEN_KEY_ID or MASKINPORTEN_CERTIFICATE_FILE"


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        pytest.param({"MASKINPORTEN_ISSUER": ""}, "MASKINPORTEN_ISSUER", id="no issuer"),
        pytest.param({"MASKINPORTEN_CLIENT_ID": ""}, "MASKINPORTEN_CLIENT_ID", id="no client"),
        pytest.param({"MASKINPORTEN_KEY_FILE": ""}, "MASKINPORTEN_KEY_FILE", id="no key"),
        pytest.param({"MASKINPORTEN_KEY_FILE": "/nowhere.pem"}, "MASKINPORTEN_KEY_FILE", id="no such file"),
        pytest.param({"MASKINPORTEN_KEY_FILE": __file__}, "MASKINPORTEN_KEY_FILE", id="a file that is no key"),
        pytest.param({"MASKINPORTEN_KEY_ID": ""}, EITHER, id="neither key id nor certificate"),
        pytest.param({"MASKINPORTEN_CERTIFICATE_FILE": __file__}, EITHER, id="both"),
        pytest.param(
            {"MASKINPORTEN_KEY_ID": "", "MASKINPORTEN_CERTIFICATE_FILE": __file__},
            "MASKINPORTEN_CERTIFICATE_FILE",
            id="a file that is no certificate",
        ),
        pytest.param(
            {"MASKINPORTEN_KEY_ID": "", "MASKINPORTEN_CERTIFICATE_FILE": str(certificate_file(cluster.FOLDER))},
            "MASKINPORTEN_CERTIFICATE_FILE",
            id="another key's certificate",
        ),
    ],
)
def test_what_a_grant_cannot_be_made_without(bank, changes, setting):
    for name, value in changes.items():
        setattr(bank, name, value)
    with pytest.raises(NotConfigured) as caught:
        signed_grant(wanted([SCOPE]))
    assert caught.value.setting == setting
    assert str(caught.value) == f"Nothing was sent: {setting} is not set, or does not fit the other settings."


def test_a_new_key_is_used_without_a_new_start(bank, tmp_path, key_file):
    path = tmp_path / "key.pem"
    path.write_bytes(clients.key_file(cluster.FOLDER / "maskinporten", clients.BANK_NUMBER).read_bytes())
    bank.MASKINPORTEN_KEY_FILE = str(path)
    signed_grant(wanted([SCOPE]))
    path.unlink()
    path.write_bytes(key_file.read_bytes())
    opened(signed_grant(wanted([SCOPE])))
