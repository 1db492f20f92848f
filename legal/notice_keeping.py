"""Keeping notices: each once, one after the other however many readings run, persons' numbers hashed and sealed."""

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from audit.secrecy import Kind, hash_of, hashes_of, seal
from legal.models import BankruptcyNotice, NoticeParty, NoticeReading
from legal.notice_documents import Listed, Notice
from legal.numbers import has_organisation_form

STATE, PART = BankruptcyNotice.State, NoticeParty.Part


@dataclass(frozen=True, slots=True)
class Found:
    """What was listed, and the notice or the word that says why there is none."""

    listed: Listed
    notice: Notice | None
    fault: str = ""
    unreachable: bool = False

    @property
    def debtor(self) -> str | None:
        return self.notice.debtor if self.notice else self.listed.debtor


@transaction.atomic
def keep(found: Sequence[Found], *, now: datetime, moves: bool) -> int:
    """Keep what is not kept yet and, if it `moves`, how far the feed is read by that; return how many were read."""
    reading, _ = NoticeReading.objects.select_for_update().get_or_create(pk=1)
    kept = BankruptcyNotice.objects.in_bulk([each.listed.id for each in found])
    new = [each for each in found if _is_news(each, kept.get(each.listed.id))]
    replaced = [each.listed.id for each in new if each.listed.id in kept]
    if replaced:
        BankruptcyNotice.objects.filter(pk__in=replaced, state=STATE.UNREADABLE).delete()
    if new:
        _add(new, now)
    moments = [each.listed.registered_at for each in found if moves and each.listed.registered_at]
    newest = max([*moments, *([reading.position] if reading.position else [])], default=None)
    if newest != reading.position:
        reading.position = newest
        reading.save(update_fields=["position"])
    return sum(each.notice is not None for each in new)


def finish(*, now: datetime) -> None:
    """Note that the feed was read to its end."""
    NoticeReading.objects.update_or_create(pk=1, defaults={"read_at": now})


def dismiss(notice: uuid.UUID) -> bool:
    """Note that a person has dealt with a notice that cannot be read. Return whether there was one."""
    waiting = BankruptcyNotice.objects.filter(pk=notice, state=STATE.UNREADABLE)
    return bool(waiting.update(state=STATE.DISMISSED))


def _is_news(found: Found, kept: BankruptcyNotice | None) -> bool:
    """Return whether it is not kept yet, or kept as unreadable and read now. What a person has dealt with stays so."""
    return kept is None or (kept.state == STATE.UNREADABLE and found.notice is not None)


def _add(found: Sequence[Found], now: datetime) -> None:
    debtors = _debtors({each.debtor for each in found if each.debtor})
    BankruptcyNotice.objects.bulk_create(_row(each, debtors, now) for each in found)
    NoticeParty.objects.bulk_create(party for each in found for party in _parties(each))


def _debtors(numbers: Collection[str]) -> dict[str, uuid.UUID]:
    """Return what stands for each debtor in all of its notices, whatever key its number was hashed with before."""
    by_hash = {digest: number for number in numbers for digest in hashes_of(Kind.PARTY, number)}
    before = NoticeParty.objects.filter(part=PART.DEBTOR, number_hash__in=list(by_hash))
    known = {by_hash[bytes(digest)]: debtor for digest, debtor in before.values_list("number_hash", "notice__debtor")}
    return {number: known.get(number) or uuid.uuid4() for number in numbers}


def _row(found: Found, debtors: dict[str, uuid.UUID], now: datetime) -> BankruptcyNotice:
    listed, notice = found.listed, found.notice
    return BankruptcyNotice(
        id=listed.id,
        state=STATE.READ if notice else STATE.UNREADABLE,
        type=notice.type if notice else listed.type,
        debtor=debtors[found.debtor] if found.debtor else None,
        ruling_date=notice.ruling_date if notice else None,
        registered_at=(notice and notice.registered_at) or listed.registered_at or now,
        received_at=now,
        link=listed.link,
        fault=found.fault,
    )


def _parties(found: Found) -> Iterator[NoticeParty]:
    if found.debtor:
        yield _party(found.listed.id, PART.DEBTOR, found.debtor)
    for unit in found.notice.units if found.notice else ():
        yield _party(found.listed.id, PART.UNIT, unit)


def _party(notice: uuid.UUID, part: str, number: str) -> NoticeParty:
    organisation = has_organisation_form(number)
    return NoticeParty(
        notice_id=notice,
        part=part,
        number_hash=hash_of(Kind.PARTY, number),
        organisation_number=number if organisation else "",
        person_sealed=None if organisation else seal(number, column="person_sealed", record=notice),
    )
