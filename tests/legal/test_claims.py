"""Every rule on the claims of a token whose signature is right (TOK-10 to TOK-23, AUT-03), one change at a time."""

import pytest

from legal.claims import TokenRules, grant_from
from legal.grants import Grant
from legal.refusals import (
    SupplierInvalid,
    TokenAudience,
    TokenBound,
    TokenClaims,
    TokenConsumer,
    TokenExpired,
    TokenLifetime,
    TokenTimes,
)

AUDIENCE = "https://api.eksempelbanken.example/dsop/v2"
NOW = 1795000060.0
RULES = TokenRules(
    issuer="https://test.maskinporten.no/",
    audiences=frozenset({AUDIENCE}),
    delegation_source="https://tt02.altinn.no",
    leeway=10,
    max_lifetime=120,
)
ORDINARY = {
    "iss": "https://test.maskinporten.no/",
    "aud": AUDIENCE,
    "scope": "bits:kontoinformasjon",
    "client_id": "3b1c7f02-5a64-4b8e-9d53-0c2a44e0a111",
    "client_amr": "virksomhetssertifikat",
    "token_type": "Bearer",
    "iat": 1795000000,
    "exp": 1795000120,
    "jti": "mQ2b7wJ1m4Qv0cWcT9e3x8sYd5oRz6uKfLhGaNiEpBk",
    "consumer": {"authority": "iso6523-actorid-upis", "ID": "0192:991825827"},
}
SUPPLIER = {"authority": "iso6523-actorid-upis", "ID": "0192:312345625"}
ALTINN = "https://tt02.altinn.no/"
ABSENT = object()


def grant_of(changes, now=NOW):
    claims = {name: value for name, value in {**ORDINARY, **changes}.items() if value is not ABSENT}
    return grant_from(claims, key_id="key-one", rules=RULES, now=now)


def expected(**changes):
    ordinary = {
        "consumer": "991825827",
        "supplier": "",
        "client_id": "3b1c7f02-5a64-4b8e-9d53-0c2a44e0a111",
        "client_amr": "virksomhetssertifikat",
        "jti": "mQ2b7wJ1m4Qv0cWcT9e3x8sYd5oRz6uKfLhGaNiEpBk",
        "issuer": "https://test.maskinporten.no/",
        "audience": AUDIENCE,
        "key_id": "key-one",
        "scopes": frozenset({"bits:kontoinformasjon"}),
        "issued_at": 1795000000,
        "expires_at": 1795000120,
        "pid": "",
        "has_authorization_details": False,
    }
    return Grant(**ordinary | changes)


DELEGATED = {"supplier": SUPPLIER, "delegation_source": ALTINN}


