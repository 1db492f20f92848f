"""Whose key is the answer encrypted to? Certificates found through CertPub, validated, cached and chosen.

Every worker holds them in memory and follows the shared table once a second; a lease in that table lets one worker of
all look up a participant at a time. A request waits for a cold certificate only when no other of its worker does.
"""

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.db import DatabaseError
from django.db.models import Q

from audit import deadlines
from audit.background import Background
from dsop.certpub import Directory, LookUpFailed, NotPublished, published_certificates
from dsop.encryption import Recipient
from dsop.models import AgencyCertificate
from legal.certificate_files import certificates_in
from legal.certificate_reasons import CertificateRefused, Reason
from legal.certificate_subjects import OrganisationSubject
from legal.certificates import CertificateRules, KeyUse, ValidCertificate, check_certificate
from legal.refusals import CertificateUnavailable, RegisterUnavailable
from legal.register import register
from legal.revocation import Revocation

Outcome = AgencyCertificate.Outcome
TURN_SECONDS = 1.0
LOOK_UP_SECONDS = 5.0
LEASE = timedelta(seconds=10)
STALE = timedelta(hours=24)
NEGATIVE = timedelta(seconds=60)
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Held:
    """One row of the shared table as this worker holds it."""

    participant: str
    recipient: Recipient | None
    outcome: str
    found_at: datetime | None
    attempted_at: datetime | None

    def usable(self, *, now: datetime, lasts: timedelta) -> bool:
        """Return whether an answer may be encrypted to it now (CAC-01, CAC-02, CAC-06)."""
        if self.recipient is None or self.found_at is None or self.outcome not in (Outcome.USABLE, Outcome.FAILED):
            return False
        certificate = self.recipient.certificate
        in_time = certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc
        return in_time and now - self.found_at <= (STALE if self.outcome == Outcome.FAILED else lasts)

    def is_due(self, *, now: datetime, lasts: timedelta) -> bool:
        """Return whether it should be looked up again (CAC-04, CAC-05)."""
        if self.attempted_at is None or self.found_at is None or self.outcome != Outcome.USABLE:
            return self.attempted_at is None or now - self.attempted_at >= NEGATIVE
        return now - self.found_at >= lasts * 3 / 4


