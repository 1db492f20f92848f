"""An account with its owner and balance as the ledger has them, and a document as its reader gets it."""

import json
from datetime import UTC, date, datetime
from decimal import Context, Decimal

import orjson
from hypothesis import strategies as st

from accounts.contents import BalanceRow
from accounts.ownership import HeldAccount, Owner
from legal.periods import Period

AS_OF = datetime(2026, 11, 21, 4, 0, 0, 999_999, tzinfo=UTC)
OWNER = Owner("rightToUseAlone", "15869010089", "person", "Rank Bjørk", "NO", date(2010, 1, 1), None, False)
ACCOUNT = HeldAccount(
    id=7,
    number="97000000007",
    status="enabled",
    type="savingsAccount",
    name="Sparing",
    currency="NOK",
    start_date=date(2010, 1, 1),
    end_date=None,
    servicer_number="312345617",
    servicer_name="Eksempelbanken",
    servicer_country="NO",
    as_of=AS_OF,
    history_from=date(2010, 1, 1),
    data_delivered=True,
    party_id=1,
    owned=True,
    spans=(Period(date(2026, 11, 21), date(2026, 11, 21)),),
    owner=OWNER,
)
BOOKED = BalanceRow("bookedBalance", Decimal("64000.00000"), "NOK", False, None, "")
REFERENCE = "x" * 47
LISTED = {
    "status": "enabled",
    "servicer": {
        "identifier": {"countryOfResidence": "NO", "value": "312345617", "type": "countryIdentificationCode"},
        "name": "Eksempelbanken",
    },
    "accountIdentifier": "97000000007",
    "accountReference": REFERENCE,
    "type": "savingsAccount",
    "currency": "NOK",
    "primaryOwner": {
        "permission": "rightToUseAlone",
        "identifier": {"countryOfResidence": "NO", "value": "15869010089", "type": "nationalIdentityNumber"},
        "name": "Rank Bjørk",
        "startDate": "2010-01-01",
    },
    "name": "Sparing",
}
BALANCE = {
    "creditLineIncluded": False,
    "amount": Decimal("64000.00"),
    "creditDebitIndicator": "credit",
    "registered": "2026-11-21T04:00:00Z",
    "type": "bookedBalance",
    "currency": "NOK",
}


def sent(document):
    """Return the document as its reader gets it, numbers to their last digit."""
    return json.loads(orjson.dumps(document), parse_float=Decimal, parse_int=Decimal)


WIDE = Context(prec=60)
STORED = st.integers(-(10**30) + 1, 10**30 - 1).map(lambda digits: Decimal(digits).scaleb(-5, WIDE))
"""Whatever the column can hold: thirty digits, five of them decimals."""
