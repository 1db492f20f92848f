"""The rival's questions to the ledger, with SQLAlchemy Core; each is compiled once, and its text kept."""

from typing import Any

from sqlalchemy import ARRAY, BigInteger, Text, and_, bindparam, func, or_, select, tuple_, union_all

from bench.rival_tables import (
    account,
    account_role,
    balance,
    financial_institution,
    party,
    party_identifier,
    payment_card,
    transaction,
)

OPEN_GRADES = ("ugradert", "klientadresse")


def in_time(role: Any) -> Any:
    ends_later = or_(role.c.end_date.is_(None), role.c.end_date >= bindparam("first"))
    return and_(role.c.start_date <= bindparam("last"), ends_later)


def among(column: Any, name: str) -> Any:
    return column == func.any(bindparam(name, type_=ARRAY(Text)))


identified = select(party_identifier.c.party_id).where(party_identifier.c.value == bindparam("number"))
graded = (
    select(party.c.protection_grade)
    .join(party_identifier, party_identifier.c.party_id == party.c.id)
    .where(party_identifier.c.value == bindparam("number"))
)
kinds = (
    select(account_role.c.kind)
    .distinct()
    .join(party_identifier, party_identifier.c.party_id == account_role.c.party_id)
    .join(account, account.c.id == account_role.c.account_id)
    .where(
        party_identifier.c.value == bindparam("number"),
        in_time(account_role),
        account.c.servicer_id == financial_institution.c.id,
    )
    .correlate(financial_institution)
)
STANDING = select(
    financial_institution.c.as_of,
    func.array(identified.scalar_subquery()).label("parties"),
    func.array(graded.scalar_subquery()).label("grades"),
    func.array(kinds.scalar_subquery()).label("kinds"),
).where(among(financial_institution.c.organisation_number, "institutions"))

owner, owning = account_role.alias("owner"), party.alias("owning")
latest = (
    select(party_identifier.c.value)
    .where(party_identifier.c.party_id == owner.c.party_id, party_identifier.c.start_date <= bindparam("last"))
    .order_by(party_identifier.c.start_date.desc())
    .limit(1)
    .correlate(owner)
)
HELD = (
    select(
        account,
        financial_institution.c.organisation_number.label("servicer"),
        financial_institution.c.name.label("servicer_name"),
        financial_institution.c.country.label("servicer_country"),
        financial_institution.c.as_of,
        account_role.c.party_id,
        account_role.c.start_date.label("role_from"),
        account_role.c.end_date.label("role_to"),
        owner.c.party_id.label("owner_id"),
        owner.c.permission,
        owner.c.start_date.label("owner_from"),
        owner.c.end_date.label("owner_to"),
        owning.c.type.label("owner_type"),
        owning.c.name.label("owner_name"),
        owning.c.country.label("owner_country"),
        owning.c.protection_grade.label("owner_grade"),
        latest.scalar_subquery().label("owner_number"),
    )
    .select_from(account_role)
    .join(account, account.c.id == account_role.c.account_id)
    .join(financial_institution, financial_institution.c.id == account.c.servicer_id)
    .outerjoin(owner, and_(owner.c.account_id == account.c.id, owner.c.kind == "primaryOwner", in_time(owner)))
    .outerjoin(owning, owning.c.id == owner.c.party_id)
    .where(
        among(account_role.c.kind, "kinds"),
        in_time(account_role),
        among(financial_institution.c.organisation_number, "institutions"),
    )
    .order_by(account.c.number, account.c.id, account_role.c.id, owner.c.id)
)
ACCOUNTS_OF = HELD.where(account_role.c.party_id == bindparam("party"))
holder = party.alias("holder")
ACCOUNT_OF = (
    HELD.join(party_identifier, party_identifier.c.party_id == account_role.c.party_id)
    .join(holder, holder.c.id == account_role.c.party_id)
    .where(
        account_role.c.account_id == bindparam("account"),
        party_identifier.c.value == bindparam("number"),
        holder.c.protection_grade.in_(OPEN_GRADES),
    )
)
BALANCES = union_all(
    *(
        select(balance)
        .where(
            balance.c.account_id == bindparam("account"),
            balance.c.type == kind,
            balance.c.registered_at <= bindparam("at"),
        )
        .order_by(balance.c.registered_at.desc())
        .limit(1)
        .subquery()
        .select()
        for kind in ("availableBalance", "bookedBalance")
    )
)
limit = select(bindparam("limit", type_=BigInteger)).scalar_subquery()
FIRST_PAGE = (
    select(transaction)
    .where(
        transaction.c.account_id == bindparam("account"),
        transaction.c.booked_at >= bindparam("begin"),
        transaction.c.booked_at < bindparam("end"),
    )
    .order_by(transaction.c.booked_at, transaction.c.id)
    .limit(limit)
)
NEXT_PAGE = FIRST_PAGE.where(
    tuple_(transaction.c.booked_at, transaction.c.id) > tuple_(bindparam("at"), bindparam("row")),
    transaction.c.booked_at >= bindparam("at"),
)
shielded = (
    select(party_identifier.c.id)
    .join(party, party.c.id == party_identifier.c.party_id)
    .where(among(party_identifier.c.value, "numbers"), party.c.protection_grade.not_in(OPEN_GRADES))
)
shielded_owners = (
    select(account_role.c.id)
    .join(account, account.c.id == account_role.c.account_id)
    .join(party, party.c.id == account_role.c.party_id)
    .where(among(account.c.number, "accounts"), party.c.protection_grade.not_in(OPEN_GRADES))
)
used = (
    select(payment_card, party.c.name.label("holder_name"))
    .join(party, party.c.id == payment_card.c.holder_id)
    .where(
        payment_card.c.id == func.any(bindparam("cards", type_=ARRAY(BigInteger))),
        payment_card.c.account_id == bindparam("account"),
    )
    .subquery("used")
)
NAMED = select(
    or_(shielded.exists(), shielded_owners.exists()),
    func.array(select(func.row_to_json(used.table_valued())).scalar_subquery()),
)
