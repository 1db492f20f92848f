"""docs/loading.md names the columns that files have, table by table."""

import re
from pathlib import Path

import pytest

from accounts.loading.tables import TABLES
from tests.cluster import ROOT

PAGE = (Path(ROOT) / "docs" / "loading.md").read_text()


@pytest.mark.parametrize("name", TABLES)
def test_columns(name):
    (row,) = re.findall(rf"^\| `{name}` \| (.*) \| (.*) \|$", PAGE, re.MULTILINE)
    needed, others = (re.findall(r"`(\w+)`", cell) for cell in row)
    table = TABLES[name]
    assert needed == [column for column in table.columns if column in table.needed]
    assert others == [column for column in table.columns if column not in table.needed]
