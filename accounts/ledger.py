"""Which accounts? The questions about parties and their accounts, declared here and answered as rows.

What an account holds is asked in contents.py.

A party that is shielded, or that nobody knows, is looked up like any other: the same statements, the same work.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple, TypedDict

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from accounts.compiled import AnyOf, question
from accounts.models import (
    OPEN_GRADES,
    Account,
    AccountRole,
    FinancialInstitution,
    Guardianship,
    Party,
    PartyIdentifier,
)
from legal.periods import Period

Kind = AccountRole.Kind
OWNED = (Kind.PRIMARY_OWNER,)
OWNERS = (Kind.PRIMARY_OWNER, Kind.SECONDARY_OWNER)
OWNED_OR_DISPOSED = (Kind.PRIMARY_OWNER, Kind.SECONDARY_OWNER, Kind.AUTHORISED_USER)
NO_PARTY = 0
DAILY_BANKING = "representasjonDagligbank"
SPAN = JSONObject(start="start_date", end="end_date")


class Span(TypedDict):
    """A time in a JSON column, as ISO dates; `end` is missing while it lasts."""

    start: str
    end: str | None


NO_SPANS: list[Span] = []


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
    history_from: date
    data_delivered: bool
    date_of_death: date | None
    kind: str
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
    guardianships: list[Span] = NO_SPANS  # of the guardian named in the question; none where none was
    disposals: list[Span] = NO_SPANS  # times in which that guardian could use the account


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
    "account__servicer__history_from",
    "account__data_delivered",
    "party__date_of_death",
    "kind",
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


class PartyFacts(NamedTuple):
    """What is known of a party that is not shielded and holds more than a guarantee, if anything."""

    date_of_death: date | None
    guardianships: list[Span] = NO_SPANS


class Relationship(NamedTuple):
    """What an institution is to the party: whether it owns there, and whether it owns what NICS can credit."""

    institution_id: int
    owns: bool
    creditable: bool
    as_of: datetime | None = None


class Moment(NamedTuple):
    """As of when an institution's part of the ledger is."""

    organisation_number: str
    as_of: datetime


class Servicer(NamedTuple):
    """The institution behind an account number."""

    organisation_number: str
    name: str
    as_of: datetime


@question(Standing)
def standing_of(party_number: str, *, period: Period, institutions: Collection[str]) -> "QuerySet[Any, Any]":
    """Return how each institution knows whoever has or had that number, with its kinds of role in the period."""
    identifiers = PartyIdentifier.objects.filter(value=party_number)
    held = AccountRole.objects.filter(
        in_period(period), party__identifiers__value=party_number, account__servicer=OuterRef("pk")
    )
    known = FinancialInstitution.objects.filter(AnyOf("organisation_number", institutions))
    return known.order_by("organisation_number").values_list(
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


@question(PartyFacts)
def facts_of(party_number: str, *, institutions: Collection[str], guardian_number: str | None) -> "QuerySet[Any, Any]":
    """Return what these institutions know for a precondition.

    They know nothing of the unknown, the shielded, guarantors and those who hold something elsewhere only, all alike.
    """
    roles = AccountRole.objects.filter(party=OuterRef("pk"))
    here = roles.filter(AnyOf("account__servicer__organisation_number", institutions))
    known = ~Exists(roles) | Exists(here.exclude(kind=Kind.GUARANTOR))
    found = Party.objects.filter(known, identifiers__value=party_number, protection_grade__in=OPEN_GRADES)
    return found.values_list("date_of_death", *_guardianships(OuterRef("pk"), guardian_number))


@question(Held)
def accounts_of(
    party_id: int,
    *,
    period: Period,
    institutions: Collection[str],
    kinds: Collection[str] = OWNED,
    guardian_number: str | None = None,
) -> "QuerySet[Any, Any]":
    """Return the roles of those kinds that the party had on at least one day of the period, by account number."""
    return _held(AccountRole.objects.filter(party=party_id), period, institutions, kinds, guardian_number)


@question(Held)
def account_of(
    account_id: int,
    *,
    party_number: str,
    period: Period,
    institutions: Collection[str],
    kinds: Collection[str] = OWNED,
    guardian_number: str | None = None,
) -> "QuerySet[Any, Any]":
    """Return the same rows for one account, if whoever has that number holds it and is not shielded."""
    roles = AccountRole.objects.filter(account=account_id, party__identifiers__value=party_number)
    open_to_all = roles.filter(party__protection_grade__in=OPEN_GRADES)
    return _held(open_to_all, period, institutions, kinds, guardian_number)


@question(Servicer)
def servicer_of(account_number: str, *, institutions: Collection[str]) -> "QuerySet[Any, Any]":
    """Return the institution that services the account, if one of these does."""
    accounts = Account.objects.filter(AnyOf("servicer__organisation_number", institutions), number=account_number)
    columns = ("servicer__organisation_number", "servicer__name", "servicer__as_of")
    return accounts.order_by("pk").values_list(*columns)[:1]


@question(Moment)
def moments_of(institutions: Collection[str]) -> "QuerySet[Any, Any]":
    """Return as of when the ledger tells of each of these institutions."""
    known = FinancialInstitution.objects.filter(AnyOf("organisation_number", institutions))
    return known.order_by("organisation_number").values_list("organisation_number", "as_of")


@question(Relationship)
def relationships_of(party_id: int, *, period: Period, institutions: Collection[str]) -> "QuerySet[Any, Any]":
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
        Exists(roles.exclude(kind=Kind.GUARANTOR)), AnyOf("organisation_number", institutions)
    )
    return known.values_list("pk", Exists(usable), Exists(creditable), "as_of")


