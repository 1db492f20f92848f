"""Pages of requests and of a request's disclosures: each begins where another ended, and nothing is counted."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from django.db.models import Count, Q

from compliance.citizens.grounds import Decision
from compliance.citizens.models import CitizenDisclosure, CitizenRequest

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class DueCursor:
    """The request behind which a page begins. As text it is `<day>.<uuid>`."""

    due: date
    id: uuid.UUID

    def __str__(self) -> str:
        return f"{self.due.isoformat()}.{self.id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the cursor of that text. Raise ValueError."""
        day, request = text.split(".")
        return cls(date.fromisoformat(day), uuid.UUID(request))


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, and where the next page begins, if there is one."""

    rows: list[Any]
    after: str = ""


def requests_page(after: str, *, ended: bool, size: int = PER_PAGE) -> Page:
    """Return open requests, those due first first, or the ended ones, the last due first. Raise ValueError."""
    cursor = DueCursor.parse(after) if after else None
    rows = CitizenRequest.objects.exclude(ending="") if ended else CitizenRequest.objects.filter(ending="")
    if cursor:
        beyond = "lt" if ended else "gt"
        on_the_day = Q(due_on=cursor.due, **{f"id__{beyond}": cursor.id})
        rows = rows.filter(Q(**{f"due_on__{beyond}": cursor.due}) | on_the_day)
    found = list(rows.order_by(*(["-due_on", "-id"] if ended else ["due_on", "id"]))[: size + 1])
    more, found = len(found) > size, found[:size]
    return Page(found, str(DueCursor(found[-1].due_on, found[-1].pk)) if more else "")


def disclosures_page(request: CitizenRequest, before: str, *, decision: str, size: int = PER_PAGE) -> Page:
    """Return disclosures of a request, newest first, of one decision if it is named. Raise ValueError."""
    if decision not in {"", *Decision.values}:
        raise ValueError("no decision")
    rows = request.disclosures.filter(**({"decision": decision} if decision else {}))
    if before:
        rows = rows.filter(record__lt=uuid.UUID(before))
    found: list[CitizenDisclosure] = list(rows.order_by("-record")[: size + 1])
    more, found = len(found) > size, found[:size]
    return Page(found, str(found[-1].record) if more else "")


def sums(request: CitizenRequest) -> list[dict[str, Any]]:
    """Return how many disclosures of each service stand how, in one statement over this request's rows."""
    found = request.disclosures.values("service", "decision", "ground").annotate(rows=Count("pk"))
    return [dict(row) for row in found.order_by("service", "decision", "ground")]
