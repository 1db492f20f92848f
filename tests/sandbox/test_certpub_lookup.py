"""CertPub's stand-in over real HTTP: the locator, the publisher, and the command that changes what is published."""

import shutil
from datetime import UTC, datetime
from io import StringIO
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.core.management import CommandError, call_command

from sandbox.certpub import agencies, faults
from sandbox.certpub.issuing import read_certificates
from sandbox.certpub.preparing import prepare
from sandbox.commandline import needs_database

SKATTEETATEN = "974761076"

# --- locator ---

ENCODED, UNENCODED = "iso6523-actorid-upis%3A%3A0192%3A{}", "iso6523-actorid-upis::0192:{}"


@pytest.mark.parametrize("number", agencies.AGENCIES)
@pytest.mark.parametrize("identifier", [ENCODED, UNENCODED], ids=["one encoded segment", "unencoded"])
def test_the_locator_names_the_publisher(certpub, number, identifier):
    answer = certpub.get(f"locator/lookup/v2/{identifier.format(number)}")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.json() == {"difi-bcp-v1": certpub.site.address("publisher/")}


@pytest.mark.parametrize(
    ("identifier", "status"),
    [
        pytest.param(ENCODED.format("312345625"), 404, id="an organisation without certificates"),
        pytest.param(ENCODED.format("974720760"), 404, id="Digdir's other number"),
        pytest.param("iso6523-actorid-upis::9908:974761076", 404, id="another register's code"),
        pytest.param("iso6523-actorid-upis::974761076", 404, id="no code"),
        pytest.param("other::0192:974761076", 404, id="another qualifier"),
        pytest.param("iso6523-actorid-upis::0192:974761076:1", 404, id="one element more"),
        pytest.param("iso6523-actorid-upis:::0192:974761076", 404, id="three colons"),
        pytest.param("974761076", 400, id="only a number"),
        pytest.param("::0192:974761076", 400, id="no qualifier"),
        pytest.param("iso6523-actorid-upis::", 400, id="no participant"),
        pytest.param("iso6523-actorid-upis:0192:974761076", 400, id="one colon"),
        pytest.param("iso6523-actorid-upis::0192:%20991825827", 400, id="the blank of the printed list"),
        pytest.param(f"{ENCODED.format(SKATTEETATEN)}/", 400, id="slash at the end"),
        pytest.param(f"{ENCODED.format(SKATTEETATEN)}%2F..", 400, id="encoded slash"),
        pytest.param(f"{ENCODED.format(SKATTEETATEN)}%0A", 400, id="line break at the end"),
        pytest.param("iso6523-actorid-upis::0192:9747610%D9%A76", 400, id="another script's digit"),
    ],
)
def test_the_locator_does_not_know(certpub, identifier, status):
    answer = certpub.get(f"locator/lookup/v2/{identifier}")
    assert (answer.status, answer.headers["Content-Type"]) == (status, "text/plain")
    assert SKATTEETATEN not in answer.data.decode()


# --- publisher ---

PARTICIPANT, PROCESS = ENCODED.format(SKATTEETATEN), "bdx-procid-dsop::urn:fdc:bits.no:2018:dsop:account:1.0"


def canonical(octets):
    return ElementTree.canonicalize(octets, strip_text=False)


def expected_process(certificates):
    listed = "".join(
        f'<Certificate expire="{int(each.not_valid_after_utc.timestamp())}000" serialNumber="{each.serial_number}">'
        f"{''.join(each.public_bytes(serialization.Encoding.PEM).decode().splitlines()[1:-1])}</Certificate>"
        for each in certificates
    )
    return (
        '<Process xmlns="urn:fdc:difi.no:2017:virksert:v1">'
        '<ParticipantIdentifier scheme="iso6523-actorid-upis">0192:974761076</ParticipantIdentifier>'
        '<ProcessIdentifier scheme="bdx-procid-dsop">urn:fdc:bits.no:2018:dsop:account:1.0</ProcessIdentifier>'
        f"<Role>REQUEST</Role>{listed}</Process>"
    )


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(f"{PARTICIPANT}/{quote(PROCESS, safe='')}", id="encoded, no role"),
        pytest.param(f"{UNENCODED.format(SKATTEETATEN)}/{PROCESS}", id="unencoded, no role"),
        pytest.param(f"{PARTICIPANT}/{quote(PROCESS, safe='')}/REQUEST", id="with the role"),
    ],
)
def test_the_publisher_gives_the_certificates_for_a_process(certpub, path):
    answer = certpub.get(f"publisher/api/v1/{path}")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/xml;charset=UTF-8")
    assert answer.data.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<Process xmlns=")
    certificates = [
        read_certificates(certpub.site.published(SKATTEETATEN) / f"{use}.pem")[0] for use in ("signing", "encryption")
    ]
    assert canonical(answer.data) == expected_process(certificates)


