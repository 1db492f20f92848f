"""The rival's response models, by the standard's own names; what is None is left out."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, PlainSerializer

Amount = Annotated[Decimal, PlainSerializer(float, return_type=float)]
Moment = Annotated[datetime, PlainSerializer(lambda moment: moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))]


class Identifier(BaseModel):
    countryOfResidence: str
    value: str
    type: str


class Servicer(BaseModel):
    identifier: Identifier
    name: str


class Owner(BaseModel):
    permission: str
    identifier: Identifier
    name: str
    startDate: date
    endDate: date | None


class Account(BaseModel):
    status: str
    servicer: Servicer
    accountIdentifier: str
    accountReference: str
    type: str
    currency: str
    primaryOwner: Owner


class Balance(BaseModel):
    creditLineIncluded: bool
    amount: Amount
    creditDebitIndicator: str
    registered: Moment
    type: str
    creditLineAmount: Amount | None = None
    creditLineCurrency: str | None = None
    currency: str


class AccountWithBalances(Account):
    balances: list[Balance]
    startDate: date
    endDate: date | None


class Complete(BaseModel):
    status: str = "complete"


class AccountsDocument(BaseModel):
    responseDetails: Complete = Complete()
    accounts: list[Account]
    links: list[dict[str, str]] = []


class AccountDetailsDocument(BaseModel):
    responseDetails: Complete = Complete()
    account: AccountWithBalances


class Reference(BaseModel):
    value: str
    type: str


class Counterparty(BaseModel):
    accountIdentifier: str | None = None
    identifier: Identifier | None = None
    name: str | None = None
    type: str | None = None
    postalAddress: dict[str, Any] | None = None


class Code(BaseModel):
    domain: str | None
    family: str | None
    subFamily: str | None
    freeText: str | None


class Exchange(BaseModel):
    originalAmount: Amount | None
    sourceCurrency: str | None
    targetCurrency: str | None
    unitCurrency: str | None
    exchangeRate: Amount | None


class Card(BaseModel):
    cardIdentifier: str
    holderName: str | None
    startDate: str | None
    expiryDate: str | None
    cardIssuerName: str | None
    type: str | None
    cardStatus: str | None
    versionNumber: str | None
    cardIssuerIdentifier: Identifier | None


class Transaction(BaseModel):
    transactionIdentifier: str
    references: list[Reference]
    creditDebitIndicator: str
    reversalIndicator: bool
    status: str
    transactionCode: Code
    bookingDate: Moment
    valueDate: Moment
    counterParties: list[Counterparty]
    amount: Amount
    currency: str
    additionalInfo: str | None
    currencyExchange: Exchange | None
    merchant: str | None
    paymentCard: Card | None
    registered: Moment | None


class TransactionsDocument(BaseModel):
    responseDetails: Complete = Complete()
    transactions: list[Transaction]
    links: list[dict[str, str]]


def listed(row: Any, reference: str) -> Account:
    return Account(**_account(row, reference))


def details_of(row: Any, reference: str, balances: list[Balance]) -> AccountWithBalances:
    return AccountWithBalances(
        **_account(row, reference), balances=balances, startDate=row.start_date, endDate=row.end_date
    )


def _account(row: Any, reference: str) -> dict[str, Any]:
    return {
        "status": row.status,
        "servicer": Servicer(
            identifier=_identifier(row.servicer_country, row.servicer, "organisation"), name=row.servicer_name
        ),
        "accountIdentifier": row.number,
        "accountReference": reference,
        "type": row.type,
        "currency": row.currency,
        "primaryOwner": Owner(
            permission=row.permission,
            identifier=_identifier(row.owner_country, row.owner_number, row.owner_type),
            name=row.owner_name,
            startDate=row.owner_from,
            endDate=row.owner_to,
        ),
    }


def _identifier(country: str, value: str, party: str) -> Identifier:
    kind = "nationalIdentityNumber" if party == "person" else "countryIdentificationCode"
    return Identifier(countryOfResidence=country, value=value, type=kind)


def balance_of(row: Any, registered: datetime) -> Balance:
    line = row.credit_line_amount
    return Balance(
        creditLineIncluded=row.credit_line_included,
        amount=abs(row.amount),
        creditDebitIndicator="debit" if row.amount < 0 else "credit",
        registered=registered,
        type=row.type,
        creditLineAmount=line,
        creditLineCurrency=None if line is None else row.credit_line_currency or row.currency,
        currency=row.currency,
    )


def transaction_of(row: Any, card: dict[str, Any] | None) -> Transaction:
    exchange = None
    if row.source_currency or row.exchange_rate is not None:
        exchange = Exchange(
            originalAmount=row.original_amount,
            sourceCurrency=row.source_currency or None,
            targetCurrency=row.target_currency or None,
            unitCurrency=row.unit_currency or None,
            exchangeRate=row.exchange_rate,
        )
    return Transaction(
        transactionIdentifier=row.identifier,
        references=row.bank_references,
        creditDebitIndicator="debit" if row.amount < 0 else "credit",
        reversalIndicator=row.reversal,
        status=row.status,
        transactionCode=Code(
            domain=row.domain or None,
            family=row.family or None,
            subFamily=row.sub_family or None,
            freeText=row.free_text_code or None,
        ),
        bookingDate=row.booked_at,
        valueDate=row.value_at,
        counterParties=row.counterparties,
        amount=abs(row.amount),
        currency=row.currency,
        additionalInfo=row.additional_info or None,
        currencyExchange=exchange,
        merchant=row.merchant or None,
        paymentCard=card and _card(card),
        registered=row.performed_at,
    )


def _card(card: dict[str, Any]) -> Card:
    return Card(
        cardIdentifier=card["masked_number"],
        holderName=card["holder_name"] or None,
        startDate=card["start_month"] or None,
        expiryDate=card["expiry_month"] or None,
        cardIssuerName=card["issuer_name"] or None,
        type=card["type"] or None,
        cardStatus=card["status"] or None,
        versionNumber=card["version_number"] or None,
        cardIssuerIdentifier=_identifier(card["issuer_country"], card["issuer_number"], "organisation")
        if card["issuer_number"]
        else None,
    )
