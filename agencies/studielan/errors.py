"""What only this errand can meet, beside the tree that all errands share (agencies/errors.py)."""

from agencies.errors import AgencyError, NotSent

API, ALTINN = "studielan", "altinn-consent"
LANEKASSEN_NUMBER, DIGDIR_NUMBER = "960885406", "991825827"
SERVICE = "agencies:studielan"


class ConsentNeeded(NotSent):
    """There is no consent, or it has ended, or was withdrawn: the customer may be offered to give another."""

    sentence = "Nothing more was sent: the customer has given no consent that is still valid."


class ConsentUnusable(AgencyError):
    """Altinn gave a consent token that must not be used; `reason` is a fixed word."""

    sentence = "Altinn gave a consent token that cannot be used."

    def __init__(self, reason: str) -> None:
        super().__init__(api=ALTINN)
        self.reason = reason


class AttemptsSpent(NotSent):
    """The login has asked three times already."""

    sentence = "Nothing was sent: this login has asked as often as it may."


class LoginOver(Exception):
    """The login was never begun here, or has ended: whatever it had is gone."""


class ReturnRefused(Exception):
    """Somebody came back from the page of consent without having been sent there by this login."""
