"""An agency that asks more than its limit, of two instances with two workers each: its answers, and their records."""

import itertools
import threading
import time
from collections import Counter

import pytest

from legal.limits import Limit
from legal.register import ASK_EVERY_SECONDS
from tests.agency import case_of
from tests.consumer import body

AGENCY, SERVICE = "974720760", "oppgjor-etter-dodsfall"
LIMIT = Limit(per_second=3, burst=12)
TOO_MANY = {"code": "ACC-022", "message": "Too many requests. Try again later."}
ADD = """
INSERT INTO legal_ratelimit (service_id, consumer_id, per_second, burst)
SELECT s.id, c.id, %s, %s FROM legal_service s, legal_dataconsumer c WHERE slug = %s AND organisation_number = %s
"""


FORGET = "DELETE FROM legal_ratelimit; DELETE FROM legal_limitedminute; DELETE FROM legal_permitlevel"


@pytest.fixture
def limited(superuser, another_server):
    """Set the limit, and return the agency's case at each of two instances once all workers follow it.

    Neither is the one that other tests ask: its workers never spend anything here, and what they follow is gone after.
    """
    instances = another_server(), another_server()
    with superuser() as session:
        session.execute(ADD, [LIMIT.per_second, LIMIT.burst, SERVICE, AGENCY])
    followed(instances)
    yield [case_of(one, SERVICE, "deceased") for one in instances]
    with superuser() as session:
        session.execute(FORGET)
    followed(instances)


def followed(instances):
    """Wait until the workers of all instances have asked for the register anew."""
    begun = time.monotonic()
    while time.monotonic() < begun + 2 * ASK_EVERY_SECONDS:
        for one in instances:
            assert one.get("/health/live").status == 200


def flood(cases, times):
    """Ask so many times of each instance, from eight threads."""
    answers, questions = [], itertools.cycle(cases)
    wanted = [next(questions) for _ in range(times * len(cases))]

    def ask():
        while wanted:
            try:
                case = wanted.pop()
            except IndexError:
                return
            answers.append(case.ask("accounts", Connection="close"))  # whichever worker takes it

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_two_instances_are_one(limited, records, superuser):
    minute, begun = int(time.time() // 60), time.monotonic()
    answers = flood(limited, times=90)
    seconds, minutes = time.monotonic() - begun, int(time.time() // 60) - minute + 1
    by_status = Counter(answer.status for answer in answers)
    assert by_status.keys() == {200, 429}
    assert LIMIT.burst <= by_status[200] <= LIMIT.burst + LIMIT.per_second * seconds + 4 * LIMIT.lease
    refused = [answer for answer in answers if answer.status == 429]
    for answer in refused:
        assert body(answer) == TOO_MANY
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
    codes = Counter((row["http_status"], row["code"]) for row in records() if row["service"] == SERVICE)
    assert codes[200, ""] == by_status[200], "no answer without its record"
    assert 1 <= codes[429, "ACC-022"] <= minutes, "the first of a minute"
    with superuser() as session:
        (others,) = session.execute("SELECT count(*) FROM audit_record WHERE http_status NOT IN (200, 429)").fetchone()
    assert others == 0
