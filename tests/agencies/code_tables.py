"""The agencies' published codes, as facts from their pages: what client and stand-in are each held against."""

import csv
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).with_name("tables")
EVERY_PROFILE = "all"


@dataclass(frozen=True)
class Row:
    """One code of one profile; the same number may mean something else in another."""

    profile: str
    http: int
    code: str
    text: str
    specification: str = ""

    def __str__(self):
        return " ".join(part for part in (self.profile, str(self.http), self.code, self.specification) if part)


def rows(name):
    """Return the codes of one table, such as `aktivkonto_codes`, in the page's order."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [Row(**{**row, "http": int(row["http"])}) for row in csv.DictReader(file)]


def rows_of(name, *, profile):
    """Return the service's own codes in one profile, and the codes common to all look-ups."""
    return [row for row in (*rows(name), *rows("das_codes")) if row.profile in {profile, EVERY_PROFILE}]
