"""The yearly report made from the ledger: one or more `leveranse`, each small enough to be sent."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import orjson

from accounts.bsu import BsuAccount

LARGEST_BYTES = 10_000_000
ORDINARY, NOTHING_TO_REPORT = "ordinaer", "ingenoppgaver"
SOURCE = "dsop-kontrollinformasjon"
SUMMED = {
    "sumAaretsSparebeloep": "aaretsSparebeloep",
    "sumAaretsRenter": "aaretsRenter",
    "sumBundetAkkumulertSparebeloep": "bundetAkkumulertSparebeloep",
    "sumBundetAkkumulertRenter": "bundetAkkumulertRenter",
    "sumSaldo": "saldo",
    "sumUttaksbeloepBolig": "uttaksbeloepBolig",
}
"""Each sum, and the member of an account that it is the sum of. The last one is left out where no account has it."""
OPTIONAL_SUM = "sumUttaksbeloepBolig"
SUMMARY_BYTES = 400  # what the summary grows by at most when its numbers do


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """Who reports: the institution, and where its people can be reached, as far as that is set."""

    organisation_number: str
    name: str = ""
    contact: dict[str, str] = field(default_factory=dict)

    def member(self) -> dict[str, Any]:
        made: dict[str, Any] = {"organisasjonsnummer": self.organisation_number}
        if self.name:
            made["organisasjonsnavn"] = self.name
        if self.contact:
            made["kontaktinformasjon"] = self.contact
        return made


@dataclass(slots=True)
class Part:
    """A delivery in the making: its accounts as JSON, and their sums."""

    accounts: int = 0
    written: bytearray = field(default_factory=bytearray)
    sums: dict[str, int] = field(default_factory=dict)

    def add(self, account: dict[str, Any], written: bytes) -> None:
        self.written += b"," + written if self.accounts else written
        self.accounts += 1
        for name, member in SUMMED.items():
            if name != OPTIONAL_SUM or member in account:
                self.sums[name] = self.sums.get(name, 0) + account.get(member, 0)

    def summary(self) -> dict[str, int]:
        required = {name: self.sums.get(name, 0) for name in SUMMED if name != OPTIONAL_SUM or name in self.sums}
        return {"antallOppgaver": self.accounts, **required}


def whole_kroner(amount: Decimal) -> int:
    """Return the amount in whole kroner: to the nearest, half a krone away from zero.

    Each amount of each account is rounded by this and nothing else, and sums are sums of what was rounded, so that
    they agree with the accounts beside them. That halves go up is a reading: the page says only "whole kroner".
    """
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def parts_of(
    accounts: Iterable[BsuAccount], *, year: int, reporter: Reporter, largest: int = LARGEST_BYTES
) -> Iterator[Part]:
    """Yield the report's parts in the order of the accounts; one without accounts where there are none.

    A part ends before the account that would make it too large, so the same accounts always give the same parts.
    """
    room = largest - SUMMARY_BYTES - len(body_of(Part(), year=year, reporter=reporter, reference="x" * 100))
    part, given = Part(), False
    for account in accounts:
        member = account_member(account)
        written = orjson.dumps(member)
        if part.accounts and len(part.written) + len(written) + 1 > room:
            yield part
            part, given = Part(), True
        part.add(member, written)
    if part.accounts or not given:
        yield part


def body_of(part: Part, *, year: int, reporter: Reporter, reference: str) -> bytes:
    """Return the very bytes that are sent."""
    delivery: dict[str, Any] = {
        "inntektsaar": year,
        "leveransetype": ORDINARY if part.accounts else NOTHING_TO_REPORT,
        "kildesystem": SOURCE,
        "oppgavegiversLeveranseReferanse": reference,
        "oppgavegiver": reporter.member(),
        "oppgaveoppsummering": part.summary(),
    }
    if part.accounts:
        delivery["oppgave"] = orjson.Fragment(b"[%b]" % bytes(part.written))
    return orjson.dumps({"leveranse": delivery})


def account_member(account: BsuAccount) -> dict[str, Any]:
    """Return the account as `oppgave`; what the year did not bring is left out."""
    made: dict[str, Any] = {
        "kontonummer": account.number,
        "startdato": account.start_date.isoformat(),
        "aaretsSparebeloep": whole_kroner(account.saved),
        "aaretsRenter": whole_kroner(account.interest),
        "bundetAkkumulertSparebeloep": whole_kroner(account.saved_in_all),
        "bundetAkkumulertRenter": whole_kroner(account.interest_in_all),
        "saldo": whole_kroner(account.balance),
        "uttaksdatoBolig": _day(account.housing_date),
        "uttaksbeloepBolig": _kroner(account.housing_amount),
        "uttaksdatoBrudd": _day(account.breach_date),
        "konkursdato": _day(account.bankruptcy_date),
        "sikkerhetsdato": _day(account.security_date),
        "utleggsdato": _day(account.seizure_date),
        "utleggsbeloep": _kroner(account.seizure_amount),
        "oppgaveeier": {"foedselsnummer": account.holder_number, "navn": account.holder_name},
        "bankTilBankKontaktinformasjon": _said(
            kontaktnavn=account.contact_name,
            telefonnummer=account.contact_telephone,
            epostadresse=account.contact_email,
        ),
        "avgangsmelding": _moved(
            account.moved_out_date,
            overfoertTilEktefelle=("foedselsnummer", account.moved_out_to_spouse),
            overfoertTilForvalter=("organisasjonsnummer", account.moved_out_to_manager),
        ),
        "mottaksmelding": _moved(
            account.moved_in_date,
            mottattFraForvalter=("organisasjonsnummer", account.moved_in_from_manager),
            mottattFraEktefelle=("foedselsnummer", account.moved_in_from_spouse),
        ),
    }
    return {name: value for name, value in made.items() if value is not None}


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _kroner(amount: Decimal | None) -> int | None:
    return None if amount is None else whole_kroner(amount)


def _said(**members: str) -> dict[str, str] | None:
    return {name: value for name, value in members.items() if value} or None


def _moved(day: date | None, **branches: tuple[str, str]) -> dict[str, Any] | None:
    """Return the notice with each branch for which the ledger names somebody; the checks find two of them, or none."""
    named = {branch: (name, number) for branch, (name, number) in branches.items() if number}
    if day is None and not named:
        return None
    when = {} if day is None else {"dato": day.isoformat()}
    return {branch: {**when, name: number} for branch, (name, number) in named.items()}
