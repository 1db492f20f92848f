"""What must hold of the BSU report's settings and schema before anything starts."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from jsonschema.exceptions import SchemaError

from agencies.bsu.schema import validator

PLACES = ("{inntektsaar}", "{forsendelseId}", "{dokumentId}")
CONTACT = {"navn": 100, "telefonnummer": 20, "varselEpostadresse": 254, "varselSmsMobilnummer": 20}


@register
def check_bsu_settings(**kwargs: Any) -> list[CheckMessage]:
    """A report can be made, its key's life is known, and its verdict can be found."""
    return [Error(f"{name} {fault}.", id="dsop.E110") for name, fault in _faults()]


@register
def check_bsu_schema(**kwargs: Any) -> list[CheckMessage]:
    """The schema that reports are held against is one."""
    try:
        validator()
    except (OSError, ValueError, SchemaError, AttributeError):
        return [Error("agencies/bsu/schema.json is no JSON Schema of draft 2020-12.", id="dsop.E111")]
    return []


def _faults() -> Iterator[tuple[str, str]]:
    if settings.BSU_BASE_URL and not settings.DIALOGPORTEN_URL:
        yield "DIALOGPORTEN_URL", "is needed beside BSU_BASE_URL: verdicts are found there"
    path = settings.BSU_DOCUMENT_PATH
    if not path.startswith("/") or any(path.count(place) != 1 for place in PLACES):
        yield (
            "BSU_DOCUMENT_PATH",
            "must begin with / and hold {inntektsaar}, {forsendelseId} and {dokumentId}, each once",
        )
    if not 1 <= settings.BSU_KEY_LIFETIME_DAYS <= 3650:
        yield "BSU_KEY_LIFETIME_DAYS", "must be 1 to 3650"
    if not _is_contact(settings.BSU_CONTACT):
        yield "BSU_CONTACT", f"must be an object with some of {', '.join(CONTACT)}, each as long as the page allows"
    if not _is_ceilings(settings.BSU_YEARLY_CEILINGS):
        yield "BSU_YEARLY_CEILINGS", "must be an object: whole kroner by the first year of each ceiling"


def _is_contact(value: Any) -> bool:
    return isinstance(value, dict) and all(
        name in CONTACT and isinstance(text, str) and 0 < len(text) <= CONTACT[name] for name, text in value.items()
    )


def _is_ceilings(value: Any) -> bool:
    return isinstance(value, dict) and all(
        year.isascii() and year.isdecimal() and len(year) == 4 and type(amount) is int and amount >= 0
        for year, amount in value.items()
    )
