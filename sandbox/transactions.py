"""The transactions that follow from the books: with whom, by which card, from which currency, by which references."""

from collections.abc import Iterable, Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from functools import cache
from itertools import count
from typing import NamedTuple

from sandbox.books import HUNDREDTH, Book, Movement, in_oslo, money
from sandbox.counterparties import Counterparties, Counterparty
from sandbox.ledger_rows import TransactionRow
from sandbox.products import Kind

ACTED_AT = time(18, 20)
BOOKED_AT = (time(6, 0, 3), time(9, 15), time(12, 40), time(15, 5), time(21, 30, 15), time(23, 59, 59, 999_000))
ARCHIVE = '{"type":"archiveReference","value":"AR%(number)012d"}'
REFERENCES = {
    "archive": f"[{ARCHIVE}]",
    "transfer": '[{"type":"endToEndIdentification","value":"E2E%(number)012d"},' + ARCHIVE + "]",
    "kid": '[{"type":"remittanceReference","value":"%(kid)s"},' + ARCHIVE + "]",
    "mandate": '[{"type":"mandateIdentification","value":"AG%(kid)s"},' + ARCHIVE + "]",
    "invoice": '[{"type":"invoiceNumber","value":"%(number)08d"},' + ARCHIVE + "]",
}
IN_KRONER = {
    currency: Decimal(kroner)
    for currency, kroner in (
        ("NOK", "1"), ("EUR", "11.6215"), ("USD", "10.0840"), ("SEK", "1.0572"), ("DKK", "1.5561"), ("GBP", "13.2730"),
        ("CHF", "12.4405"),
    )
}  # fmt: skip


class Exchange(NamedTuple):
    """What was converted. The amount of the account is the original one times the rate."""

    original_amount: Decimal | None
    source_currency: str
    target_currency: str
    unit_currency: str
    exchange_rate: Decimal | None


NOTHING_CONVERTED = Exchange(None, "", "", "", None)


def transactions(books: Iterable[Book], first_id: int, counterparties: Counterparties) -> Iterator[TransactionRow]:
    """Return a transaction for each movement, numbered in the order of the books."""
    ids = count(first_id)
    for book in books:
        for movement in book.movements:
            number = next(ids)
            row = transaction(number, book, movement, counterparties.of(movement.kind, number))
            yield row._replace(**movement.particular) if movement.particular else row


def transaction(number: int, book: Book, movement: Movement, other: Counterparty) -> TransactionRow:
    kind, account = movement.kind, book.account
    acted, booked, valued = moments(movement.day, number % len(BOOKED_AT))
    return TransactionRow(
        number,
        account.id,
        booked,
        valued,
        acted if kind.counterparty else None,
        f"EB{number:012}",
        kind.status,
        money(movement.amount),
        account.currency,
        kind.reversal,
        kind.domain,
        kind.family,
        kind.sub_family,
        kind.text,
        other.name if kind.shop else "",
        kind.code,
        REFERENCES[kind.reference] % {"number": number, "kid": other.kid},
        other.as_debtor if kind.counterparty == "debtor" else other.as_creditor,
        *exchange(kind, movement.amount, other.currency, account.currency),
        book.card_on(movement.day) if kind.card else None,
    )


def exchange(kind: Kind, amount: int, foreign: str, own: str) -> Exchange:
    """Return how an amount in the account's own currency came of a foreign one."""
    if kind.among != "abroad" or foreign == own:
        return NOTHING_CONVERTED
    rate = exchange_rate(foreign, own)
    return Exchange((money(abs(amount)) / rate).quantize(HUNDREDTH), foreign, own, foreign, rate)


@cache
def exchange_rate(unit: str, own: str) -> Decimal:
    return (IN_KRONER[unit] / IN_KRONER[own]).quantize(Decimal("0.000001"))


@cache
def moments(day: int, slot: int) -> tuple[str, str, str]:
    """Return when a payer acted, when the bank booked it and from when it bears interest."""
    booked = date.fromordinal(day)
    return in_oslo(booked - timedelta(days=1), ACTED_AT), in_oslo(booked, BOOKED_AT[slot]), in_oslo(booked, time())
