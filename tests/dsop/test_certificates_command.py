"""`manage.py certificates`: what is known of each agency's certificate, in lines for whoever stands at the console."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from django.core.management import CommandError, call_command
from django.utils import timezone

from dsop.certificate_words import FAILED, REFUSED, explained
from dsop.certificates import certificates
from dsop.models import AgencyCertificate
from legal.certificate_reasons import Reason
from legal.models import DataConsumer
from sandbox.certpub.agencies import encryption_certificate, publish_instead, publish_normally
from sandbox.certpub.authority import existing_authority
from sandbox.certpub.faults import faulty
from sandbox.certpub.site import here
from tests import cluster

pytestmark = pytest.mark.django_db(databases=["default"])
AGENCY = "974761076"
FOUND = datetime(2026, 11, 22, 9, 30, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nothing_remembered():
    """Let each test look at revocations anew."""
    certificates.cache_clear()
    yield
    certificates.cache_clear()


@pytest.fixture
def publish(server):
    """Publish for Skatteetaten a certificate with that fault, or none; put right again afterwards."""

    def instead(*faults):
        site = here()
        authority, now = existing_authority(site), datetime.now(UTC)
        wrong = [faulty(AGENCY, fault, site=site, authority=authority, now=now).certificate for fault in faults]
        publish_instead(AGENCY, site, wrong)

    yield instead
    publish_normally(AGENCY, here())


def row(**columns):
    nothing = {"certificate": None, "pinned": False, "outcome": "", "reasons": [], "leased_until": None}
    moments = dict.fromkeys(("found_at", "attempted_at", "revocation_checked_at"))
    return AgencyCertificate.objects.update_or_create(participant=AGENCY, defaults={**nothing, **moments, **columns})[0]


def said(*arguments):
    output, errors = io.StringIO(), io.StringIO()
    call_command("certificates", *arguments, stdout=output, stderr=errors)
    return output.getvalue().splitlines(), errors.getvalue().splitlines()


def own():
    return encryption_certificate(AGENCY, here())


def oslo(moment):
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S %Z}"


@pytest.mark.parametrize(
    ("columns", "lines"),
    [
        pytest.param({}, ["participant 974761076: not looked up yet"], id="not yet"),
        pytest.param(
            {"outcome": "not_published", "attempted_at": FOUND},
            [
                "participant 974761076: not published",
                "no certificate",
                "last found never, revocation last checked never",
                "last attempt 2026-11-22 10:30:15 CET",
            ],
            id="not published",
        ),
        pytest.param(
            {"outcome": "failed", "attempted_at": FOUND, "reasons": ["connection"]},
            [
                "participant 974761076: look-up failed",
                "no certificate",
                "last found never, revocation last checked never",
                "last attempt 2026-11-22 10:30:15 CET",
                "failed: connection: CertPub cannot be reached",
            ],
            id="look-up failed",
        ),
        pytest.param(
            {"outcome": "none_valid", "attempted_at": FOUND, "reasons": ["crt.expired", "crt.later"]},
            [
                "participant 974761076: none valid",
                "no certificate",
                "last found never, revocation last checked never",
                "last attempt 2026-11-22 10:30:15 CET",
                "refused: crt.expired: its time is over",
                "refused: crt.later: crt.later",
            ],
            id="refused, also for a reason that a later version knows",
        ),
    ],
)
def test_what_is_said_without_a_certificate(columns, lines):
    row(**columns)
    assert said("--consumer", AGENCY) == (["Skatteetaten (974761076)", *(f"  {line}" for line in lines)], [])


@pytest.mark.parametrize(("pinned", "source"), [(False, "CertPub"), (True, "pinned")])
def test_what_is_said_of_a_certificate(pinned, source):
    certificate = own()
    moments = {"found_at": FOUND, "attempted_at": FOUND, "revocation_checked_at": FOUND - timedelta(hours=1)}
    row(certificate=certificate.public_bytes(Encoding.DER), outcome="usable", pinned=pinned, **moments)
    lines, _ = said("--consumer", AGENCY)
    assert lines == [
        "Skatteetaten (974761076)",
        "  participant 974761076: usable",
        f"  certificate {certificate.serial_number:x}, subject number 974761076, "
        f"ends {certificate.not_valid_after_utc:%Y-%m-%d}, {source}",
        "  last found 2026-11-22 10:30:15 CET, revocation last checked 2026-11-22 09:30:15 CET",
        "  last attempt 2026-11-22 10:30:15 CET",
    ]


def test_a_certificate_whose_time_is_over_says_so(server):
    site = here()
    expired = faulty(
        AGENCY, "expired", site=site, authority=existing_authority(site), now=datetime.now(UTC)
    ).certificate
    row(certificate=expired.public_bytes(Encoding.DER), outcome="failed", attempted_at=FOUND, reasons=["timeout"])
    lines, _ = said("--consumer", AGENCY)
    assert f", ended {expired.not_valid_after_utc:%Y-%m-%d}, CertPub" in lines[2]


def test_every_open_agency_and_no_closed_one():
    DataConsumer.objects.filter(organisation_number=AGENCY).update(is_open=False)
    lines, _ = said()
    agencies = DataConsumer.objects.filter(is_open=True).order_by("name", "organisation_number")
    assert [line for line in lines if not line.startswith("  ")] == [str(agency) for agency in agencies]


def test_an_agency_that_uses_anothers_certificate():
    DataConsumer.objects.create(organisation_number="889640782", name="Nav", certificate_participant=AGENCY)
    row()
    lines, _ = said("--consumer", "889640782")
    assert lines[1:] == ["  participant 974761076: not looked up yet"]


@pytest.mark.parametrize("number", ["999999999", "974761", "", "974761076 ", "97476107\0"])
@pytest.mark.parametrize("refresh", [[], ["--refresh"]])
def test_an_unknown_agency_is_one_sentence(number, refresh):
    with pytest.raises(CommandError, match=r"^No open agency has that organisation number\.$"):
        said(f"--consumer={number}", *refresh)


def test_a_closed_agency_is_not_looked_up():
    DataConsumer.objects.filter(organisation_number=AGENCY).update(is_open=False)
    before = row()
    with pytest.raises(CommandError, match=r"^No open agency has that organisation number\.$"):
        said("--consumer", AGENCY, "--refresh")
    assert AgencyCertificate.objects.get(pk=AGENCY).attempted_at == before.attempted_at


def test_refresh_finds_the_certificate(server):
    row(outcome="failed", reasons=["connection"], attempted_at=FOUND)
    lines, errors = said("--consumer", AGENCY, "--refresh")
    found = AgencyCertificate.objects.get(pk=AGENCY)
    assert bytes(found.certificate) == own().public_bytes(Encoding.DER)
    assert lines[1] == "  participant 974761076: usable"
    assert f"certificate {own().serial_number:x}," in lines[2]
    assert lines[3:] == [
        f"  last found {oslo(found.found_at)}, revocation last checked {oslo(found.revocation_checked_at)}",
        f"  last attempt {oslo(found.attempted_at)}",
        "  refused: crt.usage: its key is not for encryption",
    ]
    assert errors == []


@pytest.mark.parametrize(
    ("faults", "outcome", "reasons"),
    [
        pytest.param(["expired"], "none valid", ["refused: crt.expired: its time is over"], id="expired"),
        pytest.param(["revoked"], "none valid", ["refused: crt.revoked: its authority has revoked it"], id="revoked"),
        pytest.param(
            ["expired", "weak-key"],
            "none valid",
            ["refused: crt.expired: its time is over", "refused: crt.key: its key is too weak or of another kind"],
            id="two, each for its own reason",
        ),
        pytest.param([], "not published", [], id="nothing published"),
    ],
)
def test_refresh_says_why_not(publish, faults, outcome, reasons):
    publish(*faults)
    row()
    lines, _ = said("--consumer", AGENCY, "--refresh")
    assert lines[1:3] == [f"  participant 974761076: {outcome}", "  no certificate"]
    assert lines[5:] == [f"  {reason}" for reason in reasons]


def test_refresh_without_anybody_answering_says_so(settings):
    settings.CERTPUB_LOCATOR_URL = "http://127.0.0.1:1/locator"
    row()
    lines, _ = said("--consumer", AGENCY, "--refresh")
    assert lines[1] == "  participant 974761076: look-up failed"
    assert lines[-1] == "  failed: connection: CertPub cannot be reached"


def test_refresh_while_somebody_else_looks_it_up():
    row(leased_until=datetime.now(UTC) + timedelta(seconds=10))
    lines, errors = said("--consumer", AGENCY, "--refresh")
    assert lines[1:] == ["  participant 974761076: not looked up yet"]
    assert errors == ["Somebody else is looking up 974761076 just now; ask again in a few seconds."]


def test_refresh_with_unusable_authorities_is_one_sentence(settings, tmp_path):
    settings.CERTIFICATE_ROOTS_FILE = tmp_path / "missing.pem"
    with pytest.raises(
        CommandError, match=r"^The certificates that vouch for agencies are unusable; check says why\.$"
    ):
        said("--consumer", AGENCY, "--refresh")


def test_a_participant_of_two_agencies_is_looked_up_once(server, monkeypatch):
    DataConsumer.objects.create(organisation_number="889640782", name="Nav")
    DataConsumer.objects.exclude(organisation_number=AGENCY).update(certificate_participant=AGENCY)
    looked_up = []
    monkeypatch.setattr(certificates(), "look_up", lambda participant, *, deadline: looked_up.append(participant) or 1)
    said("--refresh")
    assert looked_up == [AGENCY]


@pytest.mark.parametrize(
    ("arguments", "code", "said_first"),
    [
        pytest.param(["--consumer", AGENCY], 0, "Skatteetaten (974761076)\n  participant 974761076: ", id="known"),
        pytest.param(["--consumer", "999999999"], 1, "", id="unknown"),
    ],
)
def test_as_its_user_runs_it_under_the_serving_role(arguments, code, said_first):
    done = cluster.manage("certificates", *arguments)
    assert done.returncode == code
    assert done.stdout.startswith(said_first)
    assert done.stderr == ("CommandError: No open agency has that organisation number.\n" if code else "")


def test_every_reason_has_its_words():
    assert set(REFUSED) == set(Reason)
    assert not set(REFUSED) & set(FAILED)
    assert explained(["crt.chain", "xml", "?"]) == [
        "crt.chain: none of the accepted authorities issued it",
        "xml: the publisher's answer makes no sense",
        "?: ?",
    ]
