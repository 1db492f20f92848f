"""Make a new key and say what to write into the settings."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.key_making import add_options, make_key, order_of
from audit.key_sources import Purpose
from audit.security_module import KeyUnusable

RINGS = {
    Purpose.REFERENCE: "REFERENCE_KEYS",
    Purpose.AUDIT_LOOKUP: "AUDIT_LOOKUP_KEYS",
    Purpose.AUDIT_ENCRYPTION: "AUDIT_ENCRYPTION_KEYS",
}


class Command(BaseCommand):
    help = "Make a key: printed as it belongs into the settings, or in a new file, or inside the security module."
    requires_system_checks = []  # a key that is found wanting must not keep anybody from making a better one

    def add_arguments(self, parser: CommandParser) -> None:
        add_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        setting = RINGS.get(Purpose(options["purpose"]))
        taken = [key.name for key in getattr(settings, setting)] if setting else []
        if options["name"] in taken:
            raise CommandError(f"{setting} has a key of that name already: names are never used twice.")
        try:
            made = make_key(order_of(options, taken=taken), settings.SECURITY_MODULE)
        except KeyUnusable as error:
            raise CommandError(f"The key {error}.") from None
        self.stdout.write(made, ending="")
        if setting:
            self.stderr.write(f"Add it to {setting} everywhere, last; put it first when all have it (docs/keys.md).")