@pytest.mark.parametrize(
    ("changes", "facts"),
    [
        pytest.param({}, {}, id="ordinary"),
        pytest.param({"aud": [AUDIENCE]}, {}, id="TOK-11 one audience in a list"),
        pytest.param({"token_type": ABSENT}, {}, id="TOK-19 no token type"),
        pytest.param({"token_type": "bEARER"}, {}, id="TOK-19 bearer in any letter case"),
        pytest.param({"nbf": 1795000070}, {}, id="TOK-15 nbf within the leeway"),
        pytest.param({"jti": "j" * 255}, {"jti": "j" * 255}, id="TOK-21 an id of 255 characters"),
        pytest.param({"scope": "a  b c"}, {"scopes": {"a", "b", "c"}}, id="TOK-18 split on blanks"),
        pytest.param({"scope": ""}, {"scopes": set()}, id="TOK-18 an empty scope proves none"),
        pytest.param({"scope": ABSENT}, {"scopes": set()}, id="TOK-18 no scope proves none"),
        pytest.param({"scope": ["bits:kontoinformasjon"]}, {"scopes": set()}, id="TOK-18 a list proves none"),
        pytest.param(
            {"scope": "xbits:kontoinformasjon bits:kontoinformasjon.oed"},
            {"scopes": {"xbits:kontoinformasjon", "bits:kontoinformasjon.oed"}},
            id="TOK-18 words that only hold the scope",
        ),
        pytest.param(
            {"scope": "a\tb c\u0000 ø d"}, {"scopes": {"d"}}, id="TOK-18 words of other characters prove none"
        ),
        pytest.param({"pid": "15869010089"}, {"pid": "15869010089"}, id="AUT-06 restricted to a person"),
        pytest.param(DELEGATED, {"supplier": "312345625"}, id="AUT-02 a supplier gives no access of its own"),
        pytest.param(
            DELEGATED | {"delegation_source": "https://tt02.altinn.no"},
            {"supplier": "312345625"},
            id="AUT-03 Altinn without its slash",
        ),
        pytest.param({"client_orgno": "974761076"}, {}, id="AUT-01 client_orgno is not read"),
        pytest.param({"client_id": "974761076"}, {"client_id": "974761076"}, id="AUT-01 client_id is not the consumer"),
        pytest.param(
            {"client_id": ["x"], "client_amr": 7}, {"client_id": "", "client_amr": ""}, id="odd client claims"
        ),
        pytest.param(
            {"client_id": "a\r\nb\u0000" + "c" * 300}, {"client_id": "ab" + "c" * 250}, id="LOG-03 cut and cleaned"
        ),
        pytest.param({"authorization_details": []}, {}, id="AUT-07 an empty list of details"),
        pytest.param({"authorization_details": None}, {}, id="AUT-07 details null"),
        pytest.param(
            {"authorization_details": [{"type": "urn:altinn:systemuser", "systemuser_org": SUPPLIER}]},
            {"has_authorization_details": True},
            id="AUT-07 a system user is noted, its organisation never read",
        ),
        pytest.param(
            {"authorization_details": {}}, {"has_authorization_details": True}, id="AUT-07 details of odd form"
        ),
        pytest.param({"authorization_details": False}, {"has_authorization_details": True}, id="AUT-07 details false"),
    ],
)
def test_what_a_token_proves(changes, facts):
    assert grant_of(changes) == expected(**facts)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        pytest.param({"aud": ABSENT}, TokenAudience, id="TOK-10 no audience"),
        pytest.param({"aud": ""}, TokenAudience, id="TOK-10 an empty audience"),
        pytest.param({"aud": None}, TokenAudience, id="TOK-10 audience null"),
        pytest.param({"aud": "unspecified"}, TokenAudience, id="TOK-10 audience unspecified"),
        pytest.param({"aud": "https://api.annenbank.example/dsop/v2"}, TokenAudience, id="TOK-10 another bank"),
        pytest.param({"aud": AUDIENCE.upper()}, TokenAudience, id="TOK-10 another letter case"),
        pytest.param({"aud": {AUDIENCE: 1}}, TokenAudience, id="TOK-10 an object"),
        pytest.param({"aud": 1}, TokenAudience, id="TOK-10 a number"),
        pytest.param({"aud": []}, TokenAudience, id="TOK-11 no audience in the list"),
        pytest.param({"aud": [AUDIENCE, AUDIENCE]}, TokenAudience, id="TOK-11 the same audience twice"),
        pytest.param({"aud": [AUDIENCE, "https://other.example"]}, TokenAudience, id="TOK-11 two audiences"),
        pytest.param({"aud": [[AUDIENCE]]}, TokenAudience, id="TOK-11 a list in the list"),
        pytest.param({"aud": AUDIENCE + "/"}, TokenAudience, id="TOK-12 an extra slash"),
        pytest.param(
            {"aud": AUDIENCE.replace("example/", "example:443/")}, TokenAudience, id="TOK-12 the default port"
        ),
        pytest.param({"aud": AUDIENCE.replace("dsop", "%64sop")}, TokenAudience, id="TOK-12 percent-encoded"),
        pytest.param({"exp": ABSENT}, TokenTimes, id="TOK-13 no exp"),
        pytest.param({"exp": None}, TokenTimes, id="TOK-13 exp null"),
        pytest.param({"exp": "1795000120"}, TokenTimes, id="TOK-13 exp as text"),
        pytest.param({"exp": True}, TokenTimes, id="TOK-13 exp true"),
        pytest.param({"exp": 1795000120.0}, TokenTimes, id="TOK-13 exp with a decimal point"),
        pytest.param({"exp": float("inf")}, TokenTimes, id="TOK-13 exp without end"),
        pytest.param({"exp": 10**4000}, TokenLifetime, id="TOK-13 exp of four thousand digits"),
        pytest.param({"exp": 1795000050, "iat": 1795000000}, TokenExpired, id="TOK-13 and -16 exp ten seconds ago"),
        pytest.param({"exp": 0}, TokenExpired, id="TOK-13 exp zero"),
        pytest.param({"iat": ABSENT}, TokenTimes, id="TOK-14 no iat"),
        pytest.param({"iat": "1795000000"}, TokenTimes, id="TOK-14 iat as text"),
        pytest.param({"iat": False}, TokenTimes, id="TOK-14 iat false"),
        pytest.param({"iat": 1795000071, "exp": 1795000120}, TokenTimes, id="TOK-14 iat eleven seconds ahead"),
        pytest.param({"nbf": 1795000071}, TokenTimes, id="TOK-15 nbf eleven seconds ahead"),
        pytest.param({"nbf": "1795000000"}, TokenTimes, id="TOK-15 nbf as text"),
        pytest.param({"nbf": None}, TokenTimes, id="TOK-15 nbf null"),
        pytest.param({"nbf": True}, TokenTimes, id="TOK-15 nbf true"),
        pytest.param({"exp": 1795000121}, TokenLifetime, id="TOK-17 a lifetime of 121 seconds"),
        pytest.param({"iat": 1795000060, "exp": 1795000060}, TokenTimes, id="TOK-17 no lifetime"),
        pytest.param({"iat": 1795000065, "exp": 1795000064}, TokenTimes, id="TOK-17 a lifetime backwards"),
        pytest.param({"token_type": "DPoP"}, TokenClaims, id="TOK-19 another token type"),
        pytest.param({"token_type": ""}, TokenClaims, id="TOK-19 an empty token type"),
        pytest.param({"token_type": None}, TokenClaims, id="TOK-19 token type null"),
        pytest.param({"token_type": ["Bearer"]}, TokenClaims, id="TOK-19 a list of token types"),
        pytest.param({"jti": ABSENT}, TokenClaims, id="TOK-21 no id"),
        pytest.param({"jti": ""}, TokenClaims, id="TOK-21 an empty id"),
        pytest.param({"jti": "j" * 256}, TokenClaims, id="TOK-21 an id of 256 characters"),
        pytest.param({"jti": 7}, TokenClaims, id="TOK-21 a number as id"),
        pytest.param({"jti": "a\u0000b"}, TokenClaims, id="TOK-21 an id no database can hold"),
        pytest.param({"jti": "a\ud800b"}, TokenClaims, id="TOK-21 an id that is no text"),
        pytest.param({"cnf": {"jkt": "x"}}, TokenBound, id="TOK-23 bound to a key"),
        pytest.param({"cnf": None}, TokenBound, id="TOK-23 bound to nothing"),
        pytest.param({"pid": ""}, TokenClaims, id="AUT-06 an empty person"),
        pytest.param({"pid": None}, TokenClaims, id="AUT-06 person null"),
        pytest.param({"pid": 15869010089}, TokenClaims, id="AUT-06 a person as number"),
        pytest.param({"pid": "1586901008"}, TokenClaims, id="AUT-06 a person of ten digits"),
        pytest.param({"pid": "١٥٨٦٩٠١٠٠٨٩"}, TokenClaims, id="AUT-06 a person in other digits"),
        pytest.param({"pid": "15869010089\n"}, TokenClaims, id="AUT-06 a person and a line break"),
    ],
)
def test_what_is_refused_with_401(changes, refusal):
    with pytest.raises(refusal) as refused:
        grant_of(changes)
    assert (refused.type, refused.value.status_code, refused.value.default_code) == (refusal, 401, "ACC-010")


