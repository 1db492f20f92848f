"""What must hold of the limits before the service starts."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from legal.limit_models import LARGEST_BURST, MOST_PER_SECOND
from legal.limits import read_default
from legal.permit_cache import fault_of

LARGEST_CASE = 201
"""A list of 100 accounts, and for each of them details and transactions: agencies ask all of it at once."""


@register
def check_default_limit(**kwargs: Any) -> list[CheckMessage]:
    """The limit of those without one of their own is a limit, and lets an ordinary case through."""
    try:
        limit = read_default(settings.RATE_LIMIT_DEFAULT)
    except ValueError as error:
        return [Error(f"RATE_LIMIT_DEFAULT: {error}.", id="dsop.E150")]
    if not 1 <= limit.per_second <= MOST_PER_SECOND or not limit.per_second <= limit.burst <= LARGEST_BURST:
        sentence = (
            f"RATE_LIMIT_DEFAULT: per_second must lie between 1 and {MOST_PER_SECOND:,}, "
            f"and burst between it and {LARGEST_BURST:,}."
        )
        return [Error(sentence, id="dsop.E150")]
    if limit.burst < LARGEST_CASE:
        sentence = f"RATE_LIMIT_DEFAULT: a person with 100 accounts takes {LARGEST_CASE} requests at once."
        return [Error(sentence, id="dsop.E151")]
    return []


@register
def check_cache(**kwargs: Any) -> list[CheckMessage]:
    """The cache that shares the counts is one, and nobody on the way reads or writes them."""
    fault = settings.CACHE_URL and fault_of(settings.CACHE_URL, production=settings.ENVIRONMENT == "production")
    return [Error(f"CACHE_URL {fault}.", id="dsop.E152")] if fault else []
