"""The locator (BCL): which publisher holds a participant's certificates."""

import re

from sandbox.certpub.agencies import AGENCIES
from sandbox.certpub.site import Site

QUALIFIER = "iso6523-actorid-upis"
SERVICE_TYPE = "difi-bcp-v1"
PUBLISHER = "publisher/"
IDENTIFIER = re.compile(r"([\w-]+)::([\w:-]+)", re.ASCII)


class Malformed(Exception):
    """This is no identifier."""


def agency_of(identifier: str) -> str | None:
    """Return the organisation number of the participant; None where there is none of that identifier."""
    qualifier, separator, participant = identifier.partition("::")
    icd, _, number = participant.partition(":")
    return number if (qualifier, separator, icd) == (QUALIFIER, "::", "0192") and number in AGENCIES else None


def services(identifier: str, site: Site) -> dict[str, str] | None:
    """Return the base address for each type of service; None for an unknown participant. Raise Malformed."""
    if not IDENTIFIER.fullmatch(identifier):
        raise Malformed
    return {SERVICE_TYPE: site.address(PUBLISHER)} if agency_of(identifier) else None
