"""Lånekassen's customers in the sandbox: one for each case of the published test data, and own cases beside them.

The numbers are synthetic (month + 80) and made for the sandbox by its own number series, as are all amounts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

LOAN, INTEREST, FEE, COSTS = "Lån", "Renter", "Gebyr", "Omkostninger"
NAMES = (LOAN, INTEREST, FEE, COSTS)
# An unknown one is no customer. The others' names say what happens to whoever asks about them.
UNKNOWN, EXPIRED, WITHDRAWN, BUSY, FAILING, SLOW, FLAWED = (
    "unknown", "expired", "withdrawn", "busy", "failing", "slow", "flawed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """A person and what they owe, in the order of NAMES; None where there is no such sub-account."""

    case: str
    number: str
    surname: str
    owed: tuple[str | None, str | None, str | None, str | None] = (None, None, None, None)
    fate: str = ""

    def parts(self) -> Iterator[tuple[str, str]]:
        """Return each sub-account's name and amount, the amount as it is written in JSON."""
        return ((name, amount) for name, amount in zip(NAMES, self.owed, strict=True) if amount is not None)

    def total(self) -> str:
        return format(sum((Decimal(amount) for _, amount in self.parts()), Decimal(0)), "f")


PERSONS = (
    Person("1a", "15819010029", "Solberg", ("412345.67", None, None, None)),
    Person("1b", "02838510097", "Haugen", ("1234567.89", None, None, None)),
    Person("2", "21869210045", "Lunde"),
    Person("3a", "09898810043", "Moen", ("287640.0", "1893.42", None, None)),
    Person("3b", "30917910045", "Aune", ("1048210.5", "7311.05", None, None)),
    Person("4a", "14829510074", "Vik", ("198755.0", "612.3", "350.0", None)),
    Person("4b", "07878310181", "Nygård", ("1102934.25", "8240.77", "700.0", None)),
    Person("5", "24929110281", "Eide", ("56320.0", None, "280.0", None)),
    Person("6", "17858710065", "Bakke", ("321004.9", "2104.66", None, "1250.0")),
    Person("7", "03909310090", "Strand", ("240118.33", "1577.12", "560.0", "2480.0")),
    Person("8", "11849810180", "Myhre", (None, "90.44", "280.0", None)),
    Person("9", "19880160187", "Dahl", (None, "152.8", None, None)),
    Person("10", "28819610012", "Sæther", ("78410.0", None, None, "1860.0")),
    Person("11", "05868910048", "Foss", (None, None, "280.0", None)),
    Person("12", "13830060000", "Holm", (None, None, None, "930.0")),
    Person("13", "22899410096", "Lie", ("12684.79", None, "280.0", "1120.0")),
    Person("14", "08828610032", "Berge", (None, "318.07", "560.0", "745.5")),
    Person("negative", "01859710189", "Tangen", ("-1540.25", None, None, None)),
    Person("unknown", "16888410043", "Ukjent", fate=UNKNOWN),
    Person("expired", "27909010026", "Utløpt", ("100000.0", None, None, None), EXPIRED),
    Person("withdrawn", "12928210063", "Trukket", ("100000.0", None, None, None), WITHDRAWN),
    Person("busy", "30879910184", "Travel", ("100000.0", None, None, None), BUSY),
    Person("failing", "04848110081", "Feil", ("100000.0", None, None, None), FAILING),
    Person("slow", "25839310032", "Treg", ("100000.0", None, None, None), SLOW),
    Person("flawed", "06918810054", "Ulik", ("12684.79", "90.44", "280.0", None), FLAWED),
)
BY_NUMBER = {person.number: person for person in PERSONS}
