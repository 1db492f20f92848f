"""What a witness's word is worth, once it is read."""

from dataclasses import dataclass
from datetime import datetime


class WitnessFailed(Exception):
    """The witness has not been asked, or has not answered as it should. The text is a fixed word for the log."""


class NoEvidence(ValueError):
    """What is kept proves nothing: torn, changed, signed by nobody we know. The text is a fixed word."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A digest was known at a time: proven by the file alone, or told only, and somebody else has the other half."""

    digest: bytes
    at: datetime
    proven: bool
