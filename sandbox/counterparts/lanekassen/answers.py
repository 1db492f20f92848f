"""What Lånekassen answers: the debt by kind, or one of its sentences."""

from typing import Any

import orjson

from sandbox.counterparts.lanekassen.persons import FLAWED, Person

MESSAGES = {
    400: "One or more headers are invalid",
    401: "Authorization token is invalid",
    403: "Consent token is invalid",
    404: "Requested PSU_ID does not exist",
    405: "Method not allowed",
    429: "Too busy",
    500: "Unknown error. Contact support if the error persists",
}
"""The texts are Lånekassen's, but for 405's. Their place in a body is made for the sandbox."""

# Two digits of the fraction are as usual there as three.
CHANGED = {
    "Lån": "2026-01-15T21:02:11.307Z",
    "Renter": "2026-01-31T23:10:45.87Z",
    "Gebyr": "2026-01-20T04:15:00.120Z",
    "Omkostninger": "2025-12-03T08:44:59.01Z",
}


class Refused(Exception):
    """The answer is this status and its sentence."""

    def __init__(self, status: int) -> None:
        super().__init__(MESSAGES[status])
        self.status = status


def accounts(person: Person, *, flawed: bool) -> bytes:
    """Return the answer about the person; `flawed` reproduces the published example's TotalAmount of 0."""
    total = "0" if flawed or person.fate == FLAWED else person.total()
    document = {
        "Accounts": [_account(name, amount, person.number) for name, amount in person.parts()],
        "TotalAmount": orjson.Fragment(total),
    }
    return orjson.dumps(document)


def refusal(status: int) -> bytes:
    return orjson.dumps({"message": MESSAGES[status]})


def _account(name: str, amount: str, number: str) -> dict[str, Any]:
    balance = {
        "BalanceType": "closingBooked",
        "BalanceAmount": {"currency": "NOK", "amount": orjson.Fragment(amount)},
        "LastChangeDateTime": CHANGED[name],
    }
    return {"Balances": [balance], "Name": name, "Bban": number, "Assert": ""}
