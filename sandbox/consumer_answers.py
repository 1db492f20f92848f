"""What came back: read strictly, opened where it was encrypted, and held against what the standard promises."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from sandbox.certpub.decryption import JSON, CannotOpen, departure, opened
from sandbox.consumer_services import ACCOUNTS, Step, Target

REFERENCE = re.compile(r"[A-Za-z0-9_~-]{1,2000}")
NUMBER = re.compile(r"[0-9]{11,35}")
HREF = re.compile(r"/?accounts/[A-Za-z0-9_~-]+/[a-z]+(\?[A-Za-z0-9_.~%&=+-]*)?")
NOT_DELIVERED = "datanotdelivered"
NO_JSON = "expected a JSON object as application/json"
PREPARATIONS = frozenset({"metadata", "token"})
"""Exchanges with Maskinporten, before those with the bank."""


@dataclass(slots=True)
class Exchange:
    """One request and its answer. `body` is JSON with its numbers as they were written, or text, or None."""

    step: str
    method: str
    url: str
    request_headers: dict[str, str]
    status: int
    media_type: str
    headers: dict[str, str]
    body: Any
    jwe_header: dict[str, Any] | None = None  # of an answer that was encrypted; `body` is what it held
    surprise: str = ""  # why this is not the answer that the standard promises


def shortened(token: str) -> str:
    """Return enough of the token to recognise it, too little to use it."""
    return f"{token[:12]}... ({len(token)} characters)"


def plain(text: str) -> str:
    """Return the text without anything that could steer a terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)


def printed(value: Any) -> str:
    """Return the value as readable JSON; numbers stand as the bank wrote them."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def parsed(octets: bytes, media_type: str) -> Any:
    if not octets:
        return None
    text = octets.decode(errors="replace")
    if media_type != JSON:
        return text
    try:
        # A Fragment keeps the digits: an amount of twenty digits and two decimals must not pass through a float.
        return json.loads(text, parse_float=orjson.Fragment, parse_int=orjson.Fragment, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return text


def _no_constant(name: str) -> None:
    raise ValueError(name)


def open_answer(exchange: Exchange, private_key: Path) -> None:
    try:
        inside = opened(exchange.body or "", private_key)
    except CannotOpen as failure:
        exchange.surprise = f"expected an answer that the agency can open; this one is {failure}"
        return
    exchange.body, exchange.jwe_header = parsed(inside.document, JSON), inside.header


def surprise_in(step: Step, exchange: Exchange, *, encrypted: bool) -> str:
    if exchange.status != step.status:
        return f"expected {step.status} {step.code}".rstrip()
    if encrypted and exchange.status == 200:
        if unusual := departure(exchange.headers, exchange.jwe_header):
            return unusual
    elif exchange.media_type != JSON:
        return NO_JSON
    if not isinstance(exchange.body, dict):
        return NO_JSON
    if step.code and exchange.body.get("code") != step.code:
        return f"expected code {step.code}"
    return ""


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list of accounts gives to ask about; references of accounts without data are not among them."""

    references: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()

    def targets(self, target: Target) -> tuple[str, ...]:
        """Return what a step is asked about, one question each."""
        return {
            Target.NOTHING: ("",),
            Target.EACH: self.references,
            Target.FIRST: self.references[:1],
            Target.FIRST_NUMBER: self.numbers[:1],
        }[target]


def listed(exchange: Exchange) -> Listed:
    """Return what the list gives to ask about; a list that is none, or is cut into pages, is a surprise."""
    found = exchange.body.get("accounts")
    accounts = [one if isinstance(one, dict) else {} for one in found] if isinstance(found, list) else [{}]
    references = [_text(account, "accountReference") for account in accounts]
    if not all(map(REFERENCE.fullmatch, references)):
        exchange.surprise = "expected accounts, each with an accountReference that can stand in an address"
        return Listed()
    if next_page(exchange, ACCOUNTS):
        exchange.surprise = "expected the whole list of accounts at once"
    numbers = [_text(account, "accountIdentifier") for account in accounts]
    return Listed(
        references=tuple(reference for reference in references if reference.lower() != NOT_DELIVERED),
        numbers=tuple(filter(NUMBER.fullmatch, numbers)),
    )


def next_page(exchange: Exchange, step: Step) -> str:
    """Return where the next page is, relative to the bank's address; empty after the last one."""
    links = exchange.body.get("links")
    following = [_text(link, "href") for link in links if _is_next(link)] if isinstance(links, list) else []
    if not following:
        return ""
    if len(following) > 1 or not HREF.fullmatch(following[0]):
        exchange.surprise = f"expected one link to the next page of {step.endpoint}, relative to the bank's address"
        return ""
    return following[0]


def _is_next(link: object) -> bool:
    return isinstance(link, dict) and link.get("rel") == "next"


def _text(members: dict[str, Any], name: str) -> str:
    value = members.get(name)
    return value if isinstance(value, str) else ""
