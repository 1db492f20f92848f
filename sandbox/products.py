"""What the synthetic bank sells: for each account type its name, size, traffic and kinds of movement."""

from dataclasses import dataclass
from typing import NamedTuple

from accounts.models import Account

TYPE = Account.Type


class Kind(NamedTuple):
    """A kind of movement: its ISO 20022 words, its text, and from how much to how much it moves (whole kroner)."""

    family: str
    sub_family: str
    text: str
    low: int
    high: int
    counterparty: str = ""  # what the other side is, empty where there is none
    among: str = "companies"  # where the other side is found
    shop: bool = False
    card: bool = False
    reversal: bool = False
    domain: str = "payments"
    code: str = ""  # the bank's own, where ISO 20022 has none
    reference: str = "archive"
    status: str = "booked"


IN, OUT, CARD = "receivedCreditTransfers", "issuedCreditTransfers", "customerCardTransactions"
DOMESTIC, ABROAD = "domesticCreditTransfer", "crossBorderCreditTransfer"
COST, MANAGEMENT = "miscellaneousDebitOperations", "accountManagement"
POS = "pointOfSalePosPayment"

WAGES = Kind(IN, DOMESTIC, "Lønn", 18_000, 42_000, "debtor", reference="transfer")
REFUND = Kind(IN, DOMESTIC, "Tilbakebetaling", 100, 2_500, "debtor", reference="transfer")
SALE = Kind(IN, DOMESTIC, "Innbetaling med KID", 500, 60_000, "debtor", reference="kid")
ABROAD_IN = Kind(IN, ABROAD, "Betaling fra utlandet", 50, 9_000, "debtor", "abroad", reference="transfer")
ABROAD_OUT = Kind(OUT, ABROAD, "Betaling til utlandet", -7_000, -50, "creditor", "abroad", reference="transfer")
PURCHASE = Kind(CARD, POS, "Varekjøp", -1_900, -20, "creditor", shop=True, card=True)
PURCHASE_ABROAD = Kind(CARD, POS, "Varekjøp i utlandet", -2_500, -40, "creditor", "abroad", shop=True, card=True)
RETURN = Kind(
    CARD, "creditAdjustment", "Varekjøp tilbakeført", 20, 1_900, "debtor", shop=True, card=True, reversal=True
)  # fmt: skip
CARD_PURCHASE = Kind(CARD, "creditCardPayment", "Varekjøp", -4_500, -20, "creditor", shop=True, card=True)
RESERVATION = Kind(CARD, POS, "Reservert varekjøp", -900, -20, "creditor", shop=True, card=True, status="pending")
CASH = Kind(CARD, "cashWithdrawal", "Minibankuttak", -2_000, -200, card=True)
BILL = Kind(OUT, DOMESTIC, "Nettgiro med KID", -6_000, -90, "creditor", reference="kid")
REJECTED = Kind(OUT, DOMESTIC, "Avvist betaling", -6_000, -90, "creditor", reference="kid", status="info")
RENT = Kind(OUT, "standingOrder", "Fast oppdrag husleie", -14_000, -6_000, "creditor", "persons", reference="transfer")
DIRECT_DEBIT = Kind(
    "issuedDirectDebits", "directDebitPayment", "Avtalegiro", -3_500, -120, "creditor", reference="mandate"
)  # fmt: skip
SUPPLIER = Kind(OUT, DOMESTIC, "Leverandørbetaling", -45_000, -400, "creditor", reference="invoice")
TAX = Kind(OUT, "taxes", "Skattetrekk", -60_000, -2_000, "creditor", reference="kid")
SAVING = Kind(IN, "automaticTransfer", "Fast sparing", 200, 5_000)
WITHDRAWAL = Kind(OUT, "automaticTransfer", "Overføring til egen konto", -8_000, -200)
TOP_UP = Kind(IN, "automaticTransfer", "Påfyll", 200, 3_000)
INTEREST = Kind("miscellaneousCreditOperations", "interestsGeneric", "Renter", 5, 900, domain=MANAGEMENT)
LOAN_INTEREST = Kind(COST, "interestsGeneric", "Lånerenter", -12_000, -900, domain=MANAGEMENT)
FEE = Kind(COST, "chargesGeneric", "Gebyr", -250, -5, domain=MANAGEMENT)
DIVIDEND = Kind("", "", "Kundeutbytte", 100, 1_500, domain="", code="417 Kundeutbytte")
INSTALMENT = Kind(IN, "principalPayment", "Terminbeløp", 2_000, 19_000, "debtor", "persons", reference="kid")
DEPOSIT = Kind(IN, DOMESTIC, "Klientinnbetaling", 5_000, 900_000, "debtor", reference="transfer")
PAYOUT = Kind(OUT, DOMESTIC, "Klientutbetaling", -900_000, -5_000, "creditor", "persons", reference="transfer")
OPENING = Kind("openingAndClosing", "other", "Ved åpning", 0, 0, domain=MANAGEMENT)
SETTLEMENT = Kind("openingAndClosing", "accountClosing", "Oppgjør ved avslutning", 0, 0, domain=MANAGEMENT)


