"""The README tells the truth: its characters are the bank's, and its settings table has every setting."""

import re

import pytest

from sandbox.bank import DEFAULT_SEED, characters
from tests import cluster

README = (cluster.ROOT / "README.md").read_text(encoding="utf-8")
CODE = [
    path.read_text(encoding="utf-8")
    for path in (cluster.ROOT / "dsop").glob("*.py")
    if path.name in {"settings.py", "databases.py", "gunicorn.py"}
]
READ = re.compile(r'(?:env\.\w+|environ\.get|key_ring|_server)\(\s*(?:env, )?"([A-Z0-9_]+)"')


def rows(heading, header="|"):
    """Return the cells of the first table below a heading, or of the first with a header that begins so."""
    lines = README.split(f"## {heading}\n", 1)[1].splitlines()
    first = next(place for place, line in enumerate(lines) if line.startswith(header))
    table = []
    for line in lines[first + 2 :]:
        if not line.startswith("|"):
            break
        table.append([cell.strip().replace("`", "") for cell in line.strip("|").split("|")])
    return table


def test_characters():
    cast = characters(DEFAULT_SEED)
    assert rows("The characters") == [[c.case, c.identifier, c.expect] for c in cast]
    further = rows("The characters", "| case | service |")
    assert further == [[c.case, c.service, c.answers] for c in cast if c.service]


def test_every_setting_is_listed():
    read = {name for text in CODE for name in READ.findall(text)} - {"DSOP_AS_OWNER", "DSOP_APPLICATION_NAME"}
    listed = {name for row in rows("Settings") for name in row[0].split(", ")}
    assert read == listed


@pytest.mark.parametrize(
    "path", [name for row in rows("The ten-second index") for name in row[1].split(", ") if "*" not in name]
)
def test_the_index_names_files_that_exist(path):
    assert (cluster.ROOT / path).exists()
