"""The client of Konkursvarsel, by which Brønnøysundregistrene tells banks of bankruptcies (docs/konkursvarsel.md)."""

import ssl
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from audit.fetching import FetchFailed, check_address, fetch
from legal.notice_documents import Listed, Notice, Unreadable, read_list, read_notice

MOST_PAGES = 1000
LIST_SECONDS, NOTICE_SECONDS = 60.0, 10.0
LARGEST_LIST = 32 * 1024 * 1024
KINDS = "application/json, application/hal+json"


class FeedUnavailable(Exception):
    """The feed as a whole gave nothing usable. Its text is a fixed word for the log."""


class Feed:
    """One feed below one address. Where a link leads elsewhere, it is not followed."""

    def __init__(self, address: str, *, tls: ssl.SSLContext | None, loopback_http: bool) -> None:
        self._address = address.rstrip("/")
        self._tls = tls
        self._loopback_http = loopback_http

    def entries(self, since: datetime) -> list[Any]:
        """Return what is listed as registered after that moment, as it is. Raise FeedUnavailable."""
        moment = since.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        page: str | None = f"{self._address}/konkursvarsler/oppdatert/{moment}"
        entries: list[Any] = []
        asked: set[str] = set()
        while page:
            if page in asked or len(asked) == MOST_PAGES:
                raise FeedUnavailable("pages")
            asked.add(page)
            try:
                found, page = read_list(self._fetch(page, LIST_SECONDS, LARGEST_LIST))
            except (FetchFailed, Unreadable) as error:
                raise FeedUnavailable(str(error)) from None
            entries += found
        return entries

    def notice(self, listed: Listed, *, now: datetime) -> Notice:
        """Return the notice behind the link. Raise FetchFailed, or Unreadable also when it is another notice."""
        link = listed.link or f"{self._address}/konkursvarsler/{listed.id}"
        notice = read_notice(self._fetch(link, NOTICE_SECONDS), now=now)
        if notice.id != listed.id:
            raise Unreadable("another")
        if (listed.type and notice.type != listed.type) or (listed.debtor and notice.debtor != listed.debtor):
            raise Unreadable("contradiction")
        return notice

    def _fetch(self, address: str, seconds: float, largest: int = 64 * 1024) -> bytes:
        parts = check_address(address, loopback_http=self._loopback_http)
        if (parts.scheme, parts.netloc) != urlsplit(self._address)[:2]:
            raise FetchFailed("host")
        return fetch(
            address, loopback_http=self._loopback_http, accept=KINDS, tls=self._tls, seconds=seconds, largest=largest
        )


def feed() -> Feed:
    """Return the feed of the settings. Raise FeedUnavailable when there is none or its certificate is unusable."""
    if not settings.KONKURSVARSEL_URL:
        raise FeedUnavailable("not configured")
    try:
        tls = identity(settings.KONKURSVARSEL_CERTIFICATE_FILE, settings.KONKURSVARSEL_KEY_FILE)
    except (OSError, ValueError):
        raise FeedUnavailable("certificate") from None
    return Feed(settings.KONKURSVARSEL_URL, tls=tls, loopback_http=settings.SANDBOX)


def identity(certificate_file: str, key_file: str) -> ssl.SSLContext | None:
    """Return what shows the bank's enterprise certificate to the feed. Raise OSError or ValueError."""
    if not certificate_file and not key_file:
        return None
    if not (certificate_file and key_file):
        raise ValueError("certificate and key belong together")
    context = ssl.create_default_context()
    # An encrypted key would otherwise be asked for at a terminal that nobody looks at.
    context.load_cert_chain(certificate_file, key_file, password="")
    return context
