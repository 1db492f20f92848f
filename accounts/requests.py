"""The parameters that each endpoint takes, by their names on the wire (protocol section 2)."""

from dataclasses import replace

from legal.headers import CUSTOMER_HEADER, OWNER, PARTY_HEADER, PERIOD, Parameters

CUSTOMER_RELATIONSHIPS = Parameters(headers=CUSTOMER_HEADER, query={**PERIOD, **OWNER})
ACCOUNTS = Parameters(
    headers=PARTY_HEADER,
    query={**PERIOD, "only_primary_owner": replace(OWNER["only_primary_owner"], required=True)},
)
ONE_ACCOUNT = Parameters(query=PERIOD)
