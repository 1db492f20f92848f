"""What Skatteetaten answers about an active account, read tolerantly where the page leaves things open.

Nothing found here is a refusal: no account is an answer. What is not in the page's format is none.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson

logger = logging.getLogger(__name__)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Unreadable(Exception):
    """The body is no answer in the page's format. Its text is a fixed word."""


@dataclass(frozen=True, slots=True)
class PayoutAccount:
    """The account chosen for payouts. A member that was null or left out is None; unknown words pass as they came.

    Nothing in it is checked against a list: the page leaves the lists open, and its own samples break the rules.
    """

    number: str | None = field(repr=False)
    """A Norwegian account; None for a foreign one."""
    kind: str | None
    """`innskuddskontoINOK`, `innskuddskontoIValuta`, or a word not seen yet."""
    tax_suitability: str | None
    """`ikkeEgnet`, `finnesLoennsutbetaling`, `finnesMinibankkort`, `brukskonto`, or a word not seen yet."""
    bic: str | None
    bank_code: str | None
    bank_name: str | None
    bank_country: str | None
    """As it came: not always a country code."""
    iban: str | None = field(repr=False)
    currency: str | None
    is_payout_card: bool | None
    chosen_on: date | None

    @property
    def is_foreign(self) -> bool:
        """Return whether it has an IBAN or a BIC."""
        return bool(self.iban or self.bic)


@dataclass(frozen=True, slots=True)
class ActiveAccount:
    """The answer to one question. File it under `asked_for`: the number in the answer is the party's present one."""

    asked_for: str = field(repr=False)
    present_identifier: str | None = field(repr=False)
    """None only where a shielded person's answer leaves it out."""
    account: PayoutAccount | None
    """None where no account is chosen."""
    is_shielded: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """What the root members are called in a profile."""

    identifier: str
    account: str


SHAPES = {
    "seed": Shape(identifier="tin", account="kontoDto"),
    "current": Shape(identifier="personidentifikator", account="konto"),
}


def read_answer(body: bytes, *, asked_for: str, profile: str, correlation_id: str = "") -> ActiveAccount:
    """Return what a 200 answer says. Unknown members are ignored; raise Unreadable for what the page does not have."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Unreadable("json") from None
    if not isinstance(document, dict):
        raise Unreadable("root")
    shape = SHAPES[profile]
    elements = _elements(document.get(shape.account))
    is_shielded = any(part.get("skjermet") is True for part in (document, *elements))
    present = _text(document, shape.identifier)
    if present is None and not is_shielded:  # the other profile's answer, or no answer at all
        raise Unreadable("identifier")
    accounts = [account for element in elements if (account := _account(element)) is not None]
    if len(accounts) > 1:
        told = {"accounts": len(accounts), "correlation_id": correlation_id}
        logger.warning("agencies.aktivkonto.several_accounts", extra=told)
    newest = max(accounts, key=lambda account: account.chosen_on or date.min, default=None)
    return ActiveAccount(asked_for=asked_for, present_identifier=present, account=newest, is_shielded=is_shielded)


def no_account(asked_for: str) -> ActiveAccount:
    """Return the answer that a profile gives as an error: the party is known and has chosen none."""
    return ActiveAccount(asked_for=asked_for, present_identifier=None, account=None)


def _elements(value: object) -> list[dict[str, Any]]:
    """Return the account objects: the page's table says a list, its example one object, and both may be empty."""
    elements: list[Any] = value if isinstance(value, list) else [] if value is None else [value]
    if not all(isinstance(element, dict) for element in elements):
        raise Unreadable("account")
    return elements


def _account(element: Mapping[str, Any]) -> PayoutAccount | None:
    account = PayoutAccount(
        number=_text(element, "kontonummer"),
        kind=_text(element, "kontotype"),
        tax_suitability=_text(element, "skattekontoegnethet"),
        bic=_text(element, "bicEllerSwift"),
        bank_code=_text(element, "bankkode"),
        bank_name=_text(element, "bankNavn"),
        bank_country=_text(element, "bankLandkode"),
        iban=_text(element, "iban"),
        currency=_text(element, "valuta"),
        is_payout_card=_flag(element, "erUtbetalingskort"),
        chosen_on=_day(element, "valgtDato"),
    )
    return None if account == NOTHING else account


def _text(element: Mapping[str, Any], name: str) -> str | None:
    value = element.get(name)
    if value is not None and not isinstance(value, str):
        raise Unreadable(name)
    return value or None


def _flag(element: Mapping[str, Any], name: str) -> bool | None:
    value = element.get(name)
    if value is not None and not isinstance(value, bool):
        raise Unreadable(name)
    return value


def _day(element: Mapping[str, Any], name: str) -> date | None:
    value = _text(element, name)
    if value is None:
        return None
    if not DAY.fullmatch(value):  # fromisoformat knows more forms than the page
        raise Unreadable(name)
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Unreadable(name) from None


NOTHING = PayoutAccount(*[None] * 11)
