"""Ask Lånekassen for one customer's debt, by the consent that is kept of the customer."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from agencies.commandline import AgencyCommand
from agencies.studielan import consent
from agencies.studielan.accounts import Count, Found, is_bare, look_up
from agencies.studielan.asking import lanekassen
from agencies.studielan.debts import Kind, Remark, written
from agencies.studielan.errors import ConsentNeeded

WORDS = {
    Kind.PRINCIPAL: "principal",
    Kind.INTEREST: "interest",
    Kind.FEES: "fees",
    Kind.COSTS: "costs",
    Kind.OTHER: "other",
}
SENTENCES = {
    Remark.NOTHING_OWED: "Nothing is owed at present; the customer may have had grants only.",
    Remark.OVERPAID: "The total is negative: an overpayment that awaits refund.",
    Remark.INTEREST_NOT_CURRENT: "Interest is booked at certain events only; this figure is not current.",
    Remark.TOTAL_DIFFERS: "Lånekassen's own total differs from the sum of its parts; the sum is shown.",
    Remark.INCOMPLETE: "Lånekassen has left an amount out.",
}


class Command(AgencyCommand):
    help = "Asks Lånekassen what a customer owes, by the consent that the customer has given."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("identifier", help="the customer's eleven digits; - reads them from stdin")

    def errand(self, *arguments: Any, identifier: str, as_json: bool, diagnose: bool, **options: Any) -> None:
        number = self.identifier(identifier)
        if diagnose:
            session = lanekassen().session
            self.diagnose(session, as_json=as_json, more=findings(session.token(), number))
            return
        found = look_up(number, before_attempt=Count())
        self.stdout.write(document(found) if as_json else "\n".join(lines(found)))


def findings(token: str, number: str) -> dict[str, bool]:
    """Return what Lånekassen looks at besides: it is not asked, and the consent's code is not exchanged."""
    return {
        "it is bare: three parts, neither Bearer nor blanks": is_bare(token),
        "the customer's consent is kept here and has not ended": is_valid(number),
    }


def is_valid(number: str) -> bool:
    try:
        consent.valid(number)
    except ConsentNeeded:
        return False
    return True


def document(found: Found) -> str:
    """Return one JSON object; amounts are strings, so that no reader rounds them."""
    told = {
        **written(found.debt),
        "total": format(found.debt.total, "f"),
        "remarks": list(found.debt.remarks),
        "requestId": found.request_id,
    }
    return json.dumps(told, ensure_ascii=False)


def lines(found: Found) -> Iterator[str]:
    """Yield the debt by kind, its sum and what must be borne in mind."""
    for part in found.debt.parts:
        yield f"{WORDS[part.kind]:<10} {part.amount:>16,.2f} kr"
    yield f"{'total':<10} {found.debt.total:>16,.2f} kr"
    yield from (SENTENCES[remark] for remark in found.debt.remarks)
    yield f"X-Request-Id {found.request_id}"
