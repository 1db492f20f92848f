"""Delete what names people in citizens' requests whose years are over."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from compliance.citizens.tidying import tidy
from legal.history import recorded
from legal.register import today_in_oslo


class Command(BaseCommand):
    help = "Delete who asked, letters and words of citizens' requests that ended DESK_CITIZEN_YEARS ago."

    def handle(self, *args: Any, **options: Any) -> None:
        with recorded(command="desk_tidy"):
            tidied = tidy(today_in_oslo(), years=settings.DESK_CITIZEN_YEARS)
        self.stdout.write(f"Contents of {tidied} requests deleted.")
