"""Two watchers at once make what one makes."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from compliance.watching.models import Folding
from compliance.watching.watcher import turn
from tests.compliance.watching.trail import NOON, asked


def keep_something():
    Folding.objects.create(pk=1, first=NOON, until=NOON, reached=NOON)
    for _ in range(6):
        asked(person="somebody", refusal="UnknownMandate", outcome="refused", times=2)


def alone(act, *arguments):
    """Act on a connection of this thread's own."""
    try:
        return act(*arguments)
    finally:
        connection.close()


@pytest.mark.usefixtures("clean_audit", "clean_watch")
def test_two_watchers_at_once(superuser, django_db_blocker):
    with django_db_blocker.unblock(), ThreadPoolExecutor(2) as threads:
        threads.submit(alone, keep_something).result()
        done = [threads.submit(alone, turn, NOON) for _ in range(2)]
        assert sum(one.result().alerts for one in done) == 2
    with superuser() as session:
        raised = session.execute("SELECT kind, observed FROM watching_alert ORDER BY kind").fetchall()
        kept = session.execute("SELECT count(*), sum(count) FROM watching_tally").fetchone()
        letters = session.execute("SELECT count(*) FROM watching_alertmail").fetchone()
    assert (raised, kept, letters) == ([("mandate", 12), ("person", 6)], (1, 12), (2,))
