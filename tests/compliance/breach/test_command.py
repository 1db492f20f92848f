"""desk_disclosed: counts and ids, numbers only into a file of one's own, and whoever asks is noted first."""

import csv
import stat
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit import recording
from audit.models import Access
from compliance.finding import shielding
from tests.audit.entries import answered

pytestmark = pytest.mark.django_db
KARI, OLA = "01810112345", "02810112345"


@pytest.fixture
def ids(monkeypatch):
    monkeypatch.setattr(shielding, "shielded_among", lambda numbers: frozenset({OLA} & {*numbers}))
    return [recording.record(answered(service="skatt-kontroll", control_object=number)) for number in (KARI, KARI, OLA)]


def run(*arguments):
    said, complained = StringIO(), StringIO()
    call_command("desk_disclosed", *arguments, stdout=said, stderr=complained)
    return said.getvalue(), complained.getvalue()


def read(path):
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_counts_and_ids_without_a_number(ids, tmp_path):
    said, complained = run("--service=skatt-kontroll", "--reason=B-7", f"--csv={tmp_path / 'ids.csv'}")
    today = f"{timezone.localdate():%Y-%m-%d}"
    assert said.splitlines()[1:] == [
        "answers 3, persons 2",
        f"974761076: answers 3, persons 2, {today} to {today}",
        f"{today} 974761076: answers 3, persons 2",
    ]
    assert "no index by version or certificate" in complained
    heading, *rows = read(tmp_path / "ids.csv")
    assert heading[0] == "id"
    assert [row[0] for row in rows] == [str(one) for one in reversed(ids)]
    assert KARI not in said + complained + (tmp_path / "ids.csv").read_text()
    assert list(Access.objects.values_list("page", "words")) == [("desk breach", "B-7 service=skatt-kontroll")]


def test_numbers_go_into_a_file_without_the_shielded(ids, tmp_path):
    said, complained = run("--service=skatt-kontroll", "--reason=B-7", f"--numbers={tmp_path / 'numbers.csv'}")
    today = f"{timezone.localdate():%Y-%m-%d}"
    heading, row = read(tmp_path / "numbers.csv")
    assert heading == ["number", "answers", "first_day", "last_day", "record"]
    assert row[:4] == [KARI, "2", today, today]
    assert "1 persons are left out" in complained
    assert KARI not in said + complained
    pages = Access.objects.order_by("at", "id").values_list("page", "words")
    assert list(pages) == [
        ("desk breach", "B-7 service=skatt-kontroll numbers"),
        ("desk numbers", "B-7 service=skatt-kontroll numbers"),
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["--reason=B-7"], id="no bound"),
        pytest.param(["--service=skatt-kontroll"], id="no reason"),
        pytest.param(["--service=skatt-kontroll", "--reason=about 01810112345"], id="a number in the reason"),
        pytest.param(["--service=skatt-kontroll", "--service-version=x", "--reason=B-7"], id="no version"),
        pytest.param(["--certificate=zz", "--reason=B-7"], id="no certificate"),
    ],
)
def test_what_is_refused(arguments):
    with pytest.raises(CommandError):
        run(*arguments)
    assert not Access.objects.exists()


def test_a_file_that_is_there_is_not_written_over(ids, tmp_path):
    path = tmp_path / "ids.csv"
    path.write_text("mine")
    with pytest.raises(CommandError, match="cannot be written"):
        run("--service=skatt-kontroll", "--reason=B-7", f"--csv={path}")
    assert path.read_text() == "mine"


def test_nothing_is_told_that_could_not_be_noted(ids, monkeypatch):
    def fails(*arguments):
        raise recording.NotRecorded

    monkeypatch.setattr("audit.access.append", fails)
    with pytest.raises(CommandError, match="could not be noted"):
        run("--service=skatt-kontroll", "--reason=B-7")
