"""Whatever comes, and whatever is signed: a grant or a refusal, never a crash."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rest_framework.test import APIRequestFactory

from legal.grants import Grant
from legal.maskinporten import MaskinportenAuthentication
from legal.refusals import NotAuthenticated, SupplierInvalid
from tests.corridor_entrance import bearer, configured_issuer
from tests.issuer import signed

WHOLE: dict[str, str] = {}
CLAIMS = [
    *("iss", "aud", "scope", "client_id", "client_amr", "token_type", "iat", "exp", "nbf", "jti", "consumer"),
    *("supplier", "delegation_source", "pid", "cnf", "sub", "authorization_details"),
]


@pytest.fixture(scope="module")
def issuer():
    with configured_issuer() as issuer:
        yield issuer


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_one_changed_byte_is_always_401(issuer, data):
    token = WHOLE.setdefault("token", issuer.token())
    place = data.draw(st.integers(0, len(token) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != ord(token[place])))
    with pytest.raises(NotAuthenticated):
        bearer(token[:place] + chr(byte) + token[place + 1 :])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(CLAIMS), json_values, min_size=1, max_size=3))
@settings(max_examples=200, deadline=None)
def test_whatever_the_issuer_signs_is_a_grant_or_a_refusal(issuer, changes):
    claims = {**issuer.claims(), **changes}
    header = json.dumps({"kid": "key-one", "alg": "RS256"}).encode()
    try:
        assert isinstance(bearer(signed(header, json.dumps(claims).encode(), issuer.keys[0]))[1], Grant)
    except (NotAuthenticated, SupplierInvalid) as refusal:
        assert str(refusal.detail) == type(refusal).default_detail


@given(st.text(st.characters(max_codepoint=255), max_size=200))
@settings(max_examples=200, deadline=None)
def test_whatever_stands_in_the_header_is_401(issuer, text):
    with pytest.raises(NotAuthenticated):
        MaskinportenAuthentication().authenticate(
            APIRequestFactory().get("/v2/accounts", HTTP_AUTHORIZATION=f"Bearer {text}")
        )
