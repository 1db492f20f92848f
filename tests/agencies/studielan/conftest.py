"""A bank whose errands lead to the stand-ins, and customers who have consented or not."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from agencies.studielan import consent, logins
from agencies.studielan.kept_logins import Login
from sandbox.counterparts.lanekassen.persons import PERSONS
from tests.agencies.studielan.customers import answer_consent

SECRET = "s" * 32


@pytest.fixture
def bank(stand_ins, settings, db):
    """Return the stand-ins, with the bank's settings leading to them."""
    for name, value in stand_ins.settings.items():
        setattr(settings, name, value)
    return stand_ins


@pytest.fixture
def login():
    """Return a function that begins a login of the customer of a case."""

    def begin(case="7", secret=SECRET, minutes=15):
        person = next(person for person in PERSONS if person.case == case)
        made = Login(secret, person.number, timezone.now() + timedelta(minutes=minutes))
        logins.start(made)
        return made

    return begin


@pytest.fixture
def consented(bank, login):
    """Return a function that begins a login of a customer who gives consent as in a browser."""

    def begin(case="7", **options):
        made = login(case, **options)
        answer_consent(bank, made, consent.ask(made, surname="Nordmann"))
        return made

    return begin


@pytest.fixture
def patient():
    """Return a clock that nobody waits for, and that knows how long they would have."""
    waited = []
    return SimpleNamespace(waited=waited, wait=waited.append)
