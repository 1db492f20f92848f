"""What Lånekassen answers: the debt by kind, in exact amounts, and what may be said about it."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Any, NoReturn

from legal.numbers import has_person_form

LONGEST, MOST_DIGITS_BEFORE, MOST_DIGITS_AFTER = 40, 12, 10  # of one number; within them every sum is exact
MOST_ACCOUNTS, MOST_BALANCES = 50, 50
CURRENCY, BALANCE_TYPE = "NOK", "closingBooked"


class Kind(StrEnum):
    """What a part of the debt is, in Lånekassen's own words."""

    PRINCIPAL = "Lån"
    INTEREST = "Renter"
    FEES = "Gebyr"
    COSTS = "Omkostninger"
    OTHER = ""  # a name that their page does not have


class Remark(StrEnum):
    """What must be borne in mind about an answer. None of them says "repaid"."""

    NOTHING_OWED = "nothingOwed"  # also of a customer who has had grants only
    OVERPAID = "overpaid"  # awaits refund
    INTEREST_NOT_CURRENT = "interestNotCurrent"  # booked at events only
    TOTAL_DIFFERS = "totalDiffers"  # our own sum is shown
    INCOMPLETE = "incomplete"  # an amount was not stated


class Unreadable(Exception):
    """The answer is not one of the page's. Its text is a fixed word and holds nothing of the answer."""


@dataclass(frozen=True, slots=True)
class Part:
    """One sub-account: its balances in sum. `account` is the masked number, by which nobody is known."""

    kind: Kind
    amount: Decimal = field(repr=False)
    changed_at: datetime | None = None
    account: str = ""
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Debt:
    """The whole debt. `total` is our own sum of the parts; `stated_total` is what the answer says, if it does."""

    parts: tuple[Part, ...] = field(default=(), repr=False)
    stated_total: Decimal | None = field(default=None, repr=False)

    @property
    def total(self) -> Decimal:
        return sum((part.amount for part in self.parts), Decimal(0))

    @property
    def total_differs(self) -> bool:
        return self.stated_total is not None and self.stated_total != self.total

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """Return what the customer must be told beside the numbers."""
        held = {
            Remark.NOTHING_OWED: self.total == 0 and all(part.complete for part in self.parts),
            Remark.OVERPAID: self.total < 0,
            Remark.INTEREST_NOT_CURRENT: any(part.kind is Kind.INTEREST for part in self.parts),
            Remark.TOTAL_DIFFERS: self.total_differs,
            Remark.INCOMPLETE: not all(part.complete for part in self.parts),
        }
        return tuple(remark for remark, holds in held.items() if holds)


def read_debt(body: bytes) -> Debt:
    """Return the debt that a 200 answer tells of. Raise Unreadable.

    Unknown members are ignored and any member may be absent; what is there must be of the page's kind.
    """
    try:
        document = READ(body.decode("utf-8"))
    except (ValueError, RecursionError, ArithmeticError):
        raise Unreadable("json") from None
    if not isinstance(document, dict) or not ("Accounts" in document or "TotalAmount" in document):
        raise Unreadable("document")
    accounts = _objects(document, "Accounts", MOST_ACCOUNTS)
    return Debt(parts=tuple(_part(account) for account in accounts), stated_total=_amount(document, "TotalAmount"))


def written(debt: Debt) -> dict[str, Any]:
    """Return the debt as JSON that `rewritten` takes."""
    parts = [
        {
            "kind": part.kind,
            "amount": format(part.amount, "f"),
            "changedAt": part.changed_at.isoformat() if part.changed_at else None,
            "account": part.account,
            "complete": part.complete,
        }
        for part in debt.parts
    ]
    return {"parts": parts, "statedTotal": None if debt.stated_total is None else format(debt.stated_total, "f")}


def rewritten(members: dict[str, Any]) -> Debt:
    """Return the debt that `written` wrote down."""
    stated = members["statedTotal"]
    parts = tuple(
        Part(
            kind=Kind(part["kind"]),
            amount=Decimal(part["amount"]),
            changed_at=datetime.fromisoformat(part["changedAt"]) if part["changedAt"] else None,
            account=part["account"],
            complete=part["complete"],
        )
        for part in members["parts"]
    )
    return Debt(parts=parts, stated_total=None if stated is None else Decimal(stated))


def masked(number: str) -> str:
    """Return a number of an account, which is the person's own here, with all but its last two digits hidden."""
    return "•" * (len(number) - 2) + number[-2:]


def _part(account: dict[str, Any]) -> Part:
    balances = _objects(account, "Balances", MOST_BALANCES)
    amounts = [_balance(balance) for balance in balances]
    moments = [moment for balance in balances if (moment := _moment(balance.get("LastChangeDateTime")))]
    number = account.get("Bban")
    return Part(
        kind=_kind(account.get("Name")),
        amount=sum((amount for amount in amounts if amount is not None), Decimal(0)),
        changed_at=max(moments, default=None),
        account=masked(number) if has_person_form(number) else "",
        complete=bool(amounts) and None not in amounts,
    )


def _balance(balance: dict[str, Any]) -> Decimal | None:
    """Return the amount of one balance, None where it is not stated. Another type or currency cannot be summed."""
    if balance.get("BalanceType") not in (None, BALANCE_TYPE):
        raise Unreadable("balance type")
    amount = {} if balance.get("BalanceAmount") is None else balance["BalanceAmount"]
    if not isinstance(amount, dict):
        raise Unreadable("amount")
    if amount.get("currency") not in (None, CURRENCY):
        raise Unreadable("currency")
    return _amount(amount, "amount")


def _kind(name: object) -> Kind:
    return Kind(name) if isinstance(name, str) and name in set(Kind) else Kind.OTHER


def _amount(members: dict[str, Any], name: str) -> Decimal | None:
    amount = members.get(name)
    if amount is None:
        return None
    if not isinstance(amount, Decimal):
        raise Unreadable("amount")
    return amount


def _moment(value: object) -> datetime | None:
    """Return a moment with any number of fraction digits; it is for display, so what is none is left out."""
    if not isinstance(value, str) or not value.isascii():
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


def _objects(members: dict[str, Any], name: str, most: int) -> list[dict[str, Any]]:
    listed = members.get(name)
    if listed is None:
        return []
    if not isinstance(listed, list) or len(listed) > most or not all(isinstance(item, dict) for item in listed):
        raise Unreadable(name)
    return listed


def _decimal(text: str) -> Decimal:
    # Numbers of unbounded length or exponent would make a sum inexact, or a process busy.
    number = Decimal(text) if len(text) <= LONGEST else None
    if number is None or number.adjusted() >= MOST_DIGITS_BEFORE:
        raise ValueError("number")
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -MOST_DIGITS_AFTER:
        raise ValueError("number")
    return number


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a member is named twice")
    return members


def _no_constant(name: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


READ = partial(
    json.loads,
    parse_float=_decimal,
    parse_int=_decimal,
    parse_constant=_no_constant,
    object_pairs_hook=_members,
)
