"""CertPub is out of reach, late or talks nonsense: what is encrypted goes on by a held certificate, or nothing leaves.

The service under test has a database of its own, so that nobody else finds certificates for it. Hours pass by moving
the times in its table; a second is never waited for twice.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from jwcrypto import jwe, jwk
from jwcrypto.common import JWException

from dsop.certificates import LOOK_UP_SECONDS, NEGATIVE, TURN_SECONDS
from tests import cluster
from tests.certpub import CertPub
from tests.chaos.counting import Judged, counted, seconds_until_answered
from tests.chaos.frame import Outcome, scenario
from tests.chaos.load import Asked, Load, Question, is_proper_error, once, without_record
from tests.chaos.replication import seconds_until
from tests.chaos.stage import NOBODIES, PARTIES, TOLD, Stage, about
from tests.conftest import running
from tests.consumer import Consumer, Server, identifier
from tests.upgrade.copies import Pair, copied_pair

AGENCY = "974761076"
ALGORITHMS = ["RSA-OAEP-256", "A128CBC-HS256"]
FOLLOWED_SECONDS = TURN_SECONDS + 2.0  # until every worker holds what the table says
LATEST_SECONDS = LOOK_UP_SECONDS + 2.5
PROMPT_SECONDS = LOOK_UP_SECONDS / 2  # whoever waited for a look-up would be seen
PROMISED_SECONDS = LOOK_UP_SECONDS + FOLLOWED_SECONDS
SETTLED_SECONDS = 1.0
NONSENSE = (
    ("locator", "broken"),
    ("locator", "list"),
    ("locator", "redirect"),
    ("locator", "other host"),
    ("publisher", "page"),
    ("publisher", "bomb"),
    ("publisher", "huge"),
    ("publisher", "cut"),
    ("publisher", "another's"),
)
TABLE = "dsop_agencycertificate"
HOUR = 3600
DUE_SECONDS = 50 * 60  # past three quarters of the hour that a certificate is kept


@dataclass
class Encrypting:
    """One instance of the service that answers in JWE alone, the CertPub that it asks, and its table."""

    server: Server
    certpub: CertPub
    pair: Pair
    expected: Mapping[str, bytes]
    asked: list[Asked] = field(default_factory=list)
    unrecorded: int = 0
    lost_at: float = float("inf")
    back_at: float = float("inf")

    def rows(self, statement: str) -> list[Any]:
        with self.pair.superuser() as connection:
            found = connection.execute(f"{statement} WHERE participant = '{AGENCY}'")
            return found.fetchall() if found.description else []

    def passes(self, seconds: float) -> None:
        """Let so much time pass since the certificate was found and looked up."""
        aged = ", ".join(f"{name} = {name} - interval '{seconds} s'" for name in ("found_at", "attempted_at"))
        self.rows(f"UPDATE {TABLE} SET {aged}")

    def forget(self) -> None:
        self.rows(f"DELETE FROM {TABLE}")

    def fault(self, place: str, fault: str) -> None:
        self.certpub.faults = {(place, AGENCY): fault}

    def until_looked_up(self, *outcomes: str, since: Any = None) -> None:
        """Wait until somebody has looked the certificate up after that moment, and it ended in one of these."""
        question = f"SELECT outcome, attempted_at, leased_until FROM {TABLE}"

        def is_over() -> bool:
            return any(
                outcome in outcomes and leased is None and (since is None or at > since)
                for outcome, at, leased in self.rows(question)
                if at is not None
            )

        if seconds_until(is_over, 4 * LOOK_UP_SECONDS) is None:
            raise TimeoutError(f"No look-up ended in {' or '.join(outcomes)}: {self.rows(question)}.")

    def looked_up_again(self, outcome: str) -> None:
        """Let the time pass until the next look-up, and wait for its end."""
        ((since,),) = self.rows(f"SELECT attempted_at FROM {TABLE}")
        self.passes(DUE_SECONDS)
        self.until_looked_up(outcome, since=since)

    def judged(self, row: Asked) -> Judged:
        """No 200 that is not for the agency's eyes alone, and none while there is no certificate to use."""
        lost = row.ended > self.lost_at and row.begun < self.back_at + PROMISED_SECONDS
        surely_lost = row.begun > self.lost_at + FOLLOWED_SECONDS and row.ended < self.back_at
        if row.status == 200:
            in_time = row.seconds < (LATEST_SECONDS if lost else PROMPT_SECONDS)  # the first one back is looked up for
            right = opened(row) == self.expected[row.question] and not surely_lost and in_time
            return Judged.RIGHT if right else Judged.WRONG
        return Judged.ERROR if is_proper_error(row) and lost and row.seconds < LATEST_SECONDS else Judged.WRONG

    def faults(self) -> list[str]:
        """Return what of the parties asked about stands in the log."""
        log = self.server.log.read_text()
        return ["a party's number in the log" for case in PARTIES if identifier(case) in log]

    def outcome(self, recovery: float | None) -> Outcome:
        took = max(row.seconds for row in self.asked)
        return counted(
            self.asked,
            self.judged,
            recovery=recovery,
            limit=PROMISED_SECONDS,
            errors_allowed=self.lost_at < float("inf"),
            faults=self.faults(),
            note=f"the longest answer took {took:.1f} s",
            unrecorded=self.unrecorded,
        )


