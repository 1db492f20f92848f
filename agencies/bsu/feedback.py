"""The agency's verdict as XML: read without document types and entities, and held against the delivery it is about.

That the two documents of feedback for all schemes cover BSU too is a reading.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

PREFIX = "urn:ske:fastsetting:innsamling:grunnlagsdata:tilbakemelding"
ON_DELIVERY = f"{PREFIX}:leveransetilbakemelding:v2"
ON_SUBMISSION = f"{PREFIX}:innsendingstilbakemelding:v2"
APPROVED, REJECTED = "godkjent", "avvist"
COUNTS = {
    "accounts": "antallOppgaver",
    "new": "antallNyeOppgaver",
    "rejected": "antallAvvisteOppgaver",
    "warned": "antallOppgaverMedVarsel",
}
MOST_DEVIATIONS = 1000
LARGEST_NUMBER = 15


class NotFeedback(Exception):
    """The document is no feedback on a delivery, or not in a form that can be read safely."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """One `avvik`: its code, how grave it is, and the number of the account where it names one."""

    code: str
    severity: str
    account: str = ""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What the feedback on a delivery says. A count that it does not state is None."""

    status: str
    submission_id: str
    reference: str
    counts: dict[str, int | None]
    totals: tuple[dict[str, Any], ...]
    deviations: tuple[Deviation, ...]


class _NoDocumentType(ElementTree.TreeBuilder):
    """A document type could define entities: none is expected, so none is read."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise ValueError("a document type")


def read_feedback(document: bytes) -> Feedback:
    """Return the feedback on a delivery. Raise NotFeedback, also for that on the submission, which says less."""
    root = _parsed(document)
    namespace = root.tag.partition("}")[0].removeprefix("{")
    if namespace != ON_DELIVERY:
        raise NotFeedback
    summary = _first(root, "leveranseoppsummering")
    status = _text(summary, "leveransestatus")
    if summary is None or status not in (APPROVED, REJECTED):
        raise NotFeedback
    return Feedback(
        status=status,
        submission_id=_text(root, "forsendelseid") or _text(root, "forsendelseId"),
        reference=_text(root, "oppgavegiversLeveranseReferanse"),
        counts={name: _number(_text(summary, tag)) for name, tag in COUNTS.items()},
        totals=tuple(_total(each) for each in _all(summary, "totaler")),
        deviations=tuple(_deviations(root)),
    )


def matched(feedback: Feedback, *, numbers: list[str], accounts: int) -> dict[str, Any]:
    """Return what is kept of the feedback beside the sealed document: no text, and accounts by their place alone."""
    places = {number: place for place, number in enumerate(numbers, start=1)}
    differs = feedback.counts["accounts"] not in (None, accounts)
    return {
        "status": feedback.status,
        **feedback.counts,
        "totals": list(feedback.totals),
        "deviations": [
            {"code": each.code, "severity": each.severity, "position": places.get(each.account)}
            for each in feedback.deviations
        ],
        "counts_differ": differs,
    }


def _parsed(document: bytes) -> Element:
    try:
        parser = ElementTree.XMLParser(target=_NoDocumentType())  # noqa: S314
        return ElementTree.fromstring(document, parser=parser)  # noqa: S314 -- refuses document types
    except (ElementTree.ParseError, ValueError, LookupError):
        raise NotFeedback from None


def _deviations(root: Element) -> Iterator[Deviation]:
    for number, found in enumerate(each for each in root.iter() if _has(each, "avvikskode")):
        if number == MOST_DEVIATIONS:
            return
        yield Deviation(
            _text(found, "avvikskode")[:64], _text(found, "alvorlighetsgrad")[:16], _text(found, "kontonummer")
        )


def _total(found: Element) -> dict[str, Any]:
    return {
        "text": _text(found, "sumTekst")[:100],
        "agency": _number(_text(found, "sumSkatteetaten")),
        "ours": _number(_text(found, "sumOppgavegiver")),
        "difference": _number(_text(found, "differanse")),
    }


def _has(element: Element, name: str) -> bool:
    return any(_local(child) == name for child in element)


def _first(element: Element | None, name: str) -> Element | None:
    return next(iter(_all(element, name)), None)


def _all(element: Element | None, name: str) -> list[Element]:
    return [] if element is None else [each for each in element.iter() if _local(each) == name]


def _text(element: Element | None, name: str) -> str:
    found = _first(element, name)
    return (found.text or "").strip() if found is not None else ""


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _number(text: str) -> int | None:
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) <= LARGEST_NUMBER else None
