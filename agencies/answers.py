"""What came back from an agency, before anybody has judged it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: the names of its headers in any letter case, its body as it came, and the id that we sent along."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    correlation_id: str = ""
    attempts: int = 1
