"""What the tests of the evidence share: a seal of its own for each file, on an empty trail, and a table of the bars."""

from dataclasses import dataclass, field

import pytest
from django.db import connections

from tests.conftest import wait_until_ready
from tests.evidence.trail import FULL, Seal, empty, superuser


@dataclass
class Bars:
    """What was to be reached and what was, to be printed at the end."""

    rows: list[tuple[str, str, str, bool]] = field(default_factory=list)

    def hold(self, what: str, bar: str, found: str, reached: bool) -> None:
        """Write a line of the table. Fail where the bar was missed."""
        self.rows.append((what, bar, found, reached))
        assert reached, f"{what}: {found}; the bar is {bar}"


BARS = Bars()


@pytest.fixture
def bars():
    return BARS


def pytest_terminal_summary(terminalreporter):
    if BARS.rows:
        terminalreporter.section(f"evidence, {'full' if FULL else 'small'}")
        for what, bar, found, reached in BARS.rows:
            terminalreporter.line(f"{'ok    ' if reached else 'MISSED'}  {what}: {found} (bar: {bar})")


@pytest.fixture(scope="module")
def almighty():
    """A session of a superuser whom no trigger stops."""
    with superuser() as session:
        yield session


@pytest.fixture(scope="module")
def seal(almighty, server, tmp_path_factory):
    """A new seal for an empty trail; afterwards the trail is empty again."""
    empty(almighty)
    connections.close_all()  # emptying ends every session of the serving role, this process's too
    wait_until_ready(server)
    yield Seal(tmp_path_factory.mktemp("seal"))
    empty(almighty)
