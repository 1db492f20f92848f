"""Pages of an endless list, newest first: a page begins where another ended, and nothing is ever counted."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The row beside which a page lies, on its older or newer side. As text it is `older.<microseconds>.<uuid>`."""

    side: str
    moment: datetime
    id: uuid.UUID

    def __str__(self) -> str:
        return f"{self.side}.{(self.moment - EPOCH) // MICROSECOND}.{self.id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the cursor of that text. Raise ValueError."""
        side, microseconds, row = text.split(".")
        if side not in {"older", "newer"}:
            raise ValueError("a cursor points to older or newer rows")
        try:
            return cls(side, EPOCH + int(microseconds) * MICROSECOND, uuid.UUID(row))
        except OverflowError:
            raise ValueError("a cursor's moment is out of reach") from None


@dataclass(frozen=True, slots=True)
class KeysetPage:
    """Rows, newest first, and where the neighbouring pages begin, if there are any."""

    rows: list[Any]
    newer: Cursor | None
    older: Cursor | None

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)


class KeysetPaginator(Paginator):
    """Cuts a page out of rows ordered by a moment and an id; one row more than shown tells that there are more."""

    def keyset_page(self, cursor: Cursor | None, *, moment: str) -> KeysetPage:
        """Return the page beside the cursor, or the newest one."""
        rows: Any = self.object_list
        upwards = cursor is not None and cursor.side == "newer"
        order = (moment, "pk") if upwards else (f"-{moment}", "-pk")
        found = list(_beside(rows, cursor, moment).order_by(*order)[: self.per_page + 1])
        more, found = len(found) > self.per_page, found[: self.per_page]
        if upwards:
            found.reverse()
        if not found:
            return KeysetPage([], newer=None, older=None)
        return KeysetPage(
            found,
            newer=_cursor("newer", found[0], moment) if (more if upwards else cursor) else None,
            older=_cursor("older", found[-1], moment) if (upwards or more) else None,
        )


def _beside(rows: QuerySet[Any], cursor: Cursor | None, moment: str) -> QuerySet[Any]:
    if cursor is None:
        return rows
    beyond = "lt" if cursor.side == "older" else "gt"
    # The first bound says nothing new, but it is the one that an index and the partitions understand.
    return rows.filter(**{f"{moment}__{beyond}e": cursor.moment}).filter(
        Q(**{f"{moment}__{beyond}": cursor.moment}) | Q(**{moment: cursor.moment, f"pk__{beyond}": cursor.id})
    )


def _cursor(side: str, row: Any, moment: str) -> Cursor:
    return Cursor(side, getattr(row, moment), row.pk)


class KeysetChangeList(ChangeList):
    """The admin's list with such pages."""

    moment: str
    """The column that orders the rows, together with the key."""

    def get_ordering(self, request: HttpRequest, queryset: Any) -> list[str | Combinable]:
        # Any other order would sort the whole table.
        return [f"-{self.moment}", "-pk"]

    def get_results(self, request: HttpRequest) -> None:
        self.paginator = self.model_admin.get_paginator(request, self.queryset, self.list_per_page)
        page = self.paginator.keyset_page(self._asked_for(request), moment=self.moment)
        self.result_list = page.rows
        # Only what is on the page is counted; equal numbers keep the admin from printing them as a total.
        self.result_count = self.full_result_count = len(page.rows)
        self.show_full_result_count = self.show_admin_actions = False
        self.can_show_all = self.multi_page = False  # else the admin asks for the number of pages
        self.newest_url = self.get_query_string() if self._asked_for(request) else None
        self.newer_url = self._url(page.newer)
        self.older_url = self._url(page.older)

    def _asked_for(self, request: HttpRequest) -> Cursor | None:
        text = request.GET.get(PAGE_VAR)
        try:
            return Cursor.parse(text) if text else None
        except ValueError as error:
            raise IncorrectLookupParameters from error

    def _url(self, cursor: Cursor | None) -> str | None:
        return self.get_query_string({PAGE_VAR: cursor}) if cursor else None
