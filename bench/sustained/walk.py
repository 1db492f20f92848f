"""All pages of an account of ten years, one after the other, by the links that the answers give.

Run as `python -m bench.process sustained.walk.run PORT NUMBER ACCOUNT`. It walks twice and tells a line after each.
"""

import json
import time
from statistics import median
from typing import Any

from bench.load import Line, tell
from bench.questions import SCOPE, Asker, Question, token
from bench.sustained.cases import YEARS
from bench.sustained.mix import Tokens

TIMES = 2
AT_EACH_END = 40
"""Pages of which the middle one stands for the beginning, and as many for the end."""


def run(port: str, number: str, account: str) -> None:
    line = Line(int(port))
    for _ in range(TIMES):
        tell(walked(line, Asker({"positions": []}), number, int(account)))


def walked(line: Line, asker: Asker, number: str, account: int) -> dict[str, Any]:
    """Return how many pages and rows there were, and the milliseconds of a page at the beginning and at the end."""
    control = asker.control(token(asker.audience), number, months=12 * YEARS)
    question: Question | None = control.page(account)
    tokens = Tokens(asker.audience, SCOPE)
    took: list[float] = []
    rows = 0
    while question is not None:
        page, milliseconds = asked(line, question)
        took.append(milliseconds)
        rows += len(page["transactions"])
        headers = {**control.headers, "Authorization": f"Bearer {tokens.next()}"}
        question = following(page, headers)
    whole = took[:-1]  # the last page is as long as what is left
    return {
        "pages": len(took),
        "rows": rows,
        "first_ms": median(whole[:AT_EACH_END]),
        "last_ms": median(whole[-AT_EACH_END:]),
        "most_ms": max(took),
    }


def asked(line: Line, question: Question) -> tuple[Any, float]:
    """Return a page and how long it took. Raise RuntimeError when it is none."""
    begun = time.perf_counter()
    line.send(question.wire())
    while not line.receive():
        pass
    milliseconds = (time.perf_counter() - begun) * 1000
    body = bytes(line.received).partition(b"\r\n\r\n")[2]
    if line.status != "200":
        raise RuntimeError(f"{line.status}: {body[:200]!r}")
    return json.loads(body), milliseconds


def following(page: Any, headers: dict[str, str]) -> Question | None:
    """Return the question for the next page by the link of this one; None when it was the last."""
    links = [link["href"] for link in page.get("links", []) if link["rel"] == "next"]
    if not links:
        return None
    path, _, query = links[0].partition("?")
    return Question(f"/v2{path}", query, headers)
