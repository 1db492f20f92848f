"""Path, headers and query in the words of OpenAPI; which parameters there are, the corridor's own tables say."""

from typing import Any

from legal.headers import CASE_HEADERS, PARTY_NUMBER, REFERENCE_HEADERS, UUID, Parameter, Parameters

ONE_LINE = "[ -+\\--~]"  # printable ASCII but the comma: the server joins a header that was sent twice with one


def shaped(pattern: str, **further: Any) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^(?:{pattern})$", **further}


PARTY = shaped(PARTY_NUMBER.pattern)
CASE = shaped(UUID.pattern, format="uuid")
DAY = {"type": "string", "format": "date"}
FORMS: dict[str, dict[str, Any]] = {
    "CorrelationID": CASE,
    "AccountInfoRequestID": CASE,
    "Legal-Mandate": shaped("(?:[ -$&-+\\--~]|%[0-9a-fA-F]{2})+", maxLength=6000),
    "PartyID": PARTY,
    "CustomerID": PARTY,
    "AccountID": shaped("[0-9]{11,35}"),
    "RequesterID": shaped(f"{ONE_LINE}*", maxLength=255),
    "AdditionalReferenceID": shaped(f"{ONE_LINE}*", maxLength=16_384),
    "AdditionalReferenceIDType": {"type": "string", "enum": ["pol1", "srf"]},
    "OnlyPrimaryOwner": {"type": "boolean"},
    "fromDate": DAY,
    "toDate": DAY,
    "cursor": shaped("[A-Za-z0-9_-]{1,100}"),
}
"""The form of each, by its name on the wire. The readers in legal/headers.py judge; a test holds these to them."""

REFERENCE = {
    "name": "accountReference",
    "in": "path",
    "required": True,
    "description": "As it stands in the account list, asked for in the same case.",
    "schema": {"type": "string", "minLength": 1},
}


def described(parameters: Parameters, *, referred: bool) -> list[dict[str, Any]]:
    """Return every parameter of an endpoint; Authorization and Accept are described elsewhere in OpenAPI."""
    headers = {**CASE_HEADERS, **parameters.headers, **REFERENCE_HEADERS}.values()
    return [
        *([REFERENCE] if referred else []),
        *(one(parameter, "header") for parameter in headers),
        *(one(parameter, "query") for parameter in parameters.query.values()),
    ]


def one(parameter: Parameter, place: str) -> dict[str, Any]:
    name, *spellings = parameter.names
    also = "".join(f" Also spelt {spelling}." for spelling in spellings)
    return {
        "name": name,
        "in": place,
        "required": parameter.required,
        "description": f"{parameter.refusal.default_detail}{also}",
        "schema": FORMS[name],
    }
