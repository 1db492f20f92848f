"""Answers and errors of the API, in JSON or XML: what the page has is read strictly, anything else ignored."""

import re
from dataclasses import dataclass
from typing import Any, Final
from xml.etree import ElementTree

from agencies.faults import Fault, read_skatteetaten, safe_code, safe_reference
from agencies.pension.months import is_month
from legal.untrusted import read_object

JSON: Final = "application/json"
XML: Final = "application/xml"
OURS = "urn:no:skatteetaten:datasamarbeid:tjenestepensjonsavtale:"
FAULT = "{urn:no:skatteetaten:datasamarbeid:feil:v1}"
TRUTH = {"true": True, "false": False}
XML_TRUTH = {**TRUTH, "1": True, "0": False}
BEGINS_AS_XML = re.compile(rb"(\xef\xbb\xbf)?[ \t\r\n]*<")


class Unreadable(ValueError):
    """It is not a document of the page."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the answer to one of the two questions calls things."""

    missing: str
    root: str


VALIDITY = Shape(
    missing="maanederUtenGyldigAvtaleforhold", root=f"{{{OURS}avtaleforholdgyldighet:v1}}avtaleforholdGyldighet"
)
EFFECT = Shape(
    missing="maanederUtenforGyldigVirkningsperiode",
    root=f"{{{OURS}virkningsperiodegyldighet:v1}}virkningsperiodeGyldighet",
)


@dataclass(frozen=True, slots=True)
class Validity:
    """Whether every month of the period is covered, and the months that are not."""

    valid: bool
    missing: tuple[str, ...] = ()


def read_validity(body: bytes, shape: Shape, *, accept: str) -> Validity:
    """Return what the answer says. Raise Unreadable."""
    try:
        valid, missing = (_from_xml if accept == XML else _from_json)(body, shape)
    except (ValueError, ElementTree.ParseError, LookupError, TypeError):
        raise Unreadable from None
    if not all(is_month(month) for month in missing) or (valid and missing):
        raise Unreadable
    return Validity(valid, tuple(missing))


def read_fault(body: bytes) -> Fault | None:
    """Return the fault of a body in either format, or None where it is not one."""
    if not BEGINS_AS_XML.match(body):
        return read_skatteetaten(body)
    try:
        root = _tree(body)
        if root.tag != f"{FAULT}feil":
            return None
        code, text = safe_code(_text(root, f"{FAULT}kode")), _text(root, f"{FAULT}melding")
        reference = safe_reference(_text(root, f"{FAULT}korrelasjonsid"))
    except (ValueError, ElementTree.ParseError, LookupError):
        return None
    return Fault(code, reference) if code and text is not None else None


def _from_json(body: bytes, shape: Shape) -> tuple[bool, list[Any]]:
    document = read_object(body)
    told = document["gyldig"]
    valid = told if isinstance(told, bool) else TRUTH[told]
    outer = document.get(shape.missing)
    if outer is None:
        return valid, []
    months = outer["maaned"]
    return valid, months if isinstance(months, list) else [months]  # a single month may come bare


def _from_xml(body: bytes, shape: Shape) -> tuple[bool, list[Any]]:
    root = _tree(body)
    if root.tag != shape.root:
        raise Unreadable
    space = root.tag.partition("}")[0] + "}"
    valid = XML_TRUTH[_text(root, f"{space}gyldig") or ""]
    outer = _only(root, f"{space}{shape.missing}")
    return valid, [] if outer is None else [(month.text or "").strip() for month in outer.findall(f"{space}maaned")]


class _NoDocumentType(ElementTree.TreeBuilder):
    """Refuses a document type before anything in it is read: no entities, no bombs, no outside files."""

    def doctype(self, name: str, public: str, system: str) -> None:
        raise Unreadable


def _tree(body: bytes) -> ElementTree.Element:
    parser = ElementTree.XMLParser(target=_NoDocumentType())  # noqa: S314
    root: ElementTree.Element = ElementTree.fromstring(body, parser=parser)  # noqa: S314 -- refuses document types
    return root


def _only(parent: ElementTree.Element, name: str) -> ElementTree.Element | None:
    found = parent.findall(name)
    if len(found) > 1:
        raise Unreadable
    return found[0] if found else None


def _text(parent: ElementTree.Element, name: str) -> str | None:
    element = _only(parent, name)
    return None if element is None else (element.text or "").strip()
