"""What deletions left behind: requested and approved by two persons, and in words that fit the checkpoints."""

from collections.abc import Iterator

from audit.verify.decisions import Decisions
from audit.verify.findings import Finding
from audit.verify.reading import Reader


def check_deletions(reader: Reader, decisions: Decisions) -> Iterator[Finding]:
    yield from ()
