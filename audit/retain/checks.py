"""What must hold of the settings that say how long the trail is kept."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from audit.retain.policy import faults


@register
def check_retention(**kwargs: Any) -> list[CheckMessage]:
    """How long answers and records are kept is said in full, with its ground, and without a contradiction."""
    return [Error(fault, id="dsop.E056") for fault in faults(settings.AUDIT_ANSWER_DAYS, settings.AUDIT_RETENTION)]
