"""What tests of the BSU report share: the stand-in, people, and reports that are ready to be sent."""

from datetime import UTC, datetime

import pytest

from agencies import tokens
from agencies.bsu import approvals, preparing
from legal.periods import day_in_oslo
from tests.legal.governed import person

NOW = datetime.now(UTC)
YEAR = day_in_oslo(NOW).year - 1
"""The synthetic bank's latest year, and one that the stand-in has open."""


@pytest.fixture
def intake(stand_ins, settings):
    """The stand-in with nothing in it; this bank's settings lead there."""
    for name, value in stand_ins.settings.items():
        setattr(settings, name, value)
    tokens.store.forget()
    yield stand_ins
    tokens.store.forget()


@pytest.fixture
def ready(intake):
    """Return a function that prepares the year's report and lets two people agree to its sending."""

    def make(**options):
        deliveries = preparing.prepare(YEAR, now=NOW, **options)
        for delivery in deliveries:
            let_go(delivery)
        return deliveries

    return make


def let_go(delivery, because="The yearly report"):
    sending = approvals.request_sending(delivery, because=because, by=person("Kari"), now=NOW)
    return approvals.approve_sending(sending, seen=bytes(delivery.digest).hex(), by=person("Ola"), now=NOW)


def processed(intake):
    """Return how often the stand-in has processed each reference."""
    answer = intake.ask("GET", "/control/bsu/deliveries").json()
    return {row["reference"]: row["processed"] for row in answer["deliveries"]}
