"""Extradition orders for tests: signed for real at the fixed moment NOW, proven by one key that needs no server."""

import copy
from functools import cache
from typing import Any
from uuid import UUID

from legal.extradition import OrderReader
from legal.extradition_keys import OrderKey
from legal.keys import KeyStore
from sandbox.maskinporten import jws
from sandbox.police.orders import Wish, changed, claims_of
from tests.authority import DAY, NOW
from tests.issuer import SigningKey, signing_key

KEY = signing_key("20261122001")
STRANGER = signing_key("20261122002")
PARTY, CASE = "15869010089", UUID("7a7a1fb0-24d4-4c1c-9b52-6a0a5d0f6c3e")
TODAY = NOW.date()
HEADER = {"alg": "PS256", "typ": "JWT", "kid": KEY.key_id}
WISH = Wish(party_number=PARTY, from_date=TODAY.replace(year=2024), to_date=TODAY, case_id=CASE)
CLAIMS = claims_of(WISH, now=NOW)


def order(
    claims: dict[str, Any] | None = None, headers: dict[str, Any] | None = None, key: SigningKey = KEY, **members: Any
) -> str:
    """Return an order with other claims or header members; None leaves one out."""
    return jws.sign(changed(HEADER, headers or {}), changed(CLAIMS, {**(claims or {}), **members}), key.private)


def order_where(path: str, value: object) -> str:
    """Return an order in which the claim at a path such as `district.districtID` is that very value."""
    claims = copy.deepcopy(CLAIMS)
    *parents, name = path.split(".")
    place: Any = claims
    for parent in parents:
        place = place[parent]
    place[name] = value
    return jws.sign(HEADER, claims, KEY.private)


def order_key(**changes: Any) -> OrderKey:
    members = {
        "public_key": KEY.private.public_key(),
        "algorithm": "PS256",
        "thumbprint": "ab" * 32,
        "not_before": NOW - 30 * DAY,
        "not_after": NOW + 300 * DAY,
    }
    return OrderKey(**(members | changes))


def reader_of(key: OrderKey) -> OrderReader:
    """Return a reader that has the key, which its store is not to fetch again."""
    store = KeyStore("police of a test", lambda: {KEY.key_id: key}, cooldown_seconds=3600.0)
    store.turn()
    return OrderReader(store)


@cache
def reader() -> OrderReader:
    return reader_of(order_key())
