"""What becomes of a request that never reaches Django: an answer that repeats nothing of it, and a count."""

from http import HTTPStatus

import orjson

from dsop.metrics.known import FAILED, NONE, REFUSED, REQUESTS, UNREADABLE
from dsop.metrics.sums import sums

SENTENCES = {
    400: "The request is malformed.",
    403: "The request is not allowed.",
    414: "The request line is too long.",
    417: "The expectation cannot be met.",
    431: "A header field is too large, or there are too many.",
    500: "The service failed. Try again later.",
    501: "The transfer coding is not supported.",
}


def document_of(status: int) -> bytes:
    """Return the body for a request that cannot be read, in the Control API's form since no path is known."""
    return orjson.dumps({"code": "ACC-500" if status >= 500 else "ACC-001", "message": SENTENCES[status]})


def count(status: int) -> None:
    """Count a request that was answered so. Whatever is not a crash, a 501 too, is its sender's fault."""
    sums.add((REQUESTS, (UNREADABLE, NONE, FAILED if status == HTTPStatus.INTERNAL_SERVER_ERROR else REFUSED, NONE)))
