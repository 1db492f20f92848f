"""Two instances of the service on one database behave as one: what is closed, and one trail of records."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from sandbox.seal_keys import key_source, public_file
from tests import cluster
from tests.chaos.frame import Outcome, scenario
from tests.chaos.load import Asked, Load
from tests.chaos.replication import expected_of, outcome, told_right
from tests.chaos.stage import Stage
from tests.consumer import Consumer, Server, identifier

CLOSED_WITHIN_SECONDS = 1.0
WATCHED_SECONDS = 3.0
OPEN = "UPDATE legal_service SET is_open = %s WHERE slug = 'fi-utlegg-saldo'"


def second(stage: Stage) -> Server:
    """Return the second instance, started when it is first asked for."""
    return stage.servers[1] if len(stage.servers) > 1 else stage.start()


@contextmanager
def closed() -> Iterator[float]:
    """Close a service past the admin, and give the moment; it is open again afterwards."""
    with psycopg.connect(cluster.CLUSTER.superuser_url("dsop"), autocommit=True) as connection:
        connection.execute(OPEN, [False])
        try:
            yield time.monotonic()
        finally:
            connection.execute(OPEN, [True])


@scenario("two instances: a service is closed in both within a second")
def closing(stage: Stage) -> Outcome:
    """Each question comes on a connection of its own, which any worker may take."""
    consumers = [Consumer(server, "974761076") for server in (stage.server, second(stage))]
    questions = {
        f"instance {place + 1}": lambda correlation_id, consumer=consumer: consumer.accounts(
            identifier("credit-line"), CorrelationID=correlation_id, Connection="close"
        )
        for place, consumer in enumerate(consumers)
    }
    with Load(questions) as load:
        time.sleep(WATCHED_SECONDS)
        with closed() as closed_at:
            time.sleep(2 * WATCHED_SECONDS)
            reopened_at = time.monotonic()
        time.sleep(WATCHED_SECONDS)
    while_closed = [row for row in load.asked if closed_at <= row.begun and row.ended < reopened_at]
    last = max((row.begun - closed_at for row in while_closed if row.status == 200), default=0.0)
    refused = {row.question for row in while_closed if is_refused(row)}

    def right(asked: Asked) -> bool:
        late = closed_at + CLOSED_WITHIN_SECONDS < asked.begun and asked.ended < reopened_at
        return is_refused(asked) if late else asked.status == 200 or is_refused(asked)

    note = f"last answered {last:.2f} s after the closing"
    return outcome(load.asked, right, last if refused == questions.keys() else None, note=note)


def is_refused(asked: Asked) -> bool:
    return asked.status in {400, 403} and json.loads(asked.body)["code"] in {"ACC-001", "ACC-011"}


@scenario("two instances: one trail, sealed and verified")
def one_trail(stage: Stage) -> Outcome:
    """Both are asked at once; then the trail is sealed, and what they wrote verified as one."""
    expected, both = expected_of(stage), stage.questions()
    both |= {f"second: {name}": question for name, question in stage.questions(second(stage)).items()}
    expected |= {f"second: {name}": body for name, body in expected.items()}
    with Load(both) as load:
        time.sleep(WATCHED_SECONDS)
    begun = time.monotonic()
    said = sealed_and_verified(stage)
    held = None if said else time.monotonic() - begun
    return outcome(load.asked, told_right(expected), held, note=said)


def sealed_and_verified(stage: Stage) -> str:
    """Seal the trail and verify the whole of it; return what was said of it that is not well."""
    copy = stage.folder / "copy"
    copy.mkdir(mode=0o700, exist_ok=True)
    public = {"AUDIT_SEAL_PUBLIC_KEYS_FILE": str(public_file(cluster.FOLDER)), "AUDIT_COPY": f"folder:{copy}"}
    sealed = cluster.manage(
        "audit_seal",
        DATABASE_SEALER_URL=cluster.OWNERS["DATABASE_SEALER_URL"],
        AUDIT_SEAL_KEY=key_source(cluster.FOLDER),
        **public,
    )
    verified = cluster.manage("audit_verify", DATABASE_AUDITOR_URL=cluster.OWNERS["DATABASE_AUDITOR_URL"], **public)
    well = sealed.returncode == verified.returncode == 0
    return "" if well else (sealed.stderr + verified.stdout + verified.stderr).strip()[-200:]
