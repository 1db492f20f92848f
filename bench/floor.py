"""The floor: what it costs at least to give these answers, by hand-written SQL over bare psycopg and bare WSGI.

It checks the token (cached), the mandate (in memory) and the form of the parameters, asks the ledger the same facts in
as many statements, and writes the same record before the first byte leaves. References, encryption, hashes, sealing
and chaining are the product's own functions. It answers three questions and knows no other way to refuse than 400.
"""

import hashlib
import json
import re
import threading
import time
import uuid
import zlib
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from datetime import time as midnight
from types import SimpleNamespace
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote

import jwt
import orjson
import psycopg
from django.conf import settings
from psycopg.conninfo import make_conninfo
from psycopg.rows import namedtuple_row

from accounts.movements import Position
from accounts.references import Referred, context, cursor_to, position_of, reference_to, resolve
from audit.appending import chained, drawn
from audit.recording import WITH_ANSWER
from audit.retain.month_keys import DOCUMENT, NUMBER, commitment_salt, keep_ahead, month_key, seal_in
from audit.seal.leaves import commitment, moment_text
from audit.seal.writers import Writer
from audit.secrecy import Kind, hash_of
from audit.texts import canonical, hexadecimal, hexadecimals
from dsop.certificates import certificates
from dsop.encryption import encrypted
from legal.periods import OSLO, day_in_oslo
from legal.published_keys import ALGORITHMS, published_keys
from legal.register import read_mandates

JSON, JOSE = "application/json", "application/jose"
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
PARTY = re.compile(r"[0-9]{11}|[0-9]{9}")
OPEN_GRADES = {"ugradert", "klientadresse"}
OWNED = ["primaryOwner"]
USED = ["primaryOwner", "secondaryOwner", "authorisedUser"]
OF_OTHERS = {
    "accountIdentifier": None,
    "identifier": dict.fromkeys(("countryOfResidence", "value", "type")),
    "name": None,
    "type": None,
    "postalAddress": dict.fromkeys(
        ("postCode", "streetName", "buildingNumber", "townName", "type", "country", "addressLines")
    ),
}
FOR_ONE_ROW = {"prepare_threshold": 0, "autocommit": True}
STANDING = """
SELECT f.organisation_number, f.as_of,
    ARRAY(SELECT party_id FROM party_identifier WHERE value = %(number)s),
    ARRAY(SELECT p.protection_grade FROM party_identifier i JOIN party p ON p.id = i.party_id
          WHERE i.value = %(number)s),
    ARRAY(SELECT DISTINCT r.kind FROM party_identifier i JOIN account_role r ON r.party_id = i.party_id
          JOIN account a ON a.id = r.account_id
          WHERE i.value = %(number)s AND a.servicer_id = f.id AND r.start_date <= %(last)s
            AND (r.end_date IS NULL OR r.end_date >= %(first)s))
FROM financial_institution f WHERE f.organisation_number = ANY(%(institutions)s) ORDER BY 1
"""
HELD = """
SELECT a.id, a.number, a.status, a.type, a.currency, a.start_date, a.end_date, f.organisation_number AS servicer,
    f.name AS servicer_name, f.country AS servicer_country, f.as_of, f.history_from, r.party_id,
    r.start_date AS role_from, r.end_date AS role_to, o.party_id AS owner_id, o.permission,
    o.start_date AS owner_from, o.end_date AS owner_to,
    p.type AS owner_type, p.name AS owner_name, p.country AS owner_country, p.protection_grade AS owner_grade,
    (SELECT value FROM party_identifier i WHERE i.party_id = o.party_id AND i.start_date <= %(last)s
     ORDER BY i.start_date DESC LIMIT 1) AS owner_number
FROM account_role r JOIN account a ON a.id = r.account_id JOIN financial_institution f ON f.id = a.servicer_id {join}
    LEFT JOIN account_role o ON o.account_id = a.id AND o.kind = 'primaryOwner' AND o.start_date <= %(last)s
        AND (o.end_date IS NULL OR o.end_date >= %(first)s)
    LEFT JOIN party p ON p.id = o.party_id
WHERE {whose} AND r.kind = ANY(%(kinds)s) AND r.start_date <= %(last)s
    AND (r.end_date IS NULL OR r.end_date >= %(first)s) AND f.organisation_number = ANY(%(institutions)s)
ORDER BY a.number, a.id, r.id, o.id
"""
ACCOUNTS_OF = HELD.format(join="", whose="r.party_id = %(party)s")
ACCOUNT_OF = HELD.format(
    join="JOIN party_identifier n ON n.party_id = r.party_id JOIN party q ON q.id = r.party_id",
    whose="r.account_id = %(account)s AND n.value = %(number)s AND q.protection_grade IN ('ugradert', 'klientadresse')",
)
BALANCES = " UNION ALL ".join(
    f"""(SELECT type, amount::text, currency, credit_line_included, credit_line_amount::text, credit_line_currency
 FROM balance WHERE account_id = %(account)s AND type = '{kind}' AND registered_at <= %(at)s
 ORDER BY registered_at DESC LIMIT 1)"""
    for kind in ("availableBalance", "bookedBalance")
)

