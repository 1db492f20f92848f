"""Whose account is known: the page's test persons, and some of the sandbox's own.

Of the page's persons the first and the fifth have the page's values; what the others have is made up, and so are the
former number and the enterprises.
"""

from dataclasses import asdict, dataclass
from typing import Any

FORMER = {"57816994774": "17816994780"}
"""A number that its holder had before; asked by it, the answer bears the present one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The chosen account, with the members of the page in the page's order."""

    kontonummer: str | None = None
    kontotype: str = "innskuddskontoINOK"
    skattekontoegnethet: str = "brukskonto"
    bicEllerSwift: str | None = None  # noqa: N815 - the wire's name
    bankkode: str | None = None
    bankNavn: str | None = None  # noqa: N815
    bankLandkode: str | None = None  # noqa: N815
    iban: str | None = None
    valuta: str | None = None
    erUtbetalingskort: bool = False  # noqa: N815
    valgtDato: str = "2020-03-23"  # noqa: N815

    def members(self) -> dict[str, Any]:
        return asdict(self)


ACCOUNTS: dict[str, Account | None] = {
    "17816994780": Account(kontonummer="32432567604", bankNavn="Bank1"),
    "46907200809": Account(
        kontotype="innskuddskontoIValuta",
        bicEllerSwift="EKSESESS",
        bankNavn="Exempelbanken",
        bankLandkode="SE",
        iban="SE3550000000054910000003",
        valuta="SEK",
        valgtDato="2021-06-01",
    ),
    "27858199021": Account(
        kontonummer="99982000013",
        skattekontoegnethet="finnesMinibankkort",
        bankNavn="Eksempelbanken",
        erUtbetalingskort=True,
        valgtDato="2022-02-14",
    ),
    "23818699190": None,
    "28707299217": Account(
        kontotype="innskuddskontoIValuta",
        bicEllerSwift="DOGBPLUZEXP",
        bankNavn="Doggerbanken",
        bankLandkode="PL",
        iban="PL0828538647323163",
        valgtDato="2022-11-01",
    ),
    "312345609": Account(kontonummer="99982000021", bankNavn="Eksempelbanken", valgtDato="2019-10-07"),
    "312345625": None,
}
