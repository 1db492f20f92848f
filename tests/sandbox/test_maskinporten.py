"""The stand-in gives what Maskinporten gives and refuses what it refuses, asked over real HTTP."""

import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import SimpleNamespace
from urllib.parse import urlencode

import jwt
import pytest
import urllib3
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings as django_settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.test.testcases import QuietWSGIRequestHandler
from django.urls import include, path

from sandbox.maskinporten import clients, grants, jws, keys, refusals

urlpatterns = [path("sandbox/maskinporten/", include("sandbox.maskinporten.urls"))]

SKATTEETATEN, NAV = "974761076", "889640782"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def keys_folder(tmp_path_factory):
    """A sandbox folder with the keys of both clients that ask here."""
    folder = tmp_path_factory.mktemp("sandbox")
    for organisation in (SKATTEETATEN, clients.VENDOR):
        clients.private_key(folder / "maskinporten", organisation)
    return folder


@pytest.fixture
def maskinporten(keys_folder, settings):
    """The stand-in behind a real socket."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
    settings.ROOT_URLCONF, settings.MIDDLEWARE, settings.SANDBOX_FOLDER = __name__, [], keys_folder
    settings.MASKINPORTEN_ISSUER = f"http://127.0.0.1:{server.server_port}/sandbox/maskinporten/"
    server.set_app(WSGIHandler())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    with urllib3.PoolManager(retries=False, timeout=5) as http:
        yield SimpleNamespace(issuer=settings.MASKINPORTEN_ISSUER, folder=keys_folder / "maskinporten", http=http)
    server.shutdown()
    thread.join()
    server.server_close()


def grant(issuer, folder, *, organisation=SKATTEETATEN, header=None, claims=None, signed_by=None):
    """Return a good grant with some members replaced; None removes one."""
    key = clients.private_key(folder, organisation)
    now = int(time.time())
    good = {
        "aud": issuer,
        "iss": clients.client_id_of(organisation),
        "iat": now,
        "exp": now + 120,
        "jti": str(uuid.uuid4()),
        "scope": "bits:kontoinformasjon",
    }
    headers = {"alg": "RS256", "kid": key.kid} | (header or {})
    members = good | {name: value(now) if callable(value) else value for name, value in (claims or {}).items()}
    return jws.sign(present(headers), present(members), signed_by or key.private)


def present(members):
    return {name: value for name, value in members.items() if value is not None}


def ask(maskinporten, assertion):
    form = urlencode({"grant_type": JWT_BEARER, "assertion": assertion})
    return maskinporten.http.request("POST", f"{maskinporten.issuer}token", body=form, headers=FORM)


def token_of(maskinporten, **changes):
    answer = ask(maskinporten, grant(maskinporten.issuer, maskinporten.folder, **changes))
    assert answer.status == 200, answer.data
    return answer.json()["access_token"]


def claims_of(token):
    return jwt.decode(token, options={"verify_signature": False})


# --- what it publishes ---


def test_metadata(maskinporten):
    answer = maskinporten.http.request("GET", f"{maskinporten.issuer}.well-known/oauth-authorization-server")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.json() == {
        "issuer": maskinporten.issuer,
        "token_endpoint": f"{maskinporten.issuer}token",
        "jwks_uri": f"{maskinporten.issuer}jwk",
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "RS384", "RS512"],
        "grant_types_supported": [JWT_BEARER],
        "authorization_details_types_supported": ["urn:altinn:systemuser", "urn:altinn:consent"],
    }


def test_the_key_set_holds_two_public_keys_and_nothing_private(maskinporten):
    answer = maskinporten.http.request("GET", f"{maskinporten.issuer}jwk")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    published = answer.json()["keys"]
    assert [(set(key), key["kty"], key["use"], key["alg"], len(key["kid"])) for key in published] == [
        ({"kty", "use", "alg", "kid", "e", "n"}, "RSA", "sig", "RS256", 43)
    ] * 2
    assert published[0]["kid"] != published[1]["kid"]
    assert all(jwt.PyJWK(key).key.key_size >= 2048 for key in published)


def test_a_removed_key_is_replaced(maskinporten, tmp_path, settings):
    settings.SANDBOX_FOLDER = tmp_path

    def published():
        answer = maskinporten.http.request("GET", f"{maskinporten.issuer}jwk").json()
        return [key["kid"] for key in answer["keys"]]

    before = published()
    (tmp_path / "maskinporten" / "signing-1.pem").unlink()
    after = published()
    assert after[0] not in before
    assert after[1] == before[1]


@pytest.mark.parametrize("address", [".well-known/oauth-authorization-server", "jwk"])
def test_what_is_published_is_only_read(maskinporten, address):
    answer = maskinporten.http.request("POST", f"{maskinporten.issuer}{address}", body="", headers=FORM)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert answer.json() == {"error": "invalid_request", "error_description": "Only GET is allowed."}


# --- what it gives ---


def test_an_access_token(maskinporten):
    resource = "https://api.eksempelbanken.example/dsop/v2"
    before = int(time.time())
    answer = ask(maskinporten, grant(maskinporten.issuer, maskinporten.folder, claims={"resource": resource}))
    document = answer.json()
    token = document.pop("access_token")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.headers["Cache-Control"] == "no-store"
    assert document == {"token_type": "Bearer", "expires_in": 120, "scope": "bits:kontoinformasjon"}

    published = maskinporten.http.request("GET", f"{maskinporten.issuer}jwk").json()["keys"]
    assert jwt.get_unverified_header(token) == {"alg": "RS256", "kid": published[0]["kid"]}
    claims = jwt.decode(token, jwt.PyJWK(published[0]), algorithms=["RS256"], audience=resource)
    issued_at, jti = claims.pop("iat"), claims.pop("jti")
    assert before <= issued_at <= time.time()
    assert len(jti) == 43
    assert claims == {
        "iss": maskinporten.issuer,
        "aud": resource,
        "scope": "bits:kontoinformasjon",
        "client_id": clients.client_id_of(SKATTEETATEN),
        "client_amr": "private_key_jwt",
        "token_type": "Bearer",
        "exp": issued_at + 120,
        "consumer": {"authority": "iso6523-actorid-upis", "ID": "0192:974761076"},
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, {"aud": "unspecified"}, id="no resource: no audience"),
        pytest.param({"claims": {"resource": ["https://a.example"]}}, {"aud": "https://a.example"}, id="one in a list"),
        pytest.param(
            {"claims": {"resource": ["https://a.example", "https://b.example"]}},
            {"aud": ["https://a.example", "https://b.example"]},
            id="two resources: two audiences",
        ),
        pytest.param(
            {"claims": {"scope": "bits:kundeforhold bits:kundeforhold.konto"}},
            {"scope": "bits:kundeforhold bits:kundeforhold.konto"},
            id="two scopes",
        ),
        pytest.param({"claims": {"pid": "15869010089"}}, {"pid": "15869010089"}, id="restricted to one person"),
        pytest.param(
            {"organisation": clients.VENDOR, "claims": {"consumer_org": NAV}},
            {
                "client_id": clients.client_id_of(clients.VENDOR),
                "consumer": {"authority": "iso6523-actorid-upis", "ID": f"0192:{NAV}"},
                "supplier": {"authority": "iso6523-actorid-upis", "ID": f"0192:{clients.VENDOR}"},
                "delegation_source": "https://tt02.altinn.no/",
            },
            id="delegated to a vendor",
        ),
    ],
)
def test_what_the_grant_asks_for_stands_in_the_token(maskinporten, changes, expected):
    plain, asked = claims_of(token_of(maskinporten)), claims_of(token_of(maskinporten, **changes))
    fresh = dict.fromkeys(("iat", "exp", "jti"), "")
    assert asked | fresh == plain | expected | fresh


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"jti": None}, id="no jti"),
        pytest.param({"sub": clients.client_id_of(SKATTEETATEN)}, id="sub like iss"),
        pytest.param({"exp": lambda now: now + 60}, id="shorter life"),
    ],
)
def test_what_is_accepted_too(maskinporten, claims):
    assert token_of(maskinporten, claims=claims)


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512"])
def test_algorithms_made_by_another_library(maskinporten, algorithm):
    key = clients.private_key(maskinporten.folder, SKATTEETATEN)
    claims = claims_of(grant(maskinporten.issuer, maskinporten.folder))
    answer = ask(maskinporten, jwt.encode(claims, key.private, algorithm=algorithm, headers={"kid": key.kid}))
    assert answer.status == 200


# --- what it refuses ---

STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CERTIFICATE = {"kid": None, "x5c": ["MIIB"]}

REFUSED_GRANTS = [
    pytest.param({"header": {"alg": "none"}}, refusals.WrongAlgorithm, id="alg none"),
    pytest.param({"header": {"alg": "HS256"}}, refusals.WrongAlgorithm, id="alg HS256 with the public key"),
    pytest.param({"header": {"alg": "PS256"}}, refusals.WrongAlgorithm, id="alg PS256"),
    pytest.param({"header": {"alg": ["RS256"]}}, refusals.WrongAlgorithm, id="alg in a list"),
    pytest.param({"header": {"alg": None}}, refusals.WrongAlgorithm, id="no alg"),
    pytest.param({"header": {"crit": ["exp"]}}, refusals.CriticalHeader, id="crit"),
    pytest.param({"header": {"kid": None}}, refusals.KeyNotNamed, id="neither kid nor x5c"),
    pytest.param({"header": {"x5c": ["MIIB"]}}, refusals.KeyNotNamed, id="both kid and x5c"),
    pytest.param({"header": CERTIFICATE}, refusals.CertificateNotSupported, id="x5c"),
    pytest.param({"header": {"kid": "another"}}, refusals.UnknownKey, id="unknown kid"),
    pytest.param({"header": {"kid": 7}}, refusals.UnknownKey, id="kid is a number"),
    pytest.param({"signed_by": STRANGER}, refusals.WrongSignature, id="signed by somebody else"),
    pytest.param({"header": {"alg": "RS384"}, "signed_by": STRANGER}, refusals.WrongSignature, id="RS384, other key"),
    pytest.param({"claims": {"iss": "nobody"}}, refusals.UnknownClient, id="unknown client"),
    pytest.param({"claims": {"iss": None}}, refusals.UnknownClient, id="no client"),
    pytest.param({"claims": {"iss": ["x"]}}, refusals.UnknownClient, id="client in a list"),
    pytest.param({"claims": {"iss": SKATTEETATEN}}, refusals.UnknownClient, id="organisation number as client"),
    pytest.param({"claims": {"iss": clients.client_id_of(NAV)}}, refusals.UnknownKey, id="client without a key"),
    pytest.param({"claims": {"aud": None}}, refusals.WrongAudience, id="no aud"),
    pytest.param({"claims": {"aud": "https://test.maskinporten.no/"}}, refusals.WrongAudience, id="aud of another"),
    pytest.param({"claims": {"iat": None}}, refusals.WrongTimes, id="no iat"),
    pytest.param({"claims": {"exp": None}}, refusals.WrongTimes, id="no exp"),
    pytest.param({"claims": {"exp": lambda now: str(now + 60)}}, refusals.WrongTimes, id="exp as text"),
    pytest.param({"claims": {"iat": True}}, refusals.WrongTimes, id="iat is true"),
    pytest.param({"claims": {"iat": float}}, refusals.WrongTimes, id="iat with a point"),
    pytest.param({"claims": {"exp": lambda now: now}}, refusals.WrongTimes, id="exp equals iat"),
    pytest.param({"claims": {"exp": lambda now: now + 121}}, refusals.TooLongLived, id="121 seconds"),
    pytest.param({"claims": {"exp": lambda now: now + 120_000}}, refusals.TooLongLived, id="120000 seconds"),
    pytest.param({"claims": {"iat": lambda now: now - 15}}, refusals.TooLongLived, id="old, with the usual exp"),
    pytest.param(
        {"claims": {"iat": lambda now: now - 15, "exp": lambda now: now + 60}}, refusals.NotIssuedNow, id="old"
    ),
    pytest.param({"claims": {"iat": lambda now: now + 15}}, refusals.NotIssuedNow, id="from the future"),
    pytest.param({"claims": {"iat": lambda now: now - 5, "exp": lambda now: now - 1}}, refusals.Expired, id="expired"),
    pytest.param({"claims": {"iat": 10**400, "exp": 10**400 + 1}}, refusals.NotIssuedNow, id="end of the universe"),
    pytest.param({"claims": {"name": "x"}}, refusals.UnknownClaim, id="unknown claim"),
    pytest.param({"claims": {"authorization_details": []}}, refusals.UnknownClaim, id="system user"),
    pytest.param({"claims": {"sub": "somebody"}}, refusals.WrongClaim, id="sub of another"),
    pytest.param({"claims": {"jti": ""}}, refusals.WrongClaim, id="blank jti"),
    pytest.param({"claims": {"jti": 1}}, refusals.WrongClaim, id="jti is a number"),
    pytest.param({"claims": {"jti": "x" * 256}}, refusals.WrongClaim, id="jti too long"),
    pytest.param({"claims": {"jti": "\ud800"}}, refusals.WrongClaim, id="jti is half a character"),
    pytest.param({"claims": {"pid": "1586901008"}}, refusals.WrongClaim, id="pid of ten digits"),
    pytest.param({"claims": {"resource": ""}}, refusals.WrongClaim, id="blank resource"),
    pytest.param({"claims": {"resource": []}}, refusals.WrongClaim, id="empty list of resources"),
    pytest.param({"claims": {"resource": [1]}}, refusals.WrongClaim, id="resource is a number"),
    pytest.param({"claims": {"scope": ["bits:kontoinformasjon"]}}, refusals.WrongClaim, id="scope in a list"),
    pytest.param({"claims": {"scope": None}}, refusals.ScopeMissing, id="no scope"),
    pytest.param({"claims": {"scope": ""}}, refusals.ScopeMissing, id="blank scope"),
    pytest.param({"claims": {"scope": "bits:kundeforhold.write"}}, refusals.ScopeNotRegistered, id="other scope"),
    pytest.param(
        {"claims": {"scope": "bits:kontoinformasjon skatteetaten:aktivkonto"}},
        refusals.ScopeNotRegistered,
        id="one scope right, one not",
    ),
    pytest.param({"claims": {"scope": " bits:kundeforhold"}}, refusals.ScopeNotRegistered, id="blank before the scope"),
    pytest.param({"claims": {"consumer_org": SKATTEETATEN}}, refusals.ConsumerIsClient, id="acts for itself"),
    pytest.param({"claims": {"consumer_org": NAV}}, refusals.NotDelegated, id="nothing delegated to this client"),
    pytest.param({"claims": {"consumer_org": f"0192:{NAV}"}}, refusals.WrongClaim, id="consumer_org with 0192"),
    pytest.param(
        {"organisation": clients.VENDOR, "claims": {"consumer_org": "213456008"}},
        refusals.NotDelegated,
        id="vendor for one that has not delegated",
    ),
    pytest.param({"organisation": clients.VENDOR}, refusals.ScopeNotRegistered, id="vendor for itself"),
]


def document_of(refusal):
    return {"error": refusal.error, "error_description": refusal.description}


def refused(answer, refusal):
    assert (answer.status, answer.json()) == (refusal.status, document_of(refusal))
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("changes", "refusal"), REFUSED_GRANTS)
def test_a_grant_is_refused(maskinporten, changes, refusal):
    refused(ask(maskinporten, grant(maskinporten.issuer, maskinporten.folder, **changes)), refusal)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda issuer: issuer.removesuffix("/"), id="without the slash"),
        pytest.param(lambda issuer: f"{issuer}token", id="the token endpoint"),
        pytest.param(lambda issuer: [issuer], id="in a list"),
        pytest.param(lambda issuer: [issuer, "https://other.example/"], id="one of two"),
    ],
)
def test_the_audience_is_the_issuer_alone(maskinporten, wrong):
    claims = {"aud": wrong(maskinporten.issuer)}
    refused(ask(maskinporten, grant(maskinporten.issuer, maskinporten.folder, claims=claims)), refusals.WrongAudience)


def bad_segment(text, position, replacement):
    segments = text.split(".")
    segments[position] = replacement
    return ".".join(segments)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda text: "x", id="no JWT at all"),
        pytest.param(lambda text: text.rpartition(".")[0], id="two segments"),
        pytest.param(lambda text: f"{text}.x", id="four segments"),
        pytest.param(lambda text: f"{text}==", id="padding"),
        pytest.param(lambda text: f" {text}", id="blank before"),
        pytest.param(lambda text: f"{text}\n", id="line end after"),
        pytest.param(lambda text: text.replace(".", ".%", 1), id="other characters"),
        pytest.param(
            lambda text: bad_segment(text, 0, jws.base64url(b'{"alg":"RS256","alg":"none"}')), id="doubled alg"
        ),
        pytest.param(lambda text: bad_segment(text, 1, jws.base64url(b"[]")), id="claims are a list"),
        pytest.param(lambda text: bad_segment(text, 1, jws.base64url(b'{"iat":NaN}')), id="not a number"),
        pytest.param(lambda text: bad_segment(text, 1, jws.base64url(b"\xff\xfe{}")), id="not UTF-8"),
        pytest.param(lambda text: bad_segment(text, 1, jws.base64url(b"[" * 9000)), id="very deep"),
        pytest.param(lambda text: bad_segment(text, 1, jws.base64url(b"")), id="no claims"),
    ],
)
def test_what_is_no_jwt_is_refused(maskinporten, spoil):
    assertion = spoil(grant(maskinporten.issuer, maskinporten.folder))
    refused(ask(maskinporten, assertion), refusals.MalformedAssertion)


def test_changed_claims_do_not_keep_the_signature(maskinporten):
    vendor = {"organisation": clients.VENDOR}
    one = grant(maskinporten.issuer, maskinporten.folder, **vendor, claims={"consumer_org": NAV})
    other = grant(maskinporten.issuer, maskinporten.folder, **vendor, claims={"consumer_org": SKATTEETATEN})
    mixed = bad_segment(one, 1, other.split(".")[1])
    refused(ask(maskinporten, mixed), refusals.WrongSignature)


@pytest.mark.parametrize(
    "claims",
    [pytest.param({}, id="by its jti"), pytest.param({"jti": None}, id="without jti by the whole of it")],
)
def test_a_grant_is_used_once(maskinporten, claims):
    assertion = grant(maskinporten.issuer, maskinporten.folder, claims=claims)
    assert ask(maskinporten, assertion).status == 200
    refused(ask(maskinporten, assertion), refusals.UsedBefore)


def test_another_grant_with_a_used_jti_is_refused(maskinporten):
    token_of(maskinporten, claims={"jti": "same"})
    again = grant(maskinporten.issuer, maskinporten.folder, claims={"jti": "same", "scope": "bits:kundeforhold"})
    refused(ask(maskinporten, again), refusals.UsedBefore)


def test_two_clients_may_use_the_same_jti(maskinporten):
    token_of(maskinporten, claims={"jti": "shared"})
    assert token_of(maskinporten, organisation=clients.VENDOR, claims={"jti": "shared", "consumer_org": NAV})


def test_a_refused_grant_is_not_used_up(maskinporten):
    wrong = grant(maskinporten.issuer, maskinporten.folder, claims={"jti": "again", "scope": "other"})
    refused(ask(maskinporten, wrong), refusals.ScopeNotRegistered)
    assert token_of(maskinporten, claims={"jti": "again"})


def good_form(assertion):
    return {"grant_type": JWT_BEARER, "assertion": assertion}


REFUSED_FORMS = [
    pytest.param(lambda a: "", FORM, refusals.GrantTypeMissing, id="empty"),
    pytest.param(lambda a: urlencode({"assertion": a}), FORM, refusals.GrantTypeMissing, id="no grant_type"),
    pytest.param(lambda a: urlencode({"grant_type": JWT_BEARER}), FORM, refusals.AssertionMissing, id="no assertion"),
    pytest.param(lambda a: urlencode(good_form("")), FORM, refusals.AssertionMissing, id="blank assertion"),
    pytest.param(
        lambda a: urlencode(good_form(a) | {"grant_type": "client_credentials"}),
        FORM,
        refusals.WrongGrantType,
        id="other grant_type",
    ),
    pytest.param(
        lambda a: f"{urlencode(good_form(a))}&assertion={a}", FORM, refusals.DoubledParameter, id="two assertions"
    ),
    pytest.param(
        lambda a: f"{urlencode(good_form(a))}&grant_type=x", FORM, refusals.DoubledParameter, id="two grant types"
    ),
    pytest.param(lambda a: f"{urlencode(good_form(a))}&x", FORM, refusals.MalformedForm, id="a name without value"),
    pytest.param(lambda a: "grant_type=%FF", FORM, refusals.MalformedForm, id="not UTF-8"),
    pytest.param(lambda a: "grant_type=\u00f8".encode(), FORM, refusals.MalformedForm, id="not ASCII"),
    pytest.param(lambda a: "&".join(f"a{n}=1" for n in range(30)), FORM, refusals.MalformedForm, id="many fields"),
    pytest.param(lambda a: urlencode(good_form(a) | {"x": "x" * 32_768}), FORM, refusals.TooLarge, id="over 32 kB"),
    pytest.param(
        lambda a: urlencode(good_form(a)), {"Content-Type": "application/json"}, refusals.WrongContentType, id="JSON"
    ),
    pytest.param(lambda a: urlencode(good_form(a)), {}, refusals.WrongContentType, id="no content type"),
]


@pytest.mark.parametrize(("body", "headers", "refusal"), REFUSED_FORMS)
def test_a_form_is_refused(maskinporten, body, headers, refusal):
    text = body(grant(maskinporten.issuer, maskinporten.folder))
    refused(maskinporten.http.request("POST", f"{maskinporten.issuer}token", body=text, headers=headers), refusal)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
def test_only_post_earns_a_token(maskinporten, method):
    answer = maskinporten.http.request(method, f"{maskinporten.issuer}token")
    refused(answer, refusals.PostOnly)
    assert answer.headers["Allow"] == "POST"


def test_every_refusal_is_tried():
    in_tables = {case.values[-1] for case in (*REFUSED_GRANTS, *REFUSED_FORMS)}
    in_tests = {refusals.MalformedAssertion, refusals.UsedBefore, refusals.PostOnly}
    in_tests |= {refusals.InvalidCertificate, refusals.NoSystemUser, refusals.NoConsent}  # test_maskinporten_bank.py
    all_of_them = {kind for kind in vars(refusals).values() if isinstance(kind, type) and hasattr(kind, "description")}
    assert in_tables | in_tests == all_of_them


# --- to the second ---


@pytest.mark.parametrize(
    ("issued", "expires", "refusal"),
    [
        pytest.param(-10, 60, None, id="ten seconds old"),
        pytest.param(-11, 60, refusals.NotIssuedNow, id="eleven seconds old"),
        pytest.param(10, 60, None, id="ten seconds ahead"),
        pytest.param(11, 60, refusals.NotIssuedNow, id="eleven seconds ahead"),
        pytest.param(0, 120, None, id="lives 120 seconds"),
        pytest.param(0, 121, refusals.TooLongLived, id="lives 121 seconds"),
        pytest.param(-2, 1, None, id="one second left"),
        pytest.param(-2, 0, refusals.Expired, id="expires now"),
    ],
)
def test_times_to_the_second(keys_folder, issued, expires, refusal):
    now, folder = 1_795_000_000, keys_folder / "maskinporten"
    assertion = grant("https://issuer.example/", folder, claims={"iat": now + issued, "exp": now + expires})
    try:
        grants.granted(assertion, issuer="https://issuer.example/", folder=folder, now=now)
        outcome = None
    except refusals.Refused as error:
        outcome = type(error)
    assert outcome is refusal


def test_marks_of_expired_grants_are_swept_away(keys_folder, tmp_path):
    folder = tmp_path / "maskinporten"
    (folder / "clients").mkdir(parents=True)
    name = f"clients/{SKATTEETATEN}.pem"
    (folder / name).write_bytes((keys_folder / "maskinporten" / name).read_bytes())
    start = 1_795_000_000
    left = []
    for now in (start, start + 60, start + 241):
        assertion = grant("https://issuer.example/", folder, claims={"iat": now, "exp": now + 120})
        grants.granted(assertion, issuer="https://issuer.example/", folder=folder, now=now)
        left.append(len(list((folder / "used").iterdir())))
    assert left == [1, 2, 2]


# --- its keys on disk ---


def test_keys_lie_closed(tmp_path):
    folder = tmp_path / "maskinporten"
    keys.signing_keys(folder)
    clients.private_key(folder, SKATTEETATEN)
    modes = {str(path.relative_to(tmp_path)): oct(path.stat().st_mode & 0o777) for path in tmp_path.rglob("*")}
    assert modes == {
        "maskinporten": "0o700",
        "maskinporten/signing-1.pem": "0o600",
        "maskinporten/signing-2.pem": "0o600",
        "maskinporten/clients": "0o700",
        f"maskinporten/clients/{SKATTEETATEN}.pem": "0o600",
    }


def test_processes_that_want_the_first_key_at_once_get_the_same(tmp_path):
    program = (
        "import sys, pathlib; from sandbox.maskinporten import keys; print(keys.key(pathlib.Path(sys.argv[1])).kid)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "keys" / "one.pem")]
    asking = [
        subprocess.Popen(command, cwd=django_settings.BASE_DIR, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    answers = [process.communicate(timeout=60)[0] for process in asking]
    assert len(set(answers)) == 1 and len(answers[0].strip()) == 43
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["one.pem"]


# --- under the shipped server, two workers ---


def test_a_grant_is_used_once_over_both_workers(server):
    shipped = SimpleNamespace(
        issuer=f"http://{server.host}:{server.port}/sandbox/maskinporten/", http=urllib3.PoolManager(maxsize=8)
    )
    for _ in range(5):
        same = [grant(shipped.issuer, keys.folder())] * 8
        with ThreadPoolExecutor(8) as pool:
            statuses = Counter(answer.status for answer in pool.map(partial(ask, shipped), same))
        assert statuses == {200: 1, 400: 7}
