"""What is held against a report before it is sent: faults that forbid sending, and doubts for people to look at.

No finding repeats a person's number or name; an account is told by its place and the end of its number.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from jsonschema.exceptions import ValidationError

from agencies.bsu.doubts import doubts_of_account, doubts_of_reporter
from agencies.bsu.finding import Finding, amount, place
from agencies.bsu.report import LARGEST_BYTES, NOTHING_TO_REPORT, OPTIONAL_SUM, ORDINARY, SUMMED
from agencies.bsu.schema import validator
from agencies.identifiers import is_production
from legal.numbers import has_person_form, is_synthetic

MOST_FINDINGS = 1000
SCHEMA_WORDS = {
    "additionalProperties": "a member that the page does not have",
    "enum": "none of the words that may stand here",
    "format": "no date of the calendar",
    "maxLength": "too long",
    "maxProperties": "more than one branch",
    "maximum": "too large",
    "minLength": "too short",
    "minProperties": "no branch",
    "minimum": "too small",
    "pattern": "not of the right form",
    "required": "a required member is missing",
    "type": "not of the right type",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a report must fit: the year in the address, who may be reported for, and where it goes."""

    year: int
    organisations: frozenset[str]
    base_url: str
    ceiling: int | None = None


Progress = Callable[[Iterable[Any], int], Iterable[Any]]


def unwatched(items: Iterable[Any], total: int) -> Iterable[Any]:
    return items


def check_body(body: bytes, expected: Expected, *, progress: Progress = unwatched) -> list[Finding]:
    """Return what is wrong with the bytes, faults before doubts, each in the order of the accounts."""
    if len(body) > LARGEST_BYTES:
        return [Finding(hard=True, code="size", path="", message=f"the body is larger than {LARGEST_BYTES} bytes")]
    document = read_strictly(body)
    if document is None:
        return [Finding(hard=True, code="json", path="", message="the body is no JSON document in UTF-8")]
    found = list(_schema_faults(document))
    delivery = document.get("leveranse") if isinstance(document, dict) else None
    if isinstance(delivery, dict):
        found += _faults_of_delivery(delivery, expected)
        found += _of_accounts(_accounts(delivery), expected, progress)
        found += doubts_of_reporter(delivery)
    return [*_most(found, hard=True), *_most(found, hard=False)]


def _most(found: list[Finding], *, hard: bool) -> list[Finding]:
    """Return the faults, or the doubts, and after so many of them how many more there are."""
    chosen = [finding for finding in found if finding.hard == hard]
    more = Finding(hard=hard, code="more", path="", message=f"and {len(chosen) - MOST_FINDINGS} more")
    return [*chosen[:MOST_FINDINGS], *([more] if len(chosen) > MOST_FINDINGS else [])]


def read_strictly(body: bytes) -> Any:
    """Return the document, or None: no doubled member, no constant JSON does not have, nothing but UTF-8."""
    try:
        return json.loads(
            body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant, parse_float=_Fraction
        )
    except (ValueError, RecursionError):
        return None