MOMENT = """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""
PAGE = f"""
SELECT id, booked_at::text AS at, identifier, status, amount::text AS amount_text, currency, reversal, domain, family,
    sub_family, free_text_code, {MOMENT.format("booked_at")}, {MOMENT.format("value_at")},
    {MOMENT.format("performed_at")}, bank_references::text, counterparties::text, additional_info,
    original_amount::text, source_currency, target_currency, unit_currency, exchange_rate::text, merchant, card_id
FROM "transaction" WHERE account_id = %(account)s AND booked_at >= %(begin)s AND booked_at < %(end)s {{after}}
ORDER BY booked_at, id LIMIT (SELECT %(limit)s::bigint)
"""
FIRST_PAGE = PAGE.format(after="")
NEXT_PAGE = PAGE.format(after="AND (booked_at, id) > (%(at)s, %(row)s) AND booked_at >= %(at)s")
NAMED = """
SELECT EXISTS (SELECT FROM party_identifier i JOIN party p ON p.id = i.party_id WHERE i.value = ANY(%(numbers)s::text[])
        AND p.protection_grade NOT IN ('ugradert', 'klientadresse')),
    EXISTS (SELECT FROM account a JOIN account_role r ON r.account_id = a.id JOIN party p ON p.id = r.party_id
        WHERE a.number = ANY(%(accounts)s::text[]) AND r.kind IN ('primaryOwner', 'secondaryOwner')
        AND p.protection_grade NOT IN ('ugradert', 'klientadresse')),
    ARRAY(SELECT json_build_array(c.id, c.holder_id, json_strip_nulls(json_build_object(
            'cardIdentifier', masked_number, 'holderName', p.name, 'startDate', start_month, 'expiryDate', expiry_month,
            'cardIssuerName', nullif(issuer_name, ''), 'type', c.type, 'cardStatus', status,
            'versionNumber', nullif(version_number, ''), 'cardIssuerIdentifier', CASE WHEN issuer_number <> '' THEN
                json_strip_nulls(json_build_object('countryOfResidence', nullif(issuer_country, ''),
                    'value', issuer_number, 'type', 'countryIdentificationCode')) END)))
        FROM payment_card c JOIN party p ON p.id = c.holder_id
        WHERE c.id = ANY(%(cards)s::bigint[]) AND c.account_id = %(account)s)
