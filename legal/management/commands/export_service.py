"""Write a service back as a file, to be reviewed and kept beside the code."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from legal.in_force import version_in_force
from legal.models import Service, ServiceVersion
from legal.register import today_in_oslo
from legal.service_documents import written


class Command(BaseCommand):
    help = (
        "Write a service's version as a file in the form of legal/services/*.toml; without a number the one in force."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("service", help="its short name, such as fi-utlegg-saldo")
        parser.add_argument("--number", type=int, help="another version than the one in force")
        parser.add_argument("--output", type=Path, help="a file instead of the screen")

    def handle(self, *args: Any, service: str, number: int | None, output: Path | None, **options: Any) -> None:
        text = written(find(service, number).rules)
        if output is None:
            self.stdout.write(text, ending="")
            return
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{output}: {error.strerror}.") from None


def find(slug: str, number: int | None) -> ServiceVersion:
    """Return the version. Raise CommandError in words when there is none."""
    service = Service.objects.filter(slug=slug).first()
    if service is None:
        raise CommandError(f"{slug}: there is no such service.")
    if number is None:
        version = version_in_force(service.pk, today=today_in_oslo())
    else:
        version = service.versions.filter(number=number).first()
    if version is None:
        raise CommandError(f"{slug}: there is no such version.")
    return version
