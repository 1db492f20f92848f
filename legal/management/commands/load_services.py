"""Put the reviewed service files into the database, never over what two people approved in the admin."""

import sys
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from legal.governance import locked, make_consumers, next_number, settle
from legal.history import recorded
from legal.in_force import version_in_force
from legal.models import Service, ServiceVersion
from legal.register import today_in_oslo
from legal.service_files import conflicts, faults, read_services
from legal.version_differences import differences

State, Origin = ServiceVersion.State, ServiceVersion.Origin


class Command(BaseCommand):
    help = (
        "Load legal/services/*.toml. A changed file becomes the next version, in force at once while the newest"
        " approved version came from a file too; once that was made in the admin, the file becomes a draft."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="change nothing; print where files and database differ, and end with 1"
        )

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        files = read_services()
        for rules in files:
            for fault in faults(rules):
                raise CommandError(f"{rules.get('service', 'a service file')}: {fault}.")
        for conflict in conflicts(files):
            raise CommandError(f"{conflict}.")
        if check:
            if found := compared(files):
                self.stdout.write("\n".join(found))
                sys.exit(1)
            return
        with recorded(command="load_services"), transaction.atomic():
            for rules in files:
                self.load(rules)

    def load(self, rules: dict[str, Any]) -> None:
        service, _ = Service.objects.get_or_create(slug=rules["service"], defaults={"name": rules["name"]})
        service = locked(service.pk)
        newest = service.versions.filter(approved_at__isnull=False).order_by("-number").first()
        if newest and newest.rules == rules:
            make_consumers(rules)
            return
        if newest and newest.origin == Origin.ADMIN:
            self.draft(service, rules, newest)
            return
        today = today_in_oslo()
        version = ServiceVersion.objects.create(
            service=service,
            number=next_number(service),
            # Until the one before has ended; the database lets only one be `approved`.
            state=State.WAITING,
            rules=rules,
            approved_at=timezone.now(),
            effective_from=today,
        )
        make_consumers(rules)
        settle(service, today=today)
        self.stdout.write(f"{service.name}: version {version.number} is in force.")

    def draft(self, service: Service, rules: dict[str, Any], newest: ServiceVersion) -> None:
        """Leave the file as a draft for somebody to approve, once."""
        held = service.versions.filter(state=State.DRAFT, origin=Origin.FILE, rules=rules).first()
        if held is None:
            if service.versions.filter(state=State.ENDED, origin=Origin.FILE, rules=rules, number__gt=newest.number):
                return  # somebody has looked at it and withdrew it
            held = ServiceVersion.objects.create(service=service, number=next_number(service), rules=rules)
        self.stdout.write(
            f"{service.name}: version {newest.number} was made in the admin and stays;"
            f" the file is draft {held.number}, for a person to approve or withdraw."
        )


def compared(files: Sequence[dict[str, Any]]) -> list[str]:
    """Return in words where the files differ from what is in force, and services that have no file."""
    today, found = today_in_oslo(), []
    services = {service.slug: service for service in Service.objects.order_by("slug")}
    for rules in files:
        service = services.pop(rules["service"], None)
        ruling = version_in_force(service.pk, today=today) if service else None
        if ruling is None:
            found.append(f"{rules['service']}: nothing is in force.")
            continue
        found += [
            f"{rules['service']}: {difference} (the file against version {ruling.number})"
            for difference in differences(ruling.rules, rules)
        ]
    return found + [f"{slug}: it has no file." for slug in services]
