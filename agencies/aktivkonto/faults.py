"""What Skatteetaten's codes mean for an active account: the same number says something else in each profile.

NotFound 404
├ NoSuchParty      seed AKE-002, current AKE-007: nobody is known by that number
├ NoAccountChosen  current AKE-008: the client gives it as an answer, not as an error
└ NoSuchAddress    current AKE-003, DAS-002 in both: our own address is wrong; nothing was learnt about the party
"""

from collections.abc import Mapping

from agencies.errors import AgencyError, NotFound


class NoSuchParty(NotFound):
    sentence = "Skatteetaten knows nobody by that number."


class NoAccountChosen(NotFound):
    sentence = "The party has chosen no account for payouts."


class NoSuchAddress(NotFound):
    sentence = "Skatteetaten has nothing at that address: look at the base URL, the path and the rights package."


CODES: Mapping[tuple[str, str], type[AgencyError]] = {
    ("seed", "AKE-002"): NoSuchParty,
    ("seed", "DAS-002"): NoSuchAddress,
    ("current", "AKE-003"): NoSuchAddress,
    ("current", "AKE-007"): NoSuchParty,
    ("current", "AKE-008"): NoAccountChosen,
    ("current", "DAS-002"): NoSuchAddress,
}
"""Those that say more than their HTTP status; all others mean what it says."""
