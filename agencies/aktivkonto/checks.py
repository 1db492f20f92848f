"""What must hold of the look-up of active accounts before anything starts, beside what all errands have in common."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from agencies.aktivkonto.client import has_places


@register
def check_path(**kwargs: Any) -> list[CheckMessage]:
    """The path says where the number goes: nobody is to be asked about nobody."""
    if has_places(settings.AKTIVKONTO_PATH):
        return []
    sentence = "AKTIVKONTO_PATH must begin with / and have a place for {personidentifikator}."
    return [Error(sentence, id="dsop.E140")]
