"""The answer as bytes. Plain JSON only, and therefore not in production."""

from legal.negotiation import Rendered


class PlainJSON:
    """The document as it is; sandbox and test only (NEG-01)."""

    media_types = ("application/json",)

    def render(self, document: bytes, *, media_type: str, consumer: str) -> Rendered:
        return Rendered(document, media_type)
