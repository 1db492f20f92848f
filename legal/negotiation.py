"""Which media type may the answer have (NEG-02, RFC 9110), and what a renderer hands back."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from legal.refusals import NotAcceptable

RANGE = re.compile(r"[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+|\*/\*)[ \t]*")
QUALITY = re.compile(r"[ \t]*[qQ]=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)[ \t]*")


@dataclass(frozen=True, slots=True)
class Rendered:
    """Bytes ready to leave, and what the record must know of how they were made."""

    body: bytes
    media_type: str
    evidence: Mapping[str, Any] = field(default_factory=dict)


class Renderer(Protocol):
    """Turns a document into the bytes that leave; named by settings.ANSWER_RENDERER."""

    media_types: Sequence[str]

    def render(self, document: bytes, *, media_type: str, consumer: str) -> Rendered: ...


def choose(accept: str | None, offered: Sequence[str]) -> str:
    """Return the offered media type the caller likes best; the first one when it likes several alike.

    Raise NotAcceptable when it takes none. An element that is malformed likes nothing.
    """
    ranges = {"*/*": 1.0} if accept is None or not accept.strip(" \t") else _ranges(accept)
    liked = [(_quality(ranges, media_type), -place) for place, media_type in enumerate(offered)]
    quality, place = max(liked)
    if quality <= 0:
        raise NotAcceptable
    return offered[-place]


def _ranges(accept: str) -> dict[str, float]:
    ranges: dict[str, float] = {}
    for element in accept.split(","):
        media_range, *parameters = element.split(";")
        name, quality = RANGE.fullmatch(media_range), 1.0
        for parameter in parameters:
            if parameter.strip(" \t")[:1] in {"q", "Q"}:
                weight = QUALITY.fullmatch(parameter)
                quality = float(weight[1]) if weight else 0.0
        if name:
            key = name[1].lower()
            ranges[key] = max(quality, ranges.get(key, 0.0))
    return ranges


def _quality(ranges: Mapping[str, float], media_type: str) -> float:
    family = media_type.partition("/")[0] + "/*"
    for name in (media_type, family, "*/*"):
        if name in ranges:
            return ranges[name]
    return 0.0
