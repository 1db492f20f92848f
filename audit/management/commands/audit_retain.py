"""Carry out, as owner, what two people have agreed to: deletions that are due, and releases of cases held."""

from argparse import ArgumentParser
from datetime import UTC, date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError, connection

from audit.access import COMMAND_LINE, system_account
from audit.retain.carrying_out import Done, NotCarriedOut, carry_out
from audit.retain.deciding import Actor
from audit.retain.deletions import Deletion, due
from audit.retain.models import Decision
from audit.retain.policy import Policy, policy_in_force
from audit.retain.standing import approved, pending
from audit.retain.verifying import Months

# Only a table written anew holds none of the bytes that were in it: plain VACUUM leaves them in the pages' gaps.
PATIENCE, REWRITE = "SET lock_timeout = '10s'", "VACUUM (FULL) audit_key"


class Command(BaseCommand):
    help = "Carries out, as owner, every deletion and release that two people have agreed to and that is due."

    def add_arguments(self, parser: ArgumentParser) -> None:
        only = parser.add_mutually_exclusive_group()
        only.add_argument("--due", action="store_true", help="list what may be deleted and nobody has asked for")
        only.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")

    def handle(self, *, due: bool, dry_run: bool, **options: Any) -> None:
        policy, today = policy_in_force(), datetime.now(UTC).date()
        if due:
            self.tell_due(policy, today)
            return
        failed = self.carry_out(policy, today, rehearse=dry_run)
        if not dry_run:
            with connection.cursor() as cursor:
                cursor.execute(PATIENCE)
                cursor.execute(REWRITE)
        if failed:
            raise CommandError(f"{failed} of the approved requests could not be carried out.")

    def tell_due(self, policy: Policy, today: date) -> None:
        asked = {Deletion.of(request) for request in pending().filter(kind=Decision.Kind.DELETION_REQUESTED)}
        for deletion in due(policy, today=today):
            if deletion not in asked:
                day = policy.due_from(deletion.what, deletion.service, deletion.month)
                self.stdout.write(f"{words(deletion)}: since {day.isoformat()}")

    def carry_out(self, policy: Policy, today: date, *, rehearse: bool) -> int:
        """Return how many requests could not be carried out."""
        failed, months, by = 0, Months(connection), Actor(COMMAND_LINE, system_account())
        for request in list(approved()):
            try:
                done = carry_out(request, policy=policy, today=today, by=by, verified=months.fault, rehearse=rehearse)
            except NotCarriedOut as reason:
                failed += 1
                self.stderr.write(f"{title(request)}: {reason}")
            except (DatabaseError, InterfaceError) as error:
                # The text of a database error may hold a row.
                raise CommandError(f"{title(request)}: the database ended it ({type(error).__name__}).") from None
            else:
                if done is not None:
                    self.stdout.write(f"{title(request)}: {'would be ' if rehearse else ''}{result(request, done)}")
        return failed


def title(request: Decision) -> str:
    if request.kind == Decision.Kind.DELETION_REQUESTED:
        return words(Deletion.of(request))
    return f"case {request.account_info_request_id}"


def words(deletion: Deletion) -> str:
    service = f" of {deletion.service}" if deletion.service else ""
    return f"{deletion.what}{service} {deletion.month:%Y-%m}"


def result(request: Decision, done: Done) -> str:
    keys, copies = f"{len(done.keys)} keys destroyed", f"{done.copies} copies"
    if request.kind == Decision.Kind.RELEASE_REQUESTED:
        return f"released, {copies} unreadable, {keys}"
    return f"deleted, {done.rows} rows, {keys}, {len(done.tables)} tables dropped, {copies} held"
