"""Dialogporten: where the agency tells what became of a delivery, and which documents there are to fetch.

Addresses and members are those of Dialogporten's public API for end users.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings

from agencies.errors import NotConfigured, NotFound, NotTheApplication
from agencies.faults import Fault
from agencies.session import Api, Session

SCOPE = "digdir:dialogporten"
RESOURCE = "urn:altinn:resource:ske-innrapportering-boligsparing-ungdom"
PARTY = "urn:altinn:organization:identifier-no:"
DIALOGS = "/api/v1/enduser/dialogs"
MOST_PAGES = 50
PAGE = 100
CLOCKS_DIFFER_BY = timedelta(minutes=10)
IDENTIFIER = r"[0-9A-Za-z-]{1,64}"


@dataclass(frozen=True, slots=True)
class Attached:
    """A document of a submission, as a dialog's attachment names it for machines."""

    submission_id: str
    document_id: str
    media_type: str
    url: str


@dataclass(frozen=True, slots=True)
class Dialog:
    id: str
    attached: tuple[Attached, ...]


def read_problem(body: bytes) -> Fault | None:
    """Return the fault of a problem document, which has no code, or None where the body is none."""
    found = _object(body)
    return Fault("") if found is not None and ("title" in found or "status" in found) else None


class Dialogs:
    """The dialogs of one organisation, asked for by its system user."""

    def __init__(self, organisation: str) -> None:
        if not settings.DIALOGPORTEN_URL:
            raise NotConfigured("DIALOGPORTEN_URL", api="dialogporten")
        api = Api(name="dialogporten", scopes=(SCOPE,), read=read_problem, correlation_header="", largest=8 * 2**20)
        self.session = Session(api, system_user_organisation=organisation)
        self.organisation = organisation

    def dialog(self, dialog_id: str, *, year: int) -> Dialog | None:
        """Return the dialog with its attachments, or None where there is none yet."""
        try:
            found = self._get(f"{DIALOGS}/{quote(dialog_id, safe='')}")
        except NotFound:
            return None
        return Dialog(dialog_id, tuple(attachments(found, year=year)))

    def since(self, moment: datetime, *, year: int) -> Iterator[Dialog]:
        """Yield the organisation's dialogs about such reports that were opened since then, newest first."""
        query = [
            ("Party", f"{PARTY}{self.organisation}"),
            ("ServiceResource", RESOURCE),
            ("CreatedAfter", (moment - CLOCKS_DIFFER_BY).isoformat()),
            ("Limit", str(PAGE)),
        ]
        token = ""
        for _ in range(MOST_PAGES):
            page = self._get(f"{DIALOGS}?{urlencode(query + ([('ContinuationToken', token)] if token else []))}")
            for item in _list(page.get("items")):
                found = self.dialog(str(item.get("id", "")), year=year)
                if found is not None:
                    yield found
            token = page.get("continuationToken") or ""
            if page.get("hasNextPage") is not True or not isinstance(token, str) or not token:
                return

    def _get(self, path: str) -> dict[str, Any]:
        answer = self.session.call("GET", f"{settings.DIALOGPORTEN_URL.rstrip('/')}{path}", repeatable=True)
        found = _object(answer.body)
        if found is None:
            raise NotTheApplication(api="dialogporten", status=answer.status, correlation_id=answer.correlation_id)
        return found


def attachments(dialog: dict[str, Any], *, year: int) -> Iterator[Attached]:
    """Yield what machines may fetch at the agency's own address; an address elsewhere never gets our token."""
    expected = document_address(year)
    holders = [dialog, *_list(dialog.get("transmissions"))]
    for attachment in (each for holder in holders for each in _list(holder.get("attachments"))):
        for url in _list(attachment.get("urls")):
            address = url.get("url")
            match = expected.fullmatch(address) if isinstance(address, str) else None
            if match and url.get("consumerType") == "Api":
                media_type = str(url.get("mediaType") or "").partition(";")[0].strip().lower()
                yield Attached(match["forsendelseId"], match["dokumentId"], media_type, match[0])


def document_address(year: int) -> re.Pattern[str]:
    """Return what addresses of documents look like, as the template in the settings has it."""
    template = re.escape(settings.BSU_BASE_URL.rstrip("/") + settings.BSU_DOCUMENT_PATH)
    values = {
        "inntektsaar": str(year),
        "forsendelseId": f"(?P<forsendelseId>{IDENTIFIER})",
        "dokumentId": f"(?P<dokumentId>{IDENTIFIER})",
    }
    for name, pattern in values.items():
        template = template.replace(re.escape("{" + name + "}"), pattern)
    return re.compile(template)


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _list(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
