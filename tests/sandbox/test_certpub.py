"""The sandbox's certificate authority: what it and the agencies' certificates hold, and when they are made anew."""

import json
import os
import stat
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sandbox.certpub import agencies
from sandbox.certpub.issuing import read_certificates
from sandbox.certpub.preparing import prepare
from sandbox.certpub.site import Site
from tests import cluster

SKATTEETATEN = "974761076"
ENTERPRISE_CA = "CN=DSOP sandbox enterprise CA,O=DSOP sandbox,C=NO"
ROOT_CA = "CN=DSOP sandbox root CA,O=DSOP sandbox,C=NO"
NAMES = {NameOID.ORGANIZATION_IDENTIFIER: "organizationIdentifier", NameOID.SERIAL_NUMBER: "serialNumber"}


def is_there(value):
    return "present"


USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
)
SHOWN = {
    x509.BasicConstraints: lambda value: f"authority {value.path_length}" if value.ca else "no authority",
    x509.KeyUsage: lambda value: [name for name in USAGES if getattr(value, name)],
    x509.CertificatePolicies: lambda value: [policy.policy_identifier.dotted_string for policy in value],
    x509.CRLDistributionPoints: lambda value: [name.value for point in value for name in point.full_name],
    x509.AuthorityInformationAccess: lambda value: [
        f"{each.access_method._name} {each.access_location.value}" for each in value
    ],
    x509.ExtendedKeyUsage: list,
}


def told(certificate):
    """Return everything that stands in a certificate, apart from its numbers and keys, as one document."""
    begins_at, ends_at = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return {
        "subject": certificate.subject.rfc4514_string(NAMES),
        "issuer": certificate.issuer.rfc4514_string(),
        "days": (ends_at - begins_at).days,
        "key": type(certificate.public_key()).__name__.strip("_"),
        "bits": certificate.public_key().key_size,
        "hash": certificate.signature_hash_algorithm.name,
        **{
            each.oid._name: (
                SHOWN.get(type(each.value), is_there)(each.value),
                "critical" if each.critical else "not critical",
            )
            for each in certificate.extensions
        },
    }


def usual(site, **changes):
    document = {
        "issuer": ENTERPRISE_CA,
        "days": 365,
        "key": "RSAPublicKey",
        "bits": 2048,
        "hash": "sha256",
        "basicConstraints": ("no authority", "critical"),
        "subjectKeyIdentifier": ("present", "not critical"),
        "authorityKeyIdentifier": ("present", "not critical"),
        "cRLDistributionPoints": ([site.address("crl/intermediate.crl")], "not critical"),
        "authorityInfoAccess": ([f"OCSP {site.address('ocsp')}"], "not critical"),
    }
    return {name: value for name, value in (document | changes).items() if value is not None}


# --- the authority ---


def test_the_authority(certpub):
    site, files = certpub.site, ("roots.pem", "intermediates.pem", "ocsp.pem")
    found = [[told(each) for each in read_certificates(site.authority / name)] for name in files]
    for_signing = (["key_cert_sign", "crl_sign"], "critical")
    root = usual(
        site,
        subject=ROOT_CA,
        issuer=ROOT_CA,
        days=3652,
        basicConstraints=("authority None", "critical"),
        keyUsage=for_signing,
        authorityKeyIdentifier=None,
        cRLDistributionPoints=None,
        authorityInfoAccess=None,
    )
    intermediate = usual(
        site,
        subject=ENTERPRISE_CA,
        issuer=ROOT_CA,
        days=1826,
        basicConstraints=("authority 0", "critical"),
        keyUsage=for_signing,
        certificatePolicies=(["2.5.29.32.0"], "not critical"),
        cRLDistributionPoints=([site.address("crl/root.crl")], "not critical"),
    )
    responder = usual(
        site,
        subject="CN=DSOP sandbox OCSP responder,O=DSOP sandbox,C=NO",
        keyUsage=(["digital_signature"], "critical"),
        extendedKeyUsage=([ExtendedKeyUsageOID.OCSP_SIGNING], "not critical"),
        OCSPNoCheck=("present", "not critical"),
        cRLDistributionPoints=None,
        authorityInfoAccess=None,
    )
    assert found == [[root], [intermediate], [responder]]


