"""A bank whose errands lead to the stand-ins, and customers who have consented or not."""

from types import SimpleNamespace

import pytest

from agencies.studielan import consent, logins
from agencies.studielan.models import BrowserSession, Consent, KeptLogin
from tests.agencies.studielan.customers import SECRET, answer_consent, login_of


@pytest.fixture
def bank(stand_ins, settings, db):
    """Return the stand-ins, with the bank's settings leading to them."""
    for name, value in stand_ins.settings.items():
        setattr(settings, name, value)
    return stand_ins


@pytest.fixture
def login(db):
    """Return a function that begins a login of the customer of a case."""

    def begin(case="7", secret=SECRET, minutes=15):
        made = login_of(case, secret, minutes)
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


@pytest.fixture
def committed(django_db_setup, django_db_blocker, clean_audit, stand_ins, settings):
    """Let every connection see what a test does, and leave nothing behind."""
    for name, value in stand_ins.settings.items():
        setattr(settings, name, value)
    with django_db_blocker.unblock():
        yield stand_ins
        for model in (KeptLogin, Consent, BrowserSession):
            model.objects.all().delete()
