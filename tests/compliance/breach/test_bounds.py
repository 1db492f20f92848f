"""The bounds of a wrong disclosure: what is taken, what is refused, and what is kept of them."""

import base64
from datetime import date

import pytest
from django.http import QueryDict

from compliance.breach.bounds import Bounds, BoundsForm
from compliance.finding.criteria import Criteria

SHA256 = "ab" * 32
COLONS = ":".join(["AB"] * 32)
THUMBPRINT = base64.urlsafe_b64encode(bytes.fromhex(SHA256)).decode()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        pytest.param("service=skatt-kontroll", {"service": "skatt-kontroll"}, id="a service"),
        pytest.param(
            "service=skatt-kontroll&service_version=3",
            {"service": "skatt-kontroll", "service_version": 3},
            id="a version of it",
        ),
        pytest.param("certificate=00fF01", {"certificate_serial": "ff01"}, id="a serial number"),
        pytest.param("certificate=0F:A1", {"certificate_serial": "fa1"}, id="a serial number with colons"),
        pytest.param(f"certificate={SHA256}", {"certificate_sha256": SHA256}, id="a SHA-256"),
        pytest.param(f"certificate={COLONS}", {"certificate_sha256": SHA256}, id="a SHA-256 with colons"),
        pytest.param(f"certificate={THUMBPRINT}", {"certificate_sha256": SHA256}, id="a thumbprint"),
        pytest.param(f"certificate={THUMBPRINT[:-1]}", {"certificate_sha256": SHA256}, id="one without its end"),
        pytest.param(
            "first=2026-11-01&last=2026-11-22&consumer=974761076&endpoint=accounts",
            {"first": "2026-11-01", "last": "2026-11-22", "consumer": "974761076", "endpoint": "accounts"},
            id="a period, of one agency's questions at one endpoint",
        ),
    ],
)
def test_what_is_taken(given, kept):
    form = BoundsForm(QueryDict(given))
    assert form.is_valid(), form.errors
    assert form.bounds.as_json() == kept
    assert Bounds.of(kept) == form.bounds


@pytest.mark.parametrize(
    "given",
    [
        pytest.param("", id="nothing"),
        pytest.param("consumer=974761076", id="an agency alone"),
        pytest.param("service_version=3", id="a version of no service"),
        pytest.param("service=skatt-kontroll&service_version=٣", id="a digit of another script"),
        pytest.param("service=skatt-kontroll&service_version=0", id="no version"),
        pytest.param("service=skatt-kontroll&service_version=2147483648", id="a version past all"),
        pytest.param("service=Skatt-Kontroll", id="a service in capitals"),
        pytest.param("service=a%00", id="a NUL"),
        pytest.param("service=skatt-kontroll&service=vergekontroll", id="a service twice"),
        pytest.param("first=2026-11-22&last=2026-11-21", id="ends before it begins"),
        pytest.param("first=2026-11-31", id="no such day"),
        pytest.param("certificate=xyz", id="no certificate"),
        pytest.param("certificate=000", id="a serial number of nothing"),
        pytest.param("certificate=" + "a" * 96, id="too long"),
        pytest.param("service=skatt-kontroll&consumer=01810112345", id="a person's number for an agency"),
    ],
)
def test_what_is_refused(given):
    assert not BoundsForm(QueryDict(given)).is_valid()


def test_what_a_record_must_have():
    bounds = Bounds(Criteria(service="skatt-kontroll", first=date(2026, 11, 1)), 3, certificate_serial="ff01")
    assert bounds.own == {"outcome": "answered", "service_version": 3, "evidence__certificate_serial": "ff01"}
    assert bounds.words == "service=skatt-kontroll first=2026-11-01 service_version=3 certificate_serial=ff01"
