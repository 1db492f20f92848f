"""A consent token is believed when Altinn has signed that this customer lets this bank ask, and for no longer."""

import json
from datetime import UTC, datetime

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from agencies.errors import Unreachable
from agencies.studielan.consent_keys import ConsentKeys, published
from agencies.studielan.consent_tokens import read_consent_token
from agencies.studielan.errors import ConsentUnusable
from tests.wire import recording

CUSTOMER, BANK, CODE = "22899410096", "213456008", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
NOW = 1_790_000_000
KEY, ANOTHER = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
CLAIMS = {
    "Services": ["5498_1", "5498_1_Navn=Banken"],
    "AuthorizationCode": CODE,
    "OfferedBy": CUSTOMER,
    "RequiredDelegator": CUSTOMER,
    "CoveredBy": BANK,
    "DelegatedDate": NOW - 60,
    "ValidToDate": NOW + 86_400,
    "nbf": NOW - 5,
    "iat": NOW - 5,
    "exp": NOW + 25,
    "iss": "altinn.no",
}


def token(key=KEY, header=None, **claims):
    members = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not None}
    return jwt.encode(members, key, algorithm="RS256", headers={"x5t": "thumb", **(header or {})}).encode()


def read(body, now=NOW):
    return read_consent_token(
        body, find_key=lambda header: KEY.public_key(), code=CODE, identifier=CUSTOMER, bank=BANK, now=now
    )


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(token(), id="as it is"),
        pytest.param(b'"' + token() + b'"', id="in quotation marks"),
        pytest.param(b' "' + token() + b'"\r\n', id="with blanks round them"),
        pytest.param(token(Services=["5498,1,Navn=Banken"]), id="parted by commas"),
        pytest.param(token(Services=["4629,2", "5498_1"]), id="among others"),
        pytest.param(token(AuthorizationCode=CODE.upper()), id="code in capitals"),
        pytest.param(token(header={"kid": "k"}), id="with a key id too"),
        pytest.param(token(Extra={"a": 1}), id="with a claim that is new"),
    ],
)
def test_tokens_that_are_believed(body):
    found = read(body)
    assert found.text == body.decode().strip().strip('"')
    assert found.valid_to == datetime.fromtimestamp(NOW + 86_400, UTC)
    assert (found.is_usable(NOW + 24), found.is_usable(NOW + 25)) == (True, False)
    assert found.text not in repr(found)


def test_a_longer_window_is_cut_to_thirty_seconds():
    assert read(token(exp=NOW + 3600)).usable_until == NOW + 25


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"", "form", id="nothing"),
        pytest.param(b"Bearer " + token(), "form", id="more than a token"),
        pytest.param(token().rpartition(b".")[0], "form", id="two parts"),
        pytest.param(token() + b"." + b"A" * 20_000, "form", id="too long"),
        pytest.param(token(key=ANOTHER), "signature", id="signed by somebody else"),
        pytest.param(token()[:-6] + b"AAAAAA", "signature", id="signature changed"),
        pytest.param(jwt.encode(CLAIMS, None, algorithm="none").encode() + b"AAAA", "algorithm", id="not signed"),
        pytest.param(jwt.encode(CLAIMS, "k" * 32, algorithm="HS256").encode(), "algorithm", id="a shared secret"),
        pytest.param(token(iss="altinn.no.example"), "issuer", id="another issuer"),
        pytest.param(token(AuthorizationCode="f" * 32), "code", id="another consent"),
        pytest.param(token(AuthorizationCode=None), "code", id="no consent named"),
        pytest.param(token(OfferedBy="01859710189"), "OfferedBy", id="somebody else's"),
        pytest.param(token(OfferedBy=None), "OfferedBy", id="nobody's"),
        pytest.param(token(CoveredBy="312345625"), "CoveredBy", id="to another bank"),
        pytest.param(token(Services=["4629_2"]), "Services", id="for another service"),
        pytest.param(token(Services=["5498_2"]), "Services", id="for another edition"),
        pytest.param(token(Services=["15498_1"]), "Services", id="a code that only ends like it"),
        pytest.param(token(Services="5498_1"), "Services", id="services are no list"),
        pytest.param(token(ValidToDate=NOW), "ended", id="consent has ended"),
        pytest.param(token(ValidToDate=None), "claims", id="no end"),
        pytest.param(token(ValidToDate=True), "claims", id="an end that is none"),
        pytest.param(token(ValidToDate=10**30), "claims", id="an end beyond the calendar"),
        pytest.param(token(nbf=NOW + 11, exp=NOW + 41), "time", id="of tomorrow"),
        pytest.param(token(nbf=NOW - 30, exp=NOW), "time", id="of yesterday"),
        pytest.param(token(nbf=NOW - 31, exp=NOW + 3600), "time", id="older than thirty seconds, whatever it says"),
    ],
)
def test_tokens_that_are_not(body, reason):
    with pytest.raises(ConsentUnusable) as refused:
        read(body)
    assert refused.value.reason == reason
    assert CUSTOMER not in str(refused.value)


def test_a_key_that_altinn_does_not_publish():
    with pytest.raises(ConsentUnusable) as refused:
        read_consent_token(token(), find_key=lambda _: None, code=CODE, identifier=CUSTOMER, bank=BANK, now=NOW)
    assert refused.value.reason == "key"


def jwk(key, **names):
    return {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())), **names}


def test_keys_by_each_of_their_names():
    document = {"keys": [jwk(KEY, kid="k", x5t="t"), jwk(ANOTHER, x5t="u"), {"kty": "EC"}, "key", jwk(KEY, use="enc")]}
    found = published(json.dumps(document).encode())
    assert {name: key.public_numbers() for name, key in found.items()} == {
        ("kid", "k"): KEY.public_key().public_numbers(),
        ("x5t", "t"): KEY.public_key().public_numbers(),
        ("x5t", "u"): ANOTHER.public_key().public_numbers(),
    }


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"keys":{}}', b'{"keys":[]}', b"<html>"])
def test_sets_without_keys(body):
    assert published(body) == {}


def test_an_unknown_key_is_looked_for_again_but_not_at_once(settings):
    with recording() as altinn:
        settings.ALTINN_CONSENT_KEYS_URL = f"{altinn.base}/jwk"
        settings.KEYS_COOLDOWN_SECONDS = 3600
        altinn.answer(body=json.dumps({"keys": [jwk(KEY, kid="one")]}))
        altinn.answer(body=json.dumps({"keys": [jwk(KEY, kid="one"), jwk(ANOTHER, kid="two")]}))
        keys = ConsentKeys()
        assert keys.find({"kid": "one"}) and keys.find({"kid": "one"})
        assert keys.find({"kid": "two"}) is None
        assert len(altinn.seen) == 1
        settings.KEYS_COOLDOWN_SECONDS = -1
        assert keys.find({"kid": "two"}).public_numbers() == ANOTHER.public_key().public_numbers()
        assert keys.find({"x5t": "one"}), "a thumbprint may be a key's name as well"
        with pytest.raises(Unreachable):
            keys.find({"kid": "three"})
        assert keys.find({"kid": "two"}), "what was there is not lost by it"
    assert [seen.line for seen in altinn.seen][:2] == ["GET /jwk HTTP/1.1"] * 2