def party(number, authority="iso6523-actorid-upis"):
    return {"authority": authority, "ID": number}


PARTIES = [
    pytest.param(None, id="null"),
    pytest.param("0192:991825827", id="a text"),
    pytest.param([party("0192:991825827")], id="a list"),
    pytest.param({}, id="an empty object"),
    pytest.param({"ID": "0192:991825827"}, id="no authority"),
    pytest.param(party("0192:991825827", "iso6523-actorid"), id="another authority"),
    pytest.param(party("0192:991825827", None), id="authority null"),
    pytest.param({"authority": "iso6523-actorid-upis", "id": "0192:991825827"}, id="id in small letters"),
    pytest.param(party("991825827"), id="no 0192"),
    pytest.param(party("9908:991825827"), id="another register"),
    pytest.param(party("0192: 991825827"), id="a blank after the colon"),
    pytest.param(party("0192:991825827 "), id="a blank at the end"),
    pytest.param(party("0192:991825827\n"), id="a line break at the end"),
    pytest.param(party("0192:99182582"), id="eight digits"),
    pytest.param(party("0192:9918258270"), id="ten digits"),
    pytest.param(party("0192:991825827:1"), id="a third element"),
    pytest.param(party("0192:٩٩١٨٢٥٨٢٧"), id="other digits"),
    pytest.param(party(991825827), id="a number"),
    pytest.param(party(["0192:991825827"]), id="a list as ID"),
]


