"""Step 1 of the corridor against a real issuer: form, header and signature of a token (TOK-01 to TOK-09)."""

import hashlib
import hmac
import json
import time

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from rest_framework.test import APIRequestFactory

from legal.grants import Grant
from legal.maskinporten import MaskinportenAuthentication
from legal.refusals import (
    NotAuthenticated,
    Refusal,
    SupplierInvalid,
    TokenAlgorithm,
    TokenAudience,
    TokenBound,
    TokenClaims,
    TokenConsumer,
    TokenExpired,
    TokenIssuer,
    TokenKeyUnknown,
    TokenLifetime,
    TokenMalformed,
    TokenMissing,
    TokenSignature,
    TokenTimes,
)
from tests.corridor_entrance import authenticate, bearer, configured_issuer
from tests.issuer import AUDIENCE, CONSUMER, encoded, signed, signing_key


@pytest.fixture(scope="module")
def issuer():
    with configured_issuer() as issuer:
        yield issuer


def refused(token, refusal):
    """Refuse the token with exactly that class and the fixed words of it (ERR-02, ERR-04)."""
    with pytest.raises(Refusal) as caught:
        bearer(token)
    assert type(caught.value) is refusal
    assert (caught.value.status_code, caught.value.default_code) == (401, "ACC-010")
    assert str(caught.value.detail) == refusal.default_detail
    assert (caught.value.__cause__, caught.value.__suppress_context__ or caught.value.__context__ is None) == (
        None,
        True,
    )
    return caught.value


def test_an_ordinary_token(issuer):
    claims = issuer.claims()
    user, grant = bearer(issuer.token())
    assert user is None
    assert grant == Grant(
        consumer=CONSUMER,
        supplier="",
        client_id=claims["client_id"],
        client_amr="virksomhetssertifikat",
        jti=claims["jti"],
        issuer=issuer.url,
        audience=AUDIENCE,
        key_id="key-one",
        scopes=frozenset({"bits:kontoinformasjon"}),
        issued_at=grant.issued_at,
        expires_at=grant.issued_at + 120,
        pid="",
        has_authorization_details=False,
    )
    assert abs(grant.issued_at - time.time()) < 5


@pytest.mark.parametrize(
    ("authorization", "refusal", "challenge"),
    [
        pytest.param("", TokenMissing, "Bearer", id="TOK-01 empty"),
        pytest.param("Basic dTpw", TokenMissing, "Bearer", id="TOK-01 another scheme"),
        pytest.param("{token}", TokenMissing, "Bearer", id="TOK-01 no scheme"),
        pytest.param("Token {token}", TokenMissing, "Bearer", id="TOK-01 a scheme of another name"),
        pytest.param("Bearer", TokenMalformed, 'Bearer error="invalid_token"', id="TOK-01 a scheme alone"),
        pytest.param("Bearer  {token}", TokenMalformed, 'Bearer error="invalid_token"', id="TOK-01 two blanks"),
        pytest.param("Bearer\t{token}", TokenMissing, "Bearer", id="TOK-01 a tab"),
        pytest.param("Bearer {token} {token}", TokenMalformed, 'Bearer error="invalid_token"', id="TOK-01 two tokens"),
        pytest.param(
            "Bearer {token},Bearer {token}", TokenMalformed, 'Bearer error="invalid_token"', id="TOK-01 two headers"
        ),
        pytest.param("Bearer {token} ", TokenMalformed, 'Bearer error="invalid_token"', id="TOK-01 a blank at the end"),
        pytest.param("Bearer {token}\n", TokenMalformed, 'Bearer error="invalid_token"', id="TOK-02 a line break"),
        pytest.param("Bearer {token}=", TokenMalformed, 'Bearer error="invalid_token"', id="TOK-02 a trailing ="),
        pytest.param("Bearer {token}.x", TokenMalformed, 'Bearer error="invalid_token"', id="TOK-02 four segments"),
        pytest.param("Bearer a.b", TokenMalformed, 'Bearer error="invalid_token"', id="TOK-02 two segments"),
        pytest.param("Bearer a..b", TokenMalformed, 'Bearer error="invalid_token"', id="TOK-02 an empty segment"),
        pytest.param("Bearer ٣.a.b", TokenMalformed, 'Bearer error="invalid_token"', id="TOK-02 other digits"),
    ],
)
def test_the_header(issuer, authorization, refusal, challenge):
    with pytest.raises(NotAuthenticated) as caught:
        authenticate(authorization.replace("{token}", issuer.token()))
    assert (type(caught.value), caught.value.challenge, caught.value.consumer) == (refusal, challenge, "")


