"""An agency's own words for what went wrong, read out of an error body; whatever is not in the format is nothing."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,31}")
REFERENCE = re.compile(r"(?![0-9]+$)[A-Za-z0-9_.:-]{1,64}")  # nothing that could be somebody's number
MOST_SPECIFICATIONS = 1000


@dataclass(frozen=True, slots=True)
class Specification:
    """One finding of a reporting API. Its texts may hold what was reported: they are shown, never logged."""

    code: str
    message: str = field(default="", repr=False)
    path: str = ""
    given: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Fault:
    """What an error body says: the agency's code, the id its support asks for, and findings where there are any."""

    code: str
    correlation_id: str = ""
    specifications: tuple[Specification, ...] = ()


def read_skatteetaten(body: bytes) -> Fault | None:
    """Return the fault of `{kode, melding, korrelasjonsid, spesifisering}`, or None where the body is not one.

    Further members are ignored, and a missing `korrelasjonsid` or `spesifisering` is none.
    """
    try:
        members = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(members, dict) or not isinstance(members.get("melding"), str):
        return None
    code = safe_code(members.get("kode"))
    if not code:
        return None
    return Fault(code, safe_reference(members.get("korrelasjonsid")), _specifications(members.get("spesifisering")))


def safe_code(value: object) -> str:
    """Return the value where it looks like an error code, else nothing."""
    return value if isinstance(value, str) and CODE.fullmatch(value) else ""


def safe_reference(value: object) -> str:
    """Return the value where it looks like a correlation id, else nothing."""
    return value if isinstance(value, str) and REFERENCE.fullmatch(value) else ""


def _specifications(listed: object) -> tuple[Specification, ...]:
    if not isinstance(listed, list):
        return ()
    read = [_specification(item) for item in listed[:MOST_SPECIFICATIONS] if isinstance(item, dict)]
    return tuple(read)


def _specification(item: dict[str, Any]) -> Specification:
    texts = {name: value if isinstance(value := item.get(name), str) else "" for name in ("melding", "sti")}
    given = item.get("angittVerdi")
    return Specification(
        code=safe_code(item.get("kode")),
        message=texts["melding"],
        path=texts["sti"],
        given="" if given is None else str(given),
    )
