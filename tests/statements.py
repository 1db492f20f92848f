"""Statements as PostgreSQL's own log sees them, BEGIN, COMMIT and SET included."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests import cluster

LINE = re.compile(
    r"^(?P<pid>\d+)\|(?P<application>[^|]*)\|(?P<database>[^|]*)\|LOG:  (?:execute [^:]+|statement): (?P<sql>.*)$"
)
NAMING = "set_config('application_name'"  # how a background duty's new connection takes its own name


@dataclass(frozen=True)
class Statement:
    """One statement; `sql` is its text with white space folded, parameters as $1."""

    database: str
    sql: str


def statements_of(act: Callable[[], object], *, application: str = "dsop") -> list[Statement]:
    """Return what that application asked of the databases while `act` ran."""
    with cluster.CLUSTER.log.open("rb") as log:
        log.seek(0, 2)
        act()
        time.sleep(0.15)  # PostgreSQL writes its log a moment after it has answered
        text = log.read().decode("utf-8", "replace").replace("\n\t", " ")
    found = (LINE.match(line) for line in text.splitlines())
    return [
        Statement(match["database"], " ".join(match["sql"].split()))
        for match in found
        if match and match["application"] == application and NAMING not in match["sql"]
    ]