"""


class Told(NamedTuple):
    """An answer and what its record holds."""

    document: bytes
    items: int
    as_of: datetime
    accounts: list[str]
    party: str
    empty_because: str = ""


class Refused(Exception):
    pass


class Known:
    """What a process holds in memory, and the connections of each of its threads."""

    def __init__(self) -> None:
        self.keys = published_keys(settings.MASKINPORTEN_ISSUER, loopback_http=True)
        self.mandates = read_mandates()
        self.tokens: dict[bytes, dict[str, Any]] = {}
        self.max_age = timedelta(hours=settings.LEDGER_MAX_AGE_HOURS)
        self.local = threading.local()
        keep_ahead([service.slug for service in self.mandates.services], datetime.now(UTC).date())

    def ledger(self) -> psycopg.Connection[Any]:
        if not hasattr(self.local, "ledger"):
            self.local.ledger = connected("ledger")
            self.local.trail = connected("default")
            self.local.writer = Writer("audit_record")
        connection: psycopg.Connection[Any] = self.local.ledger
        return connection


def connected(alias: str) -> psycopg.Connection[Any]:
    parts = settings.DATABASES[alias]
    address = make_conninfo(
        host=parts["HOST"],
        port=parts["PORT"] or None,
        dbname=parts["NAME"],
        user=parts["USER"],
        password=parts["PASSWORD"],
        application_name="floor",
        options=parts["OPTIONS"]["options"],
    )
    return psycopg.connect(address, **FOR_ONE_ROW)


def prepare() -> None:
    global known
    known = Known()


known: Known


def application(environ: Mapping[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    begun = time.perf_counter_ns()
    try:
        endpoint, asked = let_through(environ)
        told = ANSWERS[endpoint](asked)
    except Refused:
        start_response("400 Bad Request", [("Content-Length", "0")])
        return [b""]
    body, evidence = (told.document, None) if not asked.encrypt else sealed(told.document, asked)
    record(endpoint, asked, told, evidence, begun=begun)
    start_response(
        "200 OK",
        [
            ("Content-Type", JOSE if asked.encrypt else JSON),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("CorrelationID", str(asked.correlation)),
        ],
    )
    return [body]


# --- may they ask? ---


def let_through(environ: Mapping[str, Any]) -> tuple[str, Any]:
    endpoint, reference = endpoint_of(environ["PATH_INFO"])
    token = proven(environ["HTTP_AUTHORIZATION"].removeprefix("Bearer "))
    consumer = token["consumer"]["ID"].removeprefix("0192:")
    text = unquote(environ["HTTP_LEGAL_MANDATE"])
    if "bits:kontoinformasjon" not in token["scope"].split(" "):
        raise Refused
    mandate = known.mandates.mandate(consumer=consumer, text=text, endpoint=endpoint)
    query = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
    now = datetime.now(UTC)
    today = day_in_oslo(now)
    first, last = day(query.get("fromDate"), today), day(query.get("toDate"), today)
    party = environ.get("HTTP_PARTYID", "")
    if (endpoint == "accounts" and not PARTY.fullmatch(party)) or first > last or last > today:
        raise Refused
    if mandate.period == "today_only" and first != today:
        raise Refused
    return endpoint, SimpleNamespace(
        token=token,
        consumer=consumer,
        mandate=mandate,
        text=text,
        case=case_id(environ["HTTP_ACCOUNTINFOREQUESTID"]),
        correlation=case_id(environ["HTTP_CORRELATIONID"]),
        requester=environ.get("HTTP_REQUESTERID", ""),
        first=first,
        last=last,
        party=party,
        owners=query.get("OnlyPrimaryOwner"),
        reference=reference,
        cursor=query.get("cursor", ""),
        now=now,
        encrypt=environ["HTTP_ACCEPT"] != JSON,
    )


def bound_to(asked: Any) -> list[bytes]:
    return context(
        consumer=asked.consumer,
        service=asked.mandate.service,
        audience=asked.token["aud"],
        account_info_request_id=asked.case,
    )


def endpoint_of(path: str) -> tuple[str, str]:
    _, _, _, *rest = path.split("/")
    if not rest:
        return "accounts", ""
    return ("transactions" if len(rest) == 2 else "accountDetails"), rest[0]


def proven(token: str) -> dict[str, Any]:
    digest = hashlib.sha256(token.encode("ascii")).digest()
    claims = known.tokens.get(digest)
    if claims is None:
        key = known.keys[jwt.get_unverified_header(token)["kid"]]
        claims = jwt.decode(
            token,
            key.public_key,
            algorithms=ALGORITHMS,
            audience=list(settings.AUDIENCES),
            issuer=settings.MASKINPORTEN_ISSUER,
        )
        if len(known.tokens) > 1000:
            known.tokens.clear()
        known.tokens[digest] = claims
    if claims["exp"] <= time.time():
        raise Refused
    return claims


def case_id(text: str) -> uuid.UUID:
    if not UUID.fullmatch(text):
        raise Refused
    return uuid.UUID(text)


def day(text: str | None, today: date) -> date:
    return today if text is None else date.fromisoformat(text)


# --- what is told ---


def accounts(asked: Any) -> Told:
    institutions = settings.AUDIENCES[asked.token["aud"]]
    values = {"number": asked.party, "first": asked.first, "last": asked.last, "institutions": institutions}
    standings = known.ledger().execute(STANDING, values).fetchall()
    as_of = min(standing[1] for standing in standings)
    if as_of < asked.now - known.max_age or len(standings) != len(institutions) or len(standings[0][2]) > 1:
        raise Refused
    found, grades, kinds = standings[0][2], standings[0][3], {kind for each in standings for kind in each[4]}
    shown = bool(found) and OPEN_GRADES.issuperset(grades)
    because = "shielded" if found else "unknown party"
    if shown:
        because = "guarantor only" if kinds == {"guarantor"} else "holds nothing"
    question = {**values, "party": found[0] if shown else 0, "kinds": OWNED}
    rows = rows_of(ACCOUNTS_OF, question)
    bound, held = bound_to(asked), each_once(rows, asked.last)
    document = {
        "responseDetails": details(held, asked.first),
        "accounts": [listed(row, reference_to(Referred(row.id, asked.party), bound), named=True) for row in held],
        "links": [],
    }
    numbers = [row.number for row in held]
    return Told(orjson.dumps(document), len(held), as_of, numbers, asked.party, "" if held else because)


def account_details(asked: Any) -> Told:
    row, party = the_account(asked, OWNED)
    found = known.ledger().execute(BALANCES, {"account": row.id, "at": row.as_of}).fetchall()
    registered = row.as_of.strftime("%Y-%m-%dT%H:%M:%SZ")
    document = {
        "responseDetails": details([row], asked.first),
        "account": {
            **listed(row, asked.reference, named=False),
            "balances": [balance(each, registered) for each in found],
            "startDate": row.start_date.isoformat(),
            **({"endDate": row.end_date.isoformat()} if row.end_date else {}),
        },
    }
    return Told(orjson.dumps(document), 1, row.as_of, [row.number], party)


def transactions(asked: Any) -> Told:
    row, party = the_account(asked, USED)
    page = [b"cursor", *bound_to(asked), asked.reference.encode(), f"{asked.first}/{asked.last}".encode()]
    first, last = max(asked.first, row.role_from), min(asked.last, row.role_to or asked.last)
    values = {
        "account": row.id,
        "begin": datetime.combine(first, midnight(), OSLO),
        "end": datetime.combine(last + timedelta(days=1), midnight(), OSLO),
        "limit": settings.TRANSACTIONS_PAGE_SIZE + 1,
    }
    if asked.cursor:
        values["at"], values["row"] = position_of(asked.cursor, page)
    found = known.ledger().execute(NEXT_PAGE if asked.cursor else FIRST_PAGE, values).fetchall()
    rows = found[: settings.TRANSACTIONS_PAGE_SIZE]
    counterparties = [counterparties_in(each[15]) for each in rows]
    cards = cards_on(row, rows, counterparties)
    listed = [movement(each, others, cards) for each, others in zip(rows, counterparties, strict=True)]
    address = f"/accounts/{asked.reference}/transactions?fromDate={asked.first}&toDate={asked.last}"
    links = [{"rel": "self", "href": f"{address}&cursor={asked.cursor}" if asked.cursor else address}]
    if len(found) > len(rows):
        following = cursor_to(Position(datetime.fromisoformat(rows[-1][1]), rows[-1][0]), page)
        links.append({"rel": "next", "href": f"{address}&cursor={following}"})
    document = {"responseDetails": details([row], asked.first), "transactions": listed, "links": links}
    return Told(orjson.dumps(document), len(rows), row.as_of, [row.number], party)


def counterparties_in(column: str) -> list[dict[str, Any]]:
    return [] if column == "[]" else orjson.loads(column)


def ordered(found: dict[str, Any], names: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of an object in the standard's order; the database has an order of its own."""
    return {name: ordered(found[name], of) if of else found[name] for name, of in names.items() if name in found}


