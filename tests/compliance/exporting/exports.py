"""What the tests of exports share: asking for one, and reading what came."""

import csv
import io
import zipfile

from django.urls import reverse

from compliance.exporting.cells import unguarded
from compliance.exporting.columns import CHOSEN
from compliance.finding.criteria import Criteria
from tests.compliance.finding.trail import CASE

FORM = reverse("admin:desk_export")
MEMBERS = [
    *("proofs.jsonl", "records.csv", "records.xlsx", "checkpoints.json", "public_keys.pem", "verify_proof.py"),
    *("README.txt", "manifest.json"),
]


def form(**changes):
    """Return what is posted: all records of a case for a court, in every column."""
    posted = {"account_info_request_id": str(CASE), "reason": "court", "case_reference": "K-17", "columns": CHOSEN}
    return {name: value for name, value in {**posted, **changes}.items() if value is not None}


def whole(response):
    """Return the zip of a response that was downloaded to its end."""
    assert (response.status_code, response.headers.get("Content-Type")) == (200, "application/zip"), response.content
    assert "no-store" in response.headers["Cache-Control"]
    return zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))


def table(archive):
    """Return the records of an export as they were before they were guarded."""
    content = archive.read("records.csv").decode("utf-8-sig")
    names, *rows = csv.reader(io.StringIO(content, newline=""))
    return [dict(zip(names, map(unguarded, row), strict=True)) for row in rows]


def criteria(**values):
    return Criteria.parse({"account_info_request_id": str(CASE), **values})