@dataclass(frozen=True)
class Product:
    """What is usual for accounts of one type. Balances in whole kroner, traffic as a weight among the types."""

    name: str
    low: int
    high: int
    traffic: int
    kinds: tuple[Kind, ...]
    nics_creditable: bool = False
    card: str = ""
    lines: float = 0.0  # share that has a credit line


PRODUCTS: dict[str, Product] = {
    TYPE.SALARY: Product(
        "Brukskonto", -2_000, 90_000, 100,
        (WAGES, RENT, *[PURCHASE] * 8, PURCHASE_ABROAD, *[BILL] * 3, REJECTED, DIRECT_DEBIT, CASH, REFUND, RETURN),
        nics_creditable=True, card="debitCard", lines=0.05,
    ),
    TYPE.SAVINGS: Product(
        "Sparekonto", 0, 650_000, 15, (*[SAVING] * 6, WITHDRAWAL, INTEREST, DIVIDEND), nics_creditable=True
    ),
    TYPE.LOAN: Product("Boliglån", -4_500_000, -150_000, 30, (INSTALMENT, LOAN_INTEREST, FEE)),
    TYPE.CURRENCY: Product("Valutakonto", 0, 120_000, 20, (ABROAD_IN, ABROAD_OUT, ABROAD_OUT, FEE)),
    TYPE.CREDIT_CARD: Product(
        "Kredittkort", -45_000, 0, 50, (*[CARD_PURCHASE] * 8, PURCHASE_ABROAD, INSTALMENT, INSTALMENT, FEE),
        card="creditCard", lines=1.0,
    ),
    TYPE.PREPAID_CARD: Product("Forhåndsbetalt kort", 0, 5_000, 25, (*[PURCHASE] * 5, TOP_UP), card="debitCard"),
    TYPE.BUSINESS: Product(
        "Driftskonto", -50_000, 900_000, 120, (*[SALE] * 5, *[SUPPLIER] * 6, BILL, FEE),
        nics_creditable=True, card="debitCard", lines=0.3,
    ),
    TYPE.TAX_DEDUCTION: Product("Skattetrekkskonto", 0, 300_000, 15, (TAX, *[SAVING] * 3), nics_creditable=True),
    TYPE.CLIENT: Product("Klientkonto", 0, 6_000_000, 40, (DEPOSIT, PAYOUT), nics_creditable=True),
    TYPE.OTHER: Product("Depositumskonto", 0, 60_000, 5, (INTEREST, REFUND)),
    TYPE.WITHOUT_BALANCE: Product("Verdipapirkonto", 0, 0, 0, ()),
}  # fmt: skip
PERSONS_TYPES = (
    *[TYPE.SALARY] * 30, *[TYPE.SAVINGS] * 30, *[TYPE.LOAN] * 12, *[TYPE.CREDIT_CARD] * 10, *[TYPE.CURRENCY] * 6,
    *[TYPE.PREPAID_CARD] * 4, *[TYPE.OTHER] * 4, *[TYPE.WITHOUT_BALANCE] * 4,
)  # fmt: skip
ORGANISATIONS_TYPES = (
    *[TYPE.BUSINESS] * 40, *[TYPE.TAX_DEDUCTION] * 12, *[TYPE.CURRENCY] * 10, *[TYPE.LOAN] * 10,
    *[TYPE.SAVINGS] * 10, *[TYPE.CLIENT] * 8, *[TYPE.CREDIT_CARD] * 4, *[TYPE.OTHER] * 3, *[TYPE.WITHOUT_BALANCE] * 3,
)  # fmt: skip
CURRENCIES = ("EUR", "EUR", "EUR", "USD", "USD", "SEK", "SEK", "DKK", "DKK", "GBP", "CHF")
