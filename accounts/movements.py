"""What moved? The questions about transactions: one page, and those who stand on it beside the party asked about.

A page is found by its key (account, booked_at, id), never counted and never skipped over. Moments and numbers come
as text, which the database makes at less cost than Python makes a thousand objects.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, CharField, F, Func, Q, QuerySet, TextField
from django.db.models.functions import Cast, JSONObject

from accounts.compiled import AnyOf, first_rows, one, question
from accounts.contents import CARD_COLUMNS, CardRow
from accounts.ledger import OWNERS
from accounts.models import OPEN_GRADES, Account, AccountRole, PartyIdentifier, PaymentCard, Transaction


class Movement(NamedTuple):
    """A transaction. Moments are RFC 3339 in UTC, amounts exact and signed, both as text; lists are JSON text."""

    id: int
    booked_at: str  # to the microsecond, as the database has it
    identifier: str
    status: str
    amount: str
    currency: str
    reversal: bool
    domain: str
    family: str
    sub_family: str
    free_text_code: str
    booked: str
    valued: str
    performed: str | None
    references: str
    counterparties: str
    additional_info: str
    original_amount: str | None
    source_currency: str
    target_currency: str
    unit_currency: str
    exchange_rate: str | None
    merchant: str
    card_id: int | None


class Position(NamedTuple):
    """The last transaction of a page, which the next one follows."""

    booked_at: datetime
    id: int


class Named(NamedTuple):
    """Who else stands on a page: which numbers and accounts are a shielded person's, and the cards used."""

    shielded_numbers: frozenset[str]
    shielded_accounts: frozenset[str]
    cards: dict[int, CardRow]
    moments: tuple[datetime, ...] = ()  # as of when; none where the account is gone


class OnPage(NamedTuple):
    """The same as it comes from the database."""

    as_of: datetime
    shielded_numbers: list[str]
    shielded_accounts: list[str]
    cards: list[dict[str, Any]]


class RowAfter(Func):
    """`(a, b) > (x, y)`: the one form of the condition that an index on (a, b) answers to the very row."""

    template = "(%(expressions)s)"
    arg_joiner = ") > ("
    output_field = BooleanField()


class Row(Func):
    """Two expressions side by side."""

    template = "%(expressions)s"


def _moment(column: str) -> Func:
    return Func(
        F(column),
        template="to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
        output_field=CharField(),
    )


def _text(column: str) -> Cast:
    return Cast(column, TextField())


# Never a column's own name: PostgreSQL would then sort by the text instead of following the index.
MOVEMENT_COLUMNS: tuple[Any, ...] = (
    *("id", _text("booked_at"), "identifier", "status"),
    _text("amount"),
    *("currency", "reversal", "domain", "family", "sub_family", "free_text_code"),
    *(_moment("booked_at"), _moment("value_at"), _moment("performed_at")),
    *(_text("bank_references"), _text("counterparties")),
    "additional_info",
    _text("original_amount"),
    *("source_currency", "target_currency", "unit_currency"),
    _text("exchange_rate"),
    *("merchant", "card_id"),
)


@first_rows(Movement)
def transactions_of(
    account_id: int,
    *,
    begin: datetime,
    end: datetime,
    spans: Sequence[tuple[datetime, datetime]] = (),
    after: Position | None = None,
    limit: int,
) -> "QuerySet[Any, Any]":
    """Return up to `limit` transactions from `begin` until before `end`, in order of booking, after a position.

    Where the party's rights had gaps, `spans` are the times in which it had them.
    """
    rows = Transaction.objects.filter(account=account_id, booked_at__gte=begin, booked_at__lt=end)
    if after:
        rows = rows.filter(
            RowAfter(
                Row(F("booked_at"), F("id")),
                Row(one(after.booked_at, datetime), one(after.id, int)),
            ),
            booked_at__gte=after.booked_at,
        )
    if spans:
        held = Q()
        for first, last in spans:
            held |= Q(booked_at__gte=first, booked_at__lt=last)
        rows = rows.filter(held)
    return rows.order_by("booked_at", "id").values_list(*MOVEMENT_COLUMNS)


def named_on(account_id: int, *, numbers: Collection[str], accounts: Collection[str], cards: Collection[int]) -> Named:
    """Return what the ledger knows of those who stand on a page: one statement, however many they are."""
    for known in known_on(account_id, numbers=numbers, accounts=accounts, cards=cards):
        by_id = {card["id"]: CardRow(*[card[name] for name in CARD_COLUMNS]) for card in known.cards}
        return Named(frozenset(known.shielded_numbers), frozenset(known.shielded_accounts), by_id, (known.as_of,))
    return Named(frozenset(), frozenset(), {})


@question(OnPage)
def known_on(
    account_id: int, *, numbers: Collection[str], accounts: Collection[str], cards: Collection[int]
) -> "QuerySet[Any, Any]":
    """Return one row: whose numbers and whose accounts are a shielded person's, and the cards used."""
    shielded = PartyIdentifier.objects.filter(AnyOf("value", numbers)).exclude(party__protection_grade__in=OPEN_GRADES)
    owners = AccountRole.objects.filter(AnyOf("account__number", accounts), kind__in=OWNERS).exclude(
        party__protection_grade__in=OPEN_GRADES
    )
    used = PaymentCard.objects.filter(AnyOf("pk", cards, Collection[int]), account=account_id)
    columns = JSONObject(id="pk", **{name: name for name in CARD_COLUMNS})
    return Account.objects.filter(pk=account_id).values_list(
        "servicer__as_of",
        ArraySubquery(shielded.values("value")),
        ArraySubquery(owners.values("account__number").distinct()),
        ArraySubquery(used.values(card=columns)),
    )