def in_period(period: Period, prefix: str = "") -> Q:
    """Return the condition that a role held on at least one day of the period."""
    return Q(**{f"{prefix}start_date__lte": period.to_date}) & (
        Q(**{f"{prefix}end_date__isnull": True}) | Q(**{f"{prefix}end_date__gte": period.from_date})
    )


def latest_identifier(period: Period, party: str) -> "QuerySet[PartyIdentifier, Any]":
    """Return, for a subquery, the number that the party in that column had at the end of the period."""
    identifiers = PartyIdentifier.objects.filter(party=OuterRef(party), start_date__lte=period.to_date)
    return identifiers.order_by("-start_date").values("value")[:1]


def _held(
    roles: "QuerySet[AccountRole]",
    period: Period,
    institutions: Collection[str],
    kinds: Collection[str],
    guardian_number: str | None,
) -> "QuerySet[Any, Any]":
    owned = Q(account__roles__kind=Kind.PRIMARY_OWNER) & in_period(period, "account__roles__")
    return (
        roles.filter(
            in_period(period),
            AnyOf("kind", kinds),
            AnyOf("account__servicer__organisation_number", institutions),
        )
        .annotate(owner=FilteredRelation("account__roles", condition=owned))
        .order_by("account__number", "account_id", "pk", "owner__pk")
        .values_list(
            *HELD_COLUMNS,
            Subquery(latest_identifier(period, "owner__party")),
            *_guardianships(OuterRef("party"), guardian_number),
            *_disposals(guardian_number),
        )
    )


def _guardianships(ward: OuterRef, guardian_number: str | None) -> list[ArraySubquery]:
    """Return a column of the times in which the guardian, if one is named, had the ward's daily banking as a task."""
    if guardian_number is None:
        return []
    tasks = Guardianship.objects.filter(ward=ward, guardian__identifiers__value=guardian_number, service=DAILY_BANKING)
    return [ArraySubquery(tasks.values(span=SPAN))]


def _disposals(guardian_number: str | None) -> list[ArraySubquery]:
    """Return a column of the times in which the guardian, if one is named, could move money of the account."""
    if guardian_number is None:
        return []
    roles = AccountRole.objects.filter(
        account=OuterRef("account"), party__identifiers__value=guardian_number, kind__in=OWNED_OR_DISPOSED
    )
    return [ArraySubquery(roles.exclude(permission=AccountRole.Permission.SEE_ONLY).values(span=SPAN))]
