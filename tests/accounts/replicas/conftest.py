"""A ledger with two hosts, which are one server twice: what is tested is which of them is asked, and how often."""

import time
from contextlib import contextmanager

import pytest
from django.db import connections

from accounts.replicas import again, base, watching
from accounts.replicas.lag import Lag, in_order
from accounts.replicas.lines import Lines
from accounts.replicas.watching import Finding

FRESH = Lag(primary=False, answers=True, fresh=True, bytes=0, seconds=0.0)
LATE = Lag(primary=False, answers=True, fresh=False, bytes=1, seconds=99.0)
PRIMARY = Lag(primary=True, answers=True, fresh=True, bytes=0, seconds=0.0)
GONE = Lag(primary=False, answers=False, fresh=False)


class Told:
    """What is found is told by the test. A host whose port is 1 cannot be reached."""

    def __init__(self, server):
        self.hosts = [(server["HOST"], server["PORT"] or "5432")] * 3
        self.lines = Lines()
        self.found(PRIMARY, FRESH)

    def found(self, *lags, wanted="prefer-standby", edition=0):
        primary = next((place for place, lag in enumerate(lags) if lag.primary), None)
        self.told = Finding(time.monotonic(), lags, in_order(lags, wanted), primary, edition)

    def cut(self, host):
        self.hosts[host] = ("127.0.0.1", "1")

    def finding(self):
        return self.told

    @property
    def last(self):
        return self.told


@pytest.fixture
def told(monkeypatch, django_db_blocker):
    serving = connections["ledger"]
    settings = {**serving.settings_dict, "ENGINE": "accounts.replicas"}
    choices = {"target_session_attrs": "prefer-standby", "load_balance_hosts": "random"}
    settings["OPTIONS"] = {**settings["OPTIONS"], **choices}
    told, wrapper = Told(settings), base.DatabaseWrapper(settings, "ledger")
    for room in (again, base, watching):
        monkeypatch.setattr(room, "watch", lambda: told)
    monkeypatch.setitem(connections.databases, "ledger", settings)
    with django_db_blocker.unblock():
        connections["ledger"] = wrapper
        yield told
        connections["ledger"] = serving
        wrapper.close()


@contextmanager
def overheard():
    """Give the list of what is asked within the block, each statement with the host it went to."""
    asked, connection = [], connections["ledger"]

    def keep(execute, sql, params, many, context):
        asked.append((connection._host, sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        yield asked
