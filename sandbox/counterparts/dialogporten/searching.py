"""Which dialogs a search finds: every parameter must fit, and of one given more than once any value."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from django.http import QueryDict

LARGEST_PAGE, PAGE = 1000, 100
TOO_BROAD = "Either 'ServiceResource' or 'Party' must be specified."


class BadSearch(Exception):
    """The parameters make no search; the first argument says why."""


class Search:
    """The parameters of a search, their names in any letter case."""

    def __init__(self, query: QueryDict) -> None:
        self._given: dict[str, list[str]] = {}
        for name, values in query.lists():
            self._given.setdefault(name.lower(), []).extend(values)
        if not (self._all("party") or self._all("serviceresource")):
            raise BadSearch(TOO_BROAD)
        self._after, self._before = self._moment("createdafter"), self._moment("createdbefore")
        self._reference, self._words = self._one("externalreference"), self._one("search").lower().split()
        self._size, self._since = self._limit(), self._one("continuationtoken")

    def page(self, dialogs: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Return the page asked for; dialogs are given newest first, as kept."""
        since = self._since
        found = [each for each in dialogs if self._fits(each) and (not since or each["dialog"]["id"] < since)]
        more = len(found) > self._size
        return {
            "items": found[: self._size],
            "hasNextPage": more,
            "continuationToken": found[self._size - 1]["dialog"]["id"] if more else None,
            "orderBy": "createdat_desc,id_desc",
        }

    def _fits(self, kept: dict[str, Any]) -> bool:
        dialog = kept["dialog"]
        created = datetime.fromisoformat(dialog["createdAt"])
        text = " ".join(_texts(kept)).lower()
        return (
            dialog["party"] in (self._all("party") or [dialog["party"]])
            and dialog["serviceResource"] in (self._all("serviceresource") or [dialog["serviceResource"]])
            and dialog["org"] in (self._all("org") or [dialog["org"]])
            and (not self._reference or self._reference in _references(kept))
            and all(word in text for word in self._words)
            and (self._after is None or created > self._after)
            and (self._before is None or created < self._before)
        )

    def _all(self, name: str) -> list[str]:
        return self._given.get(name, [])

    def _one(self, name: str) -> str:
        values = self._all(name)
        if len(values) > 1:
            raise BadSearch(f"'{name}' must be given once.")
        return values[0] if values else ""

    def _moment(self, name: str) -> datetime | None:
        text = self._one(name)
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise BadSearch(f"'{name}' must be a moment.") from None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def _limit(self) -> int:
        text = self._one("limit") or str(PAGE)
        if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= LARGEST_PAGE):
            raise BadSearch(f"'limit' must be 1 to {LARGEST_PAGE}.")
        return int(text)


def _references(kept: dict[str, Any]) -> Iterator[str]:
    yield kept["dialog"]["externalReference"]
    yield from (each["externalReference"] for each in kept["transmissions"])


def _texts(kept: dict[str, Any]) -> Iterator[str]:
    for content in (kept["dialog"]["content"], *(each["content"] for each in kept["transmissions"])):
        for said in content.values():
            yield from (each["value"] for each in said["value"])