class Reader(Consumer):
    """An agency that reads what is encrypted to it. Each call may be taken by either worker."""

    accept = "application/jose"

    def headers(self, scope: str = "bits:kontoinformasjon", **changes: str | None) -> dict[str, str]:
        return super().headers(scope, **{"Accept": self.accept, "Connection": "close", **changes})


def opened(row: Asked) -> bytes | None:
    """Return the document that the agency's private key opens, by a library that the service does not use."""
    token = jwe.JWE(algs=ALGORITHMS)
    try:
        token.deserialize(row.body.decode("ascii"), private_key())
    except (JWException, ValueError):
        return None
    payload: bytes = token.payload
    return payload if row.media_type == "application/jose" else None


@cache
def private_key() -> jwk.JWK:
    return jwk.JWK.from_pem((cluster.FOLDER / "agencies" / f"{AGENCY}.pem").read_bytes())


@contextmanager
def encrypting(stage: Stage, **faults: str) -> Iterator[Encrypting]:
    """Start the service before a CertPub with these faults, and ask it until the block ends."""
    certpub = CertPub(f"http://127.0.0.1:{stage.server.port}")
    certpub.faults = {(place, AGENCY): fault for place, fault in faults.items()}
    name = f"certificates_{certpub.port}"
    with closing(certpub), copied_pair(name, stage.folder) as pair:
        with pair.superuser() as connection:
            connection.execute(f"DELETE FROM {TABLE}")  # what the stage's own service has found
        told = TOLD | {"CERTPUB_LOCATOR_URL": certpub.locator, "PLAIN_JSON": "false"}
        told["DATABASE_URL"] = pair.environment()["DATABASE_URL"]
        with running(cluster.free_port(), stage.folder / f"{name}.log", environment=told) as server:
            questions, expected = questions_of(stage, server)
            found = Encrypting(server, certpub, pair, expected)
            if not faults:
                found.until_looked_up("usable")
                time.sleep(FOLLOWED_SECONDS)
            with Load(questions) as load:
                found.asked = load.asked
                time.sleep(SETTLED_SECONDS)
                yield found
                time.sleep(SETTLED_SECONDS)
            found.unrecorded = without_record(found.asked, cluster.CLUSTER.superuser_url(name))


def questions_of(stage: Stage, server: Server) -> tuple[dict[str, Question], dict[str, bytes]]:
    """Return questions to the server, and the documents that the stage's own service has for them, in plain."""
    agency = Reader(stage.server, AGENCY)
    agency.accept = "application/json"
    questions: dict[str, Question] = {}
    for case in (*PARTIES, *NOBODIES):
        questions |= about(agency, case)
    asked = [once(name, question) for name, question in questions.items()]
    if {row.status for row in asked} != {200}:
        raise AssertionError("Not answered while nothing is wrong.")
    agency.server, agency.accept = server, "application/jose"
    return questions, {row.question: row.body for row in asked}


def back(found: Encrypting, restore: Callable[[], None]) -> float | None:
    """Restore CertPub, let the pause after a look-up pass, and return how long it took until all was answered."""
    restore()
    found.passes(NEGATIVE.total_seconds() + 1)
    found.back_at = time.monotonic()
    return seconds_until_answered(found.asked, found.back_at, 3 * PROMISED_SECONDS)


@scenario("CertPub down: by a held certificate for a day, then not at all")
def certpub_down(stage: Stage) -> Outcome:
    with encrypting(stage) as found:
        found.certpub.close()
        found.looked_up_again("failed")
        found.rows(f"UPDATE {TABLE} SET found_at = found_at - interval '{22 * HOUR} s'")
        time.sleep(FOLLOWED_SECONDS + SETTLED_SECONDS)
        found.lost_at = time.monotonic()
        found.rows(f"UPDATE {TABLE} SET found_at = found_at - interval '{2 * HOUR} s'")
        refused = seconds_until(lambda: any(row.status == 500 for row in found.asked[-20:]))
        time.sleep(FOLLOWED_SECONDS + SETTLED_SECONDS)
        recovery = back(found, found.certpub.open)
    return found.outcome(None if refused is None else recovery)


@scenario("CertPub late or talking nonsense: by a held certificate")
def certpub_nonsense(stage: Stage) -> Outcome:
    """Each time three quarters of an hour have passed, and the next look-up fails in another way."""
    with encrypting(stage) as found:
        for place, fault in (("locator", "slow"), ("publisher", "slow"), *NONSENSE[::2]):
            found.fault(place, fault)
            found.looked_up_again("failed")
        found.certpub.faults = {}
        begun = time.monotonic()
        found.looked_up_again("usable")
        recovery = time.monotonic() - begun
    return found.outcome(recovery)


@scenario("CertPub silent, talking nonsense or empty: no certificate, and nothing leaves")
def no_certificate(stage: Stage) -> Outcome:
    with encrypting(stage, locator="held") as found:
        found.lost_at = 0.0
        found.until_looked_up("failed")
        for place, fault in (*NONSENSE[1::2], ("publisher", "not found")):
            found.fault(place, fault)
            found.forget()
            found.until_looked_up("not_published" if fault == "not found" else "failed")
        recovery = back(found, found.certpub.faults.clear)
    return found.outcome(recovery)
