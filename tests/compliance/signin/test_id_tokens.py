"""What a token of the bank's provider has to prove before anybody is signed in, over real HTTP."""

import time

import pytest
from django.contrib.auth.models import User

from compliance.signin.models import Identity
from tests.compliance.signin.bank_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    curve_key,
    es256,
    half_hash,
    hs256,
    pem,
    ps256,
    published_curve_key,
    sign_in,
    start,
    unsigned,
)
from tests.issuer import signing_key

pytestmark = pytest.mark.django_db
ONE, OTHER = signing_key("key-one"), signing_key("key-other")
SECRET = CLIENT_SECRET.encode()


def header(**members):
    return {"header": members}


def refused(reason, caplog):
    """Assert that nobody was signed in, for this reason, of which the page says nothing."""
    told = [record.reason for record in caplog.records if record.getMessage() == "signin.refused"]
    assert (told, User.objects.filter(username__startswith="oidc-").count(), Identity.objects.count()) == (
        [reason],
        0,
        0,
    )


@pytest.mark.parametrize(
    "token",
    [
        pytest.param({}, id="in good order"),
        pytest.param({"aud": [CLIENT_ID]}, id="a list with us alone"),
        pytest.param({"azp": CLIENT_ID}, id="given to us"),
        pytest.param({"at_hash": lambda code, access: half_hash(access)}, id="with the access token's hash"),
        pytest.param({"c_hash": lambda code, access: half_hash(code)}, id="with the code's hash"),
        pytest.param(header(typ=None), id="no type"),
        pytest.param(header(kid=None), id="no key, where there is only one"),
        pytest.param({"nbf": 1}, id="long in force"),
        pytest.param({"answer": {"access_token": None}}, id="without an access token"),
    ],
)
def test_somebody_signs_in(browser, bank, token):
    answered = sign_in(browser, bank, **token)
    assert (answered.status_code, answered["Location"]) == (302, "/admin/")
    assert browser.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        pytest.param({"iss": "https://other.example"}, "iss", id="another issuer"),
        pytest.param({"iss": None}, "iss", id="no issuer"),
        pytest.param({"iss": ["http://127.0.0.1"]}, "iss", id="a list of issuers"),
        pytest.param({"aud": "another-client"}, "aud", id="for another client"),
        pytest.param({"aud": [CLIENT_ID, "a-stranger"], "azp": CLIENT_ID}, "aud", id="for strangers too"),
        pytest.param({"aud": ["a-stranger"]}, "aud", id="for strangers only"),
        pytest.param({"aud": []}, "aud", id="for nobody"),
        pytest.param({"aud": None}, "aud", id="no audience"),
        pytest.param({"aud": f"{CLIENT_ID} "}, "aud", id="for a client with a blank"),
        pytest.param({"azp": "another-client"}, "azp", id="given to another client"),
        pytest.param({"azp": ""}, "azp", id="given to a client without a name"),
        pytest.param({"azp": [CLIENT_ID]}, "azp", id="given to a list"),
        pytest.param({"exp": int(time.time()) - 3600}, "exp", id="expired"),
        pytest.param({"exp": None}, "exp", id="never expires"),
        pytest.param({"exp": "9999999999"}, "exp", id="expires at a text"),
        pytest.param({"exp": True}, "exp", id="expires at true"),
        pytest.param({"exp": 9e99}, "exp", id="expires at a fraction"),
        pytest.param({"iat": int(time.time()) + 3600}, "iat", id="issued in the future"),
        pytest.param({"iat": None}, "iat", id="issued at no time"),
        pytest.param({"nbf": int(time.time()) + 3600}, "nbf", id="not in force yet"),
        pytest.param({"nonce": None}, "nonce", id="no nonce"),
        pytest.param({"nonce": "of another sign-in"}, "nonce", id="another nonce"),
        pytest.param({"nonce": ""}, "nonce", id="an empty nonce"),
        pytest.param({"nonce_supported": False, "nonce": None}, "nonce", id="a provider that has no nonces"),
        pytest.param({"sub": None}, "sub", id="nobody"),
        pytest.param({"sub": ""}, "sub", id="nobody, as a text"),
        pytest.param({"sub": "  "}, "sub", id="a blank"),
        pytest.param({"sub": 4711}, "sub", id="a number"),
        pytest.param({"sub": "x" * 256}, "sub", id="too long a subject"),
        pytest.param({"sub": "kari\u00a0"}, "sub", id="a subject beyond ASCII"),
        pytest.param({"sub": "kari\x00"}, "sub", id="a subject with a zero byte"),
        pytest.param({"sub": "15869010089"}, "sub", id="a person's number"),
        pytest.param({"at_hash": "other"}, "at_hash", id="the hash of another access token"),
        pytest.param({"at_hash": ""}, "at_hash", id="an empty hash of the access token"),
        pytest.param(
            {"at_hash": lambda code, access: half_hash(access), "answer": {"access_token": None}},
            "at_hash",
            id="the hash of an access token that is not there",
        ),
        pytest.param({"c_hash": "other"}, "c_hash", id="the hash of another code"),
        pytest.param({"c_hash": lambda code, access: half_hash(access)}, "c_hash", id="the wrong hash of the code"),
        pytest.param({"c_hash": "ø"}, "c_hash", id="a hash beyond ASCII"),
        pytest.param({**header(alg="none"), "sign": unsigned}, "form", id="not signed"),
        pytest.param({**header(alg="none")}, "alg", id="signed, and said not to be"),
        pytest.param({**header(alg="None")}, "alg", id="said not to be signed, in capitals"),
        pytest.param({**header(alg="HS256"), "sign": hs256, "key": SECRET}, "alg", id="signed with our secret"),
        pytest.param({**header(alg="HS256"), "sign": hs256, "key": pem(ONE)}, "alg", id="signed with the public key"),
        pytest.param(
            {**header(alg="HS256", kid=None), "sign": hs256, "key": SECRET}, "alg", id="with our secret, without a key"
        ),
        pytest.param({**header(alg="RS256"), "sign": hs256, "key": pem(ONE)}, "signature", id="RS256 that is none"),
        pytest.param(header(alg=None), "alg", id="no algorithm"),
        pytest.param(header(alg=["RS256"]), "alg", id="a list of algorithms"),
        pytest.param(header(alg="PS256"), "alg", id="another algorithm than its key's"),
        pytest.param(header(kid="key-other"), "kid", id="an unknown key"),
        pytest.param(header(kid=""), "kid", id="a key without a name"),
        pytest.param(header(kid=7), "kid", id="a key that is a number"),
        pytest.param({"key": OTHER}, "signature", id="another key under a known name"),
        pytest.param({**header(jwk=OTHER.published(), kid=None), "key": OTHER}, "signature", id="a key of its own"),
        pytest.param({**header(jwk=OTHER.published()), "key": OTHER}, "signature", id="a key of its own, known name"),
        pytest.param(header(crit=["exp"]), "form", id="an extension that must be known"),
        pytest.param(header(b64=False), "form", id="a payload that is not encoded"),
        pytest.param(header(typ="at+jwt"), "form", id="an access token"),
        pytest.param(header(typ="logout+jwt"), "form", id="a token for signing out"),
        pytest.param(header(cty="x" * 600), "signature", id="a header without end"),
        pytest.param({"name": "x" * 40_000}, "form", id="a token without end"),
        pytest.param({"answer": {"id_token": None}}, "form", id="no token"),
        pytest.param({"answer": {"id_token": 7}}, "form", id="a number for a token"),
        pytest.param({"answer": {"id_token": "a.b"}}, "form", id="half a token"),
        pytest.param({"answer": {"id_token": "a.b.c.d.e"}}, "form", id="an encrypted token"),
        pytest.param({"answer": {"id_token": "bm8.bm8.bm8"}}, "form", id="a header that is no JSON"),
    ],
)
def test_nobody_signs_in(browser, bank, caplog, token, reason):
    answered = sign_in(browser, bank, **token)
    assert (answered.status_code, answered["Cache-Control"]) == (
        403,
        "max-age=0, no-cache, no-store, must-revalidate, private",
    )
    assert "You were not signed in" in answered.content.decode()
    refused(reason, caplog)
    assert browser.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    ("published", "token", "reason"),
    [
        pytest.param({"alg": "RS512"}, {}, "alg", id="a key for another algorithm"),
        pytest.param({"alg": None}, header(alg="PS256"), "signature", id="another algorithm than it says"),
        pytest.param({"use": "enc"}, {}, None, id="a key for encryption"),
        pytest.param({"kid": None}, {}, None, id="a key without a name"),
        pytest.param({"n": ONE.published()["n"][:100]}, {}, None, id="a short key"),
        pytest.param({"kty": "oct", "k": "c2VjcmV0"}, {}, None, id="a shared secret"),
    ],
)
def test_keys_that_do_not_serve(browser, bank, caplog, published, token, reason):
    bank.published = [ONE.published(**published)]
    if reason is None:
        assert browser.post("/admin/oidc/start").status_code == 503
    else:
        assert sign_in(browser, bank, **token).status_code == 403
        refused(reason, caplog)


