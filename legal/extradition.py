"""The police's extradition order: read strictly, proven by its signature, held against the request (EO-01 to EO-07).

The order comes with every request of step 2. That it is sent at all, and as the right type, is a rule of the mandate.
"""

import re
import threading
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.hashes import SHA256
from django.conf import settings
from jwt.utils import base64url_decode

from legal.certificate_reasons import Reason
from legal.endpoints import Endpoint
from legal.extradition_claims import Order, order_from
from legal.extradition_keys import ALGORITHMS, KEY_ID, OrderKey, order_key_store
from legal.keys import KeyStore
from legal.periods import Period
from legal.refusals import (
    EndpointNotInOrder,
    KeysUnavailable,
    OrderCertificate,
    OrderHeader,
    OrderKeyUnknown,
    OrderMalformed,
    OrderOfAnotherCase,
    OrderOfAnotherMandate,
    OrderOfAnotherParty,
    OrderSignature,
    OwnersOnlyByOrder,
    PeriodOutsideOrder,
)
from legal.untrusted import read_object

LONGEST_ORDER = 16_384
SEGMENTS = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
PADDING = PSS(mgf=MGF1(SHA256()), salt_length=SHA256.digest_size)  # PS256: RFC 7518 section 3.5
_making = threading.Lock()


class OrderReader:
    """Turns what is sent into orders, by one set of keys."""

    def __init__(self, keys: KeyStore) -> None:
        self.keys = keys

    def read(self, text: str, *, now: datetime) -> Order:
        """Return the order that holds at that moment. Refuse any other; raise KeysUnavailable."""
        check_form(text)
        header, claims, signature = text.split(".")
        key_id = key_id_of(_object(header))
        key = self._key(key_id, now)
        try:
            key.public_key.verify(_octets(signature), f"{header}.{claims}".encode("ascii"), PADDING, SHA256())
        except InvalidSignature:
            raise OrderSignature from None
        return order_from(_object(claims), key_id=key_id, certificate_sha256=key.thumbprint, now=now)

    def _key(self, key_id: str, now: datetime) -> OrderKey:
        """Return the key of the police's set. A key that may not be used may have been replaced: have a look soon."""
        key = self.keys.current().keys.get(key_id)
        if not isinstance(key, OrderKey):
            self.keys.ask_refresh()
            raise OrderKeyUnknown
        if key.refused or not key.not_before <= now < key.not_after:
            self.keys.ask_refresh()
            raise KeysUnavailable if key.refused is Reason.REVOCATION_UNKNOWN else OrderCertificate
        return key


def read_order(text: str, *, now: datetime) -> Order:
    """Return the order that holds at that moment. Refuse any other with 400; raise KeysUnavailable."""
    reader = order_reader()
    if reader is None:
        raise KeysUnavailable
    return reader.read(text, now=now)


def check_request(
    order: Order,
    *,
    endpoint: Endpoint,
    mandate: str,
    account_info_request_id: UUID,
    period: Period,
    only_primary_owner: bool | None,
    party_number: str,
) -> None:
    """Refuse with 403 a request that the order does not cover (EO-06).

    Below an account reference `only_primary_owner` is None, and `party_number` is that of the list it was found in.
    """
    if party_number != order.party_number:
        raise OrderOfAnotherParty
    if mandate != order.mandate:
        raise OrderOfAnotherMandate
    if settings.EXTRADITION_CASE_CHECK and account_info_request_id != order.case_id:
        raise OrderOfAnotherCase
    if period.from_date < order.period.from_date or period.to_date > order.period.to_date:
        raise PeriodOutsideOrder
    if order.only_primary_owner and only_primary_owner is False:
        raise OwnersOnlyByOrder
    if endpoint not in order.endpoints:
        raise EndpointNotInOrder


def check_form(text: str) -> None:
    """Refuse what is no compact JWS before anything in it is read (TOK-02)."""
    if len(text) > LONGEST_ORDER or not SEGMENTS.fullmatch(text):
        raise OrderMalformed


def key_id_of(header: Mapping[str, Any]) -> str:
    """Return the name of the key. Refuse another algorithm, type or extension than the standard's (EO-01, TOK-06).

    A key or an address of one in the header is not looked at (KEY-03).
    """
    key_id = header.get("kid")
    if header.get("alg") not in ALGORITHMS or header.get("typ") != "JWT":
        raise OrderHeader
    if "crit" in header or header.get("b64", True) is not True:
        raise OrderHeader
    if not isinstance(key_id, str) or not KEY_ID.fullmatch(key_id):
        raise OrderHeader
    return key_id


@cache
def reader_from_settings() -> OrderReader | None:
    return OrderReader(order_key_store()) if settings.EXTRADITION_ROOTS_FILE else None


def order_reader() -> OrderReader | None:
    """Return this process's one reader; None where no root has been given that could vouch for the police."""
    with _making:
        return reader_from_settings()


def _object(segment: str) -> dict[str, Any]:
    try:
        return read_object(_octets(segment))
    except ValueError:
        raise OrderMalformed from None


def _octets(segment: str) -> bytes:
    try:
        return base64url_decode(segment)
    except ValueError:
        raise OrderMalformed from None
