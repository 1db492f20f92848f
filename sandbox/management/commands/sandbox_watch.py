"""What a bank keeps running beside its server, in one process: the trail's partitions, and sweeping student loans."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from agencies.studielan.logins import sweep
from agencies.studielan.management.commands.studielan_sweep import AFTER_ERROR, EVERY
from audit.background import Background


def duty() -> float:
    sweep()
    return EVERY


class Command(BaseCommand):
    help = "Stays, and does as owner what audit_partitions --watch and studielan_sweep --watch do."

    def handle(self, **options: Any) -> None:
        Background("studielan-sweep", duty, after_error=AFTER_ERROR).ensure()
        call_command("audit_partitions", watch=True)
