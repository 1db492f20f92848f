"""Make the groups of people who work in the admin."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from compliance.people import make_groups


class Command(BaseCommand):
    help = "Make the groups of people with exactly their rights; run after every migration."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            make_groups()
