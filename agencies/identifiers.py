"""Which numbers may be sent where: strict in form, and no real person to a place that is not production.

Control digits that do not fit are only told of: examples of the agencies' own pages have some.
"""

import logging
from urllib.parse import urlsplit

from agencies.errors import BadInput
from legal.numbers import (
    has_organisation_form,
    has_person_check_digits,
    has_person_form,
    is_organisation_number,
    is_synthetic,
)

PRINTED_EXAMPLES = frozenset({"17816994780", "46907200809", "27858199021", "23818699190", "28707299217"})
"""The persons of the page on Aktiv konto: they may be asked about wherever real ones may not."""

PRODUCTION_HOSTS = frozenset(
    {
        "api.skatteetaten.no",
        "ekstern01.api.lanekassen.no",
        "altinn.no",
        "www.altinn.no",
        "platform.altinn.no",
        "maskinporten.no",
        "www.maskinporten.no",
    }
)
PRODUCTION_ENDINGS = (".api.skatteetaten.no",)

logger = logging.getLogger(__name__)


def is_production(base_url: str) -> bool:
    """Return whether real people's data is at that address. A host that nobody knows is not production."""
    try:
        host = urlsplit(base_url).hostname or ""
    except ValueError:
        return False
    return host in PRODUCTION_HOSTS or host.endswith(PRODUCTION_ENDINGS)


def check_person_number(number: str, *, base_url: str) -> None:
    """Refuse another form than eleven digits, a real person outside production, and a synthetic one in it."""
    if not has_person_form(number):
        raise BadInput("identifier")
    synthetic = is_synthetic(number) or number in PRINTED_EXAMPLES
    if is_production(base_url) == synthetic:
        raise BadInput("identifier")
    if not has_person_check_digits(number):
        logger.warning("agencies.check_digits", extra={"kind": "person"})


def check_organisation_number(number: str) -> None:
    """Refuse another form than nine digits."""
    if not has_organisation_form(number):
        raise BadInput("organisation number")
    if not is_organisation_number(number):
        logger.warning("agencies.check_digits", extra={"kind": "organisation"})
