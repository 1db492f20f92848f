"""Numbers in a record: masked where a page shows them, in full for those who may see them and have said why."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from audit.models import AuditRecord, Held
from audit.retain.holding import content_of
from audit.secrecy import NotRevealed, reveal
from compliance.reasons import PERSONS_NUMBER

SHOWN = 3
"""How many digits a masked number ends in; some thousands of people in Norway share them.

The date of birth is never among them: with it the rest of the number could be found among a bank's customers.
"""
NUMBER = re.compile(r"[0-9]{9,40}")
HIDDEN, FORMLESS = "*", "***"
SEALED = ("control_object", "accounts", "account_reference", "additional_reference", "malformed")
IN_JSON = ("accounts", "malformed")
NOTHING: dict[str, Any] = {"accounts": [], "malformed": {}}


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a record keeps encrypted; `malformed` holds by parameter what was refused for its form."""

    control_object: str = ""
    accounts: tuple[str, ...] = ()
    account_reference: str = ""
    additional_reference: str = ""
    malformed: Mapping[str, str] = field(default_factory=dict)

    def all(self) -> frozenset[str]:
        """Return every text among them that is somebody's."""
        texts = {self.control_object, self.account_reference, self.additional_reference, *self.accounts}
        return frozenset({*texts, *self.malformed.values()} - {""})


def masked(number: str) -> str:
    """Return a number as pages show it: its length and its last three digits.

    Of what has not the form of a number, nothing is shown, not even the length.
    """
    if not NUMBER.fullmatch(number):
        return FORMLESS
    return HIDDEN * (len(number) - SHOWN) + number[-SHOWN:]


def without_numbers(text: str, known: Iterable[str] = ()) -> str:
    """Return a text from outside with every one of these numbers in it masked, and whatever could be a person's."""
    for number in sorted(known, key=len, reverse=True):
        while NUMBER.fullmatch(number) and number in text:  # again, for one that overlaps itself
            text = text.replace(number, masked(number))
    return PERSONS_NUMBER.sub(FORMLESS, text)


def numbers_of(record: AuditRecord) -> Numbers:
    """Return what is encrypted in a record, from a held copy where its own can be read no more. Raise NotRevealed."""
    try:
        found = {name: _revealed(record, name) for name in SEALED}
    except NotRevealed:
        found = _held(record)
    return Numbers(**{**found, "accounts": tuple(found["accounts"])})


def _revealed(record: AuditRecord, name: str) -> Any:
    column = f"{name}_sealed"
    sealed = getattr(record, column)
    if sealed is None:
        return NOTHING.get(name, "")
    text = reveal(sealed, column=column, record=record.id)
    return json.loads(text) if name in IN_JSON else text


def _held(record: AuditRecord) -> dict[str, Any]:
    """Return what was copied of a record whose case is held, before its own was deleted. Raise NotRevealed."""
    for copy in Held.objects.filter(record=record.id).order_by("at", "id"):
        content = content_of(copy)
        sealed = {name for name in SEALED if getattr(record, f"{name}_sealed") is not None}
        if sealed <= content.keys():
            return {name: content.get(name, NOTHING.get(name, "")) for name in SEALED}
    raise NotRevealed
