"""Whether a certificate has been revoked: its authority's list first, then its responder (CRT-08)."""

import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from threading import Lock
from typing import TypeVar
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from audit.fetching import FetchFailed, Posted, fetch
from legal.certificate_contents import RevocationAddresses, revocation_addresses
from legal.certificate_reasons import CertificateRefused, Reason
from legal.flights import Flights
from legal.revocation_lists import RevocationList, RevocationUnusable, read_list
from legal.revocation_responders import Status, question, status_in
from legal.untrusted import printable

GRACE = timedelta(hours=24)
LARGEST_LIST = 16 * 1024 * 1024
LARGEST_ANSWER = 64 * 1024
LIST_SECONDS = 30.0  # a large list may arrive after its first asker has left, and then serves the next
MOST_ADDRESSES = 3
MOST_LISTS = 16
logger = logging.getLogger(__name__)

Key = tuple[str, bytes]
Found = TypeVar("Found")


class Evidence(StrEnum):
    """On what a certificate passed."""

    LIST_AND_RESPONDER = "list and responder"
    LIST = "list"
    RESPONDER = "responder"
    EARLIER = "earlier check"  # neither could be reached


@dataclass(frozen=True, slots=True)
class Checked:
    """That a certificate was not revoked, as last known at that moment: what to hand in again as `last_good_at`."""

    evidence: Evidence
    at: datetime


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Which certificate is asked about, and the moment that counts."""

    certificate: x509.Certificate
    issuer: x509.Certificate
    addresses: RevocationAddresses
    now: datetime


class Revocation:
    """What is known of revocations. One for a process: it keeps the lists until their next update.

    Only the named `hosts` are asked, by http or https; the answers carry their authority's signature.
    """

    def __init__(
        self,
        *,
        hosts: Collection[str],
        grace: timedelta = GRACE,
        largest_list: int = LARGEST_LIST,
        list_seconds: float = LIST_SECONDS,
    ) -> None:
        self._hosts = frozenset(host.lower() for host in hosts)
        self._grace = grace
        self._largest_list = largest_list
        self._list_seconds = list_seconds
        self._lists: OrderedDict[Key, RevocationList] = OrderedDict()  # the least recently used first
        self._lock = Lock()
        self._list_flights: Flights[RevocationList] = Flights()
        self._question_flights: Flights[Status] = Flights()

    def check(
        self,
        certificate: x509.Certificate,
        issuer: x509.Certificate,
        *,
        now: datetime,
        seconds: float,
        last_good_at: datetime | None = None,
    ) -> Checked:
        """Return on what, and as of when, the certificate is not revoked. Refuse it otherwise.

        Both the list and the responder are asked where the certificate names them: either of them may say that it is
        revoked, and one that is silent does not stop us when the other vouches for it. A responder that does not know
        the certificate does: its authority never issued it. When neither can be had, the last good check holds for a
        day. Returns within `seconds`; only lists already here are looked at when there are none left.
        """
        begun = time.monotonic()
        inquiry = Inquiry(certificate, issuer, revocation_addresses(certificate), now)
        lists, responders = inquiry.addresses.lists, inquiry.addresses.responders
        listed = _first(lists, partial(self._by_list, inquiry), begun + (seconds / 2 if responders else seconds))
        if listed:
            raise CertificateRefused(Reason.REVOKED)
        status = _first(responders, partial(self._by_responder, inquiry), begun + seconds)
        if status is Status.REVOKED:
            raise CertificateRefused(Reason.REVOKED)
        if status is Status.UNKNOWN:
            raise CertificateRefused(Reason.REVOCATION_UNKNOWN)
        if listed is None and status is None:
            return self._earlier(now, last_good_at)
        if status is None:
            return Checked(Evidence.LIST, now)
        return Checked(Evidence.RESPONDER if listed is None else Evidence.LIST_AND_RESPONDER, now)

    def _earlier(self, now: datetime, last_good_at: datetime | None) -> Checked:
        if last_good_at is None or not timedelta(0) <= now - last_good_at <= self._grace:
            raise CertificateRefused(Reason.REVOCATION_UNKNOWN)
        return Checked(Evidence.EARLIER, last_good_at)

    def _by_list(self, inquiry: Inquiry, address: str, seconds: float) -> bool | None:
        """Return whether the list at that address holds the certificate; None when it cannot tell."""
        try:
            found = self._list(inquiry, address, seconds)
            if not found.is_current(inquiry.now):
                raise RevocationUnusable("times")
            if not found.speaks_of(inquiry.certificate, inquiry.addresses.lists):
                raise RevocationUnusable("scope")
            return found.holds(inquiry.certificate)
        except (FetchFailed, RevocationUnusable, TimeoutError) as failure:
            _log("list", address, failure)
            return None

    def _list(self, inquiry: Inquiry, address: str, seconds: float) -> RevocationList:
        key = address, inquiry.issuer.fingerprint(SHA256())
        with self._lock:
            kept = self._lists.get(key)
            if kept is not None and kept.is_current(inquiry.now):
                self._lists.move_to_end(key)
                return kept
        return self._list_flights.result(key, partial(self._fetch_list, key, inquiry.issuer), seconds=seconds)

    def _fetch_list(self, key: Key, issuer: x509.Certificate) -> RevocationList:
        """Return the list as published now, and keep it. An older one than is kept already does not replace it."""
        body = fetch(
            key[0],
            hosts=self._hosts,
            signed=True,
            accept="application/pkix-crl",
            seconds=self._list_seconds,
            largest=self._largest_list,
        )
        fetched = read_list(body, issuer)
        with self._lock:
            kept = self._lists.get(key)
            newest = kept if kept is not None and kept.this_update > fetched.this_update else fetched
            self._lists[key] = newest
            self._lists.move_to_end(key)
            while len(self._lists) > MOST_LISTS:
                self._lists.popitem(last=False)
        return newest

    def _by_responder(self, inquiry: Inquiry, address: str, seconds: float) -> Status | None:
        """Return what the responder says of the certificate; None when it says nothing that counts."""
        if seconds <= 0:
            return None
        key = address, inquiry.certificate.fingerprint(SHA256()), inquiry.issuer.fingerprint(SHA256())
        try:
            return self._question_flights.result(key, partial(self._ask, inquiry, address, seconds), seconds=seconds)
        except (FetchFailed, RevocationUnusable, TimeoutError) as failure:
            _log("responder", address, failure)
            return None

    def _ask(self, inquiry: Inquiry, address: str, seconds: float) -> Status:
        certificate, issuer, nonce = inquiry.certificate, inquiry.issuer, secrets.token_bytes(32)
        answer = fetch(
            address,
            hosts=self._hosts,
            signed=True,
            accept="application/ocsp-response",
            posted=Posted(question(certificate, issuer, nonce), "application/ocsp-request"),
            seconds=seconds,
            largest=LARGEST_ANSWER,
        )
        return status_in(answer, certificate=certificate, issuer=issuer, nonce=nonce, now=inquiry.now)


def _first(addresses: Sequence[str], ask: Callable[[str, float], Found | None], deadline: float) -> Found | None:
    """Return the first address's answer that counts. What time there is, is shared by those not yet asked."""
    tried = addresses[:MOST_ADDRESSES]
    for position, address in enumerate(tried):
        answer = ask(address, (deadline - time.monotonic()) / (len(tried) - position))
        if answer is not None:
            return answer
    return None


def _log(source: str, address: str, failure: Exception) -> None:
    try:
        host = printable(urlsplit(address).hostname)
    except ValueError:
        host = ""
    reason = "timeout" if isinstance(failure, TimeoutError) else str(failure)
    logger.warning("crt.source_failed", extra={"source": source, "host": host, "reason": reason})