def test_the_publisher_says_what_a_participant_supports(certpub):
    answer = certpub.get(f"publisher/api/v1/{PARTICIPANT}")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/xml;charset=UTF-8")
    assert canonical(answer.data) == (
        '<Participant xmlns="urn:fdc:difi.no:2017:virksert:v1">'
        '<ParticipantIdentifier scheme="iso6523-actorid-upis">0192:974761076</ParticipantIdentifier>'
        '<ProcessReference role="REQUEST" scheme="bdx-procid-dsop">urn:fdc:bits.no:2018:dsop:account:1.0'
        "</ProcessReference></Participant>"
    )


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(f"{PARTICIPANT}/{PROCESS}/RESPONSE", id="a role it does not publish for"),
        pytest.param(f"{PARTICIPANT}/{PROCESS}/request", id="role in small letters"),
        pytest.param(f"{PARTICIPANT}/{PROCESS}/", id="slash at the end"),
        pytest.param(f"{PARTICIPANT}/", id="slash after the participant"),
        pytest.param(f"{PARTICIPANT}/{PROCESS}/REQUEST/more", id="one segment more"),
        pytest.param(f"{PARTICIPANT}/bdx-procid-dsop::urn:fdc:bits.no:2018:dsop:account:2.0", id="another process"),
        pytest.param(f"{PARTICIPANT}/urn:fdc:bits.no:2018:dsop:account:1.0", id="process without scheme"),
        pytest.param(ENCODED.format("312345625"), id="unknown participant"),
        pytest.param(f"{ENCODED.format('312345625')}/{PROCESS}", id="unknown participant's process"),
        pytest.param(f"sig/{PARTICIPANT}", id="for signing"),
        pytest.param(f"sig/{PARTICIPANT}/{PROCESS}", id="for signing a process"),
        pytest.param(f"{PARTICIPANT}%0A", id="line break"),
    ],
)
def test_the_publisher_has_nothing_there(certpub, path):
    answer = certpub.get(f"publisher/api/v1/{path}")
    assert (answer.status, answer.data) == (404, b"Nothing found.\n")


def test_something_else_can_be_published(certpub):
    path, site = f"publisher/api/v1/{PARTICIPANT}/{PROCESS}", certpub.site
    now = datetime.now(UTC)
    wrong = faults.faulty(SKATTEETATEN, "expired", site=site, authority=certpub.authority, now=now).certificate
    own = agencies.encryption_certificate(SKATTEETATEN, site)
    agencies.publish_instead(SKATTEETATEN, site, [wrong, own])
    assert canonical(certpub.get(path).data) == expected_process([wrong, own])
    agencies.publish_instead(SKATTEETATEN, site, [])
    assert certpub.get(path).status == 404
    agencies.publish_normally(SKATTEETATEN, site)
    assert canonical(certpub.get(path).data).count("<Certificate ") == 2


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("POST", f"locator/lookup/v2/{PARTICIPANT}", "GET, HEAD"),
        ("PUT", f"publisher/api/v1/{PARTICIPANT}", "GET, HEAD"),
        ("DELETE", "crl/root.crl", "GET, HEAD"),
        ("GET", "ocsp", "POST"),
        ("POST", "ocsp/MA==", "GET, HEAD"),
    ],
)
def test_other_methods(certpub, method, path, allow):
    answer = certpub.ask(method, path)
    assert (answer.status, answer.headers["Allow"]) == (405, allow)


