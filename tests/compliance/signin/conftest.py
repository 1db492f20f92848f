"""One provider for the tests of signing in; each test has it in good order."""

import pytest
from django.test import Client

from compliance.signin import provider as providers
from tests.compliance.signin.bank_provider import running_provider


@pytest.fixture(scope="session")
def one_provider():
    with running_provider() as provider:
        yield provider


@pytest.fixture
def bank(one_provider, settings):
    """The provider, and this process set up for it."""
    before = dict(vars(one_provider))
    fresh = type(one_provider)(int(one_provider.issuer.rpartition(":")[2]))
    vars(one_provider).update(vars(fresh))
    for name, value in one_provider.settings.items():
        setattr(settings, name, value)
    providers._provider.cache_clear()
    yield one_provider
    vars(one_provider).update(before)
    providers._provider.cache_clear()


@pytest.fixture
def browser():
    return Client(HTTP_HOST="localhost")
