"""What the stand-in for Maskinporten gives the bank and its vendor: certificates, system users and consents."""

import base64
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from sandbox.certpub import enterprise
from sandbox.certpub.authority import existing_authority
from sandbox.certpub.issuing import made
from sandbox.certpub.site import Site
from sandbox.counterparts.state import shelf
from sandbox.maskinporten import clients, jws, keys, refusals
from tests import cluster

ISSUER = cluster.ENVIRONMENT["MASKINPORTEN_ISSUER"]
SITE = Site(cluster.FOLDER, f"http://127.0.0.1:{cluster.PORT}")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
BSU, OTP = "skatteetaten:innrapporteringboligsparingungdom", "skatteetaten:tjenestepensjonsavtale"
BANK, VENDOR, STRANGER = clients.BANK_NUMBER, clients.BANK_VENDOR, "312345609"
CONSENT = "5c3ba8f1-2f83-4f06-9a8e-5d6a7f1a0b11"
PERSON = "urn:altinn:person:identifier-no:17816994780"
ANOTHER = "urn:altinn:person:identifier-no:46907200809"


def organisation(number):
    return {"authority": "iso6523-actorid-upis", "ID": f"0192:{number}"}


def system_user(number, **changes):
    return {"type": "urn:altinn:systemuser", "systemuser_org": organisation(number), **changes}


def consent(**changes):
    return {"type": "urn:altinn:consent", "id": CONSENT, "from": PERSON, **changes}


def chain():
    certificates = x509.load_pem_x509_certificates(enterprise.certificate_file(cluster.FOLDER).read_bytes())
    return [base64.b64encode(each.public_bytes(Encoding.DER)).decode() for each in certificates]


def another_certificate(*, number=BANK, usages=frozenset({"digital_signature"}), key=None, ours=True, **changes):
    """Return the bank's certificate as it should not be."""
    authority = existing_authority(SITE)
    wanted = enterprise.wanted(SITE, number=number, usages=usages, **changes)
    signer = authority.intermediate.signer if ours else authority.root.signer
    key = key or keys.key(clients.key_file(cluster.FOLDER / "maskinporten", BANK)).private
    certificate = made(wanted, key.public_key(), signer, datetime.now(UTC))
    return [base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()]


def ask(counterparts, *, organisation=BANK, header=None, scope=BSU, **claims):
    """Return the token endpoint's answer to a good grant with these changes."""
    key = clients.private_key(cluster.FOLDER / "maskinporten", organisation)
    now = int(time.time())
    members = {
        "aud": ISSUER,
        "iss": clients.client_id_of(organisation),
        "iat": now,
        "exp": now + 120,
        "jti": str(uuid.uuid4()),
        "scope": scope,
        **claims,
    }
    assertion = jws.sign({"alg": "RS256", **(header or {"kid": key.kid})}, members, key.private)
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
    return counterparts.ask("POST", "/sandbox/maskinporten/token", FORM, urlencode(form).encode())


def claims_of(answer):
    assert answer.status == 200, answer.data
    return jwt.decode(answer.json()["access_token"], options={"verify_signature": False})


def refused(answer, refusal):
    expected = {"error": refusal.error, "error_description": refusal.description}
    assert (answer.status, answer.json()) == (refusal.status, expected)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param({}, {}, id="by the key's id"),
        pytest.param(
            {"header": {"x5c": "chain"}}, {"client_amr": "virksomhetssertifikat"}, id="by enterprise certificate"
        ),
        pytest.param(
            {"scope": " ".join(sorted(clients.BANK_SCOPES))},
            {"scope": " ".join(sorted(clients.BANK_SCOPES))},
            id="every scope of the bank",
        ),
        pytest.param(
            {"organisation": VENDOR, "consumer_org": BANK},
            {
                "client_id": clients.client_id_of(VENDOR),
                "supplier": organisation(VENDOR),
                "delegation_source": "https://tt02.altinn.no/",
            },
            id="delegated to the bank's vendor",
        ),
    ],
)
def test_a_token_for_the_bank(counterparts, asked, expected):
    if "header" in asked:
        asked = {**asked, "header": {"x5c": chain()}}

    claims = claims_of(ask(counterparts, **asked))

    assert claims.pop("exp") - claims.pop("iat") == 120
    assert len(claims.pop("jti")) == 43
    assert claims == {
        "iss": ISSUER,
        "aud": "unspecified",
        "scope": BSU,
        "client_id": clients.client_id_of(BANK),
        "client_amr": "private_key_jwt",
        "token_type": "Bearer",
        "consumer": organisation(BANK),
        **expected,
    }