@pytest.mark.parametrize(
    ("number", "subject", "policy"),
    [
        ("974761076", "CN=Skatteetaten,organizationIdentifier=NTRNO-974761076,O=Skatteetaten,C=NO", "26.1.0.3.2"),
        ("889640782", "CN=NAV,serialNumber=889640782,O=NAV,C=NO", "29.913.1.1.0"),
        (
            "915429785",
            "CN=Politi- og lensmannsetaten,organizationIdentifier=NTRNO-915429785,O=Politi- og lensmannsetaten,C=NO",
            "26.1.0.3.2",
        ),
        (
            "974760673",
            "CN=Brønnøysundregistrene,serialNumber=974760673,O=Brønnøysundregistrene,C=NO",
            "29.913.1.1.0",
        ),
        (
            "991825827",
            "CN=Digitaliseringsdirektoratet,organizationIdentifier=NTRNO-991825827,O=Digitaliseringsdirektoratet,C=NO",
            "26.1.0.3.2",
        ),
        (
            "986186999",
            "CN=Statens sivilrettsforvaltning,serialNumber=986186999,O=Statens sivilrettsforvaltning,C=NO",
            "29.913.1.1.0",
        ),
    ],
)
def test_an_agency_has_one_certificate_for_signing_and_one_for_encryption(certpub, number, subject, policy):
    found = [told(each) for each in agencies.published(number, certpub.site)]
    policies = ([f"2.16.578.1.{policy}"], "not critical")
    assert found == [
        usual(certpub.site, subject=subject, certificatePolicies=policies, keyUsage=([usage], "critical"))
        for usage in ("content_commitment", "key_encipherment")
    ]


def verifier(site, now=None):
    """The library's path validation, as CRT-09 describes it for certificates without subjectAltName."""
    required = verification.Criticality.AGNOSTIC
    leaf = verification.ExtensionPolicy.permit_all()
    leaf = leaf.require_present(x509.KeyUsage, verification.Criticality.CRITICAL, None)
    leaf = leaf.require_present(x509.CertificatePolicies, required, None)
    store = verification.Store(read_certificates(site.authority / "roots.pem"))
    builder = verification.PolicyBuilder().store(store).time(now or datetime.now(UTC))
    authorities = verification.ExtensionPolicy.webpki_defaults_ca()
    return builder.extension_policies(ca_policy=authorities, ee_policy=leaf).build_client_verifier()


@pytest.mark.parametrize("number", agencies.AGENCIES)
def test_every_certificate_leads_to_the_root(certpub, number):
    intermediates = read_certificates(certpub.site.authority / "intermediates.pem")
    for certificate in agencies.published(number, certpub.site):
        chain = verifier(certpub.site).verify(certificate, intermediates).chain
        assert [each.subject.rfc4514_string() for each in chain[1:]] == [ENTERPRISE_CA, ROOT_CA]


def test_private_keys_belong_to_the_certificates_and_to_nobody_else(certpub):
    folder = certpub.site.folder / "agencies"
    assert sorted(file.name for file in folder.iterdir()) == sorted(f"{number}.pem" for number in agencies.AGENCIES)
    public = {}
    for file in folder.iterdir():
        key = serialization.load_pem_private_key(file.read_bytes(), password=None)
        own = agencies.encryption_certificate(file.stem, certpub.site).public_key()
        assert key.public_key() == own
        public[key.public_key().public_numbers().n] = file.stem
    for number in agencies.AGENCIES:
        signing = agencies.published(number, certpub.site)[0].public_key().public_numbers().n
        assert public.setdefault(signing, "signing") == "signing"
    assert len(public) == 2 * len(agencies.AGENCIES)


def test_only_the_owner_reads_the_files(certpub):
    modes = Counter(
        (path.is_dir(), stat.S_IMODE(path.stat().st_mode))
        for part in ("agencies", "certpub")
        for path in (certpub.site.folder / part, *(certpub.site.folder / part).rglob("*"))
    )
    assert set(modes) == {(True, 0o700), (False, 0o600)}


# --- when it is made, and when anew ---


def contents(site):
    return {str(path.relative_to(site.folder)): path.read_bytes() for path in site.folder.rglob("*") if path.is_file()}


def changed(before, after):
    """Return the kinds of files that differ; those of the agencies without their numbers."""
    assert set(before) == set(after)
    return {
        "/".join(part for part in name.split("/") if not part.isdecimal())
        for name in after
        if before[name] != after[name]
    }


LEAVES = {"certpub/agencies/encryption.pem", "certpub/agencies/signing.pem", "certpub/ocsp.pem"}


