"""What people should look at before a report is sent, though it does not forbid sending.

Control digits belong here: examples of the agency's own page do not have right ones.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, Protocol

from agencies.bsu.finding import Finding, amount
from legal.numbers import has_person_form, is_account_number, is_organisation_number, is_person_number

EVENTS = ("uttaksdatoBolig", "uttaksdatoBrudd", "konkursdato", "sikkerhetsdato", "utleggsdato")
PAIRS = (("uttaksdatoBolig", "uttaksbeloepBolig"), ("utleggsdato", "utleggsbeloep"))
NOTICES = ("avgangsmelding", "mottaksmelding")
ROUNDED_APART = 2  # four amounts, each rounded by half a krone at most


class Year(Protocol):
    """The year that the account is reported for, and its ceiling where one is set."""

    @property
    def year(self) -> int: ...

    @property
    def ceiling(self) -> int | None: ...


def doubts_of_reporter(delivery: dict[str, Any]) -> Iterator[Finding]:
    reporter = delivery.get("oppgavegiver")
    number = reporter.get("organisasjonsnummer") if isinstance(reporter, dict) else None
    if isinstance(number, str) and not is_organisation_number(number):
        yield _doubt("digits", "leveranse/oppgavegiver/organisasjonsnummer", "its control digit does not fit")


def doubts_of_account(account: dict[str, Any], of: Year) -> Iterator[Finding]:
    """Yield the doubts about one account, their paths beginning there."""
    yield from _digits(account)
    yield from _days(account, of.year)
    yield from _balance(account)
    for day, sum_of_it in PAIRS:
        if (day in account) != (sum_of_it in account):
            yield _doubt("pair", day, f"{day} and {sum_of_it} come together")
    saved = amount(account, "aaretsSparebeloep")
    if of.ceiling is not None and saved is not None and saved > of.ceiling:
        yield _doubt("ceiling", "aaretsSparebeloep", f"more than the year's ceiling of {of.ceiling}")


def _digits(account: dict[str, Any]) -> Iterator[Finding]:
    number, owner = account.get("kontonummer"), account.get("oppgaveeier")
    if isinstance(number, str) and not is_account_number(number):
        yield _doubt("digits", "kontonummer", "not a Norwegian account number with the right control digit")
    if isinstance(owner, dict):
        yield from _digits_of(owner, "oppgaveeier")
    for notice in NOTICES:
        for branch, told in _branches(account, notice):
            yield from _digits_of(told, f"{notice}/{branch}")


def _digits_of(named: dict[str, Any], path: str) -> Iterator[Finding]:
    person, organisation = named.get("foedselsnummer"), named.get("organisasjonsnummer")
    if has_person_form(person) and not is_person_number(person):
        yield _doubt("digits", f"{path}/foedselsnummer", "its date or control digits do not fit")
    if isinstance(organisation, str) and not is_organisation_number(organisation):
        yield _doubt("digits", f"{path}/organisasjonsnummer", "its control digit does not fit")


def _days(account: dict[str, Any], year: int) -> Iterator[Finding]:
    start = _day(account.get("startdato"))
    told = [(event, account.get(event)) for event in EVENTS]
    told += [
        (f"{notice}/{name}/dato", each.get("dato")) for notice in NOTICES for name, each in _branches(account, notice)
    ]
    for path, value in told:
        day = _day(value)
        if day is not None and day.year != year:
            yield _doubt("date", path, "not a day of the income year")
        if day is not None and start is not None and day < start:
            yield _doubt("date", path, "before the account was opened")


def _balance(account: dict[str, Any]) -> Iterator[Finding]:
    balance = amount(account, "saldo")
    if balance is None:
        return
    if "avgangsmelding" in account or "uttaksdatoBrudd" in account:
        if balance:
            yield _doubt("balance", "saldo", "an account that was moved out or broken has 0")
        return
    parts = [amount(account, name) or 0 for name in ("bundetAkkumulertSparebeloep", "bundetAkkumulertRenter")]
    held = sum(parts) - (amount(account, "uttaksbeloepBolig") or 0)
    if "mottaksmelding" not in account and abs(balance - held) > ROUNDED_APART:
        yield _doubt("balance", "saldo", "not savings and interest less what was withdrawn for a home")


def _branches(account: dict[str, Any], notice: str) -> Iterator[tuple[str, dict[str, Any]]]:
    branches = account.get(notice)
    if isinstance(branches, dict):
        yield from ((name, told) for name, told in branches.items() if isinstance(told, dict))


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None


def _doubt(code: str, path: str, message: str) -> Finding:
    return Finding(hard=False, code=code, path=path, message=message)
