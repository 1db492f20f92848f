"""What a submission says it sums to, and what it does sum to."""

from dataclasses import dataclass
from typing import Any

SUMS = {
    "sumAaretsSparebeloep": "aaretsSparebeloep",
    "sumAaretsRenter": "aaretsRenter",
    "sumBundetAkkumulertSparebeloep": "bundetAkkumulertSparebeloep",
    "sumBundetAkkumulertRenter": "bundetAkkumulertRenter",
    "sumSaldo": "saldo",
    "sumUttaksbeloepBolig": "uttaksbeloepBolig",
}
COUNT = "antallOppgaver"


@dataclass(frozen=True, slots=True)
class Total:
    """One line of the summary: what was stated, and what we find."""

    name: str
    stated: int
    found: int

    @property
    def difference(self) -> int:
        return self.found - self.stated


def totals(delivery: dict[str, Any]) -> list[Total]:
    """Return every line of the delivery's summary. What it leaves out counts as 0."""
    stated, accounts = delivery["oppgaveoppsummering"], delivery.get("oppgave", [])
    lines = [Total(COUNT, stated[COUNT], len(accounts))]
    for name, member in SUMS.items():
        lines.append(Total(name, stated.get(name, 0), sum(account.get(member, 0) for account in accounts)))
    return lines
