"""What the tests of the bank's errands share: an agency and a Maskinporten that say what they are told to."""

import json
from collections.abc import Sequence

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from agencies import tokens
from tests.issuer import signing_key
from tests.wire import Recorder, recording

BANK = "213456008"
TOKENS = tuple(f"eyJhbGciOiJSUzI1NiJ9.e30.token-{number}" for number in range(1, 6))


def token_answer(token: str, seconds: int = 120) -> str:
    return json.dumps({"access_token": token, "token_type": "Bearer", "expires_in": seconds, "scope": "x"})


def queue_tokens(maskinporten: Recorder, given: Sequence[str] = TOKENS) -> None:
    for token in given:
        maskinporten.answer(200, token_answer(token))


@pytest.fixture(scope="session")
def _agency():
    with recording() as recorder:
        yield recorder


@pytest.fixture(scope="session")
def _maskinporten():
    with recording() as recorder:
        yield recorder


@pytest.fixture
def agency(_agency):
    """An agency's application without any: it keeps what it is asked, and answers from its queue."""
    _agency.clear()
    return _agency


@pytest.fixture
def maskinporten(_maskinporten):
    _maskinporten.clear()
    return _maskinporten


@pytest.fixture(scope="session")
def key_file(tmp_path_factory):
    """The file of the bank's key, which is `signing_key("bank")`."""
    path = tmp_path_factory.mktemp("bank") / "key.pem"
    private = signing_key("bank").private
    path.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


@pytest.fixture
def bank(settings, maskinporten, key_file):
    """The bank, with a registered key and no token yet. It sleeps for no time between attempts at a token."""
    settings.MASKINPORTEN_ISSUER = "https://test.maskinporten.no/"
    settings.MASKINPORTEN_TOKEN_URL = f"{maskinporten.base}/token"
    settings.MASKINPORTEN_CLIENT_ID = "3b1c7f02-5a64-4b8e-9d53-0c2a44e0a111"
    settings.MASKINPORTEN_KEY_FILE = str(key_file)
    settings.MASKINPORTEN_KEY_ID, settings.MASKINPORTEN_CERTIFICATE_FILE = "bank-key", ""
    settings.BANK_ORGANISATION_NUMBER, settings.OUTBOUND_PROXY_URL = BANK, ""
    queue_tokens(maskinporten)
    tokens.store.forget()
    yield settings
    tokens.store.forget()
