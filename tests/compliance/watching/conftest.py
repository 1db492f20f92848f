"""What tests of the watcher share: tables that are emptied again where something was committed."""

import pytest

from tests.compliance.watching.trail import empty_sums


@pytest.fixture
def clean_watch(superuser):
    """Empty what the watcher keeps, before and after a test that commits. The limits stay."""
    empty_sums(superuser)
    yield
    empty_sums(superuser)