def cards_on(account: Any, rows: list[Any], counterparties: list[list[dict[str, Any]]]) -> dict[int, Any]:
    """Return the cards of a page. Refuse one on which somebody shielded stands, whom the product would leave out."""
    others = [each for listed in counterparties for each in listed]
    values = {
        "account": account.id,
        "numbers": list({each["identifier"]["value"] for each in others if "identifier" in each}),
        "accounts": list({each["accountIdentifier"] for each in others if "accountIdentifier" in each}),
        "cards": list({row[23] for row in rows if row[23] is not None}),
    }
    numbers, accounts, cards = known.ledger().execute(NAMED, values).fetchone()
    if numbers or accounts or any(holder != account.party_id for _, holder, _ in cards):
        raise Refused
    return {card: document for card, _, document in cards}


def movement(row: tuple[Any, ...], counterparties: list[dict[str, Any]], cards: Mapping[int, Any]) -> dict[str, Any]:
    (_, _, name, status, amount, currency, reversal, domain, family, sub_family, free_text, booked, valued, performed,
     references, _, info, original, source, target, unit, rate, merchant, card) = row  # fmt: skip
    code = {"domain": domain, "family": family, "subFamily": sub_family, "freeText": free_text}
    found = {
        "transactionIdentifier": name,
        "references": [{"value": each["value"], "type": each["type"]} for each in orjson.loads(references)],
        "creditDebitIndicator": "debit" if amount.startswith("-") else "credit",
        "reversalIndicator": reversal,
        "status": status,
        "transactionCode": {name: value for name, value in code.items() if value},
        "bookingDate": booked,
        "valueDate": valued,
        "counterParties": [ordered(each, OF_OTHERS) for each in counterparties],
        "amount": number(amount.removeprefix("-")),
        "currency": currency,
    }
    if info:
        found["additionalInfo"] = info
    if source or rate is not None:
        exchange = {
            "originalAmount": original and number(original),
            "sourceCurrency": source,
            "targetCurrency": target,
            "unitCurrency": unit,
            "exchangeRate": rate and number(rate),
        }
        found["currencyExchange"] = {name: value for name, value in exchange.items() if value}
    if merchant:
        found["merchant"] = merchant
    if card in cards:
        found["paymentCard"] = cards[card]
    if performed is not None:
        found["registered"] = performed
    return found