@pytest.mark.parametrize(
    ("days", "renewed"),
    [
        pytest.param(0, set(), id="at once"),
        pytest.param(334, set(), id="more than thirty days left"),
        pytest.param(336, LEAVES, id="the last thirty days of the agencies' certificates"),
        pytest.param(1797, LEAVES | {"certpub/intermediates.pem"}, id="of the intermediate too"),
        pytest.param(
            3623, LEAVES | {"certpub/intermediates.pem", "certpub/roots.pem"}, id="of the root too; no key changes"
        ),
    ],
)
def test_renewal(certpub, days, renewed):
    before, now = contents(certpub.site), datetime.now(UTC) + timedelta(days=days)
    prepare(certpub.site, now)
    assert changed(before, contents(certpub.site)) == (renewed and renewed | {"certpub/register.json"})
    for number in agencies.AGENCIES:
        for certificate in agencies.published(number, certpub.site):
            intermediates = read_certificates(certpub.site.authority / "intermediates.pem")
            assert verifier(certpub.site, now).verify(certificate, intermediates)


def test_another_address_gives_other_certificates_for_the_same_keys(certpub):
    before = contents(certpub.site)
    elsewhere = Site(certpub.site.folder, "http://127.0.0.1:8001")
    prepare(elsewhere)
    addressed = {*LEAVES, "certpub/intermediates.pem", "certpub/register.json"} - {"certpub/ocsp.pem"}
    assert changed(before, contents(certpub.site)) == addressed
    found = told(agencies.encryption_certificate(SKATTEETATEN, elsewhere))
    assert found["cRLDistributionPoints"][0] == ["http://127.0.0.1:8001/sandbox/certpub/crl/intermediate.crl"]
    assert found["authorityInfoAccess"][0] == ["OCSP http://127.0.0.1:8001/sandbox/certpub/ocsp"]


def break_key(site):
    (site.folder / "agencies" / f"{SKATTEETATEN}.pem").unlink()


def break_certificate(site):
    (site.published(SKATTEETATEN) / "encryption.pem").write_text("half a certificate")


def break_publication(site):
    agencies.publish_instead(SKATTEETATEN, site, [])


def take_back(site):
    own = agencies.encryption_certificate(SKATTEETATEN, site)
    prepare(site).register.revoke(own, at=datetime.now(UTC))


@pytest.mark.parametrize(
    ("harm", "is_same"),
    [
        pytest.param(break_key, False, id="key removed: another key and its certificate"),
        pytest.param(break_certificate, False, id="certificate spoilt"),
        pytest.param(take_back, False, id="certificate revoked"),
        pytest.param(break_publication, True, id="another published: its own again"),
    ],
)
def test_what_is_broken_is_put_right_at_the_next_start(certpub, harm, is_same):
    site = certpub.site
    before, other = (agencies.encryption_certificate(number, site) for number in (SKATTEETATEN, "889640782"))
    harm(site)
    authority = prepare(site)
    after = agencies.encryption_certificate(SKATTEETATEN, site)
    key = serialization.load_pem_private_key(site.agency_key(SKATTEETATEN).read_bytes(), password=None)
    assert (after == before, after.public_key() == key.public_key()) == (is_same, True)
    assert agencies.encryption_certificate("889640782", site) == other
    assert agencies.published(SKATTEETATEN, site)[1:] == [after]
    assert not authority.register.is_revoked(after)


def test_four_processes_at_once_make_one_authority(tmp_path):
    program = (
        "import django; django.setup()\n"
        "from sandbox.certpub.preparing import prepare\n"
        "from sandbox.certpub.agencies import AGENCIES, published\n"
        "from sandbox.certpub.site import here\n"
        "authority = prepare()\n"
        "made = [authority.root.certificate, authority.intermediate.certificate, authority.responder.certificate]\n"
        "made += [each for number in AGENCIES for each in published(number, here())]\n"
        "print([each.serial_number for each in made], len(authority.register.issued(made[1].subject)))\n"
    )
    environment = {
        **os.environ,
        "DSOP_SANDBOX_FOLDER": str(tmp_path / "new"),
        "DJANGO_SETTINGS_MODULE": "dsop.settings",
        "PYTHONWARNINGS": "ignore",
    }
    command = [sys.executable, "-c", program]
    racing = [
        subprocess.Popen(command, cwd=cluster.ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = [process.communicate(timeout=60)[0] for process in racing]
    assert [process.returncode for process in racing] == [0] * 4
    assert len(set(said)) == 1
    serials, issued = said[0].rsplit(" ", 1)
    assert len(set(json.loads(serials))) == 15
    assert int(issued) == 13, "nothing was issued twice"
