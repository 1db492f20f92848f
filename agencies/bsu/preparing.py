"""Preparing a report: its bytes, each part with a key of its own, are kept before anybody may send them."""

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts.bsu import BsuAccount, bsu_accounts, count_bsu_accounts, reporting_institution
from agencies.bsu.approvals import OPEN, has_hard_findings
from agencies.bsu.checks_of_report import Expected, Progress, check_body, read_strictly, unwatched
from agencies.bsu.errors import BytesChanged, NotInLedger, NotOver, NotReadable, OnItsWay
from agencies.bsu.finding import Finding
from agencies.bsu.models import Delivery, Sending
from agencies.bsu.report import LARGEST_BYTES, NOTHING_TO_REPORT, ORDINARY, Reporter, body_of, parts_of
from agencies.errors import NotConfigured
from audit.secrecy import NotRevealed, reveal, seal
from legal.periods import day_in_oslo

STATE = Delivery.State
REACHED = (STATE.RECEIVED, STATE.ACCEPTED, STATE.REJECTED)
BODY, FEEDBACK = "body_sealed", "feedback_sealed"


def reporting_organisation() -> str:
    """Return whose accounts are reported, which is whose system user asks. Raise NotConfigured."""
    organisation: str = settings.BSU_SYSTEM_USER_ORGANISATION or settings.BANK_ORGANISATION_NUMBER
    if not organisation:
        raise NotConfigured("BANK_ORGANISATION_NUMBER", api="bsu")
    return organisation


def expected_of(year: int) -> Expected:
    """Return what a report of the year is held against."""
    return Expected(
        year=year,
        organisations=frozenset({reporting_organisation()}),
        base_url=settings.BSU_BASE_URL,
        ceiling=ceiling_of(year),
    )


def ceiling_of(year: int) -> int | None:
    """Return the most that may be saved in the year: that of the latest year until then which is in the setting."""
    since = {int(first): ceiling for first, ceiling in settings.BSU_YEARLY_CEILINGS.items() if int(first) <= year}
    return since[max(since)] if since else None


def bodies_of(
    year: int, *, report: uuid.UUID, largest: int = LARGEST_BYTES, progress: Progress = unwatched
) -> Iterator[bytes]:
    """Yield the report's bodies as the ledger has it now. Raise NotInLedger or NotOver."""
    organisation = reporting_organisation()
    found = reporting_institution(organisation)
    if found is None:
        raise NotInLedger(api="bsu")
    name, as_of = found
    if day_in_oslo(as_of).year <= year:
        raise NotOver(api="bsu")
    reporter = Reporter(organisation_number=organisation, name=name, contact=settings.BSU_CONTACT)
    rows: Iterable[BsuAccount] = progress(
        bsu_accounts(organisation, year=year), count_bsu_accounts(organisation, year=year)
    )
    for number, part in enumerate(parts_of(rows, year=year, reporter=reporter, largest=largest), start=1):
        yield body_of(part, year=year, reporter=reporter, reference=f"BSU-{year}-{report.hex[:12]}-{number}")


def prepare(
    year: int, *, now: datetime, largest: int = LARGEST_BYTES, progress: Progress = unwatched
) -> list[Delivery]:
    """Return the deliveries of a new report made from the ledger; it takes the place of one that was not sent.

    After a report that was received, it is a correction of that one. Raise OnItsWay while one is being sent.
    """
    report = uuid.uuid4()
    return _keep(year, report, bodies_of(year, report=report, largest=largest, progress=progress), now)


def prepare_file(year: int, body: bytes, *, now: datetime) -> list[Delivery]:
    """Return the delivery of a report that was made elsewhere: these very bytes. Raise NotReadable or OnItsWay."""
    return _keep(year, uuid.uuid4(), iter([body]), now)


def _keep(year: int, report: uuid.UUID, bodies: Iterator[bytes], now: datetime) -> list[Delivery]:
    """Return the deliveries. They count as withdrawn until all are kept: no transaction lasts as long as the making."""
    institution = reporting_organisation()
    _refuse_beside_another(_of_year(institution, year))
    made = []
    for part, body in enumerate(bodies, start=1):
        delivery = _delivery(body, year=year, institution=institution, report=report, part=part, now=now)
        delivery.save(force_insert=True)
        delivery.body_sealed = None  # what was saved need not stay in memory
        made.append(delivery)
    replaced = _received(_of_year(institution, year))
    if replaced and not any(has_hard_findings(delivery) for delivery in made):
        last = made[-1]
        last.findings = [*last.findings, *(each.as_json() for each in compared(replaced, report))]
        last.save(update_fields=["findings"])
    with transaction.atomic():
        _make_room(institution, year)
        Delivery.objects.filter(report=report).update(state=STATE.PREPARED, parts=len(made), replaces=replaced)
    return list(deliveries_of(report))


def compared(before: uuid.UUID, after: uuid.UUID) -> Iterator[Finding]:
    """Yield doubts about a correction: that it changes nothing, or leaves out accounts that it cannot delete."""
    try:
        old, new = (dict(_digests(report)) for report in (before, after))
    except BytesChanged:
        return
    left_out = len(old.keys() - new.keys())
    if old == new:
        yield Finding(hard=False, code="same", path="", message="every account is as in the report that this corrects")
    if left_out:
        message = f"{left_out} accounts of the report that this corrects are not in it, and a correction deletes none"
        yield Finding(hard=False, code="left out", path="leveranse/oppgave", message=message)


