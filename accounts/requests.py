"""The parameters that each endpoint takes, by their names on the wire (protocol section 2)."""

from dataclasses import replace

from legal.headers import ACCOUNT_HEADER, CURSOR_OF_PAGE, CUSTOMER_HEADER, OWNER, PARTY_HEADER, PERIOD, Parameters

CUSTOMER_RELATIONSHIPS = Parameters(headers=CUSTOMER_HEADER, query={**PERIOD, **OWNER})
ACCOUNT_SERVICING_PROVIDER = Parameters(headers=ACCOUNT_HEADER)
ACCOUNTS = Parameters(
    headers=PARTY_HEADER,
    query={**PERIOD, "only_primary_owner": replace(OWNER["only_primary_owner"], required=True)},
)
ONE_ACCOUNT = Parameters(query=PERIOD)
ONE_PAGE = Parameters(query={**PERIOD, **CURSOR_OF_PAGE})
