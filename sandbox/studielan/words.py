"""What the page says: amounts as Norwegians write them, the parts of a debt, and what must be borne in mind."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from agencies.studielan.debts import Debt, Kind, Remark
from sandbox.counterparts.lanekassen.persons import PERSONS

KINDS = {
    Kind.PRINCIPAL: "Lån",
    Kind.INTEREST: "Renter",
    Kind.FEES: "Gebyr",
    Kind.COSTS: "Omkostninger",
    Kind.OTHER: "Annet",
}
REMARKS = {
    Remark.NOTHING_OWED: (
        "Lånekassen har ikke registrert noe utestående beløp nå. Slik er det også for den som bare har fått stipend."
    ),
    Remark.OVERPAID: "Beløpet er negativt: Du har betalt mer enn du skyldte, og har penger til gode hos Lånekassen.",
    Remark.INTEREST_NOT_CURRENT: (
        "Renter bokføres bare ved enkelte hendelser: innbetaling, gebyr, justering og månedsslutt. Tallet er derfor "
        "ikke oppdatert fra dag til dag, og det viser ikke hva lånet koster deg i renter. Innbetalinger dekker "
        "omkostninger, gebyr og renter før selve lånet."
    ),
    Remark.TOTAL_DIFFERS: "Lånekassens egen sum stemmer ikke med delene. Her vises summen av delene.",
    Remark.INCOMPLETE: "Lånekassen har ikke oppgitt alle beløp. Summen gjelder bare dem som vises.",
}
CASES = {
    "1a": "bare lån, under én million",
    "1b": "bare lån, over én million",
    "2": "ingen gjeld",
    "3a": "lån og renter, under én million",
    "3b": "lån og renter, over én million",
    "4a": "alt unntatt omkostninger, under én million",
    "4b": "alt unntatt omkostninger, over én million",
    "5": "lån og gebyr",
    "6": "alt unntatt gebyr",
    "7": "alle fire",
    "8": "renter og gebyr",
    "9": "bare renter",
    "10": "lån og omkostninger",
    "11": "bare gebyr",
    "12": "bare omkostninger",
    "13": "alt unntatt renter",
    "14": "alt unntatt lån",
    "negative": "har betalt for mye",
    "unknown": "ikke kunde hos Lånekassen",
    "expired": "samtykket er utløpt",
    "withdrawn": "samtykket er trukket",
    "busy": "Lånekassen har det travelt",
    "failing": "Lånekassen feiler",
    "slow": "Lånekassen svarer sent",
    "flawed": "Lånekassens sum er feil",
}


def customers() -> list[tuple[str, str]]:
    """Return each synthetic customer's case and what to call it in the list."""
    return [(person.case, f"{person.surname}: {CASES[person.case]} ({person.case})") for person in PERSONS]


def kroner(amount: Decimal) -> str:
    """Return the amount with two decimals, in groups of three, with a true minus."""
    rounded = amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
    grouped = f"{abs(rounded):,.2f}".replace(",", "\u00a0").replace(".", ",")
    return f"{'−' if rounded < 0 else ''}{grouped}\u00a0kr"


def shown(debt: Debt) -> dict[str, Any]:
    """Return the debt in words."""
    return {
        "parts": [(KINDS[part.kind], kroner(part.amount), part.changed_at) for part in debt.parts],
        "total": kroner(debt.total),
        "remarks": [REMARKS[remark] for remark in debt.remarks],
    }
