"""One thing that a check found in a report, told without a person's number or name."""

from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`hard` forbids sending. `path` leads there by `/`; `position` counts accounts from 1.

    `account` is the end of the account's number.
    """

    hard: bool
    code: str
    path: str
    message: str
    position: int | None = None
    account: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        where = f"oppgave {self.position} ({self.account}) " if self.position else ""
        return f"{'fault' if self.hard else 'doubt'}: {where}{self.path}: {self.message}"


def place(index: int, account: Any, finding: Finding) -> Finding:
    """Return the finding with the account that it is about."""
    number = account.get("kontonummer") if isinstance(account, dict) else None
    ending = f"…{number[-4:]}" if isinstance(number, str) and len(number) > 7 else "…"
    return replace(
        finding,
        position=index + 1,
        account=ending,
        path="/".join(step for step in ("leveranse/oppgave", str(index), finding.path) if step),
    )


def amount(account: Any, member: str) -> int | None:
    """Return the amount where it is there and a whole number."""
    value = account.get(member) if isinstance(account, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
