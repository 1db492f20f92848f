"""One case at once: the accounts of a person who has a hundred, then details and transactions of each in parallel.

Run as `python -m bench.process sustained.burst.run PORT NUMBER FIRST LAST`: the person's, and the ids of the accounts.
"""

import selectors
import time
from collections import Counter
from typing import Any

from bench.load import PATIENCE, Line, tell
from bench.questions import JOSE, Asker, token

TIMES = 5
PAUSE_SECONDS = 2.0  # so that the agency's bucket is full again


def run(port: str, number: str, first: str, last: str) -> None:
    asker = Asker({"positions": []}, media_type=JOSE)
    accounts = range(int(first), int(last) + 1)
    told = [one(int(port), asker, number, accounts) for _ in range(TIMES)]
    statuses = sum((each["statuses"] for each in told), Counter[str]())
    tell({"seconds": [each["seconds"] for each in told], "statuses": statuses, "in_each": 1 + 2 * len(accounts)})


def one(port: int, asker: Asker, number: str, accounts: range) -> dict[str, Any]:
    """Return how long the whole case took, connections included, and how its questions were answered."""
    time.sleep(PAUSE_SECONDS)
    control = asker.control(token(asker.audience), number)
    first = control.accounts().wire()
    others = [ask(account).wire() for account in accounts for ask in (control.details, control.page)]
    begun = time.perf_counter()
    statuses = in_parallel(port, [first]) + in_parallel(port, others)
    return {"seconds": time.perf_counter() - begun, "statuses": statuses}


def in_parallel(port: int, wires: list[bytes]) -> Counter[str]:
    """Ask all at the same instant, each on a connection of its own, and wait for every answer."""
    statuses: Counter[str] = Counter()
    with selectors.DefaultSelector() as selector:
        for wire in wires:
            line = Line(port)
            line.send(wire)
            selector.register(line.socket, selectors.EVENT_READ, line)
        while left := len(selector.get_map()):
            ready = selector.select(PATIENCE)
            if not ready:
                statuses["none"] += left
                break
            for key, _ in ready:
                if key.data.receive():
                    statuses[key.data.status] += 1
                    selector.unregister(key.data.socket)
                    key.data.socket.close()
    return statuses