@pytest.mark.parametrize(
    ("client", "consumer"),
    [pytest.param(BANK, BANK, id="the bank's own system"), pytest.param(VENDOR, VENDOR, id="a vendor's system")],
)
def test_a_token_for_a_system_user(counterparts, client, consumer):
    """The consumer is the vendor, the system user's organisation is the customer."""
    claims = claims_of(ask(counterparts, organisation=client, authorization_details=[system_user(BANK)]))

    (entry,) = claims["authorization_details"]
    (identifier,) = entry.pop("systemuser_id")
    assert str(uuid.UUID(identifier)) == identifier
    assert entry == {
        "type": "urn:altinn:systemuser",
        "systemuser_org": organisation(BANK),
        "system_id": f"{client}_dsop_sandbox",
    }
    assert claims["consumer"] == organisation(consumer)
    assert "supplier" not in claims


@pytest.fixture
def given(stand_ins):
    """Return a function that lets the sandbox's Altinn hold a consent of the person."""

    def give(**changes):
        in_a_year = (datetime.now(UTC) + timedelta(days=365)).isoformat()
        kept = {
            "from": PERSON,
            "to": f"urn:altinn:organization:identifier-no:{BANK}",
            "consented": "2026-11-22T05:00:00+00:00",
            "validTo": in_a_year,
            "consentRights": [{"action": ["consent"], "resource": []}],
        }
        shelf("altinn3-consents", cluster.FOLDER)[CONSENT] = kept | changes
        return kept | changes

    return give


def test_a_token_for_a_consent(stand_ins, given):
    kept = given()

    claims = claims_of(ask(stand_ins, scope="lanekassen:lan/v1/saldoopplysninger", authorization_details=[consent()]))

    assert claims["authorization_details"] == [
        {
            "type": "urn:altinn:consent",
            "id": CONSENT,
            "from": PERSON,
            "to": organisation(BANK),
            "consented": kept["consented"],
            "validTo": kept["validTo"],
            "consentRights": kept["consentRights"],
        }
    ]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"from": ANOTHER}, id="of another person"),
        pytest.param({"to": f"urn:altinn:organization:identifier-no:{STRANGER}"}, id="to another bank"),
        pytest.param({"consented": ""}, id="asked for and not given"),
        pytest.param({"withdrawn": True}, id="taken back"),
        pytest.param({"validTo": "2026-11-21T00:00:00+00:00"}, id="over"),
    ],
)
def test_no_token_without_a_consent_in_force(stand_ins, given, changes):
    given(**changes)
    refused(ask(stand_ins, authorization_details=[consent()]), refusals.NoConsent)


def test_no_token_for_a_consent_nobody_knows(stand_ins):
    refused(ask(stand_ins, authorization_details=[consent()]), refusals.NoConsent)


