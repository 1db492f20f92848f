"""The entries of the trail behind an alert or a number of the dashboard, newest first and never more than a page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import ExtractHour
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.standing import SHIELDED
from audit.looks import page_said
from audit.models import Access, AuditRecord, TurnedAway
from audit.pages import in_oslo
from compliance.finding.shielding import NEEDED, hidden_from
from compliance.watching.counting import OTHER_AUDIENCE, UNKNOWN_MANDATES
from compliance.watching.kinds import OF_STAFF, Subject
from compliance.watching.models import NOBODYS, Alert
from compliance.watching.naming import requester, stored
from compliance.watching.windows import NIGHT_BEGINS, NIGHT_ENDS, OSLO

MOST = 50
COLUMNS = (*NEEDED, "at", "consumer", "service", "endpoint", "outcome", "code", "account_info_request_id")
Records = QuerySet[AuditRecord]


@dataclass(frozen=True, slots=True)
class Found:
    """Entries of one kind: of records, of sums of requests turned away, or of looks at the trail."""

    kind: str
    rows: Sequence[Any]
    hidden: frozenset[Any] = frozenset()
    more: bool = False


def found_behind(alert: Alert, user: Any) -> Found:
    """Return what an alert was counted from."""
    span = (alert.begins_at, alert.ends_at)
    if alert.known.subject is Subject.STAFF:
        return looks(alert.subject, alert.known.mark, *span)
    if alert.kind == "audience":
        minutes = TurnedAway.objects.filter(minute__gte=span[0], minute__lt=span[1], reason=OTHER_AUDIENCE)
        return _page("turned_away", minutes.filter(consumer=alert.consumer).order_by("-minute", "-id"))
    narrowed = NARROWED[alert.kind](alert, between(*span))
    return of_records(narrowed, user)


def of_person(subject: str, user: Any, start: datetime, end: datetime) -> Found:
    """Return what was asked about the person with that keyed hash. Raise ValueError."""
    return of_records(between(start, end).filter(control_object_hash=stored(subject)), user)


def between(start: datetime, end: datetime) -> Records:
    return AuditRecord.objects.filter(at__gte=start, at__lt=end).exclude(outcome=AuditRecord.Outcome.SENT)


def of_records(records: Records, user: Any) -> Found:
    page = _page("records", records.only(*COLUMNS).order_by("-at", "-id"))
    return Found(page.kind, page.rows, hidden_from(user, page.rows), page.more)


def looks(someone: str, mark: str, start: datetime, end: datetime) -> Found:
    rows = Access.objects.filter(at__gte=start, at__lt=end)
    rows = rows.filter(person="", account=someone[1:]) if someone.startswith(NOBODYS) else rows.filter(person=someone)
    if mark != "look":
        rows = rows.filter(marks__regex=rf"(^| ){mark}( |$)")
    return _page("looks", rows.order_by("-at", "-id"))


def _page(kind: str, rows: Any) -> Found:
    some = list(rows[: MOST + 1])
    return Found(kind, some[:MOST], more=len(some) > MOST)


def _at_night(alert: Alert, records: Records) -> Records:
    clock = records.filter(consumer=alert.consumer).annotate(clock=ExtractHour("at", tzinfo=OSLO))
    return clock.filter(Q(clock__gte=NIGHT_BEGINS) | Q(clock__lt=NIGHT_ENDS))


NARROWED: dict[str, Callable[[Alert, Records], Records]] = {
    "volume": lambda alert, records: records.filter(consumer=alert.consumer),
    "refused": lambda alert, records: records.filter(consumer=alert.consumer, outcome="refused"),
    "failed": lambda alert, records: records.filter(consumer=alert.consumer, outcome="failed"),
    "slow": lambda alert, records: records.filter(endpoint=alert.subject, duration_us__gte=alert.threshold * 1000),
    "night": _at_night,
    "requester": lambda alert, records: records.filter(consumer=alert.consumer, requester_id=requester(alert)),
    "person": lambda alert, records: records.filter(control_object_hash=stored(alert.subject)),
    "shielded": lambda alert, records: records.filter(consumer=alert.consumer, empty_because=SHIELDED),
    "mandate": lambda alert, records: records.filter(consumer=alert.consumer, refusal__in=UNKNOWN_MANDATES),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the page. Of one that is hidden there is only the time."""

    time: str
    cells: Sequence[str]
    link: str = ""
    hidden: bool = False


def entries(found: Found, names: Mapping[str, str]) -> list[Entry]:
    """Return the lines of the page, with the agencies' names."""
    match found.kind:
        case "records":
            return [_of_record(row, names, row.pk in found.hidden) for row in found.rows]
        case "turned_away":
            return [Entry(in_oslo(row.minute), [str(row.count)]) for row in found.rows]
        case _:
            return [_of_look(row) for row in found.rows]


def _of_record(row: AuditRecord, names: Mapping[str, str], hidden: bool) -> Entry:
    if hidden:
        return Entry(in_oslo(row.at), (), hidden=True)
    agency, case = names.get(row.consumer, row.consumer), str(row.account_info_request_id or "–")
    cells = [agency, row.service or "–", row.endpoint, row.get_outcome_display(), row.code or "–", case]
    return Entry(in_oslo(row.at), cells, reverse("admin:audit_auditrecord_change", args=[row.pk]))


def _of_look(row: Access) -> Entry:
    cells = [page_said(row.page), row.reason or "–", row.case_reference or "–", marks_said(row.marks or "") or "–"]
    return Entry(in_oslo(row.at), cells, reverse("admin:audit_access_change", args=[row.pk]))


def marks_said(marks: str) -> str:
    """Return what the marks of a look are called among the limits, in the active language."""
    named = {kind.mark: str(kind.label) for kind in OF_STAFF}
    return " · ".join(named.get(mark, mark) for mark in marks.split())


def headings(kind: str) -> list[str]:
    """Return the columns of the table of such entries."""
    match kind:
        case "records":
            first = [_("time (Oslo)"), _("agency"), _("service"), _("endpoint"), _("outcome")]
            return [*first, _("code"), "AccountInfoRequestID"]
        case "turned_away":
            return [_("minute (Oslo)"), _("requests")]
        case _:
            return [_("time (Oslo)"), _("page"), _("reason"), _("the bank's case"), _("marks")]
