"""Put the reviewed service files into the database as approved versions."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from legal.models import DataConsumer, Service, ServiceVersion
from legal.service_files import faults, read_services


class Command(BaseCommand):
    help = "Load legal/services/*.toml; a file that differs from the approved version becomes the next one."

    def handle(self, *args: Any, **options: Any) -> None:
        files = read_services()
        for rules in files:
            for fault in faults(rules):
                raise CommandError(f"{rules.get('service', 'a service file')}: {fault}.")
        with transaction.atomic():
            for rules in files:
                self.load(rules)

    def load(self, rules: dict[str, Any]) -> None:
        for consumer in rules["consumers"]:
            number = consumer["organisation_number"]
            DataConsumer.objects.get_or_create(organisation_number=number, defaults={"name": consumer["name"]})
        service, _ = Service.objects.get_or_create(slug=rules["service"], defaults={"name": rules["name"]})
        versions = service.versions.select_for_update().order_by("-number")
        approved = versions.filter(state=ServiceVersion.State.APPROVED).first()
        if approved and approved.rules == rules:
            return
        latest = versions.first()
        versions.filter(state=ServiceVersion.State.APPROVED).update(state=ServiceVersion.State.ENDED)
        version = ServiceVersion.objects.create(
            service=service,
            number=latest.number + 1 if latest else 1,
            state=ServiceVersion.State.APPROVED,
            rules=rules,
            approved_at=timezone.now(),
        )
        self.stdout.write(f"{service.name}: version {version.number} is in force.")
