"""Months as the API writes them: `2021-01`. As text they sort in order of time."""

import re
from datetime import date

MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
FIRST_OF_EFFECT = "2021-01"
"""Nothing counts before this month."""


def is_month(value: object) -> bool:
    """Return whether it is a month as the API writes them: ASCII digits, nothing around them."""
    return isinstance(value, str) and MONTH.fullmatch(value) is not None


def month_of(day: date) -> str:
    return f"{day:%Y-%m}"