@pytest.mark.parametrize("consumer", PARTIES)
def test_tok_20_a_consumer_of_another_form(consumer):
    with pytest.raises(TokenConsumer):
        grant_of({"consumer": consumer})


def test_tok_20_client_orgno_in_place_of_the_consumer():
    with pytest.raises(TokenConsumer):
        grant_of({"consumer": ABSENT, "client_orgno": "991825827"})


def test_aut_07_a_system_users_organisation_in_place_of_the_consumer():
    with pytest.raises(TokenConsumer):
        grant_of({"consumer": ABSENT, "authorization_details": [{"systemuser_org": party("0192:991825827")}]})


@pytest.mark.parametrize("supplier", PARTIES)
def test_aut_03_a_supplier_of_another_form(supplier):
    with pytest.raises(SupplierInvalid):
        grant_of({"supplier": supplier, "delegation_source": ALTINN})


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"supplier": SUPPLIER}, id="AUT-03 no source of the delegation"),
        pytest.param(
            DELEGATED | {"delegation_source": "https://www.altinn.no/"}, id="AUT-03 production's Altinn in test"
        ),
        pytest.param(DELEGATED | {"delegation_source": "https://tt02.altinn.no//"}, id="AUT-03 two slashes"),
        pytest.param(DELEGATED | {"delegation_source": "https://tt02.altinn.no/x"}, id="AUT-03 another path"),
        pytest.param(DELEGATED | {"delegation_source": [ALTINN]}, id="AUT-03 a list of sources"),
        pytest.param(DELEGATED | {"delegation_source": None}, id="AUT-03 source null"),
        pytest.param({"delegation_source": ALTINN}, id="AUT-03 a source without a supplier"),
        pytest.param({"delegation_source": None}, id="AUT-03 source null without a supplier"),
    ],
)
def test_aut_03_is_403_and_says_what_the_token_proved(changes):
    with pytest.raises(SupplierInvalid) as refused:
        grant_of(changes)
    assert (refused.value.status_code, refused.value.default_code) == (403, "ACC-011")
    assert refused.value.grant == expected(supplier="312345625" if "supplier" in changes else "")


@pytest.mark.parametrize(
    ("moment", "refusal"),
    [
        pytest.param(1795000000 - 10.5, TokenTimes, id="TOK-14 before the leeway"),
        pytest.param(1795000000 - 10, None, id="TOK-16 the leeway before it was issued"),
        pytest.param(1795000000, None, id="as it is issued"),
        pytest.param(1795000120, None, id="as it expires"),
        pytest.param(1795000129.999, None, id="TOK-16 the leeway's last moment"),
        pytest.param(1795000130, TokenExpired, id="TOK-16 the leeway is over"),
    ],
)
def test_tok_16_the_leeway_to_the_moment(moment, refusal):
    if refusal is None:
        assert grant_of({}, now=moment) == expected()
    else:
        with pytest.raises(refusal):
            grant_of({}, now=moment)
