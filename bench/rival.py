"""The honest rival: FastAPI with SQLAlchemy Core over async psycopg, doing the same checks from memory.

Typed parameters, response models, tokens proven once, mandates in memory, prepared statements, the same record before
the answer. Hashes, sealing and references are the product's own functions, as they are everywhere.
"""

import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Annotated, Any
from urllib.parse import quote, unquote

from asgiref.sync import sync_to_async
from django.conf import settings
from fastapi import Depends, FastAPI, Header, HTTPException, Path, Query, Request, Response
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from accounts.movements import Position
from accounts.references import Referred, cursor_to, position_of, reference_to, resolve
from audit.recording import WITH_ANSWER
from audit.seal.writers import Writer
from bench import floor
from bench.rival_documents import (
    AccountDetailsDocument,
    AccountsDocument,
    TransactionsDocument,
    balance_of,
    details_of,
    listed,
    transaction_of,
)
from bench.rival_questions import ACCOUNT_OF, ACCOUNTS_OF, BALANCES, FIRST_PAGE, NAMED, NEXT_PAGE, OPEN_GRADES, STANDING
from legal.periods import Period, day_in_oslo, moments_of

OWNED = ["primaryOwner"]
USED = [*OWNED, "secondaryOwner", "authorisedUser"]
CONNECTIONS = 8
"""Of each process to either database, as many as the product's threads."""


# --- who asks, and may they? ---


class Known:
    """What a process holds in memory."""

    ledger: AsyncEngine
    trail: AsyncEngine


known = Known()


def engine(alias: str) -> AsyncEngine:
    server = settings.DATABASES[alias]
    user, password = quote(server["USER"]), quote(server["PASSWORD"])
    return create_async_engine(
        f"postgresql+psycopg://{user}:{password}@/{server['NAME']}",
        isolation_level="AUTOCOMMIT",
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_reset_on_return=None,
        connect_args={
            "host": server["HOST"],
            **({"port": server["PORT"]} if server["PORT"] else {}),
            "application_name": "rival",
            "options": server["OPTIONS"]["options"],
            "prepare_threshold": 0,
        },
    )


def prepare() -> None:
    floor.prepare()
    known.ledger, known.trail = engine("ledger"), engine("default")


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    await sync_to_async(prepare)()
    yield
    await known.ledger.dispose()
    await known.trail.dispose()


application = FastAPI(lifespan=lifespan, openapi_url=None)


class Asked(SimpleNamespace):
    """A request whose token and mandate were found right; `bound` is what its references are bound to."""


def asking(
    *,
    request: Request,
    authorization: Annotated[str, Header()],
    case: Annotated[uuid.UUID, Header(alias="AccountInfoRequestID")],
    correlation: Annotated[uuid.UUID, Header(alias="CorrelationID")],
    text: Annotated[str, Header(alias="Legal-Mandate")],
    requester: Annotated[str, Header(alias="RequesterID", max_length=255)] = "",
    first: Annotated[date | None, Query(alias="fromDate")] = None,
    last: Annotated[date | None, Query(alias="toDate")] = None,
) -> Asked:
    """Return what was let through."""
    begun, now = time.perf_counter_ns(), datetime.now(UTC)
    try:
        token = floor.proven(authorization.removeprefix("Bearer "))
    except Exception:
        raise HTTPException(401) from None
    consumer = token["consumer"]["ID"].removeprefix("0192:")
    endpoint = {"account_list": "accounts", "account_details": "accountDetails", "transactions": "transactions"}[
        request.scope["route"].name
    ]
    mandate = floor.known.mandates.mandate(consumer=consumer, text=unquote(text), endpoint=endpoint)
    today = day_in_oslo(now)
    first, last = first or today, last or today
    if mandate.scope not in token["scope"].split(" ") or first > last or last > today:
        raise HTTPException(403)
    if mandate.period == "today_only" and first != today:
        raise HTTPException(400)
    return Asked(
        begun=begun,
        now=now,
        token=token,
        consumer=consumer,
        endpoint=endpoint,
        mandate=mandate,
        text=unquote(text),
        case=case,
        correlation=correlation,
        requester=requester,
        first=first,
        last=last,
        party="",
        owners=None,
        reference="",
        cursor="",
    )


Let = Annotated[Asked, Depends(asking)]
Reference = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{44,47}$")]


# --- what is told ---


@application.get("/v2/accounts", response_model=AccountsDocument)
async def account_list(
    asked: Let,
    party_number: Annotated[str, Header(alias="PartyID", pattern="^([0-9]{11}|[0-9]{9})$")],
    owners: Annotated[bool, Query(alias="OnlyPrimaryOwner")],
) -> Any:
    asked.party, asked.owners = party_number, str(owners).lower()
    values = {**days(asked), "number": party_number}
    async with known.ledger.connect() as connection:
        standings = (await connection.execute(STANDING, values)).all()
        as_of = fresh(asked, min(standing.as_of for standing in standings))
        found = standings[0].parties
        shown = bool(found) and set(standings[0].grades) <= set(OPEN_GRADES)
        question = {**values, "party": found[0] if shown else 0, "kinds": OWNED}
        rows = floor.each_once((await connection.execute(ACCOUNTS_OF, question)).all(), asked.last)
    bound = floor.bound_to(asked)
    accounts = [listed(row, reference_to(Referred(row.id, party_number), bound)) for row in rows]
    document = AccountsDocument(accounts=accounts)
    because = "holds nothing" if shown else ("shielded" if found else "unknown party")
    because = "" if rows else because
    return await told(asked, document, [row.number for row in rows], as_of=as_of, number=party_number, because=because)


