"""What tests of the services share: cases as each agency opens them, and the notices of the bankrupt."""

import functools
import time
from datetime import UTC, datetime

import pytest
from django.db import connection

from legal.konkursvarsel import Feed
from legal.notice_reading import read
from legal.register import ASK_EVERY_SECONDS
from tests.agency import case_of

TABLES = ("legal_noticeparty", "legal_bankruptcynotice", "legal_noticereading")


@pytest.fixture(scope="session")
def opens(server):
    """Return a function that opens a case: `opens("skatt-kontroll", "history", owners="true")`."""
    return functools.partial(case_of, server)


@pytest.fixture(scope="module")
def notices(server, opens, django_db_blocker, forgets_notices):
    """Read the stand-in's notices, and wait until every worker knows; other modules find none."""
    now = datetime.now(UTC)
    with django_db_blocker.unblock():
        connection.close()  # an earlier module may have had it cut
        read(Feed(f"http://127.0.0.1:{server.port}/sandbox/konkursvarsel", tls=None, loopback_http=True), now=now)
    wait_until_all_answer(opens("konkursbehandling", "bankrupt"))


@pytest.fixture(scope="module")
def forgets_notices(superuser):
    """Leave no notice to the next module."""
    yield
    with superuser() as session:
        for table in TABLES:
            session.execute(f"DELETE FROM {table}")


def wait_until_all_answer(case):
    """Wait until every worker knows: each question comes on a connection of its own, which any of them may take.

    A worker that answers right may still do so from what it knew before; after a turn of its register it does not.
    """
    begun, known = time.monotonic(), 0
    while known < 10 or time.monotonic() < begun + 1.2 * ASK_EVERY_SECONDS:
        assert time.monotonic() < begun + 20
        known = known + 1 if case.ask("accounts", Connection="close").status == 200 else 0


@pytest.fixture(scope="session")
def known_to_all():
    return wait_until_all_answer
