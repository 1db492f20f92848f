"""The yearly BSU report to Skatteetaten: prepare, check, send what two people have let go, and hear the verdict."""

import json
import sys
import uuid
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from tqdm import tqdm

from agencies.bsu import following, preparing, sending
from agencies.bsu.approvals import approved_sending, has_hard_findings
from agencies.bsu.checks_of_report import check_body
from agencies.bsu.client import Intake
from agencies.bsu.errors import HasFaults, NothingPrepared
from agencies.bsu.finding import Finding
from agencies.bsu.models import Delivery
from agencies.bsu.report import LARGEST_BYTES
from agencies.bsu.system_register import PACKAGES, SPELLINGS, register_entry
from agencies.commandline import AgencyCommand, told
from agencies.errors import AgencyError
from legal.periods import day_in_oslo

STATE = Delivery.State
FIRST_YEAR, LAST_YEAR = 1000, 9999
LONGEST_DAYS = 36_500
NO_FILE = ""


class Command(AgencyCommand):
    help = "Makes, checks and sends the yearly BSU report. Only what two people have let go in the admin is sent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("year", nargs="?", type=int, help="the income year; --status does without")
        does = parser.add_mutually_exclusive_group()
        does.add_argument(
            "--prepare",
            nargs="?",
            const=NO_FILE,
            metavar="FILE",
            help="keep the report as it will be sent: from the ledger, or these very bytes",
        )
        does.add_argument(
            "--check",
            nargs="?",
            const=NO_FILE,
            metavar="FILE",
            help="check what is prepared, else the ledger, or a file",
        )
        does.add_argument("--send", action="store_true", help="carry out, or finish, what has been approved")
        does.add_argument("--status", action="store_true", help="ask for verdicts that are due, and tell the state")
        does.add_argument(
            "--purge",
            type=int,
            metavar="DAYS",
            help="forget the bytes of reports that were judged longer ago than that",
        )
        does.add_argument("--system-register", action="store_true", help="print the rights for Altinn's register")
        parser.add_argument(
            "--spelling", choices=SPELLINGS, default="later", help="of the rights: the first page's or later"
        )
        parser.add_argument("--package", choices=PACKAGES, action="append", default=[], help="access package to add")
        parser.add_argument("--no-wait", action="store_true", help="after sending, leave the verdict to --status")

    def errand(self, *arguments: Any, **options: Any) -> None:
        self.as_json = options["as_json"]
        if self.done_without_year(options):
            return
        year = options["year"]
        if year is None or not FIRST_YEAR <= year <= LAST_YEAR:
            raise CommandError("Give the income year, as four digits.", returncode=2)
        if options["prepare"] is not None:
            self.prepare(year, options["prepare"])
        elif options["check"] is not None:
            self.check_report(year, options["check"])
        elif options["send"]:
            self.send(year, waits=() if options["no_wait"] else following.WAITS)
        elif options["status"]:
            self.status([year])
        elif options["purge"] is not None:
            self.purge(year, options["purge"])
        else:
            raise CommandError("Say what to do: --prepare, --check, --send, --status or --purge.", returncode=2)

    def done_without_year(self, options: Mapping[str, Any]) -> bool:
        """Do what concerns no single year, and return whether that was asked for."""
        if options["diagnose"]:
            self.diagnose(Intake(preparing.reporting_organisation()).session, as_json=self.as_json)
        elif options["system_register"]:
            self.stdout.write(json.dumps(register_entry(spelling=options["spelling"], packages=options["package"])))
        elif options["status"] and options["year"] is None:
            self.status(preparing.awaited_years(today=day_in_oslo(timezone.now())))
        else:
            return False
        return True

    def prepare(self, year: int, file: str) -> None:
        now = timezone.now()
        if file:
            deliveries = preparing.prepare_file(year, content_of(file), now=now)
        else:
            deliveries = preparing.prepare(year, now=now, progress=bar)
        self.tell(year, deliveries, findings=[found for delivery in deliveries for found in delivery.findings])

    def check_report(self, year: int, file: str) -> None:
        """Fail where a fault forbids sending; doubts alone do not."""
        findings = [
            finding.as_json()
            for body in bodies(year, file)
            for finding in check_body(body, preparing.expected_of(year), progress=bar)
        ]
        self.tell(year, findings=findings)
        if any(finding["hard"] for finding in findings):
            raise CommandError("The report cannot be sent: it has faults.")

    def send(self, year: int, *, waits: Sequence[float]) -> None:
        """Fail unless every part has been received in the end; those that were let go are sent all the same."""
        deliveries = preparing.current(year)
        if not deliveries:
            raise NothingPrepared(api="bsu")
        if any(has_hard_findings(delivery) for delivery in deliveries):
            raise HasFaults(api="bsu")
        waiting = [each for each in deliveries if each.state not in preparing.REACHED or approved_sending(each)]
        failed = self.each(bar(waiting, len(waiting)), lambda delivery: sending.send(delivery, now=timezone.now()))
        if waits:
            failed += self.each(received(year), lambda delivery: following.follow(delivery, waits=waits))
        self.tell(year, preparing.current(year))
        if failed:
            raise failed[0]

    def status(self, years: Sequence[int]) -> None:
        """Fail where the agency has refused or rejected something, so that whoever watches the command sees it."""
        failed: list[AgencyError] = []
        states: set[str] = set()
        for year in years:
            failed += self.each(received(year), lambda delivery: following.ask(delivery, now=timezone.now()))
            deliveries = preparing.current(year)
            states.update(delivery.state for delivery in deliveries)
            self.tell(year, deliveries)
        if failed:
            raise failed[0]
        if states & {STATE.REFUSED, STATE.REJECTED}:
            raise CommandError("The agency did not accept all of it; the admin shows why.")

    def purge(self, year: int, days: int) -> None:
        if not 0 <= days <= LONGEST_DAYS:
            raise CommandError("Give a number of days.", returncode=2)
        forgotten = preparing.purge(year, before=timezone.now() - timedelta(days=days))
        self.stdout.write(
            json.dumps({"year": year, "forgotten": forgotten}) if self.as_json else f"{forgotten} forgotten."
        )

    def each(self, deliveries: Iterable[Delivery], act: Callable[[Delivery], object]) -> list[AgencyError]:
        """Return what went wrong; a delivery that fails does not hold the others up."""
        failed: list[AgencyError] = []
        for delivery in deliveries:
            try:
                act(delivery)
            except AgencyError as error:
                self.stderr.write(f"{delivery.reference}: {told(error)}")
                failed.append(error)
        return failed

    def tell(
        self, year: int, deliveries: Sequence[Delivery] = (), *, findings: Sequence[dict[str, Any]] | None = None
    ) -> None:
        if self.as_json:
            said: dict[str, Any] = {"year": year, "deliveries": [facts_of(each) for each in deliveries]}
            self.stdout.write(json.dumps(said if findings is None else {**said, "findings": list(findings)}))
            return
        for each in deliveries:
            self.stdout.write(
                f"{each.reference}: part {each.part} of {each.parts}, {each.type}, {each.accounts} accounts, "
                f"{each.size} bytes: {each.state}"
            )
        for finding in findings or ():
            self.stdout.write(str(Finding(**finding)))
        if findings is not None:
            faults = sum(finding["hard"] for finding in findings)
            self.stdout.write(f"{faults} faults, {len(findings) - faults} doubts.")


