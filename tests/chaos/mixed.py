"""Questions that are answered and questions that are refused, and whether each is told the same as on a quiet day."""

import time
from collections.abc import Mapping, Sequence

import urllib3

from tests.chaos.load import DECIDED, LONGEST_SECONDS, Asked, Load, Question, once
from tests.chaos.replication import Right, seconds_until
from tests.chaos.stage import Stage, about, case_id_of
from tests.consumer import Consumer, Server, identifier

PATIENCE = 29.0
ENOUGH = 12
"""Right answers in a row, over all threads of the load and several of each worker, after which it counts as whole."""
NOBODYS_REFERENCE = "Zm9yZ2VkLXJlZmVyZW5jZS1vZi1ub2JvZHk"


def refusals(server: Server) -> dict[str, Question]:
    """Return questions whose token is right and which are refused: their record is asked for like any other."""
    consumer, number = Consumer(server, "974761076"), identifier("credit-line")

    def without_mandate(correlation_id: str) -> object:
        return consumer.accounts(number, CorrelationID=correlation_id, Legal_Mandate="No-Such-Mandate")

    def without_scope(correlation_id: str) -> object:
        token = f"Bearer {consumer.token('bits:kundeforhold')}"
        return consumer.accounts(number, CorrelationID=correlation_id, Authorization=token)

    return {"refused: mandate": without_mandate, "refused: scope": without_scope}


def mixed(stage: Stage, server: Server | None = None) -> dict[str, Question]:
    """Return a few questions of each kind."""
    server = server or stage.server
    consumer = Consumer(server, "974761076")

    def forged(correlation_id: str) -> object:
        return consumer.details(NOBODYS_REFERENCE, case_id_of("credit-line"), CorrelationID=correlation_id)

    answered = about(consumer, "debtor-five-accounts") | about(consumer, "not-a-customer")
    return answered | refusals(server) | {"refused: reference": forged}


def quiet_day(questions: Mapping[str, Question]) -> Right:
    """Return what says of an answer whether it is the one given now, while nothing is wrong."""
    found = {name: once(name, question) for name, question in questions.items()}
    if failed := [f"{name} ({asked.status})" for name, asked in found.items() if asked.status not in DECIDED]:
        raise AssertionError(f"Not answered while nothing is wrong: {', '.join(failed)}.")

    def right(asked: Asked) -> bool:
        expected = found[asked.question]
        in_time = asked.ended - asked.begun <= LONGEST_SECONDS
        return in_time and (asked.status, asked.body) == (expected.status, expected.body)

    return right


def seconds_until_whole(load: Load, right: Right) -> float | None:
    """Return how long it took from now until everybody was told right again; None when that was too long."""
    begun = time.monotonic()

    def is_whole() -> bool:
        last = load.asked[-ENOUGH:]
        return len(last) == ENOUGH and all(row.begun > begun and right(row) for row in last)

    return seconds_until(is_whole)


def patient(server: Server) -> Server:
    """Return the server, to be waited for longer than any answer may take."""
    server.pool.close()
    server.pool = urllib3.HTTPConnectionPool(server.host, server.port, maxsize=16, timeout=PATIENCE, retries=False)
    return server


def longest(asked: Sequence[Asked]) -> float:
    """Return how many seconds the slowest answer took."""
    return max(row.ended - row.begun for row in asked)


def unless_between(right: Right, begun: float, ended: float) -> Right:
    """Return a judgement that calls wrong what was asked and told while there was nothing to record it in."""
    return lambda row: right(row) and not (begun < row.begun and row.ended < ended)
