"""`docs/agencies.md` tells the truth: what is said to hold each duty is there, and so is what it points at."""

import re

import pytest
from django.core.management import get_commands

from tests import cluster
from tests.test_readme import rows

PAGE = cluster.ROOT / "docs" / "agencies.md"
TEXT = PAGE.read_text(encoding="utf-8")
BEFORE, DUTIES = TEXT.split("\n## Duties of the caller\n")
ROWS = [
    [cell.strip() for cell in line.strip().strip("|").split(" | ")]
    for line in DUTIES.splitlines()
    if line.startswith("|")
][2:]
TEST = re.compile(r"`(tests/[a-z_/]+\.py)::(test_[a-z0-9_]+)`")
SETTING = re.compile(r"`([A-Z][A-Z0-9_]+)`")
PAGES = {"common", "BSU", "studielån", "pension", "Aktiv konto"}
NOBODY_ELSE = "*the bank*"


def settings_in_the_readme():
    return {name for row in rows("Settings") for name in row[0].split(", ")}


def test_every_page_lays_duties_on_the_caller():
    assert {row[0] for row in ROWS} == PAGES
    assert all(len(row) == 3 for row in ROWS)
    assert len({row[1] for row in ROWS}) == len(ROWS), "each duty once"


@pytest.mark.parametrize("row", [pytest.param(row, id=row[1]) for row in ROWS])
def test_what_holds_a_duty_is_there(row):
    tests, settings = TEST.findall(row[2]), SETTING.findall(row[2])
    missing = [f"{file}::{name}" for file, name in tests if not defines(file, name)]
    assert missing == []
    assert set(settings) <= settings_in_the_readme()
    rest = SETTING.sub("", TEST.sub("", row[2])).replace(NOBODY_ELSE, "")
    assert rest.strip(" ,") == "", "nothing else is said to hold it"
    assert tests or settings or NOBODY_ELSE in row[2]


def defines(file, name):
    path = cluster.ROOT / file
    return path.is_file() and re.search(rf"^def {name}\(", path.read_text(encoding="utf-8"), re.MULTILINE) is not None


def test_settings_are_in_the_readme():
    listed = settings_in_the_readme() | {"BSU", "JSON"}
    assert {name for name in SETTING.findall(TEXT) if "_" in name} - {"PSU_ID"} <= listed


def test_each_service_s_settings_are_named():
    """Every setting of the bank's errands that the README has is on this page too."""
    prefixes = ("LANEKASSEN_", "ALTINN_", "ALTINN3_", "AKTIVKONTO_", "BSU_", "OTP_", "DIALOGPORTEN_")
    errands = {name for name in settings_in_the_readme() if name.startswith(prefixes)}
    assert errands - set(SETTING.findall(BEFORE)) == set()


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#]+)\)", TEXT))))
def test_links_lead_somewhere(target):
    assert (PAGE.parent / target).exists()


def test_commands_that_it_names_exist():
    assert set(re.findall(r"manage\.py ([a-z_]+)", TEXT)) <= get_commands().keys()


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:agencies|tests)/[a-z_/]+\.(?:py|json))`", TEXT))))
def test_files_that_it_names_exist(path):
    assert (cluster.ROOT / path).is_file()
