"""The dialogs: one for each submission, with a transmission that is the submission and one that is the feedback.

Addresses and members follow Dialogporten's public API for end users. Made for the sandbox: all texts, and that a
dialog's external reference is the submission's idempotency key and its transmissions' the reporter's own reference.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import uuid_utils

from sandbox.counterparts.bsu.lag import feedback_is_due
from sandbox.counterparts.state import shelf

DIALOGS = "dialogs"
PARTY, RESOURCE = (
    "urn:altinn:organization:identifier-no:",
    "urn:altinn:resource:ske-innrapportering-boligsparing-ungdom",
)
OWNER = "ske"


@dataclass(frozen=True, slots=True)
class Document:
    """What an attachment leads to: by `url` for machines, by `page` for people."""

    name: str
    media_type: str
    url: str
    page: str


def open_dialog(
    dialog_id: str,
    *,
    party: str,
    year: int,
    reference: str | None,
    key: str,
    documents: Sequence[Document],
    rejected: bool,
) -> None:
    """Open a dialog: the first document is the submission, the others are the feedback."""
    at, urn = time.time(), f"{PARTY}{party}"
    by_party = {"actorType": "PartyRepresentative", "actorId": urn}
    submission = _transmission("Submission", "Innsending", by_party, documents[:1])
    kind = "Rejection" if rejected else "Acceptance"
    feedback = _transmission(kind, "Tilbakemelding", {"actorType": "ServiceOwner"}, documents[1:])
    common = {"createdAt": _written(at), "externalReference": reference}
    shelf(DIALOGS)[dialog_id] = {
        "at": at,
        "dialog": {
            "id": dialog_id,
            "org": OWNER,
            "serviceResource": RESOURCE,
            "party": urn,
            "externalReference": key,
            "createdAt": _written(at),
            "updatedAt": _written(at),
            "isApiOnly": False,
            "content": {
                "title": _said(f"Boligsparing for ungdom {year}"),
                "summary": _said(f"Innsending {reference}" if reference else "Innsending"),
            },
        },
        "transmissions": [
            {**submission, **common},
            {**feedback, **common, "relatedTransmissionId": submission["id"]},
        ],
    }


def in_full(kept: dict[str, Any]) -> dict[str, Any]:
    """Return the dialog as its own address shows it, with the feedback when it is due."""
    shown = kept["transmissions"] if feedback_is_due(kept["at"]) else kept["transmissions"][:1]
    return {**as_listed(kept), "attachments": [], "transmissions": shown}


def as_listed(kept: dict[str, Any]) -> dict[str, Any]:
    """Return the dialog as a search shows it."""
    return {**kept["dialog"], "status": "Completed" if feedback_is_due(kept["at"]) else "InProgress"}


def of_party(organisation: str) -> list[dict[str, Any]]:
    """Return the organisation's dialogs, newest first."""
    kept = [each for each in shelf(DIALOGS).values() if each["dialog"]["party"] == f"{PARTY}{organisation}"]
    return sorted(kept, key=lambda each: str(each["dialog"]["id"]), reverse=True)


def _transmission(kind: str, title: str, sender: dict[str, str], documents: Sequence[Document]) -> dict[str, Any]:
    return {
        "id": str(uuid_utils.uuid7()),
        "isAuthorized": True,
        "type": kind,
        "sender": sender,
        "content": {"title": _said(title)},
        "attachments": [_attachment(document) for document in documents],
    }


def _attachment(document: Document) -> dict[str, Any]:
    return {
        "id": str(uuid_utils.uuid7()),
        "displayName": [{"value": document.name, "languageCode": "nb"}],
        "urls": [
            _url(document.page, "text/html", "Gui"),
            _url(document.url, document.media_type, "Api"),
        ],
    }


def _url(address: str, media_type: str, consumer_type: str) -> dict[str, str]:
    return {"id": str(uuid_utils.uuid7()), "url": address, "mediaType": media_type, "consumerType": consumer_type}


def _said(text: str) -> dict[str, Any]:
    return {"value": [{"value": text, "languageCode": "nb"}], "mediaType": "text/plain"}


def _written(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
