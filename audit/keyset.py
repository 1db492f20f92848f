"""Pages of an endless list, newest first: a page begins where another ended, and nothing is ever counted."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Self

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

    @classmethod
    def of(cls, side: str, row: Any, column: str) -> Self:
        """Return the cursor beside a row of a list that is ordered by that column of moments."""
        return cls(side, getattr(row, column), row.pk)

    @staticmethod
    def order(column: str) -> tuple[str, ...]:
        """Return the columns that order such a list, oldest first."""
        return column, "pk"

    def beside(self, rows: QuerySet[Any], column: str) -> QuerySet[Any]:
        """Return the rows on the cursor's side."""
        beyond = "lt" if self.side == "older" else "gt"
        # The first bound says nothing new, but it is the one that an index and the partitions understand.
        return rows.filter(**{f"{column}__{beyond}e": self.moment}).filter(
            Q(**{f"{column}__{beyond}": self.moment}) | Q(**{column: self.moment, f"pk__{beyond}": self.id})
        )


@dataclass(frozen=True, slots=True)
class NumberCursor:
    """The same in a list whose rows are numbered by their key. As text it is `older.<number>`."""

    side: str
    number: int

    def __str__(self) -> str:
        return f"{self.side}.{self.number}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the cursor of that text. Raise ValueError."""
        found = re.fullmatch(r"(older|newer)\.([1-9][0-9]{0,9})", text)
        if not found:
            raise ValueError("a cursor points to older or newer rows of a number")
        return cls(found[1], int(found[2]))

    @classmethod
    def of(cls, side: str, row: Any, column: str) -> Self:
        return cls(side, getattr(row, column))

    @staticmethod
    def order(column: str) -> tuple[str, ...]:
        return (column,)

    def beside(self, rows: QuerySet[Any], column: str) -> QuerySet[Any]:
        return rows.filter(**{f"{column}__{'lt' if self.side == 'older' else 'gt'}": self.number})


AnyCursor = Cursor | NumberCursor


@dataclass(frozen=True, slots=True)
class KeysetPage:
    """Rows, newest first, and where the neighbouring pages begin, if there are any."""

    rows: list[Any]
    newer: AnyCursor | None
    older: AnyCursor | None

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)


class KeysetPaginator(Paginator):
    """Cuts a page out of rows ordered by a column and the key; one row more than shown tells that there are more."""

    def keyset_page(self, cursor: AnyCursor | None, *, moment: str, kind: type[AnyCursor] = Cursor) -> KeysetPage:
        """Return the page beside the cursor, or the newest one."""
        rows: Any = self.object_list
        upwards = cursor is not None and cursor.side == "newer"
        order = kind.order(moment) if upwards else newest_first(kind, moment)
        beside = cursor.beside(rows, moment) if cursor else rows
        found = list(beside.order_by(*order)[: self.per_page + 1])
        more, found = len(found) > self.per_page, found[: self.per_page]
        if upwards:
            found.reverse()
        if not found:
            return KeysetPage([], newer=None, older=None)
        return KeysetPage(
            found,
            newer=kind.of("newer", found[0], moment) if (more if upwards else cursor) else None,
            older=kind.of("older", found[-1], moment) if (upwards or more) else None,
        )


def newest_first(kind: type[AnyCursor], column: str) -> list[str]:
    return [f"-{name}" for name in kind.order(column)]


class KeysetChangeList(ChangeList):
    """The admin's list with such pages."""

    moment: str
    """The column that orders the rows, together with the key."""
    cursor: ClassVar[type[AnyCursor]] = Cursor

    def get_ordering(self, request: HttpRequest, queryset: Any) -> list[str | Combinable]:
        # Any other order would sort the whole table.
        return [*newest_first(self.cursor, self.moment)]

    def get_results(self, request: HttpRequest) -> None:
        self.paginator = self.model_admin.get_paginator(request, self.queryset, self.list_per_page)
        page = self.paginator.keyset_page(self._asked_for(request), moment=self.moment, kind=self.cursor)
        self.result_list = page.rows
        # Only what is on the page is counted; equal numbers keep the admin from printing them as a total.
        self.result_count = self.full_result_count = len(page.rows)
        self.show_full_result_count = self.show_admin_actions = False
        self.can_show_all = self.multi_page = False  # else the admin asks for the number of pages
        self.newest_url = self.get_query_string() if self._asked_for(request) else None
        self.newer_url = self._url(page.newer)
        self.older_url = self._url(page.older)

    def _asked_for(self, request: HttpRequest) -> AnyCursor | None:
        text = request.GET.get(PAGE_VAR)
        try:
            return self.cursor.parse(text) if text else None
        except ValueError as error:
            raise IncorrectLookupParameters from error

    def _url(self, cursor: AnyCursor | None) -> str | None:
        return self.get_query_string({PAGE_VAR: cursor}) if cursor else None
