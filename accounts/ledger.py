"""Which accounts? Every question the API asks of the ledger, declared here and answered as rows.

A party that is shielded, or that nobody knows, is looked up like any other: the same statements, the same work.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db import InterfaceError, OperationalError, connections
from django.db.models import Exists, FilteredRelation, OuterRef, Q, QuerySet, Subquery

from accounts.models import OPEN_GRADES, Account, AccountRole, Balance, FinancialInstitution, PartyIdentifier
from legal.periods import Period

Kind = AccountRole.Kind
OWNED = (Kind.PRIMARY_OWNER,)
OWNED_OR_DISPOSED = (Kind.PRIMARY_OWNER, Kind.SECONDARY_OWNER, Kind.AUTHORISED_USER)
NO_PARTY = 0


class Standing(NamedTuple):
    """How an institution knows the party asked about; one row for each institution, known or not."""

    institution_id: int
    organisation_number: str
    name: str
    country: str
    as_of: datetime
    history_from: date
    party_ids: list[int]
    grades: list[str]
    kinds: list[str]


class Held(NamedTuple):
    """A role the party has in an account, with one owner of that account: a row for each pair."""

    account_id: int
    number: str
    status: str
    type: str
    name: str
    currency: str
    account_start_date: date
    account_end_date: date | None
    servicer_number: str
    servicer_name: str
    servicer_country: str
    as_of: datetime
    grade: str
    role_start_date: date
    role_end_date: date | None
    party_id: int
    owner_id: int | None
    owner_permission: str | None
    owner_start_date: date | None
    owner_end_date: date | None
    owner_type: str | None
    owner_name: str | None
    owner_country: str | None
    owner_grade: str | None
    owner_number: str | None


HELD_COLUMNS = (
    "account_id",
    "account__number",
    "account__status",
    "account__type",
    "account__name",
    "account__currency",
    "account__start_date",
    "account__end_date",
    "account__servicer__organisation_number",
    "account__servicer__name",
    "account__servicer__country",
    "account__servicer__as_of",
    "party__protection_grade",
    "start_date",
    "end_date",
    "party_id",
    "owner__party_id",
    "owner__permission",
    "owner__start_date",
    "owner__end_date",
    "owner__party__type",
    "owner__party__name",
    "owner__party__country",
    "owner__party__protection_grade",
)


class Relationship(NamedTuple):
    """What an institution is to the party: whether it owns there, and whether it owns what NICS can credit."""

    institution_id: int
    owns: bool
    creditable: bool


class BalanceRow(NamedTuple):
    """One balance; the amount is signed."""

    type: str
    amount: Decimal
    currency: str
    credit_line_included: bool
    credit_line_amount: Decimal | None
    credit_line_currency: str


def standing_of(party_number: str, *, period: Period, institutions: Collection[str]) -> list[Standing]:
    """Return how each institution knows whoever has or had that number, with its kinds of role in the period."""
    identifiers = PartyIdentifier.objects.filter(value=party_number)
    held = AccountRole.objects.filter(
        in_period(period), party__identifiers__value=party_number, account__servicer=OuterRef("pk")
    )
    known = FinancialInstitution.objects.filter(organisation_number__in=institutions).order_by("organisation_number")
    rows = known.values_list(
        "pk",
        "organisation_number",
        "name",
        "country",
        "as_of",
        "history_from",
        ArraySubquery(identifiers.values("party_id")),
        ArraySubquery(identifiers.values("party__protection_grade")),
        ArraySubquery(held.values("kind").distinct()),
    )
    return [Standing(*row) for row in _asked(rows)]


def accounts_of(
    party_id: int, *, period: Period, institutions: Collection[str], kinds: Collection[str] = OWNED
) -> list[Held]:
    """Return the roles of those kinds that the party had on at least one day of the period, by account number."""
    return _held(AccountRole.objects.filter(party=party_id), period, institutions, kinds)


def account_of(
    account_id: int, *, party_number: str, period: Period, institutions: Collection[str], kinds: Collection[str] = OWNED
) -> list[Held]:
    """Return the same rows for one account, if whoever has that number holds it and is not shielded."""
    roles = AccountRole.objects.filter(account=account_id, party__identifiers__value=party_number)
    return _held(roles.filter(party__protection_grade__in=OPEN_GRADES), period, institutions, kinds)


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
    return [BalanceRow(*row) for row in _asked(latest[0].union(latest[1], all=True))]


def relationships_of(party_id: int, *, period: Period, institutions: Collection[str]) -> list[Relationship]:
    """Return a row for each of the institutions where the party holds anything but a guarantee in the period."""
    roles = AccountRole.objects.filter(in_period(period), party=party_id, account__servicer=OuterRef("pk"))
    owned = roles.filter(kind__in=(Kind.PRIMARY_OWNER, Kind.SECONDARY_OWNER))
    usable = owned.filter(kind=Kind.PRIMARY_OWNER).exclude(
        account__type__in=(Account.Type.LOAN, Account.Type.WITHOUT_BALANCE)
    )
    creditable = owned.filter(
        account__nics_creditable=True, account__status=Account.Status.ENABLED, account__end_date__isnull=True
    )
    known = FinancialInstitution.objects.filter(
        Exists(roles.exclude(kind=Kind.GUARANTOR)), organisation_number__in=institutions
    )
    return [Relationship(*row) for row in _asked(known.values_list("pk", Exists(usable), Exists(creditable)))]


def in_period(period: Period, prefix: str = "") -> Q:
    """Return the condition that a role held on at least one day of the period."""
    return Q(**{f"{prefix}start_date__lte": period.to_date}) & (
        Q(**{f"{prefix}end_date__isnull": True}) | Q(**{f"{prefix}end_date__gte": period.from_date})
    )


def _held(
    roles: "QuerySet[AccountRole]", period: Period, institutions: Collection[str], kinds: Iterable[str]
) -> list[Held]:
    owned = Q(account__roles__kind=Kind.PRIMARY_OWNER) & in_period(period, "account__roles__")
    identifiers = PartyIdentifier.objects.filter(
        party=OuterRef("owner__party"), start_date__lte=period.to_date
    ).order_by("-start_date")
    rows = (
        roles.filter(
            in_period(period),
            kind__in=tuple(kinds),
            account__servicer__organisation_number__in=tuple(institutions),
        )
        .annotate(owner=FilteredRelation("account__roles", condition=owned))
        .order_by("account__number", "account_id", "pk", "owner__pk")
        .values_list(*HELD_COLUMNS, Subquery(identifiers.values("value")[:1]))
    )
    return [Held(*row) for row in _asked(rows)]


def _asked(rows: "QuerySet[Any, Any]") -> list[tuple[Any, ...]]:
    """Return the rows. A connection that was cut since the last question is opened anew, once."""
    try:
        return list(rows)
    except (OperationalError, InterfaceError):
        if connections["ledger"].is_usable():
            raise
        connections["ledger"].close()
        return list(rows.all())
