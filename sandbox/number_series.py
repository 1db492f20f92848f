"""Synthetic person, organisation and account numbers with right check digits, each handed out once."""

from collections.abc import Callable
from datetime import date

from legal.numbers import account_check_digit, organisation_check_digit, person_check_digits

# Bank register numbers above those in use, as far as we know: our accounts should be nobody's.
BANK_REGISTER, OTHER_REGISTER, COUNTERPARTY_REGISTER = "9998", "9997", "9996"


class NumberSeries:
    """Hands out the first free number at or after the one asked for."""

    def __init__(self, *taken: str) -> None:
        self._taken = set(taken)

    def person(self, birth_date: date, start: int, *, d_number: bool = False) -> str:
        """Return a person number with month + 80, as Skatteetaten's synthetic population has (PID-05)."""
        day = birth_date.day + (40 if d_number else 0)
        date_part = f"{day:02}{birth_date.month + 80}{birth_date.year % 100:02}"
        first, size = (0, 500) if birth_date.year < 2000 else (500, 500)
        return self._free(lambda n: f"{date_part}{first + n % size:03}", person_check_digits, start, size)

    def organisation(self, start: int) -> str:
        """Return an organisation number that begins with 2 or 3, as no real one does."""
        return self._free(lambda n: str(20_000_000 + n % 20_000_000), organisation_check_digit, start, 20_000_000)

    def account(self, register: str, start: int) -> str:
        """Return an account number; never of group 00, which stands for accounts between banks."""
        return self._free(lambda n: f"{register}{10_000 + n % 990_000:06}", account_check_digit, start, 990_000)

    def _free(self, stem: Callable[[int], str], check: Callable[[str], str | None], start: int, size: int) -> str:
        for n in range(start, start + size):
            digits = check(stem(n))
            number = f"{stem(n)}{digits}"
            if digits is not None and number not in self._taken:
                self._taken.add(number)
                return number
        raise LookupError("No number of this series is free.")