def the_account(asked: Any, kinds: list[str]) -> tuple[Any, str]:
    referred = resolve(asked.reference, bound_to(asked))
    values = {
        "account": referred.account_id,
        "number": referred.party_number,
        "first": asked.first,
        "last": asked.last,
        "kinds": kinds,
        "institutions": settings.AUDIENCES[asked.token["aud"]],
    }
    rows = each_once(rows_of(ACCOUNT_OF, values), asked.last)
    if not rows or rows[0].as_of < asked.now - known.max_age:
        raise Refused
    return rows[0], referred.party_number


def rows_of(statement: str, values: Mapping[str, Any]) -> list[Any]:
    with known.ledger().cursor(row_factory=namedtuple_row) as cursor:
        return cursor.execute(statement, values).fetchall()


def each_once(rows: Iterable[Any], last: date) -> list[Any]:
    """Return for each account the row of its owner at the end: the party asked about before others, then the latest."""
    best: dict[int, Any] = {}
    for row in rows:
        until = min(row.role_to or last, last)
        if row.owner_from > until or (row.owner_to is not None and row.owner_to < until):
            continue
        other = best.get(row.id)
        if other is None or rank(row) > rank(other):
            best[row.id] = row
    return list(best.values())


def rank(row: Any) -> tuple[bool, date]:
    return row.owner_id == row.party_id, row.owner_from


def details(rows: Iterable[Any], first: date) -> dict[str, str]:
    """Return `complete`: the floor knows no partial answers."""
    if any(max(first, row.role_from, row.start_date) < row.history_from for row in rows):
        raise Refused
    return {"status": "complete"}


def listed(row: Any, reference: str, *, named: bool) -> dict[str, Any]:
    servicer: dict[str, Any] = {"identifier": identifier(row.servicer_country, row.servicer, "organisation")}
    servicer["name"] = row.servicer_name
    owner = {
        "permission": row.permission,
        "identifier": identifier(row.owner_country, row.owner_number, row.owner_type),
        "name": row.owner_name,
        "startDate": row.owner_from.isoformat(),
    }
    if row.owner_to:
        owner["endDate"] = row.owner_to.isoformat()
    if row.owner_id != row.party_id and row.owner_grade not in OPEN_GRADES:
        raise Refused
    return {
        "status": row.status,
        "servicer": servicer,
        "accountIdentifier": row.number,
        "accountReference": reference,
        "type": row.type,
        "currency": row.currency,
        "primaryOwner": owner,
    }


def identifier(country: str, value: str, party: str) -> dict[str, str]:
    kind = "nationalIdentityNumber" if party == "person" else "countryIdentificationCode"
    return {"countryOfResidence": country, "value": value, "type": kind}


def balance(row: Any, registered: str) -> dict[str, Any]:
    kind, amount, currency, included, line, line_currency = row
    found = {
        "creditLineIncluded": included,
        "amount": number(amount.removeprefix("-")),
        "creditDebitIndicator": "debit" if amount.startswith("-") else "credit",
        "registered": registered,
        "type": kind,
    }
    if line is not None:
        found |= {"creditLineAmount": number(line.removeprefix("-")), "creditLineCurrency": line_currency or currency}
    found["currency"] = currency
    return found