def facts_of(delivery: Delivery) -> dict[str, Any]:
    """Return what may be told of a delivery: nobody's number stands in it."""
    return {
        "id": str(delivery.pk),
        "reference": delivery.reference,
        "part": delivery.part,
        "parts": delivery.parts,
        "replaces": str(delivery.replaces) if delivery.replaces else None,
        "type": delivery.type,
        "accounts": delivery.accounts,
        "sums": delivery.sums,
        "sha256": bytes(delivery.digest).hex(),
        "bytes": delivery.size,
        "state": delivery.state,
        "status": delivery.status,
        "code": delivery.code,
        "dialogId": delivery.dialog_id,
        "forsendelseId": delivery.submission_id,
        "feedback": delivery.feedback,
    }


def received(year: int) -> list[Delivery]:
    return [delivery for delivery in preparing.current(year) if delivery.state == STATE.RECEIVED]


def bodies(year: int, file: str) -> Iterable[bytes]:
    """Return what is to be checked: a file, else what is prepared, else what the ledger would give now."""
    if file:
        return [content_of(file)]
    prepared = preparing.current(year)
    if prepared:
        return (preparing.body_kept(delivery) for delivery in prepared)
    return preparing.bodies_of(year, report=uuid.uuid4(), progress=bar)


def content_of(file: str) -> bytes:
    """Return what the file holds, or stdin for `-`; of what is too large to be sent, enough to see that."""
    try:
        if file == "-":
            return sys.stdin.buffer.read(LARGEST_BYTES + 1)
        with Path(file).open("rb") as opened:
            return opened.read(LARGEST_BYTES + 1)
    except OSError:
        raise CommandError("The file cannot be read.", returncode=2) from None


def bar(items: Iterable[Any], total: int) -> Iterable[Any]:
    """Return the items, shown as a progress bar where somebody looks at stderr."""
    watched: Iterable[Any] = tqdm(items, total=total, disable=not sys.stderr.isatty(), leave=False, file=sys.stderr)
    return watched
