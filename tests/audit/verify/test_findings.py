"""Every finding has its words, and its row in the page for those who read them."""

import re

import pytest

from audit.verify.findings import SENTENCES, Finding, Found
from tests import cluster

PAGE = (cluster.ROOT / "docs" / "evidence.md").read_text()


def test_every_finding_has_a_sentence():
    assert SENTENCES.keys() == set(Found)


def test_every_finding_has_its_row():
    table = PAGE[PAGE.index("| finding |") :]
    assert re.findall(r"^\| ([a-z' ]+) \|", table[: table.index("\n\n")], re.MULTILINE) == ["finding", *Found]


@pytest.mark.parametrize(
    ("finding", "line"),
    [
        pytest.param(
            Finding(Found.ROW_REMOVED, "audit_record 2026-11, row 7", "checkpoint 3"),
            "ROW REMOVED: audit_record 2026-11, row 7: The sealed row is gone (checkpoint 3).",
            id="with what more is known",
        ),
        pytest.param(
            Finding(Found.ROOT_SWAPPED, "checkpoint 3"),
            "ROOT SWAPPED: checkpoint 3: The checkpoint has another root than in the outside copy.",
            id="without",
        ),
    ],
)
def test_a_finding_is_one_line(finding, line):
    assert str(finding) == line