class _Fraction(str):
    """A number with a fraction or an exponent: no integer to the schema, be it 1.0."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError
    return members


def _no_constant(name: str) -> None:
    raise ValueError


def _schema_faults(document: Any) -> Iterator[Finding]:
    for error in islice(validator().iter_errors(document), 2 * MOST_FINDINGS):
        yield _schema_finding(document, error)


def _schema_finding(document: Any, error: ValidationError) -> Finding:
    steps = list(error.absolute_path)
    if error.validator == "required":
        steps.append(next(name for name in error.validator_value if name not in error.instance))
    message = SCHEMA_WORDS.get(str(error.validator), "not as the schema has it")
    position = steps[2] if len(steps) > 2 and steps[:2] == ["leveranse", "oppgave"] else None
    if not isinstance(position, int):
        return Finding(hard=True, code="schema", path="/".join(map(str, steps)), message=message)
    account = document["leveranse"]["oppgave"][position]
    member = "/".join(map(str, steps[3:]))
    return place(position, account, Finding(hard=True, code="schema", path=member, message=message))


def _faults_of_delivery(delivery: dict[str, Any], expected: Expected) -> Iterator[Finding]:
    def fault(code: str, path: str, message: str) -> Finding:
        return Finding(hard=True, code=code, path=f"leveranse/{path}", message=message)

    if delivery.get("inntektsaar") != expected.year:
        yield fault("year", "inntektsaar", f"the report is sent for {expected.year}, its own year is another")
    reporter = delivery.get("oppgavegiver")
    if isinstance(reporter, dict) and reporter.get("organisasjonsnummer") not in expected.organisations:
        yield fault(
            "reporter", "oppgavegiver/organisasjonsnummer", "not an organisation that this system user reports for"
        )
    accounts, kind = _accounts(delivery), delivery.get("leveransetype")
    if kind == NOTHING_TO_REPORT and accounts:
        yield fault("type", "leveransetype", f"{NOTHING_TO_REPORT} with accounts")
    if kind == ORDINARY and not accounts:
        yield fault("type", "leveransetype", f"{ORDINARY} without accounts")
    summary = delivery.get("oppgaveoppsummering")
    if isinstance(summary, dict):
        yield from _faults_of_sums(summary, accounts, fault)


def _faults_of_sums(
    summary: dict[str, Any], accounts: list[Any], fault: Callable[[str, str, str], Finding]
) -> Iterator[Finding]:
    found = {"antallOppgaver": len(accounts)}
    for name, member in SUMMED.items():
        if name != OPTIONAL_SUM or name in summary or any(member in each for each in accounts):
            found[name] = sum(amount(each, member) or 0 for each in accounts)
    for name, right in found.items():
        if name not in summary:
            if name == OPTIONAL_SUM:  # the schema tells of the others
                yield fault("sum", f"oppgaveoppsummering/{name}", f"missing; the accounts have {right}")
        elif summary[name] != right:
            stated = summary[name] if isinstance(summary[name], int) else "something else"
            yield fault("sum", f"oppgaveoppsummering/{name}", f"{stated} is stated, the accounts have {right}")


def _of_accounts(accounts: list[Any], expected: Expected, progress: Progress) -> Iterator[Finding]:
    seen: set[tuple[str, str]] = set()
    for position, account in enumerate(progress(accounts, len(accounts))):
        if isinstance(account, dict):
            for finding in (*_faults_of_account(account, expected, seen), *doubts_of_account(account, expected)):
                yield place(position, account, finding)


def _faults_of_account(account: dict[str, Any], expected: Expected, seen: set[tuple[str, str]]) -> Iterator[Finding]:
    owner = account.get("oppgaveeier")
    number = owner.get("foedselsnummer") if isinstance(owner, dict) else None
    both = (str(account.get("kontonummer")), str(number))
    if both in seen:
        yield Finding(hard=True, code="duplicate", path="kontonummer", message="account and holder stand here twice")
    seen.add(both)
    for path, person in _persons(account, number):
        if is_synthetic(person) == is_production(expected.base_url):
            yield Finding(
                hard=True, code="person", path=path, message="not a person who may be reported to this address"
            )


def _persons(account: dict[str, Any], holder: Any) -> Iterator[tuple[str, str]]:
    """Yield the persons' numbers that have the right form; the schema tells of the others."""
    named = [("oppgaveeier/foedselsnummer", holder)]
    for notice, branch in (
        ("avgangsmelding", "overfoertTilEktefelle"),
        ("mottaksmelding", "mottattFraEktefelle"),
    ):
        spouse = account.get(notice)
        spouse = spouse.get(branch) if isinstance(spouse, dict) else None
        if isinstance(spouse, dict):
            named.append((f"{notice}/{branch}/foedselsnummer", spouse.get("foedselsnummer")))
    yield from ((path, number) for path, number in named if has_person_form(number))


def _accounts(delivery: dict[str, Any]) -> list[Any]:
    accounts = delivery.get("oppgave", [])
    return accounts if isinstance(accounts, list) else []
