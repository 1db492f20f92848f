"""The API's error codes, which mean different things in its two profiles."""

from collections.abc import Mapping

from agencies.errors import AgencyError, NotFound, Unauthenticated

SEED, CURRENT = "seed", "current"
PROFILES = (SEED, CURRENT)


class NothingThere(NotFound):
    """The agency was reached and has no such agreement: no other 404 says so."""

    sentence = "The agency has nothing on that agreement, or on that provider and employer."


class WrongAddress(NotFound):
    sentence = "The agency knows no such address: OTP_BASE_URL or OTP_PROFILE is wrong."


EVERYWHERE = {
    "DAS-001": (500, "an unexpected fault of the service"),
    "DAS-002": (404, "the address is no endpoint"),
    "DAS-003": (500, "the information is away for the moment; try again later"),
    **{f"DAS-00{number}": (500, "a fault of the agency's own authentication") for number in range(4, 8)},
    "DAS-008": (403, "no right to this resource"),
}
MEANINGS: Mapping[str, Mapping[str, tuple[int, str]]] = {
    SEED: {
        **EVERYWHERE,
        "OTP-001": (404, "nothing on this provider and employer"),
        "OTP-002": (400, "the rights package is missing or unknown"),
        "OTP-003": (400, "the provider is missing"),
        "OTP-004": (400, "the provider's number is not nine digits"),
        "OTP-005": (400, "the employer is missing"),
        "OTP-006": (400, "the employer's number is not nine digits"),
        "OTP-007": (400, "the first month is missing"),
        "OTP-008": (400, "the first month is not written as YYYY-MM"),
        "OTP-009": (400, "the last month is missing"),
        "OTP-010": (400, "the last month is not written as YYYY-MM"),
        "OTP-011": (403, "an unexpected fault of authentication; ask user support"),
        "OTP-012": (500, "the token is missing"),
        "OTP-013": (500, "the token is not valid"),
        "OTP-014": (404, "no such agreement"),
        "OTP-015": (400, "the reference is longer than 4000 characters"),
        "OTP-016": (400, "the last month is before the first"),
        "OTP-017": (400, "the last month lies ahead"),
        "OTP-018": (400, "the system behind found a fault in the request"),
        "OTP-019": (403, "an unexpected fault of authentication against the system behind; ask user support"),
        "OTP-020": (503, "no contact with the system behind; ask user support"),
        "OTP-021": (500, "an unknown fault of the system behind; ask user support"),
    },
    CURRENT: {
        **EVERYWHERE,
        "OTP-001": (500, "an unexpected fault of the service"),
        "OTP-002": (500, "an unexpected fault of a system behind"),
        "OTP-003": (404, "unknown address"),
        "OTP-004": (401, "a fault of authentication"),
        "OTP-005": (403, "a fault of authorisation"),
        "OTP-006": (400, "a fault in what was sent"),
        "OTP-007": (404, "nothing found on what was sent"),
        "OTP-008": (406, "a fault of format: only JSON and XML are known"),
    },
}
"""By profile and code: the status that it comes with, and what it says, in our words."""

CODES: Mapping[tuple[str, str], type[AgencyError]] = {
    (SEED, "OTP-014"): NothingThere,
    (CURRENT, "OTP-007"): NothingThere,
    (SEED, "DAS-002"): WrongAddress,
    (CURRENT, "DAS-002"): WrongAddress,
    (CURRENT, "OTP-003"): WrongAddress,
    # A token that is missing or not valid is no outage, though the status says so.
    (SEED, "OTP-012"): Unauthenticated,
    (SEED, "OTP-013"): Unauthenticated,
}
"""What a code says that its status alone does not."""


def meaning_of(profile: str, code: str) -> str:
    """Return what the code says in that profile, or nothing."""
    return MEANINGS.get(profile, {}).get(code, (0, ""))[1]
