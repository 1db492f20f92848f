"""One case on a page: all that was asked under one AccountInfoRequestID, in the order of the standard's steps."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from audit.access import unless_noted
from audit.keyset import Cursor
from audit.models import AuditRecord
from audit.pages import UNKNOWN, in_oslo
from audit.retain.standing import holds
from compliance.acting import acting
from compliance.finding.shielding import is_case_hidden
from compliance.paging import desk_page
from compliance.reasons import PERSONS_NUMBER
from legal.endpoints import Endpoint

READ, HOLD = "audit.view_auditrecord", "audit.hold_case"
PAGE, PLACE = "desk case", "after"
ROWS = 100
NAMED = 5000
"""Of a case's first records the account references have letters; a later one is only said to be another."""
COLUMNS = (
    *("id", "at", "duration_us", "consumer", "service", "service_version", "legal_mandate", "requester_id"),
    *("endpoint", "account_reference_hash", "outcome", "http_status", "code", "items"),
)
STEPS: list[tuple[str, Promise, frozenset[str]]] = [
    (
        "1",
        gettext_lazy("Step 1: at which banks?"),
        frozenset({Endpoint.CUSTOMER_RELATIONSHIPS, Endpoint.ACCOUNT_SERVICING_PROVIDER}),
    ),
    ("2a", gettext_lazy("Step 2a: which accounts?"), frozenset({Endpoint.ACCOUNTS})),
    (
        "2b",
        gettext_lazy("Step 2b: what about an account?"),
        frozenset({Endpoint.ACCOUNT_DETAILS, Endpoint.TRANSACTIONS, Endpoint.CARDS, Endpoint.ROLES}),
    ),
]
OTHERS = ("", gettext_lazy("Something else"))
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ANOTHER = pgettext_lazy("account", "another")


@dataclass(frozen=True, slots=True)
class Line:
    """One request of the case."""

    record: AuditRecord
    time: str
    since: str
    took: str
    account: str
    page: str


@require_safe
def case(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """Show a page of the case, oldest first. Refuse it to who may not see the person that it is about."""
    acting(request, READ)
    place = request.GET.get(PLACE, "")
    after = _cursor(place)
    if refused := unless_noted(request, PAGE, case, str(after or (place and UNKNOWN))):
        return refused
    rows = AuditRecord.objects.filter(account_info_request_id=case)
    beside = after.beside(rows, "at") if after else rows
    found = list(beside.only(*COLUMNS).order_by("at", "id")[: ROWS + 1])
    if is_case_hidden(request.user, case):  # judged once the page is read, so that nothing on it came later
        raise PermissionDenied
    shown = found[:ROWS]
    return desk_page(
        request,
        "desk/finding/case.html",
        title=_("Case %(case)s") % {"case": case},
        status=200 if found else 404,
        case=case,
        steps=steps_of(shown, letters(rows), rows.order_by("at").values_list("at", flat=True).first()),
        first=shown[0] if shown else None,
        mandate=PERSONS_NUMBER.sub(UNKNOWN, shown[0].legal_mandate) if shown else "",
        requester=PERSONS_NUMBER.sub(UNKNOWN, shown[0].requester_id) if shown else "",
        after=Cursor.of("newer", shown[-1], "at") if len(found) > ROWS else None,
        continued=after is not None,
        held=holds().filter(account_info_request_id=case).exists(),
        may_hold=request.user.has_perm(HOLD),
    )


def _cursor(text: str) -> Cursor | None:
    try:
        found = Cursor.parse(text)
    except ValueError:
        return None
    return found if found.side == "newer" else None


def letters(rows: Any) -> dict[bytes, str]:
    """Return a letter for each account reference of the case, in the order in which they were first asked about."""
    asked = rows.filter(account_reference_hash__isnull=False).order_by("at", "id")
    hashes = dict.fromkeys(bytes(one) for one in asked.values_list("account_reference_hash", flat=True)[:NAMED])
    return {reference: letter(number) for number, reference in enumerate(hashes)}


def letter(number: int) -> str:
    """Return A, B, … Z, AA, AB, …"""
    before, last = divmod(number, len(LETTERS))
    return (letter(before - 1) if before else "") + LETTERS[last]


def steps_of(
    records: list[AuditRecord], named: dict[bytes, str], begun: datetime | None
) -> list[tuple[str | Promise, list[Line]]]:
    """Return the records in the order of time, parted wherever the step changes, each part with its step's name."""
    parts = groupby(records, key=step_of)
    return [(title, [_line(row, named, begun or row.at) for row in rows]) for (_name, title), rows in parts]


def step_of(record: AuditRecord) -> tuple[str, str | Promise]:
    for name, title, endpoints in STEPS:
        if record.endpoint in endpoints:
            return name, title
    return OTHERS


def _line(record: AuditRecord, named: dict[bytes, str], begun: datetime) -> Line:
    reference = record.account_reference_hash
    return Line(
        record,
        time=in_oslo(record.at),
        since=f"{(record.at - begun).total_seconds():.3f} s",
        took=f"{record.duration_us / 1000:.1f} ms",
        account="–" if reference is None else named.get(bytes(reference), str(ANOTHER)),
        page=reverse("admin:desk_explained", args=[record.pk]),
    )
