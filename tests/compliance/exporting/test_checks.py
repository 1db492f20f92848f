"""What must be there before anybody asks for an export."""

import pytest

from compliance.exporting import checks
from compliance.exporting.checks import check_program, check_rows


def ids(found):
    return [message.id for message in found]


def test_the_checker_goes_with_every_export(monkeypatch, tmp_path):
    assert ids(check_program()) == []
    monkeypatch.setattr(checks, "PROGRAM", tmp_path / "verify_proof.py")
    assert ids(check_program()) == ["dsop.E125"]


@pytest.mark.parametrize(
    ("rows", "found"), [(0, []), (1000, []), (10_000, []), (10_001, ["dsop.E126"]), (-1, ["dsop.E126"])]
)
def test_how_many_records_one_person_exports(settings, rows, found):
    settings.DESK_EXPORT_ALONE_ROWS = rows
    assert ids(check_rows()) == found
