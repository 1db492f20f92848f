"""Every way the intake says no: a code, and what specifies it."""

import uuid
from dataclasses import dataclass
from typing import Any

from sandbox.counterparts.bsu.codes import FAULTS, SPECIFICATIONS


@dataclass(frozen=True, slots=True)
class Specification:
    """One thing that is wrong: where, with `/` between the steps, and what stands there as text."""

    code: str
    path: str = ""
    given: str | None = None
    detail: str = ""

    def as_json(self) -> dict[str, str]:
        """Return the member of `spesifisering`; what there is nothing to say of is left out."""
        text = SPECIFICATIONS[self.code]
        written = {"kode": self.code, "melding": f"{text}: {self.detail}" if self.detail else text}
        if self.path:
            written["sti"] = self.path
        if self.given is not None:
            written["angittVerdi"] = self.given
        return written


class Fault(Exception):
    """An answer that is no receipt. `allowed` is the method to use where the one used is not supported."""

    def __init__(self, code: str, *specifications: Specification) -> None:
        super().__init__(code)
        self.code = code
        self.status = FAULTS[code][0]
        self.specifications = specifications
        self.allowed = ""

    def as_json(self, correlation_id: str) -> dict[str, Any]:
        """Return the body, with Skatteetaten's members in their order."""
        return {
            "kode": self.code,
            "melding": FAULTS[self.code][1],
            "korrelasjonsid": correlation_id,
            "spesifisering": [specification.as_json() for specification in self.specifications],
        }


def correlation_id(given: str | None) -> str:
    """Return the caller's own id where it is a UUID, and otherwise a new one."""
    try:
        return str(uuid.UUID(given or ""))
    except ValueError:
        return str(uuid.uuid4())
