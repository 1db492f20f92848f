"""The service as shipped, with two workers, on databases of this run's own."""

import contextlib
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests import cluster
from tests.agency import case_of, told
from tests.chaos.ledger import Ledger
from tests.chaos.load import Question
from tests.conftest import running
from tests.consumer import Consumer, Server, identifier

PARTIES = ("debtor-five-accounts", "negative-balance", "credit-line", "sixty-accounts", "organisation")
NOBODIES = ("not-a-customer", "shielded-strictly")
MAX_LAG_SECONDS, PRIMARY_LOST_SECONDS = 2, 6
TOLD = {
    "LEDGER_MAX_LAG_SECONDS": str(MAX_LAG_SECONDS),
    "LEDGER_PRIMARY_LOST_SECONDS": str(PRIMARY_LOST_SECONDS),
}


@dataclass(eq=False)
class Stage:
    """What the scenarios act on. `start` gives one more instance of the service beside the first."""

    folder: Path
    ledger: Ledger
    stack: contextlib.ExitStack
    servers: list[Server] = field(default_factory=list)

    @property
    def server(self) -> Server:
        return self.servers[0]

    def start(self) -> Server:
        """Start an instance of the service, the first one on the port that issues the tokens."""
        port = cluster.free_port() if self.servers else cluster.PORT
        log = self.folder / f"server-{len(self.servers)}.log"
        server = self.stack.enter_context(running(port, log, environment=TOLD))
        self.servers.append(server)
        return server

    def questions(self, server: Server | None = None) -> dict[str, Question]:
        """Return questions that are answered with the same bytes however often they are asked."""
        found: dict[str, Question] = {}
        for case in (*PARTIES, *NOBODIES):
            found |= about(Consumer(server or self.server, "974761076"), case)
        return found | pages(server or self.server)


def about(consumer: Consumer, case: str) -> dict[str, Question]:
    """Return the questions of one case: a reference is the same for as long as the case's id is."""
    number, case_id = identifier(case), case_id_of(case)

    def relationships(correlation_id: str) -> object:
        return consumer.customer_relationships(number, CorrelationID=correlation_id)

    def accounts(correlation_id: str) -> object:
        return consumer.accounts(number, CorrelationID=correlation_id, AccountInfoRequestID=case_id)

    found: dict[str, Question] = {f"{case}: relationships": relationships, f"{case}: accounts": accounts}
    listed = told(consumer.accounts(number, AccountInfoRequestID=case_id))["accounts"]
    for place, account in enumerate(listed[:2]):
        reference = account["accountReference"]

        def details(correlation_id: str, reference: str = reference) -> object:
            return consumer.details(reference, case_id, CorrelationID=correlation_id)

        found[f"{case}: details {place + 1}"] = details
    return found


def pages(server: Server) -> dict[str, Question]:
    """Return a question for the first page of a long account."""
    case = case_of(server, "skatt-kontroll", "many-pages", id=uuid.UUID(case_id_of("many-pages")))
    reference = case.first()

    def first_page(correlation_id: str) -> object:
        return case.ask("transactions", reference, CorrelationID=correlation_id)

    return {"many-pages: transactions": first_page}


def case_id_of(case: str) -> str:
    return f"00000000-0000-4000-8000-{sum(case.encode()):012x}"


@contextlib.contextmanager
def staged(ledger: Ledger) -> Iterator[Stage]:
    """Start the service on databases that are ready, and leave no server running."""
    with tempfile.TemporaryDirectory(prefix="dsop-chaos-logs-") as folder, contextlib.ExitStack() as stack:
        stage = Stage(Path(folder), ledger, stack)
        stage.start()
        yield stage