def number(text: str) -> orjson.Fragment:
    whole, _, decimals = text.partition(".")
    return orjson.Fragment(f"{whole}.{decimals.rstrip('0').ljust(2, '0')}")


ANSWERS: dict[str, Callable[[Any], Told]] = {
    "accounts": accounts,
    "accountDetails": account_details,
    "transactions": transactions,
}


# --- how it leaves, and its record ---


def sealed(document: bytes, asked: Any) -> tuple[bytes, dict[str, str]]:
    agency = known.mandates.agencies[asked.consumer]
    recipient = certificates().recipient(agency.certificate_participant)
    algorithms = {"key_algorithm": agency.key_algorithm, "content_encryption": agency.content_encryption}
    body = encrypted(document, recipient, **algorithms)
    return body, {
        **algorithms,
        "certificate_serial": f"{recipient.certificate.serial_number:x}",
        "certificate_sha256": recipient.thumbprint.hex(),
    }


def record(endpoint: str, asked: Any, told: Told, evidence: dict[str, str] | None, *, begun: int) -> None:
    """Commit the record, with the document in the same statement."""
    values, following = written(endpoint, asked, told, evidence, begun=begun, writer=known.local.writer)
    known.local.trail.execute(WITH_ANSWER, values)
    known.local.writer = following


def written(
    endpoint: str, asked: Any, told: Told, evidence: dict[str, str] | None, *, begun: int, writer: Writer
) -> tuple[list[Any], Writer]:
    """Return what the statement takes, and the writer as it is once the record is committed."""
    row_id, at = drawn()
    month, service = at.date(), asked.mandate.service
    key = month_key(NUMBER, service, month)
    kept = zlib.compress(told.document, 1)
    answer = seal_in(month_key(DOCUMENT, service, month), kept, column="document", record=row_id)
    found = {**(evidence or {}), **({"cursor": asked.cursor} if asked.cursor else {})}
    salt = commitment_salt(key, row_id)
    texts = {
        **ABSENT,
        "id": str(row_id),
        "at": moment_text(at),
        "method": "GET",
        "endpoint": endpoint,
        "outcome": "answered",
        "http_status": "200",
        "audience": asked.token["aud"],
        "consumer": asked.consumer,
        "client_id": asked.token["client_id"],
        "jti": asked.token["jti"],
        "scopes": asked.token["scope"],
        "service": service,
        "service_version": str(asked.mandate.version),
        "legal_mandate": asked.text,
        "account_info_request_id": str(asked.case),
        "correlation_id": str(asked.correlation),
        "requester_id": asked.requester,
        "from_date": str(asked.first),
        "to_date": str(asked.last),
        "only_primary_owner": asked.owners,
        "items": str(told.items),
        "as_of": moment_text(told.as_of),
        "empty_because": told.empty_because,
        "document_digest": hexadecimal(hashlib.sha256(told.document).digest()),
        "evidence": canonical(found) if found else None,
        "account_hashes": hexadecimals([hash_of(Kind.ACCOUNT, account) for account in told.accounts]),
        "control_object_hash": hexadecimal(hash_of(Kind.PARTY, told.party)),
        "control_object_sealed": hexadecimal(seal_in(key, told.party, column="control_object_sealed", record=row_id)),
        "control_object_commitment": hexadecimal(commitment(told.party, salt)),
        "answer_digest": hexadecimal(hashlib.sha256(answer).digest()),
    }
    if told.accounts:
        listed = json.dumps(told.accounts)
        texts["accounts_sealed"] = hexadecimal(seal_in(key, listed, column="accounts_sealed", record=row_id))
    if asked.reference:
        texts["account_reference_hash"] = hexadecimal(hash_of(Kind.ACCOUNT_REFERENCE, asked.reference))
        reference = seal_in(key, asked.reference, column="account_reference_sealed", record=row_id)
        texts["account_reference_sealed"] = hexadecimal(reference)
    texts["duration_us"] = str((time.perf_counter_ns() - begun) // 1000)
    values, following = chained(writer, texts)
    return [texts["id"], texts["at"], answer, *values], following


ABSENT: dict[str, str | None] = {
    **dict.fromkeys(("supplier", "requester_id", "additional_reference_type", "code", "refusal"), ""),
    **dict.fromkeys(
        (
            "account_reference_hash",
            "account_reference_sealed",
            "accounts_sealed",
            "additional_reference_hash",
            "additional_reference_sealed",
            "evidence",
            "malformed_sealed",
        )
    ),
}
"""What most records have nothing in."""
