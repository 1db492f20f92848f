"""The endpoints and scopes of the common standard (protocol: who serves what)."""

from enum import StrEnum


class Endpoint(StrEnum):
    CUSTOMER_RELATIONSHIPS = "customerRelationships"
    ACCOUNT_SERVICING_PROVIDER = "accountServicingProvider"
    ACCOUNTS = "accounts"
    ACCOUNT_DETAILS = "accountDetails"
    TRANSACTIONS = "transactions"
    CARDS = "cards"
    ROLES = "roles"


class Scope(StrEnum):
    ACCOUNT_INFORMATION = "bits:kontoinformasjon"
    CUSTOMER_RELATIONSHIPS = "bits:kundeforhold"
    ACCOUNT_SERVICING_PROVIDER = "bits:kundeforhold.konto"
