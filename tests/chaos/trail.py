"""The trail's database goes and comes back: nothing is answered that cannot be recorded, and nobody has to help."""

import time
from collections.abc import Callable

import psycopg

from sandbox.owners import SERVING
from tests import cluster
from tests.chaos.frame import Outcome, scenario
from tests.chaos.ledger import frozen, kill
from tests.chaos.load import Load, is_proper_error
from tests.chaos.mixed import longest, mixed, patient, quiet_day, seconds_until_whole, unless_between
from tests.chaos.replication import QUIET_SECONDS, outcome
from tests.chaos.stage import Stage
from tests.consumer import Server

STOPPED_SECONDS = 12.0
"""Longer than the register is trusted without being confirmed."""
KILLED_SECONDS = 3.0
FROZEN_SECONDS = 26.0
"""Longer than any request has time."""
LOOK_EVERY_SECONDS = 0.2
CUTS, CUT_EVERY_SECONDS = 6, 1.0
CUT = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = %s"


@scenario("the trail's database is stopped and started")
def stopped(stage: Stage) -> Outcome:
    """As an operator restarts it, and takes longer over it than the mandates are known without a look."""
    return without_trail(stage, cluster.CLUSTER.stop, STOPPED_SECONDS)


@scenario("the trail's database is killed and recovers")
def killed(stage: Stage) -> Outcome:
    """What it had said to have committed must be there afterwards."""
    return without_trail(stage, lambda: kill(cluster.CLUSTER), KILLED_SECONDS)


def without_trail(stage: Stage, take_away: Callable[[], None], seconds: float) -> Outcome:
    """Return what came of a load while the trail's server was gone for that long, and started again."""
    questions = mixed(stage)
    right = quiet_day(questions)
    try:
        with Load(questions) as load:
            time.sleep(QUIET_SECONDS)
            take_away()
            gone_at = time.monotonic()
            check_health(stage.server, seconds)
            started_at = time.monotonic()
            cluster.CLUSTER.start()
            recovery = seconds_until_whole(load, right)
            time.sleep(QUIET_SECONDS)
    finally:
        cluster.CLUSTER.start()
    return outcome(load.asked, unless_between(right, gone_at, started_at), recovery, errors_allowed=True)


def check_health(server: Server, seconds: float) -> None:
    """Watch a service that lives and cannot answer, for so long. Raise when it says otherwise."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        live, ready = (server.get(f"/health/{word}").status for word in ("live", "ready"))
        if live != 200:
            raise AssertionError(f"/health/live said {live}.")
        time.sleep(LOOK_EVERY_SECONDS)
    if ready != 503:
        raise AssertionError(f"/health/ready still said {ready}.")


@scenario("the trail's database freezes")
def frozen_under_load(stage: Stage) -> Outcome:
    """Nothing is refused and nothing answers there: whoever waits for a record is told so before it gives up."""
    server = patient(stage.server)
    questions = mixed(stage, server)
    right = quiet_day(questions)
    with Load(questions) as load:
        time.sleep(QUIET_SECONDS)
        with frozen(cluster.CLUSTER):
            frozen_at = time.monotonic()
            check_health(server, FROZEN_SECONDS)
            thawed_at = time.monotonic()
        recovery = seconds_until_whole(load, right)
        time.sleep(QUIET_SECONDS)
    note = f"the longest answer took {longest(load.asked):.1f} s"
    silent = unless_between(right, frozen_at, thawed_at)
    return outcome(load.asked, silent, recovery, errors_allowed=True, note=note)


@scenario("every session of the service is cut, again and again")
def cut(stage: Stage) -> Outcome:
    """On both databases and all hosts, as a pooler or a firewall that is restarted does.

    Each question and each record is tried once more. Who then meets a host that is cut a moment later is refused:
    at most one in each turn.
    """
    questions = mixed(stage)
    right = quiet_day(questions)
    hosts = [cluster.CLUSTER.superuser_url("dsop"), *(host.superuser_url("ledger") for host in stage.ledger.hosts)]
    ended = 0
    with Load(questions) as load:
        time.sleep(QUIET_SECONDS)
        for _ in range(CUTS):
            ended += sum(cut_sessions(host) for host in hosts)
            time.sleep(CUT_EVERY_SECONDS)
        recovery = seconds_until_whole(load, right)
    few = sum(map(is_proper_error, load.asked)) <= CUTS
    return outcome(load.asked, right, recovery, errors_allowed=few, note=f"{ended} sessions cut in {CUTS} turns")


def cut_sessions(url: str) -> int:
    """End every session of the service at a server, and return how many there were."""
    with psycopg.connect(url, autocommit=True) as connection:
        return int(connection.execute(CUT, [SERVING]).fetchone()[0])
