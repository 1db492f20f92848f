"""The consents: asked for by a bank, given or refused on the page, withdrawn at any time.

Those of Altinn 3 lie on a shelf of their own in Altinn 3's own words, where the Maskinporten stand-in reads them.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.counterparts.altinn.fields import Wanted
from sandbox.counterparts.state import shelf
from sandbox.maskinporten.details import CONSENTS, ORGANISATION, PERSON

ALTINN2 = "altinn2-consents"
UNOPENED, ACCEPTED, REJECTED, WITHDRAWN = "Unopened", "Accepted", "Rejected", "Withdrawn"


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent as the page and Lånekassen see it, whichever Altinn it is kept by."""

    id: str
    shelf: str
    person: str
    organisation: str
    bank_name: str
    valid_to: datetime
    redirect_url: str
    status: str

    def stands(self, now: datetime) -> bool:
        """Return whether it is given, not withdrawn and not over."""
        return self.status == ACCEPTED and now < self.valid_to


def ask(wanted: Wanted) -> str:
    """Keep a request of Altinn 2. Return its authorization code."""
    code = str(uuid.uuid4())
    shelf(ALTINN2)[code] = {
        "covered_by": wanted.covered_by,
        "offered_by": wanted.offered_by,
        "handled_by": wanted.handled_by,
        "bank_name": wanted.bank_name,
        "valid_to": wanted.valid_to.isoformat(),
        "redirect_url": wanted.redirect_url,
        "status": UNOPENED,
        "delegated_at": 0,
        "exchanges": 0,
    }
    return code


def find(consent_id: str) -> Consent | None:
    """Return the consent of that id, of either Altinn."""
    kept = shelf(ALTINN2).get(consent_id)
    if kept is not None:
        return _of_altinn2(consent_id, kept)
    kept = shelf(CONSENTS).get(consent_id)
    return None if kept is None else _of_altinn3(consent_id, kept)


def every() -> Iterator[Consent]:
    """Return all consents."""
    for consent_id, kept in shelf(ALTINN2).items():
        yield _of_altinn2(consent_id, kept)
    for consent_id, kept in shelf(CONSENTS).items():
        yield _of_altinn3(consent_id, kept)


def answer(consent: Consent, status: str, now: datetime) -> bool:
    """Note the customer's answer. Return whether there was anything left to answer."""
    before = {ACCEPTED: UNOPENED, REJECTED: UNOPENED, WITHDRAWN: ACCEPTED}[status]
    answered = False

    def change(kept: dict[str, Any] | None) -> dict[str, Any] | None:
        nonlocal answered
        if kept is None or kept["status"] != before:
            return kept
        answered = True
        return {**kept, "status": status, **_dated(status, now)}

    shelf(consent.shelf).update(consent.id, change)
    return answered


def end(consent: Consent, now: datetime) -> None:
    """Let the consent end now, in either Altinn's words."""
    ended = {"valid_to": now.isoformat(), "validTo": now.isoformat()}
    shelf(consent.shelf).update(consent.id, lambda kept: {**kept, **ended})


def count_exchange(code: str) -> dict[str, Any]:
    """Note that the code was exchanged for a token. Return what is kept of the consent."""
    return dict(shelf(ALTINN2).update(code, lambda kept: {**kept, "exchanges": kept["exchanges"] + 1}))


def _dated(status: str, now: datetime) -> dict[str, Any]:
    """Return what an answer adds, in either Altinn's words: each reads its own."""
    if status == ACCEPTED:
        return {"delegated_at": int(now.timestamp()), "consented": now.isoformat()}
    return {"withdrawn": True} if status == WITHDRAWN else {}


def _of_altinn2(code: str, kept: dict[str, Any]) -> Consent:
    return Consent(
        id=code,
        shelf=ALTINN2,
        person=kept["offered_by"],
        organisation=kept["covered_by"],
        bank_name=kept["bank_name"],
        valid_to=datetime.fromisoformat(kept["valid_to"]),
        redirect_url=kept["redirect_url"],
        status=kept["status"],
    )


def _of_altinn3(consent_id: str, kept: dict[str, Any]) -> Consent:
    return Consent(
        id=consent_id,
        shelf=CONSENTS,
        person=kept["from"].removeprefix(PERSON),
        organisation=kept["to"].removeprefix(ORGANISATION),
        bank_name="",
        valid_to=datetime.fromisoformat(kept["validTo"]).astimezone(UTC),
        redirect_url=kept["redirectUrl"],
        status=kept["status"],
    )
