"""What a folder delivers: its `delivery.toml`, read strictly, and the files of each table."""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from accounts.loading.refusals import Refused
from accounts.loading.tables import TABLES, Table

MANIFEST, REJECTS = "delivery.toml", "rejects.csv"
KINDS = (".csv", ".parquet")
ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
DIGEST = re.compile(r"[0-9a-f]{64}")
NUMBER = re.compile(r"[0-9]{9}")
PARTS = {"id", "available_balance_is_current", "as_of", "tables", "sha256"}


@dataclass(frozen=True, slots=True)
class File:
    """A file of a table; its digest is of what was there when the load began."""

    path: Path
    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Days:
    """The days, both included, whose rows a delivery replaces."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Part:
    """What is delivered of one table."""

    table: Table
    rows: int
    days: Days | None
    files: tuple[File, ...]
    may_lose: int | None = None
    """So many rows of the ledger may go; None where nothing is said."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery as its manifest declares it."""

    id: str
    available_balance_is_current: bool
    as_of: Mapping[str, datetime]
    parts: tuple[Part, ...]
    digest: str

    def part_of(self, table: str) -> Part | None:
        return next((part for part in self.parts if part.table.name == table), None)


def read_delivery(folder: Path) -> Delivery:
    """Return what the folder delivers. Raise Refused when manifest and files do not say the same."""
    try:
        text = (folder / MANIFEST).read_bytes()
        manifest = tomllib.loads(text.decode())
    except OSError:
        raise Refused(f"{folder} has no {MANIFEST} that can be read.") from None
    except ValueError:
        raise Refused(f"{MANIFEST} is not TOML in UTF-8.") from None
    _expect(set(manifest) <= PARTS, f"may have {', '.join(sorted(PARTS))} and nothing else")
    delivery_id, current = manifest.get("id"), manifest.get("available_balance_is_current", False)
    _expect(isinstance(delivery_id, str) and ID.fullmatch(delivery_id), "needs an id of letters, digits and ._-")
    _expect(isinstance(current, bool), "says available_balance_is_current with true or false")
    files = _files(folder)
    parts = _parts(_table(manifest, "tables"), files)
    _compare_digests(_table(manifest, "sha256"), files)
    digests = "".join(f"{file.name}\0{file.digest}\0" for part in parts for file in part.files)
    return Delivery(
        str(delivery_id),
        current is True,
        _moments(_table(manifest, "as_of")),
        parts,
        hashlib.sha256(hashlib.sha256(text).digest() + digests.encode()).hexdigest(),
    )


def _table(manifest: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = manifest.get(name, {})
    _expect(isinstance(found, dict), f"has {name} as something else than a table")
    return dict(found)


def _moments(declared: dict[str, Any]) -> dict[str, datetime]:
    _expect(declared, "needs as_of with the moment of each institution")
    for number, moment in declared.items():
        fine = NUMBER.fullmatch(number) and isinstance(moment, datetime) and moment.tzinfo
        _expect(fine, 'has as_of in another form than "312345617" = 2026-11-22T04:00:00+01:00')
    return declared


def _parts(declared: dict[str, Any], files: Mapping[str, list[File]]) -> tuple[Part, ...]:
    _expect(set(declared) <= TABLES.keys(), f"knows no tables but {', '.join(TABLES)}")
    if missing := sorted(declared.keys() - files.keys()):
        raise Refused(f"{MANIFEST} declares {', '.join(missing)}, and there is no such file.")
    if extra := sorted(files.keys() - declared.keys()):
        raise Refused(f"{MANIFEST} does not declare {', '.join(extra)}, and there is such a file.")
    return tuple(_part(table, declared[name], files[name]) for name, table in TABLES.items() if name in declared)


def _part(table: Table, declared: Any, files: list[File]) -> Part:
    wanted = {"rows", "from", "to"} if table.days else {"rows"}
    _expect(
        isinstance(declared, dict) and set(declared) - {"may_lose"} == wanted,
        f"needs {', '.join(sorted(wanted))} of {table.name}, and may have may_lose",
    )
    for name in declared.keys() & {"rows", "may_lose"}:
        number = declared[name]
        _expect(type(number) is int and number >= 0, f"has {name} of {table.name} that is no number")
    days = _days(table, declared) if table.days else None
    return Part(table, declared["rows"], days, tuple(files), declared.get("may_lose"))


def _days(table: Table, declared: Mapping[str, Any]) -> Days:
    first, last = declared["from"], declared["to"]
    _expect(
        type(first) is date and type(last) is date and first <= last,
        f"has from and to of {table.name} in another form than days, the first one first",
    )
    return Days(first, last)


def _files(folder: Path) -> dict[str, list[File]]:
    """Return the files of each table: `party.csv`, or `party/` with several of them."""
    found: dict[str, list[File]] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.suffix not in KINDS or not path.is_file() or str(name) == REJECTS:
            continue
        table = name.parts[0] if len(name.parts) > 1 else name.stem
        if table not in TABLES or len(name.parts) > 2:
            raise Refused(f"{name} belongs to no table.")
        found.setdefault(table, []).append(File(path, str(name), _digest(path)))
    for table, files in found.items():
        if len({len(Path(file.name).parts) for file in files}) > 1 or (len(files) > 1 and "/" not in files[0].name):
            raise Refused(f"{table} is delivered twice.")
    return found


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _compare_digests(declared: dict[str, Any], files: Mapping[str, list[File]]) -> None:
    there = {file.name: file.digest for of_table in files.values() for file in of_table}
    for name, digest in declared.items():
        _expect(isinstance(digest, str) and DIGEST.fullmatch(digest), f"has a sha256 of {name} that is none")
        if there.get(name) != digest:
            raise Refused(f"{name} is not the file that {MANIFEST} declares: its SHA-256 is another.")


def _expect(fine: object, otherwise: str) -> None:
    if not fine:
        raise Refused(f"{MANIFEST} {otherwise}.")
