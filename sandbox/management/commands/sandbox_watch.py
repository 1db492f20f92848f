"""What a bank keeps running beside its server, in one process: partitions, student loans swept, the desk's watcher."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from agencies.studielan.logins import sweep
from agencies.studielan.management.commands.studielan_sweep import AFTER_ERROR, EVERY
from audit.background import Background
from compliance.watching.management.commands.desk_watch import AFTER_ERROR as WATCH_AFTER_ERROR
from compliance.watching.management.commands.desk_watch import EVERY as WATCH_EVERY
from compliance.watching.watcher import turn


def duty() -> float:
    sweep()
    return EVERY


def watch() -> float:
    return 0.0 if turn(timezone.now()).left else WATCH_EVERY


class Command(BaseCommand):
    help = "Stays, and does as owner what audit_partitions, studielan_sweep and desk_watch do with --watch."

    def handle(self, **options: Any) -> None:
        Background("studielan-sweep", duty, after_error=AFTER_ERROR).ensure()
        Background("desk-watch", watch, after_error=WATCH_AFTER_ERROR).ensure()
        call_command("audit_partitions", watch=True)
