"""What is shipped: the packages that requirements/*.txt pin, with their hashes, and what they are licensed under."""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
LICENCES = REQUIREMENTS / "licences.toml"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ALWAYS = "base"
EXTRAS = ("pkcs11", "otel", "parquet", "valkey", "granian")
"""What an installation may hold besides."""
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})", re.ASCII)


@dataclass(frozen=True)
class Pin:
    """One package at one version, and the files of it that may be installed."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...] = field(repr=False)


def pins(name: str) -> dict[str, Pin]:
    """Return the pins of a requirements file by name; refuse one that holds anything but pins with hashes."""
    text = (REQUIREMENTS / f"{name}.txt").read_text(encoding="utf-8")
    found = [read_pin(line) for line in text.replace("\\\n", " ").splitlines()]
    return {pin.name: pin for pin in found}


def read_pin(line: str) -> Pin:
    """Return what one line pins: an exact version, and one hash or more."""
    words, *hashes = line.split("--hash=")
    requirement = Requirement(words)
    versions = list(requirement.specifier)
    exact = len(versions) == 1 and versions[0].operator == "==" and "*" not in versions[0].version
    digests = HASH.findall(line)
    if not exact or requirement.url or not digests or len(digests) != len(hashes):
        raise ValueError(f"not one exact version with hashes: {words.strip()}")
    return Pin(
        name=canonicalize_name(requirement.name),
        version=versions[0].version,
        marker=str(requirement.marker or ""),
        hashes=tuple(sorted(digests)),
    )


def shipped() -> dict[str, Pin]:
    """Return every package that any installation may hold."""
    return {name: pin for each in (ALWAYS, *EXTRAS) for name, pin in pins(each).items()}


def asked_for() -> list[str]:
    """Return what this project asks for by itself, in all of them."""
    extras: dict[str, list[str]] = PROJECT["optional-dependencies"]
    return [*PROJECT["dependencies"], *(words for name in EXTRAS for words in extras[name])]
