"""A mixture of questions as several cases at once make it, each answered encrypted as agencies have it."""

import random
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from bench.questions import JOSE, SALDO_TEXT, SCOPE, Asker, Question, token
from sandbox.number_series import NumberSeries

WEIGHTS = {
    "relationships": 15,
    "accounts": 20,
    "details": 35,
    "transactions": 20,
    "1,000 transactions": 3,
    "no customer": 5,
    "refused": 2,
}
"""Of a hundred questions. Seven of ten accounts and more have no transactions in the period, as in any bank."""
EXPECTED = {kind: "400" if kind == "refused" else "200" for kind in WEIGHTS}
OF_CUSTOMERS = "bits:kundeforhold"
TOKENS = 50
RENEWED_AFTER = 60.0
NOBODIES = 500


class Drawn(NamedTuple):
    kind: str
    question: Question


class Tokens:
    """So many tokens of a scope take turns; each is made anew long before it ends."""

    def __init__(self, audience: str, scope: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._audience, self._scope, self._clock = audience, scope, clock
        self._kept: deque[tuple[float, str]] = deque()

    def next(self) -> str:
        now = self._clock()
        made, bearer = self._kept.popleft() if len(self._kept) >= TOKENS else (-RENEWED_AFTER, "")
        if now - made >= RENEWED_AFTER:
            made, bearer = now, token(self._audience, self._scope)
        self._kept.append((made, bearer))
        return bearer


class Mix:
    """Draws questions without end."""

    def __init__(self, people: Mapping[str, Any], *, seed: int) -> None:
        self._asker = Asker(people, seed=seed, media_type=JOSE)
        self._dice = random.Random(seed)
        self._of_accounts = Tokens(self._asker.audience, SCOPE)
        self._of_customers = Tokens(self._asker.audience, OF_CUSTOMERS)
        series = NumberSeries()
        self._nobodies = [series.person(date(1931, 1 + n % 12, 1 + n % 28), n) for n in range(NOBODIES)]
        self._ask = {
            "relationships": self._relationships,
            "accounts": self._accounts,
            "details": self._details,
            "transactions": self._transactions,
            "1,000 transactions": self._whole_page,
            "no customer": self._nobody,
            "refused": self._refused,
        }

    def __iter__(self) -> Iterator[Drawn]:
        kinds, weights = list(WEIGHTS), list(WEIGHTS.values())
        while True:
            for kind in self._dice.choices(kinds, weights, k=1000):
                yield Drawn(kind, self.question(kind))

    def question(self, kind: str) -> Question:
        return self._ask[kind]()

    def _relationships(self) -> Question:
        return self._asker.of_customer(self._of_customers.next(), self._dice.choice(self._asker.people["parties"]))

    def _accounts(self) -> Question:
        return self._asker.accounts(self._of_accounts.next())

    def _details(self) -> Question:
        return self._asker.details(self._of_accounts.next())

    def _transactions(self) -> Question:
        return self._asker.of_page(self._of_accounts.next(), *self._dice.choice(self._asker.people["holdings"]))

    def _whole_page(self) -> Question:
        return self._asker.transactions(self._of_accounts.next())

    def _nobody(self) -> Question:
        return self._asker.of_party(self._of_accounts.next(), self._dice.choice(self._nobodies))

    def _refused(self) -> Question:
        number = self._dice.choice(self._nobodies)
        return self._asker.of_party(self._of_accounts.next(), number, mandate=f"{SALDO_TEXT} § 0")