REFUSED_DETAILS = [
    pytest.param([], refusals.WrongClaim, id="none"),
    pytest.param({}, refusals.WrongClaim, id="no list"),
    pytest.param([system_user(BANK)] * 2, refusals.WrongClaim, id="two customers"),
    pytest.param([{"type": "urn:altinn:else"}], refusals.WrongClaim, id="of an unknown type"),
    pytest.param([system_user(BANK, more=1)], refusals.WrongClaim, id="with a member too many"),
    pytest.param([{"type": "urn:altinn:systemuser"}], refusals.WrongClaim, id="no organisation"),
    pytest.param([system_user(BANK, systemuser_org=BANK)], refusals.WrongClaim, id="a bare organisation"),
    pytest.param(
        [system_user(BANK, systemuser_org={"authority": "iso6523-actorid-upis", "ID": BANK})],
        refusals.WrongClaim,
        id="organisation without 0192",
    ),
    pytest.param([system_user("21345600")], refusals.WrongClaim, id="organisation of eight digits"),
    pytest.param([system_user(STRANGER)], refusals.NoSystemUser, id="one that has approved nothing"),
    pytest.param([consent(id="5c3ba8f1")], refusals.WrongClaim, id="consent that is no UUID"),
    pytest.param([consent(**{"from": "17816994780"})], refusals.WrongClaim, id="person without the words before"),
]


@pytest.mark.parametrize(("details", "refusal"), REFUSED_DETAILS)
def test_details_are_refused(counterparts, details, refusal):
    refused(ask(counterparts, authorization_details=details), refusal)


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        pytest.param({"scope": "bits:kontoinformasjon"}, refusals.ScopeNotRegistered, id="an agency's scope"),
        pytest.param({"organisation": VENDOR}, refusals.ScopeNotRegistered, id="the vendor for itself"),
        pytest.param(
            {"organisation": VENDOR, "authorization_details": [consent()]},
            refusals.UnknownClaim,
            id="the vendor without a right to ask for consent",
        ),
        pytest.param(
            {"organisation": VENDOR, "header": {"x5c": ["MIIB"]}},
            refusals.CertificateNotSupported,
            id="the vendor by certificate",
        ),
        pytest.param({"header": {"x5c": []}}, refusals.InvalidCertificate, id="an empty chain"),
        pytest.param({"header": {"x5c": "MIIB"}}, refusals.InvalidCertificate, id="no list"),
        pytest.param({"header": {"x5c": [7]}}, refusals.InvalidCertificate, id="a number"),
        pytest.param({"header": {"x5c": ["MIIB"]}}, refusals.InvalidCertificate, id="no certificate"),
    ],
)
def test_a_grant_is_refused(counterparts, asked, refusal):
    refused(ask(counterparts, **asked), refusal)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        pytest.param({"number": STRANGER}, refusals.InvalidCertificate, id="another organisation's"),
        pytest.param({"usages": frozenset({"key_encipherment"})}, refusals.InvalidCertificate, id="for encryption"),
        pytest.param({"ours": False}, refusals.InvalidCertificate, id="not of the enterprises' authority"),
        pytest.param({"begins_in_days": 2}, refusals.InvalidCertificate, id="not valid yet"),
        pytest.param({"begins_in_days": -400}, refusals.InvalidCertificate, id="run out"),
        pytest.param(
            {"key": rsa.generate_private_key(public_exponent=65537, key_size=2048)},
            refusals.WrongSignature,
            id="of another key",
        ),
    ],
)
def test_a_certificate_is_refused(counterparts, changes, refusal):
    refused(ask(counterparts, header={"x5c": another_certificate(**changes)}), refusal)


def test_a_revoked_certificate_is_refused(counterparts):
    encoded = another_certificate()
    certificate = x509.load_der_x509_certificate(base64.b64decode(encoded[0]))
    assert ask(counterparts, header={"x5c": encoded}).status == 200
    existing_authority(SITE).register.revoke(certificate, at=datetime.now(UTC))
    refused(ask(counterparts, header={"x5c": encoded}), refusals.InvalidCertificate)


def test_the_certificate_lies_ready_beside_its_key():
    leaf, above = x509.load_pem_x509_certificates(enterprise.certificate_file(cluster.FOLDER).read_bytes())
    leaf.verify_directly_issued_by(above)
    key = clients.registered_key(Path(cluster.FOLDER) / "maskinporten", clients.BANK)
    assert leaf.public_key() == key.private.public_key()
