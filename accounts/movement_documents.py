"""The page of transactions as a document, field by field as the standard spells them (Common Standard 2.0).

Built from text that the database made, a thousand rows at a time; the disclosure filter comes after.
"""

from collections.abc import Iterator
from datetime import datetime

from accounts.movement_columns import Counterparty, counterparties_in, references_in
from accounts.movements import Movement, Named, Position
from accounts.serializers import Document, card_document, link, number, present, response_details
from legal.periods import Period

HIDDEN = frozenset({"identifier", "name", "postalAddress"})
"""What is left out of a shielded person."""


class Page:
    """One page of rows with what its lists hold; `hidden` tells after `document` whether anybody was left out."""

    def __init__(self, rows: list[Movement]) -> None:
        self.rows = rows
        self.counterparties = [counterparties_in(row.counterparties) for row in rows]
        self.hidden = False

    @property
    def last(self) -> Position:
        return Position(datetime.fromisoformat(self.rows[-1].booked_at), self.rows[-1].id)

    def numbers(self) -> set[str]:
        """Return the numbers that counterparties are identified by."""
        return {number for each in self._each_counterparty() for number in each.numbers}

    def accounts(self) -> set[str]:
        return {account for each in self._each_counterparty() for account in each.accounts}

    def cards(self) -> set[int]:
        return {row.card_id for row in self.rows if row.card_id is not None}

    def _each_counterparty(self) -> Iterator[Counterparty]:
        return (each for listed in self.counterparties for each in listed)

    def transactions(self, named: Named, *, party_id: int, withhold_shielded: bool) -> list[Document]:
        """Return the transactions, with shielded persons left out where they are to be withheld."""
        cards = {}
        for card_id, card in named.cards.items():
            cards[card_id], hidden = card_document(card, party_id=party_id, withhold_shielded=withhold_shielded)
            self.hidden = self.hidden or hidden
        withheld = named if withhold_shielded else NOBODY
        anybody = withheld.shielded_numbers or withheld.shielded_accounts
        others = zip(self.rows, self.counterparties, strict=True)
        return [
            _transaction(
                row,
                [self._counterparty(each, withheld) if anybody else each.document for each in listed],
                None if row.card_id is None else cards.get(row.card_id),
            )
            for row, listed in others
        ]

    def _counterparty(self, counterparty: Counterparty, named: Named) -> Document:
        shown = counterparty.document
        if counterparty.numbers.isdisjoint(named.shielded_numbers) and counterparty.accounts.isdisjoint(
            named.shielded_accounts
        ):
            return shown
        self.hidden = self.hidden or not HIDDEN.isdisjoint(shown)
        return {name: value for name, value in shown.items() if name not in HIDDEN}


NOBODY = Named(frozenset(), frozenset(), {})


def transactions_document(
    transactions: list[Document], *, own_page: str, next_page: str | None, message: str = ""
) -> Document:
    """Common Standard 2.0, *Transactions*: one page, with the way to the next one where there is one."""
    return {
        "responseDetails": response_details(message),
        "transactions": transactions,
        "links": [link("self", own_page), *([link("next", next_page)] if next_page else [])],
    }


def address(reference: str, period: Period, cursor: str | None = None) -> str:
    """Return a page's address, relative to the base URL (NET-04)."""
    place = f"&cursor={cursor}" if cursor else ""
    return f"/accounts/{reference}/transactions?fromDate={period.from_date}&toDate={period.to_date}{place}"


def _transaction(row: Movement, counterparties: list[Document], card: Document | None) -> Document:
    # Taken apart at once: to ask a row for each of its columns would cost as much as the document itself.
    (_, _, name, status, amount, currency, reversal, domain, family, sub_family, free_text, booked, valued, performed,
     references, _, info, _, source, _, _, rate, merchant, _) = row  # fmt: skip
    document = {
        "transactionIdentifier": name,
        "references": references_in(references),
        "creditDebitIndicator": "debit" if amount.startswith("-") else "credit",
        "reversalIndicator": reversal,
        "status": status,
        "transactionCode": _code(domain, family, sub_family, free_text),
        "bookingDate": booked,
        "valueDate": valued,
        "counterParties": counterparties,
        "amount": number(amount.removeprefix("-")),
        "currency": currency,
    }
    if info:
        document["additionalInfo"] = info
    if source or rate is not None:
        document["currencyExchange"] = _exchange(row)
    if merchant:
        document["merchant"] = merchant
    if card is not None:
        document["paymentCard"] = card
    if performed is not None:
        document["registered"] = performed
    return document


def _code(domain: str, family: str, sub_family: str, free_text: str) -> Document:
    words = {"domain": domain, "family": family, "subFamily": sub_family, "freeText": free_text}
    return {name: word for name, word in words.items() if word}


def _exchange(row: Movement) -> Document:
    return present(
        originalAmount=None if row.original_amount is None else number(row.original_amount),
        sourceCurrency=row.source_currency or None,
        targetCurrency=row.target_currency or None,
        unitCurrency=row.unit_currency or None,
        exchangeRate=None if row.exchange_rate is None else number(row.exchange_rate),
    )