@application.get("/v2/accounts/{reference}", response_model=AccountDetailsDocument)
async def account_details(asked: Let, reference: Reference) -> Any:
    asked.reference = reference
    async with known.ledger.connect() as connection:
        row, number = await held(asked, connection, OWNED)
        rows = (await connection.execute(BALANCES, {"account": row.id, "at": row.as_of})).all()
    found = details_of(row, reference, [balance_of(each, row.as_of) for each in rows])
    return await told(asked, AccountDetailsDocument(account=found), [row.number], as_of=row.as_of, number=number)


@application.get("/v2/accounts/{reference}/transactions", response_model=TransactionsDocument)
async def transactions(
    asked: Let, reference: Reference, cursor: Annotated[str, Query(pattern="^[A-Za-z0-9_-]{0,100}$")] = ""
) -> Any:
    asked.reference, asked.cursor = reference, cursor
    size = settings.TRANSACTIONS_PAGE_SIZE
    async with known.ledger.connect() as connection:
        row, number = await held(asked, connection, USED)
        page = [b"cursor", *floor.bound_to(asked), reference.encode(), f"{asked.first}/{asked.last}".encode()]
        begin, end = moments_of(Period(max(asked.first, row.role_from), min(asked.last, row.role_to or asked.last)))
        values: dict[str, Any] = {"account": row.id, "begin": begin, "end": end, "limit": size + 1}
        if cursor:
            values["at"], values["row"] = position_of(cursor, page)
        found = (await connection.execute(NEXT_PAGE if cursor else FIRST_PAGE, values)).all()
        cards = await named(connection, row.id, found[:size])
    address = f"/accounts/{reference}/transactions?fromDate={asked.first}&toDate={asked.last}"
    links = [{"rel": "self", "href": f"{address}&cursor={cursor}" if cursor else address}]
    if len(found) > size:
        last = found[size - 1]
        following = cursor_to(Position(last.booked_at, last.id), page)
        links.append({"rel": "next", "href": f"{address}&cursor={following}"})
    document = TransactionsDocument(
        transactions=[transaction_of(each, cards.get(each.card_id)) for each in found[:size]], links=links
    )
    return await told(asked, document, [row.number], as_of=row.as_of, number=number, items=len(found[:size]))


async def held(asked: Asked, connection: AsyncConnection, kinds: list[str]) -> tuple[Row[Any], str]:
    referred = resolve(asked.reference, floor.bound_to(asked))
    values = {"account": referred.account_id, "number": referred.party_number, "kinds": kinds, **days(asked)}
    rows = floor.each_once((await connection.execute(ACCOUNT_OF, values)).all(), asked.last)
    if not rows:
        raise HTTPException(404)
    fresh(asked, rows[0].as_of)
    return rows[0], referred.party_number


async def named(connection: AsyncConnection, account_id: int, rows: Sequence[Row[Any]]) -> dict[int, dict[str, Any]]:
    """Return the cards of a page. Refuse one on which somebody shielded stands, whom the product would leave out."""
    others = [each for row in rows for each in row.counterparties]
    values = {
        "account": account_id,
        "numbers": list({each["identifier"]["value"] for each in others if "identifier" in each}),
        "accounts": list({each["accountIdentifier"] for each in others if "accountIdentifier" in each}),
        "cards": list({row.card_id for row in rows if row.card_id is not None}),
    }
    hidden, cards = (await connection.execute(NAMED, values)).one()
    if hidden:
        raise HTTPException(500)
    return {card["id"]: card for card in cards}


def days(asked: Asked) -> dict[str, Any]:
    return {"first": asked.first, "last": asked.last, "institutions": settings.AUDIENCES[asked.token["aud"]]}


def fresh(asked: Asked, as_of: datetime) -> datetime:
    if as_of < asked.now - timedelta(hours=settings.LEDGER_MAX_AGE_HOURS):
        raise HTTPException(500)
    return as_of


# --- how it leaves, and its record ---


async def told(
    asked: Asked,
    document: Any,
    numbers: list[str],
    *,
    as_of: datetime,
    number: str,
    because: str = "",
    items: int | None = None,
) -> Response:
    """Commit the record, then answer."""
    body = document.model_dump_json(exclude_none=True).encode()
    found = floor.Told(body, len(numbers) if items is None else items, as_of, numbers, number, because)
    async with known.trail.connect() as connection:
        kept = (await connection.get_raw_connection()).driver_connection
        writer = getattr(kept, "bench_writer", None) or Writer("audit_record")
        values, following = floor.written(asked.endpoint, asked, found, None, begun=asked.begun, writer=writer)
        await connection.exec_driver_sql(WITH_ANSWER, tuple(values))
        kept.bench_writer = following  # type: ignore[union-attr]
    headers = {"Cache-Control": "no-store", "CorrelationID": str(asked.correlation)}
    return Response(body, media_type="application/json", headers=headers)
