"""Officers, and a breach."""

from datetime import timedelta

import pytest
from django.utils import timezone

from compliance.breach.models import Breach
from tests.compliance.breach.desk import desk
from tests.legal.governed import person


@pytest.fixture
def kari():
    return desk("kari", of="Kari")


@pytest.fixture
def kari_again():
    """Kari's second account."""
    return desk("kari-again", of="Kari")


@pytest.fixture
def ola():
    return desk("ola", of="Ola")


@pytest.fixture
def breach():
    now = timezone.now()
    made = Breach(
        kind="wrong_rules",
        discovered_at=now - timedelta(hours=2),
        aware_at=now - timedelta(hours=1),
        opened_by=person("Kari"),
        opened_name="Kari (kari)",
        opened_at=now,
    )
    made.write(happened="Too many fields.")
    made.save(force_insert=True)
    return made
