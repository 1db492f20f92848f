"""Skatteetaten's intake of BSU reports: a submission by POST, its documents by GET."""

import json
import re
import uuid
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from agencies.errors import BadInput, NotConfigured, NotTheApplication
from agencies.session import Answer, Api, Session

RECIPIENT = "974761076"
SCOPE = "skatteetaten:innrapporteringboligsparingungdom"
ACCEPTED = frozenset({200, 201, 202})
LARGEST_DOCUMENT = 64 * 2**20
BODY_SECONDS = 60.0
MOST_ACCOUNTS = 10**9
IDENTIFIER = re.compile(r"[0-9A-Za-z-]{1,64}")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the agency says when it has taken a submission; the verdict comes later, in Dialogporten."""

    dialog_id: str
    submission_id: str
    reference: str
    accounts: int | None
    status: int


class Intake:
    """The API as the system user of one organisation. `waits` are those between attempts."""

    def __init__(self, organisation: str, *, waits: tuple[float, ...] = ()) -> None:
        if not settings.BSU_BASE_URL:
            raise NotConfigured("BSU_BASE_URL", api="bsu")
        self.base = settings.BSU_BASE_URL.rstrip("/")
        api = Api(
            name="bsu",
            scopes=(SCOPE,),
            profile="v1",
            correlation_header="",  # the page lists every header, and has none of this kind
            read_seconds=BODY_SECONDS,
            largest=LARGEST_DOCUMENT,
            waits=waits,
        )
        self.session = Session(api, system_user_organisation=organisation)

    def submit(self, year: int, body: bytes, *, key: uuid.UUID) -> Receipt:
        """Send the bytes under their key and return the receipt. Sending both again is safe; changing one is not."""
        answer = self.session.call(
            "POST",
            f"{self.base}/{year}",
            headers=[
                ("Content-Type", "application/json"),
                ("Accept", "application/json"),
                ("idempotencyKey", str(key)),
            ],
            body=body,
            repeatable=True,
            ok=ACCEPTED,
        )
        return read_receipt(answer)

    def document(self, url: str, media_type: str) -> bytes:
        """Return a document of a submission. `url` is one that `dialogs.attachments` has let through."""
        if not url.startswith(f"{self.base}/"):
            raise BadInput("address", api="bsu")
        accept = "application/json" if media_type == "application/json" else "*/*"
        return self.session.call("GET", url, headers=[("Accept", accept)], repeatable=True).body


def read_receipt(answer: Answer) -> Receipt:
    """Return the receipt. Raise NotTheApplication where the answer has no ids: what became of it is not known then."""
    try:
        members: Any = json.loads(answer.body)
    except (ValueError, RecursionError):
        members = None
    if not isinstance(members, dict):
        members = {}
    given = [members.get(name) for name in ("dialogId", "forsendelseId")]
    ids = [each if isinstance(each, str) else "" for each in given]
    if not all(IDENTIFIER.fullmatch(each) for each in ids):
        raise NotTheApplication(api="bsu", status=answer.status, correlation_id=answer.correlation_id)
    reference, accounts = members.get("oppgavegiversLeveranseReferanse"), members.get("antallOppgaver")
    return Receipt(
        dialog_id=ids[0],
        submission_id=ids[1],
        reference=reference[:100] if isinstance(reference, str) else "",
        accounts=accounts if type(accounts) is int and 0 <= accounts <= MOST_ACCOUNTS else None,
        status=answer.status,
    )
