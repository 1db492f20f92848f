"""What is in an account? The questions about balances, cards and role holders, answered as rows."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from django.db.models import DateTimeField, Exists, OuterRef, Q, QuerySet, Subquery, Value

from accounts.compiled import AnyOf, question
from accounts.ledger import OWNERS, in_period, latest_identifier
from accounts.models import AccountRole, Balance, BalanceHistory, PaymentCard
from legal.periods import Period


class BalanceRow(NamedTuple):
    """One balance; the amount is signed."""

    type: str
    amount: Decimal
    currency: str
    credit_line_included: bool
    credit_line_amount: Decimal | None
    credit_line_currency: str
    registered_at: datetime | None = None  # of a past balance; a present one is as of its institution's moment
    as_of: datetime | None = None


class CardRow(NamedTuple):
    """A card with its holder; the number is masked in the ledger already."""

    masked_number: str
    type: str
    status: str
    version_number: str
    start_month: str
    expiry_month: str
    issuer_name: str
    issuer_number: str
    issuer_country: str
    holder_id: int
    holder_name: str
    holder_grade: str
    as_of: datetime | None = None  # of a card among others on a page, the page's own


AS_OF = "account__servicer__as_of"
NO_MOMENT: Any = Value(None, output_field=DateTimeField())
CARD_COLUMNS = (
    *("masked_number", "type", "status", "version_number", "start_month", "expiry_month"),
    *("issuer_name", "issuer_number", "issuer_country", "holder_id", "holder__name", "holder__protection_grade"),
)


class HolderRow(NamedTuple):
    """A party with a right to use the account, for a time."""

    party_id: int
    kind: str
    permission: str
    start_date: date
    end_date: date | None
    type: str
    name: str
    country: str
    grade: str
    number: str | None
    as_of: datetime | None = None


@question(BalanceRow)
def balances_of(account_id: int, *, at: datetime) -> "QuerySet[Any, Any]":
    """Return the latest balance of each type that was registered by then, available first."""
    columns = (
        "type",
        "amount",
        "currency",
        "credit_line_included",
        "credit_line_amount",
        "credit_line_currency",
        NO_MOMENT,
        AS_OF,
    )
    latest = [
        Balance.objects.filter(account=account_id, type=kind, registered_at__lte=at)
        .order_by("-registered_at")
        .values_list(*columns)[:1]
        for kind in (Balance.Type.AVAILABLE, Balance.Type.BOOKED)
    ]
    return latest[0].union(latest[1], all=True)


@question(partial(BalanceRow, Balance.Type.BOOKED))
def booked_balance_of(account_id: int, *, before: datetime) -> "QuerySet[Any, Any]":
    """Return the last booked balance that the history holds from before a moment, if any, with its own moment."""
    columns = (
        *("amount", "currency", "credit_line_included", "credit_line_amount", "credit_line_currency"),
        *("registered_at", AS_OF),
    )
    history = BalanceHistory.objects.filter(account=account_id, registered_at__lt=before).order_by("-registered_at")
    return history.values_list(*columns)[:1]


def cards_of(account_id: int, *, days: Sequence[Period], holder: int | None = None) -> list[CardRow]:
    """Return the cards that were valid in a month of those days; with a holder, that party's and the owners' alone."""
    months = [(f"{period.from_date:%Y-%m}", f"{period.to_date:%Y-%m}") for period in days]
    return cards_valid_in(months, account_id=account_id, holder=holder)


@question(CardRow)
def cards_valid_in(months: Sequence[tuple[str, str]], *, account_id: int, holder: int | None) -> "QuerySet[Any, Any]":
    """Return the same for months, each from one to another."""
    valid = Q()
    for first, last in months:
        valid |= Q(start_month__lte=last, expiry_month__gte=first)
    cards = PaymentCard.objects.filter(valid, account=account_id)
    owners = AccountRole.objects.filter(account=account_id, party=OuterRef("holder"), kind__in=OWNERS)
    shown = cards if holder is None else cards.filter(Q(holder=holder) | Exists(owners))
    return shown.order_by("masked_number", "pk").values_list(*CARD_COLUMNS, AS_OF)


@question(HolderRow)
def holders_of(account_id: int, *, days: Sequence[Period], kinds: Collection[str]) -> "QuerySet[Any, Any]":
    """Return the roles of those kinds on the account on those days, each party's in the order of their start."""
    held = Q()
    for period in days:
        held |= in_period(period)
    roles = AccountRole.objects.filter(held, AnyOf("kind", kinds), account=account_id)
    columns = (
        *("party_id", "kind", "permission", "start_date", "end_date"),
        *("party__type", "party__name", "party__country", "party__protection_grade"),
    )
    return roles.order_by("party_id", "start_date", "pk").values_list(
        *columns, Subquery(latest_identifier(days[-1], "party")), AS_OF
    )
