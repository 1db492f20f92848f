"""What is in an account? The questions about balances, cards and role holders, answered as rows."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, Subquery

from accounts.ledger import OWNERS, asked, in_period, latest_identifier
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


def balances_of(account_id: int, *, at: datetime) -> list[BalanceRow]:
    """Return the latest balance of each type that was registered by then, available first."""
    columns = (
        "type",
        "amount",
        "currency",
        "credit_line_included",
        "credit_line_amount",
        "credit_line_currency",
    )
    latest = [
        Balance.objects.filter(account=account_id, type=kind, registered_at__lte=at)
        .order_by("-registered_at")
        .values_list(*columns)[:1]
        for kind in (Balance.Type.AVAILABLE, Balance.Type.BOOKED)
    ]
    return [BalanceRow(*row) for row in asked(latest[0].union(latest[1], all=True))]


def booked_balance_of(account_id: int, *, before: datetime) -> list[BalanceRow]:
    """Return the last booked balance that the history holds from before a moment, if any, with its own moment."""
    columns = (
        *("amount", "currency", "credit_line_included", "credit_line_amount", "credit_line_currency"),
        "registered_at",
    )
    history = BalanceHistory.objects.filter(account=account_id, registered_at__lt=before).order_by("-registered_at")
    return [BalanceRow(Balance.Type.BOOKED, *row) for row in asked(history.values_list(*columns)[:1])]


def cards_of(account_id: int, *, days: Sequence[Period], holder: int | None = None) -> list[CardRow]:
    """Return the cards that were valid in a month of those days; with a holder, that party's and the owners' alone."""
    valid = Q()
    for period in days:
        valid |= Q(start_month__lte=f"{period.to_date:%Y-%m}", expiry_month__gte=f"{period.from_date:%Y-%m}")
    cards = PaymentCard.objects.filter(valid, account=account_id)
    owners = AccountRole.objects.filter(account=account_id, party=OuterRef("holder"), kind__in=OWNERS)
    shown = cards if holder is None else cards.filter(Q(holder=holder) | Exists(owners))
    return [CardRow(*row) for row in asked(shown.order_by("masked_number", "pk").values_list(*CARD_COLUMNS))]


def holders_of(account_id: int, *, days: Sequence[Period], kinds: Collection[str]) -> list[HolderRow]:
    """Return the roles of those kinds on the account on those days, each party's in the order of their start."""
    held = Q()
    for period in days:
        held |= in_period(period)
    roles = AccountRole.objects.filter(held, account=account_id, kind__in=tuple(kinds))
    columns = (
        *("party_id", "kind", "permission", "start_date", "end_date"),
        *("party__type", "party__name", "party__country", "party__protection_grade"),
    )
    rows = roles.order_by("party_id", "start_date", "pk").values_list(
        *columns, Subquery(latest_identifier(days[-1], "party"))
    )
    return [HolderRow(*row) for row in asked(rows)]