def test_ps256(browser, bank):
    bank.published = [ONE.published(alg=None)]
    assert sign_in(browser, bank, header={"alg": "PS256"}, sign=ps256).status_code == 302


def test_which_of_two_keys_has_to_be_said(browser, bank, caplog):
    bank.published = [ONE.published(), OTHER.published()]
    assert sign_in(browser, bank, header={"kid": None}).status_code == 403
    refused("kid", caplog)


def test_two_keys_of_one_name_are_none(browser, bank, caplog):
    bank.published = [ONE.published(), OTHER.published(kid="key-one"), signing_key("third").published()]
    assert sign_in(browser, bank).status_code == 403
    refused("kid", caplog)


@pytest.mark.parametrize(
    ("curve", "status"), [("secp256r1", 302), ("secp384r1", 403)], ids=["its curve", "another curve"]
)
def test_es256_wants_its_curve(browser, bank, curve, status):
    key = curve_key(curve)
    bank.published = [published_curve_key(key, "curved")]
    assert sign_in(browser, bank, header={"alg": "ES256", "kid": "curved"}, key=key, sign=es256).status_code == status


def test_a_new_key_is_asked_for_once(browser, bank, settings, caplog):
    """The provider has changed its key after we asked: it is found when the pause is over, and only then."""
    settings.KEYS_COOLDOWN_SECONDS = 0
    asked = start(browser)
    new = signing_key("key-new")
    bank.published = [new.published()]
    code = bank.code_for(asked, header={"kid": "key-new"}, key=new)
    assert browser.get("/admin/oidc/callback", {"state": asked["state"], "code": code}).status_code == 302
    assert bank.fetches["/keys"] == 2
    settings.KEYS_COOLDOWN_SECONDS = 60
    sign_in(browser, bank, header={"kid": "key-none"})
    assert [record.reason for record in caplog.records if record.getMessage() == "signin.refused"] == ["kid"]
