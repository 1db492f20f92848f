"""Ask what is known against the packages that are shipped: `python -m tools.audit_dependencies [options of pip-audit]`.

pip-audit knows two public databases; they are asked one after the other, unless its own options name another
(`-s osv --osv-url …`). It ends with 0 where it could not ask about a single package. So its report is judged here:
0 nothing is known against any of them; 1 something is; 2 it could not be run; 3 nothing was found, and not all could be
checked, because no database was reached or none knows the version.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.shipped import ALWAYS, EXTRAS, REQUIREMENTS

DATABASES = (("-s", "pypi"), ("-s", "osv"))
FIXED = ("--disable-pip", "--require-hashes", "--progress-spinner", "off", "--format", "json")
# What pip-audit lets through, or says, when it reached no database, or something that is none.
SILENCE = ("requests.exceptions.", "Could not connect to", "is not redirecting properly", "ServiceError")
CLEAN, KNOWN, FAILED, NOT_CHECKED = range(4)


class NotReached(Exception):
    """No database answered."""


class NotRun(Exception):
    """pip-audit itself failed."""


@dataclass(frozen=True)
class Findings:
    """What the databases said: faults by package, and packages that they know nothing of."""

    checked: frozenset[str]
    unchecked: frozenset[str]
    known: tuple[str, ...]

    @property
    def status(self) -> int:
        """Return how the command ends."""
        if self.known:
            return KNOWN
        return NOT_CHECKED if self.unchecked or not self.checked else CLEAN


def read(report: dict[str, Any]) -> Findings:
    """Return what a report of pip-audit says."""
    packages = report["dependencies"]
    return Findings(
        checked=frozenset(package["name"] for package in packages if "skip_reason" not in package),
        unchecked=frozenset(package["name"] for package in packages if "skip_reason" in package),
        known=tuple(line for package in packages for line in lines_about(package)),
    )


def lines_about(package: dict[str, Any]) -> Iterator[str]:
    for fault in package.get("vulns", []):
        names = ", ".join(dict.fromkeys([fault["id"], *fault.get("aliases", [])]))
        mended = ", ".join(fault["fix_versions"]) or "no version yet"
        yield f"{package['name']} {package['version']}: {names}; mended in {mended}"


def ask(requirements: Path, options: Sequence[str]) -> Findings:
    """Return what one database knows."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "report.json")
        command = [
            sys.executable,
            "-m",
            "pip_audit",
            "-r",
            str(requirements),
            *FIXED,
            "--output",
            str(output),
            *options,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
        if output.exists():
            return read(json.loads(output.read_text(encoding="utf-8")))
    last = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
    raise NotReached if any(words in done.stderr for words in SILENCE) else NotRun(last[0])


def ask_all(requirements: Path, databases: Sequence[Sequence[str]]) -> Findings:
    """Return what the databases know together. The next one is asked when one did not know all of the packages."""
    found: list[Findings] = []
    for options in databases:
        try:
            found.append(ask(requirements, options))
        except NotReached:
            continue
        if not found[-1].unchecked:
            break
    return together(found)


def together(found: Sequence[Findings]) -> Findings:
    """Return what several databases said as one: a package that one of them knows is checked."""
    checked = frozenset(name for one in found for name in one.checked)
    unchecked = frozenset(name for one in found for name in one.unchecked) - checked
    return Findings(checked, unchecked, tuple(dict.fromkeys(line for one in found for line in one.known)))


def sentences(found: Findings) -> Iterator[str]:
    """Say what was found, what was not looked at, and how many there were."""
    yield from found.known
    if not found.checked:
        yield "No database of known vulnerabilities that knows these packages was reached: nothing was checked."
        return
    if found.unchecked:
        yield f"Not checked, because no database has them: {', '.join(sorted(found.unchecked))}."
    yield f"{len(found.checked)} packages checked, {len(found.known)} known vulnerabilities."


def main(options: Sequence[str]) -> int:
    try:
        found = together(
            [ask_all(REQUIREMENTS / f"{name}.txt", [options] if options else DATABASES) for name in (ALWAYS, *EXTRAS)]
        )
    except NotRun as failure:
        print(f"pip-audit could not be run: {failure}", file=sys.stderr)
        return FAILED
    print(*sentences(found), sep="\n")
    return found.status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
