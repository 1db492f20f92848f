"""The verdict on a submission as XML: one for the delivery, one for the submission that it came in.

Namespaces and the members named on the page are Skatteetaten's; how they nest, the two root elements' name and the
codes of deviations are made for the sandbox.
"""

import re
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from sandbox.counterparts.bsu.sums import Total

PREFIX = "urn:ske:fastsetting:innsamling:grunnlagsdata:tilbakemelding"
DELIVERY, SUBMISSION = f"{PREFIX}:leveransetilbakemelding:v2", f"{PREFIX}:innsendingstilbakemelding:v2"
APPROVED, REJECTED, WARNING = "godkjent", "avvist", "advarsel"
UNWRITABLE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SUM_DIFFERS, NOT_ACCEPTED = "SANDKASSE_001", "SANDKASSE_002"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a delivery. `new` counts the accounts that replace none delivered before."""

    submission_id: str
    dialog_id: str
    delivery: dict[str, Any]
    totals: list[Total]
    new: int
    rejected: bool

    @property
    def status(self) -> str:
        return REJECTED if self.rejected else APPROVED

    @property
    def count(self) -> int:
        return len(self.delivery.get("oppgave", []))


def on_delivery(verdict: Verdict) -> str:
    """Return the feedback on the delivery, differences of sums included."""
    root = _root(DELIVERY, verdict)
    _delivery(root, verdict)
    summary = SubElement(root, "leveranseoppsummering")
    _say(summary, "leveransestatus", verdict.status)
    _say(summary, "antallOppgaver", verdict.count)
    _say(summary, "antallNyeOppgaver", 0 if verdict.rejected else verdict.new)
    _say(summary, "antallAvvisteOppgaver", verdict.count if verdict.rejected else 0)
    _say(summary, "antallOppgaverMedVarsel", 0)
    for total in verdict.totals:
        line = SubElement(summary, "totaler")
        _say(line, "sumTekst", total.name)
        _say(line, "sumSkatteetaten", total.found)
        _say(line, "sumOppgavegiver", total.stated)
        _say(line, "differanse", total.difference)
    _deviations(root, verdict)
    return _written(root)


def on_submission(verdict: Verdict) -> str:
    """Return the feedback on the submission as a whole."""
    root = _root(SUBMISSION, verdict)
    _say(_delivery(root, verdict), "leveransestatus", verdict.status)
    return _written(root)


def _root(namespace: str, verdict: Verdict) -> Element:
    root = Element("tilbakemelding", {"xmlns": namespace})
    submission = SubElement(root, "innsending")
    _say(submission, "forsendelseid", verdict.submission_id)
    _say(submission, "dialogid", verdict.dialog_id)
    return root


def _delivery(root: Element, verdict: Verdict) -> Element:
    element = SubElement(root, "leveranse")
    _say(element, "inntektsaar", verdict.delivery["inntektsaar"])
    _say(element, "leveransetype", verdict.delivery["leveransetype"])
    _say(element, "organisasjonsnummer", verdict.delivery["oppgavegiver"]["organisasjonsnummer"])
    reference = verdict.delivery.get("oppgavegiversLeveranseReferanse")
    if reference is not None:
        _say(element, "oppgavegiversLeveranseReferanse", reference)
    return element


def _deviations(root: Element, verdict: Verdict) -> None:
    found: list[tuple[str, str, str, Total | None]] = [
        (SUM_DIFFERS, f"{total.name} er ikke summen av oppgavene", WARNING, total)
        for total in verdict.totals
        if total.difference
    ]
    if verdict.rejected:
        found.append((NOT_ACCEPTED, "Leveransen er avvist", REJECTED, None))
    if not found:
        return
    deviations = SubElement(root, "avviksliste")
    for code, text, severity, total in found:
        deviation = SubElement(deviations, "avvik")
        _say(deviation, "avvikskode", code)
        _say(deviation, "avvikstekst", text)
        _say(deviation, "alvorlighetsgrad", severity)
        if total is not None:
            difference = SubElement(deviation, "verdiavvik")
            _say(difference, "verdiOppgavegiver", total.stated)
            _say(difference, "verdiSkatteetaten", total.found)


def _say(parent: Element, name: str, value: object) -> None:
    # A string of JSON may hold characters that XML has no way to write.
    SubElement(parent, name).text = UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", str(value))


def _written(root: Element) -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode")