def test_tok_01_the_scheme_in_any_letter_case(issuer):
    assert authenticate(f"bEARER {issuer.token()}")[1].consumer == CONSUMER


def test_tok_01_a_token_anywhere_else_is_not_looked_at(issuer):
    request = APIRequestFactory().get("/v2/accounts", {"access_token": issuer.token()})
    request.COOKIES["access_token"] = issuer.token()
    with pytest.raises(TokenMissing):
        MaskinportenAuthentication().authenticate(request)
    assert MaskinportenAuthentication().authenticate_header(request) == "Bearer"


def test_tok_02_8192_characters_and_no_more(issuer):
    room = 8192 - len(issuer.token({"padding": ""}))
    longest = issuer.token({"padding": "x" * (room * 3 // 4 - 2)})
    assert 8180 < len(longest) <= 8192
    assert bearer(longest)[1].consumer == CONSUMER
    refused(issuer.token({"padding": "x" * (room * 3 // 4 + 8)}), TokenMalformed)
    refused("a" * 2_000_000 + ".b.c", TokenMalformed)


def public_pem(key):
    return key.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def by_secret(issuer, secret, **header):
    """Return a token signed with HS256 by a secret that everybody knows: the public key's own bytes."""
    head = {"kid": "key-one", "alg": "HS256", **header}
    signing_input = f"{encoded(json.dumps(head).encode())}.{encoded(json.dumps(issuer.claims()).encode())}"
    return f"{signing_input}.{encoded(hmac.digest(secret, signing_input.encode(), hashlib.sha256))}"


def by_pss(issuer):
    head, claims = json.dumps({"kid": "-key-two", "alg": "PS256"}), json.dumps(issuer.claims())
    signing_input = f"{encoded(head.encode())}.{encoded(claims.encode())}"
    scheme = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
    return f"{signing_input}.{encoded(issuer.keys[1].private.sign(signing_input.encode(), scheme, hashes.SHA256()))}"


STRANGER = signing_key("stranger")


@pytest.mark.parametrize(
    ("make", "refusal"),
    [
        pytest.param(
            lambda i: by_secret(i, public_pem(i.keys[0])), TokenAlgorithm, id="TOK-03 HS256 by the public PEM"
        ),
        pytest.param(
            lambda i: by_secret(i, public_pem(i.keys[0]), alg="RS256"), TokenSignature, id="TOK-03 and renamed"
        ),
        pytest.param(lambda i: i.token(header={"alg": "none"}), TokenAlgorithm, id="TOK-03 none, signed"),
        pytest.param(lambda i: by_secret(i, b"", alg="none").rsplit(".", 1)[0] + ".", TokenMalformed, id="TOK-03 none"),
        pytest.param(lambda i: i.token(header={"alg": "nOnE"}), TokenAlgorithm, id="TOK-03 none in other letters"),
        pytest.param(lambda i: i.token(header={"alg": "rs256"}), TokenAlgorithm, id="TOK-03 small letters"),
        pytest.param(by_pss, TokenAlgorithm, id="TOK-03 PS256"),
        pytest.param(lambda i: i.token(header={"alg": "ES256"}), TokenAlgorithm, id="TOK-03 ES256"),
        pytest.param(lambda i: i.token(header={"alg": None}), TokenAlgorithm, id="TOK-03 no algorithm"),
        pytest.param(lambda i: i.token(header={"alg": ["RS256"]}), TokenAlgorithm, id="TOK-03 a list of algorithms"),
        pytest.param(lambda i: i.token(header={"alg": "RS384"}), TokenAlgorithm, id="TOK-03 not the key's algorithm"),
        pytest.param(lambda i: i.token(header={"kid": None}), TokenKeyUnknown, id="TOK-04 no kid"),
        pytest.param(lambda i: i.token(header={"kid": ""}), TokenKeyUnknown, id="TOK-04 an empty kid"),
        pytest.param(lambda i: i.token(header={"kid": 1}), TokenKeyUnknown, id="TOK-04 a number"),
        pytest.param(lambda i: i.token(header={"kid": ["key-one"]}), TokenKeyUnknown, id="TOK-04 a list"),
        pytest.param(lambda i: i.token(header={"kid": "unknown"}), TokenKeyUnknown, id="TOK-04 an unknown kid"),
        pytest.param(lambda i: i.token(header={"kid": "KEY-ONE"}), TokenKeyUnknown, id="TOK-04 other letters"),
        pytest.param(lambda i: i.token(header={"kid": "-key-two"}), TokenSignature, id="TOK-04 no trying of all keys"),
        pytest.param(lambda i: i.token(header={"typ": "JWE"}), TokenMalformed, id="TOK-05 another type"),
        pytest.param(lambda i: i.token(header={"typ": ["JWT"]}), TokenMalformed, id="TOK-05 a list of types"),
        pytest.param(lambda i: i.token(header={"typ": ""}), TokenMalformed, id="TOK-05 an empty type"),
        pytest.param(lambda i: i.token(header={"crit": ["x"]}), TokenMalformed, id="TOK-06 crit"),
        pytest.param(lambda i: i.token(header={"crit": []}), TokenMalformed, id="TOK-06 an empty crit"),
        pytest.param(lambda i: i.token(header={"crit": ["b64"], "b64": True}), TokenMalformed, id="TOK-06 crit b64"),
        pytest.param(lambda i: i.token(header={"b64": False}), TokenMalformed, id="TOK-06 b64 false"),
        pytest.param(lambda i: i.token(header={"b64": 0}), TokenMalformed, id="TOK-06 b64 zero"),
        pytest.param(
            lambda i: i.token(header={"kid": "key-one"}, key=STRANGER), TokenSignature, id="TOK-07 a stranger"
        ),
        pytest.param(
            lambda i: i.token(header={"kid": "key-one", "jwk": STRANGER.published(), "x5c": ["AA"]}, key=STRANGER),
            TokenSignature,
            id="KEY-03 a key in the token",
        ),
        pytest.param(lambda i: i.token().rsplit(".", 1)[0] + ".AAAA", TokenSignature, id="TOK-07 a short signature"),
        pytest.param(
            lambda i: ".".join([i.token().split(".")[0], *i.token({"jti": "x"}).split(".")[1:]])[:-4] + "AAAA",
            TokenSignature,
            id="TOK-07 a changed signature",
        ),
    ],
)
def test_what_is_refused_before_any_claim_counts(issuer, make, refusal):
    assert refused(make(issuer), refusal).consumer == "", "nobody's name is put on a token that anybody could have made"


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(b"[]", id="TOK-08 a list"),
        pytest.param(b'"text"', id="TOK-08 a text"),
        pytest.param(b"null", id="TOK-08 null"),
        pytest.param(b"{", id="TOK-08 half an object"),
        pytest.param(b'{"jti": NaN}', id="TOK-08 not a number"),
        pytest.param(b'{"jti": "a", "jti": "a"}', id="TOK-08 a claim twice"),
        pytest.param(b'{"consumer": {"ID": 1, "ID": 1}}', id="TOK-08 a member of a claim twice"),
        pytest.param(b'{"iss": "\xff"}', id="TOK-08 not UTF-8"),
        pytest.param('{"iss": "x"}'.encode("utf-16"), id="TOK-08 UTF-16"),
        pytest.param(b"\xef\xbb\xbf{}", id="TOK-08 a byte order mark"),
        pytest.param(b'{"a":' * 1000, id="TOK-08 nested too deeply"),
        pytest.param(b'{"exp": ' + b"9" * 5000 + b"}", id="TOK-08 a number of five thousand digits"),
    ],
)
@pytest.mark.parametrize("in_header", [False, True])
def test_tok_08_header_and_claims_are_plain_objects(issuer, payload, in_header):
    ordinary = json.dumps({"kid": "key-one", "alg": "RS256"}).encode()
    header, claims = (payload, b"{}") if in_header else (ordinary, payload)
    refused(signed(header, claims, issuer.keys[0]), TokenMalformed)


def test_tok_22_the_same_bytes_in_another_spelling(issuer):
    token = issuer.token()
    assert bearer(token)[1].consumer == CONSUMER
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = token[:-1] + alphabet[alphabet.index(token[-1]) + 1]  # the last character carries four unused bits
    refused(other, TokenMalformed)


@pytest.mark.parametrize(
    ("header", "key"),
    [
        pytest.param({"typ": "jwt"}, 0, id="TOK-05 jwt"),
        pytest.param({"typ": "AT+JWT"}, 0, id="TOK-05 at+jwt in any letter case"),
        pytest.param({"b64": True}, 0, id="TOK-06 b64 true changes nothing"),
        pytest.param({"jku": "http://127.0.0.1:9/jwk", "x5u": "http://127.0.0.1:9/"}, 0, id="KEY-03 addresses ignored"),
        pytest.param({"alg": "RS384"}, 1, id="TOK-03 RS384 with a key for any, LIB-03"),
        pytest.param({"alg": "RS512"}, 1, id="TOK-03 RS512 with a key for any"),
        pytest.param({"alg": "RS256"}, 1, id="TOK-04 a kid that begins with a hyphen"),
    ],
)
def test_headers_that_are_accepted(issuer, header, key):
    assert bearer(issuer.token(header=header, key=issuer.keys[key]))[1].consumer == CONSUMER


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        pytest.param(lambda c: {"iss": c["iss"].removesuffix("/")}, TokenIssuer, id="ENV-02 iss without its slash"),
        pytest.param(lambda c: {"iss": c["iss"].upper()}, TokenIssuer, id="ENV-02 iss in capitals"),
        pytest.param(lambda c: {"iss": [c["iss"]]}, TokenIssuer, id="TOK-09 iss in a list"),
        pytest.param(lambda c: {"iss": None}, TokenIssuer, id="TOK-09 no iss"),
        pytest.param(lambda c: {"iss": "https://maskinporten.no/"}, TokenIssuer, id="ENV-01 another environment"),
        pytest.param(lambda c: {"aud": None}, TokenAudience, id="TOK-10 no aud"),
        pytest.param(lambda c: {"aud": ""}, TokenAudience, id="TOK-10 an empty aud"),
        pytest.param(lambda c: {"aud": "unspecified"}, TokenAudience, id="TOK-10 unspecified"),
        pytest.param(lambda c: {"aud": c["aud"] + "/"}, TokenAudience, id="TOK-12 an extra slash"),
        pytest.param(lambda c: {"aud": [c["aud"], "https://x.example"]}, TokenAudience, id="TOK-11 two audiences"),
        pytest.param(lambda c: {"exp": None}, TokenTimes, id="TOK-13 no exp"),
        pytest.param(lambda c: {"exp": str(c["exp"])}, TokenTimes, id="TOK-13 exp as text, LIB-03"),
        pytest.param(lambda c: {"iat": c["iat"] - 200, "exp": c["exp"] - 200}, TokenExpired, id="TOK-13 expired"),
        pytest.param(lambda c: {"iat": None}, TokenTimes, id="TOK-14 no iat, LIB-03"),
        pytest.param(lambda c: {"iat": c["iat"] + 15}, TokenTimes, id="TOK-14 iat ahead"),
        pytest.param(lambda c: {"nbf": c["iat"] + 15}, TokenTimes, id="TOK-15 nbf ahead"),
        pytest.param(lambda c: {"exp": c["iat"] + 121}, TokenLifetime, id="TOK-17 121 seconds"),
        pytest.param(lambda c: {"token_type": "DPoP"}, TokenClaims, id="TOK-19 another token type"),
        pytest.param(lambda c: {"jti": None}, TokenClaims, id="TOK-21 no jti"),
        pytest.param(lambda c: {"jti": 5}, TokenClaims, id="TOK-21 a number, LIB-03"),
        pytest.param(lambda c: {"sub": 5}, TokenClaims, id="LIB-03 a number as sub"),
        pytest.param(lambda c: {"cnf": {"x5t#S256": "x"}}, TokenBound, id="TOK-23 bound"),
    ],
)
def test_claims_refused_under_a_right_signature_name_the_consumer(issuer, change, refusal):
    assert refused(issuer.token(change(issuer.claims())), refusal).consumer == CONSUMER


@pytest.mark.parametrize(
    "consumer",
    [
        pytest.param(None, id="TOK-20 none"),
        pytest.param({"authority": "iso6523-actorid-upis", "ID": CONSUMER}, id="TOK-20 without 0192"),
        pytest.param({"authority": "iso6523-actorid-upis", "ID": f"9908:{CONSUMER}"}, id="TOK-20 another register"),
        pytest.param({"authority": "iso6523-actorid-upis", "ID": f"0192: {CONSUMER}"}, id="TOK-20 with a blank"),
    ],
)
def test_tok_20_a_malformed_consumer_is_nobody(issuer, consumer):
    changes = {"consumer": consumer, "client_orgno": CONSUMER}
    assert refused(issuer.token(changes), TokenConsumer).consumer == ""
    assert refused(issuer.token(changes | {"aud": "unspecified"}), TokenAudience).consumer == ""


def test_aut_03_is_no_401(issuer):
    with pytest.raises(SupplierInvalid) as caught:
        bearer(issuer.token({"delegation_source": "https://tt02.altinn.no/"}))
    assert (caught.value.status_code, caught.value.grant.consumer) == (403, CONSUMER)


def test_tok_18_the_scope_is_judged_later(issuer):
    for scope in ("bits:kundeforhold", "bits:kontoinformasjon.oed", "", None):
        assert "bits:kontoinformasjon" not in bearer(issuer.token({"scope": scope}))[1].scopes


def test_tok_21_a_token_is_used_again(issuer):
    token = issuer.token({"jti": "again"})
    assert bearer(token) == bearer(token)
