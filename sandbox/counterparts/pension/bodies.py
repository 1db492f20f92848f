"""The bodies of POST and DELETE, read as strictly as their schemas: JSON, or XML where the switch lets it in."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from django.http import HttpRequest

from legal.numbers import has_organisation_form
from sandbox.counterparts.control import switch
from sandbox.counterparts.pension.codes import WRONG_TYPE
from sandbox.counterparts.pension.months import has_month_form
from sandbox.counterparts.skatteetaten import JSON, XML, Fault

NAMESPACE = "urn:no:skatteetaten:datasamarbeid:tjenestepensjonsavtale:"
MEMBERS = {
    "avtaleforhold:v1": ("avtalereferanse", "fraOgMed", "tilOgMed", "opplysningspliktig"),
    "avtaleforhold:slett:v1": ("avtalereferanse", "opplysningspliktig"),
}
LONGEST_REFERENCE = 4000


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a body says. Without `first`: the agreement to be deleted."""

    reference: str
    employer: str
    first: str = ""
    last: str | None = None


def read_registration(request: HttpRequest) -> Agreement:
    """Return the agreement of a POST. Raise Fault with the seed page's code, in the order of its table."""
    members = _members(request, "avtaleforhold:v1")
    employer = _employer(members)
    first, last = members.get("fraOgMed"), members.get("tilOgMed")
    if first is None or first == "":
        raise Fault("OTP-007")
    if not has_month_form(first):
        raise Fault("OTP-008")
    if "tilOgMed" in members and not has_month_form(last):
        raise Fault("OTP-010")
    reference = _reference(members)
    if last is not None and last < first:
        raise Fault("OTP-016")
    return Agreement(reference, employer, first, last)


def read_deletion(request: HttpRequest) -> Agreement:
    """Return the agreement of a DELETE. Raise Fault as above."""
    members = _members(request, "avtaleforhold:slett:v1")
    employer = _employer(members)
    return Agreement(_reference(members), employer)


def _members(request: HttpRequest, document: str) -> dict[str, Any]:
    """Return the body's members. What its schema does not let through has no code of its own (a reading)."""
    if request.content_type == JSON:
        members = _from_json(request.body)
    elif request.content_type == XML and switch("pension.xml_input", False):
        members = _from_xml(request.body, document)
    else:
        raise Fault(WRONG_TYPE)
    if "avtalereferanse" not in members or not set(MEMBERS[document]).issuperset(members):
        raise Fault("OTP-018")
    return members


def _from_json(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise Fault("OTP-018") from None
    if not isinstance(value, dict):
        raise Fault("OTP-018")
    return {name: member for name, member in value.items() if name != "@xmlns"}


def _from_xml(body: bytes, document: str) -> dict[str, Any]:
    if b"<!" in body:  # neither entities nor anything else that a document type brings
        raise Fault("OTP-018")
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - without a document type, see above
    except ElementTree.ParseError:
        raise Fault("OTP-018") from None
    space = f"{{{NAMESPACE}{document}}}"
    names = [child.tag.removeprefix(space) for child in root]
    in_order = [name for name in MEMBERS[document] if name in names]
    if root.tag != f"{space}avtaleforhold" or names != in_order:
        raise Fault("OTP-018")
    members: dict[str, Any] = {name: child.text or "" for name, child in zip(names, root, strict=True)}
    if "opplysningspliktig" in members:
        inside = root[names.index("opplysningspliktig")]
        members["opplysningspliktig"] = {child.tag.removeprefix(space): child.text or "" for child in inside}
    return members


def _employer(members: Mapping[str, Any]) -> str:
    employer = members.get("opplysningspliktig")
    if employer is None:
        raise Fault("OTP-005")
    if not isinstance(employer, dict):
        raise Fault("OTP-006")
    number = employer.get("norskIdentifikator")
    if number is None or number == "":
        raise Fault("OTP-005")
    if set(employer) != {"norskIdentifikator"}:
        raise Fault("OTP-018")
    if not has_organisation_form(number):
        raise Fault("OTP-006")
    return number


def _reference(members: Mapping[str, Any]) -> str:
    reference = members["avtalereferanse"]
    if not isinstance(reference, str) or not 0 < len(reference) <= LONGEST_REFERENCE:
        raise Fault("OTP-015")
    return reference