def test_what_is_missing_is_made_when_somebody_asks(certpub):
    shutil.rmtree(certpub.site.folder)
    found = canonical(certpub.get(f"publisher/api/v1/{PARTICIPANT}/{PROCESS}").data)
    assert found == expected_process(agencies.published(SKATTEETATEN, certpub.site))


# --- the command ---


def certificates(*options):
    out = StringIO()
    call_command("sandbox_certificates", *options, stdout=out)
    agency, blocks = "", {}
    for line in out.getvalue().splitlines():
        if line.startswith("  "):
            blocks[agency].append(line.strip().partition(" ")[2])  # without the serial number
        else:
            agency, _, name = line.partition(" ")
            blocks[agency] = [name]
    return blocks


def test_the_command_lists_what_is_published(certpub):
    day = agencies.encryption_certificate(SKATTEETATEN, certpub.site).not_valid_after_utc.date().isoformat()
    listed = certificates()
    assert list(listed) == list(agencies.AGENCIES)
    assert listed[SKATTEETATEN] == ["Skatteetaten (SEID 2.0)", f"to {day} for signing", f"to {day} for encryption"]
    assert listed["889640782"][0] == "NAV (older)"


def test_the_command_revokes_and_puts_right(certpub):
    own = agencies.encryption_certificate(SKATTEETATEN, certpub.site)
    assert certificates("--revoke")[SKATTEETATEN][-1].endswith("for encryption, revoked")
    assert certpub.authority.register.is_revoked(own)
    assert not certificates()[SKATTEETATEN][-1].endswith("revoked")


@pytest.mark.parametrize("fault", [*faults.FAULTS, "unpublished"])
def test_the_command_publishes_what_is_wrong(certpub, fault):
    listed = certificates("--agency", "889640782", "--publish", fault)["889640782"]
    published = certpub.get(f"publisher/api/v1/{ENCODED.format('889640782')}/{PROCESS}")
    assert len(listed) == 2
    assert published.status == (404 if fault == "unpublished" else 200)
    assert published.data.count(b"<Certificate ") == (fault != "unpublished")
    assert len(certificates()["889640782"]) == 3


@pytest.mark.parametrize(
    "options", [["--agency", "312345625"], ["--publish", "rotten"], ["--publish", "expired", "--revoke"]]
)
def test_the_command_refuses(certpub, options):
    before = agencies.published(SKATTEETATEN, certpub.site)
    with pytest.raises(CommandError):
        certificates(*options)
    assert agencies.published(SKATTEETATEN, certpub.site) == before
    assert not any(certpub.authority.register.is_revoked(each) for each in before)


def test_the_command_starts_no_database():
    assert not needs_database(["sandbox_certificates", "--publish", "expired"])


# --- on the server as shipped ---


def test_the_shipped_server_offers_it(server):
    """One address after the other, as the service itself would go, from the locator to the revocation list."""
    prepare()
    origin = f"http://127.0.0.1:{server.port}"
    with urllib3.PoolManager(retries=False, timeout=10) as http:
        located = http.request("GET", f"{origin}/sandbox/certpub/locator/lookup/v2/{PARTICIPANT}")
        base = located.json()["difi-bcp-v1"]
        assert base == f"{origin}/sandbox/certpub/publisher/"
        process = http.request("GET", f"{base}api/v1/{PARTICIPANT}/{quote(PROCESS, safe='')}")
        text = ElementTree.fromstring(process.data)[-1].text
        certificate = x509.load_pem_x509_certificate(
            f"-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n".encode()
        )
        crl = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
        answer = http.request("GET", crl[0].full_name[0].value)
    assert (process.status, answer.status) == (200, 200)
    assert answer.headers["Content-Type"] == "application/pkix-crl"
    listed = x509.load_der_x509_crl(answer.data)
    assert listed.issuer == certificate.issuer
    assert listed.get_revoked_certificate_by_serial_number(certificate.serial_number) is None