class AgencyCertificates:
    """The certificates of all open agencies, for one worker."""

    def __init__(
        self, directory: Directory, rules: CertificateRules, *, lasts: timedelta, number_may_be_missing: bool = False
    ) -> None:
        self._directory, self._rules, self._lasts = directory, rules, lasts
        self._number_may_be_missing = number_may_be_missing
        self._held: dict[str, Held] = {}
        self._recipients: dict[bytes, Recipient] = {}
        self._cold = threading.Semaphore()
        self._background = Background("certificates", self.turn)

    def start(self) -> None:
        self._background.ensure()

    def recipient(self, participant: str) -> Recipient:
        """Return whom to encrypt to. Raise CertificateUnavailable; nobody waits behind another for a cold one."""
        self._background.ensure()
        now = datetime.now(UTC)
        held = self._held.get(participant)
        if held is None or not held.usable(now=now, lasts=self._lasts):
            lately = held is not None and held.attempted_at is not None and now - held.attempted_at < NEGATIVE
            if lately or not self._cold.acquire(blocking=False):
                raise CertificateUnavailable
            try:
                held = self._cold_one(participant, known=held)
            finally:
                self._cold.release()
        if held.recipient is None or not held.usable(now=now, lasts=self._lasts):
            raise CertificateUnavailable
        return held.recipient

    def held(self, participant: str) -> Held | None:
        """Return what this worker holds of a participant, for those who watch."""
        return self._held.get(participant)

    def is_usable(self, held: Held, *, now: datetime) -> bool:
        return held.usable(now=now, lasts=self._lasts)

    def turn(self) -> float:
        """Follow the shared table, and look up what is due; return the seconds until the next turn."""
        self.read()
        try:
            agencies = register.in_force().agencies.values()
        except RegisterUnavailable:
            return TURN_SECONDS
        now = datetime.now(UTC)
        for participant in sorted({agency.certificate_participant for agency in agencies}):
            held = self._held.get(participant)
            if held is None or held.is_due(now=now, lasts=self._lasts):
                self.look_up(participant, deadline=time.monotonic() + LOOK_UP_SECONDS, where=_nobody_since(held))
        return TURN_SECONDS

    def read(self) -> None:
        """Take over what any worker found out."""
        held = {row.participant: self._as_held(row) for row in AgencyCertificate.objects.all()}
        self._recipients = {  # those no longer used are forgotten
            der: recipient
            for der, recipient in self._recipients.items()
            if any(recipient is one.recipient for one in held.values())
        }
        self._held = held

    def look_up(self, participant: str, *, deadline: float, where: Q | None = None) -> bool:
        """Look the participant up unless somebody else does, or the row is not so; return whether this worker did."""
        AgencyCertificate.objects.bulk_create([AgencyCertificate(participant=participant)], ignore_conflicts=True)
        now = datetime.now(UTC)
        free = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
        row = AgencyCertificate.objects.filter(free, where or Q(), pk=participant)
        lease = now + LEASE
        if not row.update(leased_until=lease):
            return False
        found = self._found(AgencyCertificate.objects.get(pk=participant), deadline)
        # What was found after the lease had run out is forgotten: somebody else may have pinned or found another.
        AgencyCertificate.objects.filter(pk=participant, leased_until=lease).update(leased_until=None, **found)
        self.read()
        return True

    def _cold_one(self, participant: str, *, known: Held | None) -> Held:
        deadline = time.monotonic() + deadlines.within(LOOK_UP_SECONDS)
        known_at = known.attempted_at if known else None
        try:
            mine = self.look_up(participant, deadline=deadline, where=_nobody_since(known))
            while not mine and time.monotonic() < deadline:
                time.sleep(POLL_SECONDS)
                self.read()
                held = self._held.get(participant)
                if held and held.attempted_at not in (None, known_at):
                    break
        except DatabaseError:
            raise CertificateUnavailable from None
        if participant not in self._held:
            raise CertificateUnavailable
        return self._held[participant]

    def _found(self, row: AgencyCertificate, deadline: float) -> dict[str, object]:
        """Return what changes in the row. On failure what was found before stays (CAC-02); on 404 it goes (CAC-03)."""
        now = datetime.now(UTC)
        before = bytes(row.certificate) if row.certificate else None
        try:
            ders = [before] if row.pinned and before else self._published(row.participant, deadline)
        except NotPublished:
            return _outcome(Outcome.NOT_PUBLISHED, now, [], certificate=None)
        except LookUpFailed as failure:
            return _outcome(Outcome.FAILED, now, [failure.reason])
        valid: list[ValidCertificate] = []
        refused: dict[bytes, Reason] = {}
        for der in ders:
            last_good_at = row.revocation_checked_at if der == before else None
            try:
                valid.append(self.checked(der, row.participant, deadline=deadline, last_good_at=last_good_at))
            except CertificateRefused as refusal:
                refused[der] = refusal.reason
        reasons = [reason.value for reason in refused.values()]
        if valid:
            best = newest(valid)
            return _outcome(
                Outcome.USABLE,
                now,
                reasons,
                certificate=best.certificate.public_bytes(Encoding.DER),
                found_at=now,
                revocation_checked_at=best.revocation.at,
            )
        if before not in refused and Reason.REVOCATION_UNKNOWN in refused.values():
            return _outcome(Outcome.FAILED, now, reasons)  # a new one that nobody could vouch for: the old one stays
        # A pinned one stays to be looked at. Refused once, no earlier check of it holds any more.
        kept = {} if row.pinned else {"certificate": None}
        return _outcome(Outcome.NONE_VALID, now, reasons, revocation_checked_at=None, **kept)

    def checked(
        self, der: bytes, participant: str, *, deadline: float, last_good_at: datetime | None = None
    ) -> ValidCertificate:
        """Return the certificate if it may be used for that participant. Raise CertificateRefused."""
        return check_certificate(
            der,
            self._rules,
            subject=OrganisationSubject(participant, in_common_name=True, may_be_missing=self._number_may_be_missing),
            now=datetime.now(UTC),
            seconds=max(deadline - time.monotonic(), 0.0),
            last_good_at=last_good_at,
        )

    def _published(self, participant: str, deadline: float) -> list[bytes]:
        return published_certificates(participant, self._directory, deadline=deadline)

    def _as_held(self, row: AgencyCertificate) -> Held:
        recipient = None
        if row.certificate:
            der = bytes(row.certificate)
            recipient = self._recipients.setdefault(der, Recipient.from_der(der))
        return Held(row.participant, recipient, row.outcome, row.found_at, row.attempted_at)


def _nobody_since(known: Held | None) -> Q:
    """Match a row that nobody has looked up since this worker read it."""
    return Q(attempted_at__isnull=True) | Q(attempted_at=known.attempted_at if known else None)


def newest(valid: Iterable[ValidCertificate]) -> ValidCertificate:
    """Return the one that began last, and of several the lowest serial number, so that all workers choose alike."""
    return max(valid, key=lambda one: (one.not_before, -one.serial_number))


def _outcome(outcome: Outcome, now: datetime, reasons: list[str], **found: object) -> dict[str, object]:
    return {"outcome": outcome, "attempted_at": now, "reasons": reasons, **found}


@cache
def certificates() -> AgencyCertificates:
    """Return this process's one store; it starts no thread until it is first asked, which is after the fork."""
    directory = Directory(
        locator=settings.CERTPUB_LOCATOR_URL,
        publisher_hosts=frozenset(settings.CERTPUB_PUBLISHER_HOSTS),
        loopback_http=settings.SANDBOX,
    )
    return AgencyCertificates(
        directory,
        certificate_rules(),
        lasts=timedelta(seconds=settings.CERTIFICATE_CACHE_SECONDS),
        number_may_be_missing=settings.ENVIRONMENT == "test",
    )


def certificate_rules() -> CertificateRules:
    """Return what an agency's certificate must be like. Raise ValueError or OSError when the settings are at fault."""
    return CertificateRules(
        roots=certificates_in(settings.CERTIFICATE_ROOTS_FILE.read_bytes()),
        intermediates=certificates_in(settings.CERTIFICATE_INTERMEDIATES_FILE.read_bytes()),
        policies=frozenset(settings.CERTIFICATE_POLICIES),
        policy_arcs=frozenset(settings.CERTIFICATE_POLICY_ARCS),
        usages=frozenset({KeyUse.KEY_ENCIPHERMENT, KeyUse.DATA_ENCIPHERMENT}),
        revocation=Revocation(hosts=settings.CERTIFICATE_REVOCATION_HOSTS),
    )
