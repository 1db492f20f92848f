"""The ledger's tables as the rival's SQLAlchemy sees them: the columns that it asks for."""

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, MetaData, Numeric, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()
Moment = DateTime(timezone=True)


def table(name: str, /, **columns: object) -> Table:
    return Table(name, metadata, *(Column(column, kind) for column, kind in columns.items()))


financial_institution = table(
    "financial_institution", id=BigInteger, organisation_number=Text, name=Text, country=Text, as_of=Moment
)
party = table("party", id=BigInteger, type=Text, name=Text, country=Text, protection_grade=Text)
party_identifier = table("party_identifier", id=BigInteger, party_id=BigInteger, value=Text, start_date=Date)
account = table(
    "account",
    id=BigInteger,
    number=Text,
    servicer_id=BigInteger,
    type=Text,
    currency=Text,
    status=Text,
    start_date=Date,
    end_date=Date,
)
account_role = table(
    "account_role",
    id=BigInteger,
    account_id=BigInteger,
    party_id=BigInteger,
    kind=Text,
    permission=Text,
    start_date=Date,
    end_date=Date,
)
balance = table(
    "balance",
    account_id=BigInteger,
    type=Text,
    amount=Numeric,
    currency=Text,
    credit_line_included=Boolean,
    credit_line_amount=Numeric,
    credit_line_currency=Text,
    registered_at=Moment,
)
payment_card = table(
    "payment_card",
    id=BigInteger,
    account_id=BigInteger,
    holder_id=BigInteger,
    masked_number=Text,
    type=Text,
    status=Text,
    version_number=Text,
    start_month=Text,
    expiry_month=Text,
    issuer_name=Text,
    issuer_number=Text,
    issuer_country=Text,
)
transaction = table(
    "transaction",
    id=BigInteger,
    account_id=BigInteger,
    booked_at=Moment,
    value_at=Moment,
    performed_at=Moment,
    identifier=Text,
    status=Text,
    amount=Numeric,
    currency=Text,
    reversal=Boolean,
    domain=Text,
    family=Text,
    sub_family=Text,
    additional_info=Text,
    merchant=Text,
    free_text_code=Text,
    bank_references=JSONB,
    counterparties=JSONB,
    original_amount=Numeric,
    source_currency=Text,
    target_currency=Text,
    unit_currency=Text,
    exchange_rate=Numeric,
    card_id=BigInteger,
)