def _digests(report: uuid.UUID) -> Iterator[tuple[bytes, bytes]]:
    """Yield a digest of what tells each account of the report apart, and one of all that is said of it."""
    for delivery in deliveries_of(report):
        for account in json.loads(body_kept(delivery))["leveranse"].get("oppgave", []):
            told = json.dumps(account, sort_keys=True).encode()
            key = f"{account.get('kontonummer')}/{account.get('oppgaveeier', {}).get('foedselsnummer')}"
            yield hashlib.sha256(key.encode()).digest()[:16], hashlib.sha256(told).digest()[:16]


def purge(year: int, *, before: datetime) -> int:
    """Forget the bytes of what the agency judged, or nobody sent, before then; digests, ids and verdicts stay."""
    of_year = Delivery.objects.filter(institution=reporting_organisation(), year=year, body_sealed__isnull=False)
    judged = Q(state__in=(STATE.ACCEPTED, STATE.REJECTED), feedback_at__lt=before)
    return of_year.filter(judged | Q(state=STATE.WITHDRAWN, prepared_at__lt=before)).update(body_sealed=None)


def _of_year(institution: str, year: int) -> Any:
    """Return what stands of the year, newest first."""
    standing = Delivery.objects.filter(institution=institution, year=year).exclude(state=STATE.WITHDRAWN)
    return standing.defer(BODY, FEEDBACK).order_by("-prepared_at")


def _make_room(institution: str, year: int) -> None:
    """Withdraw what was not received. Raise OnItsWay."""
    before = _of_year(institution, year).select_for_update()
    _refuse_beside_another(before)
    Delivery.objects.filter(pk__in=[each.pk for each in before if each.state not in REACHED]).update(
        state=STATE.WITHDRAWN
    )


def _refuse_beside_another(before: Any) -> None:
    begun = Sending.objects.filter(delivery__in=list(before), state__in=OPEN)
    if begun.exists() or any(delivery.state == STATE.SENDING for delivery in before):
        raise OnItsWay(api="bsu")


def _received(before: Any) -> uuid.UUID | None:
    """Return the report that was received last, which a new one corrects."""
    return next((delivery.report for delivery in before if delivery.state in REACHED), None)


def _delivery(body: bytes, *, year: int, institution: str, report: uuid.UUID, part: int, now: datetime) -> Delivery:
    document = read_strictly(body)
    told = document.get("leveranse") if isinstance(document, dict) else None
    if not isinstance(told, dict) or told.get("leveransetype") not in (ORDINARY, NOTHING_TO_REPORT):
        raise NotReadable(api="bsu")
    reference, accounts = told.get("oppgavegiversLeveranseReferanse"), told.get("oppgave")
    delivery = Delivery(
        year=year,
        institution=institution,
        report=report,
        part=part,
        parts=part,
        reference=reference[:100] if isinstance(reference, str) else "",
        type=told["leveransetype"],
        accounts=len(accounts) if isinstance(accounts, list) else 0,
        sums=_numbers(told.get("oppgaveoppsummering")),
        findings=[finding.as_json() for finding in check_body(body, expected_of(year))],
        digest=hashlib.sha256(body).digest(),
        size=len(body),
        state=STATE.WITHDRAWN,
        prepared_at=now,
    )
    delivery.body_sealed = seal(body.decode("utf-8"), column=BODY, record=delivery.pk)
    return delivery


def _numbers(summary: Any) -> dict[str, int]:
    stated = summary if isinstance(summary, dict) else {}
    return {name: value for name, value in stated.items() if isinstance(value, int)}


def deliveries_of(report: uuid.UUID) -> Any:
    return Delivery.objects.filter(report=report).defer(BODY, FEEDBACK).order_by("part")


def current(year: int) -> list[Delivery]:
    """Return the deliveries of the newest report of the year, in order; none where there is no report."""
    of_year = Delivery.objects.filter(institution=reporting_organisation(), year=year).exclude(state=STATE.WITHDRAWN)
    newest = of_year.order_by("-prepared_at").values_list("report", flat=True).first()
    return list(deliveries_of(newest)) if newest else []


def awaited_years(*, today: date) -> list[int]:
    """Return the last income year, and each earlier one with a delivery that waits for its verdict."""
    waiting = Delivery.objects.filter(institution=reporting_organisation(), state=STATE.RECEIVED)
    return sorted({today.year - 1, *waiting.values_list("year", flat=True)})


def body_kept(delivery: Delivery) -> bytes:
    """Return the delivery's bytes. Raise BytesChanged where they are not those that its digest is of."""
    sealed = Delivery.objects.values_list(BODY, flat=True).get(pk=delivery.pk)
    if sealed is None:
        raise BytesChanged(api="bsu")
    try:
        body = reveal(bytes(sealed), column=BODY, record=delivery.pk).encode("utf-8")
    except NotRevealed:
        raise BytesChanged(api="bsu") from None
    if hashlib.sha256(body).digest() != bytes(delivery.digest):
        raise BytesChanged(api="bsu")
    return body
