"""What must be there before anybody asks for an export."""

import os
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from compliance.exporting.archive import PROGRAM

LARGEST = 10_000
"""Records that one person may be allowed to export alone: more than a court's case holds."""


@register
def check_program(**kwargs: Any) -> list[CheckMessage]:
    """An export without what checks it would have to be taken on trust."""
    if os.access(PROGRAM, os.R_OK):
        return []
    return [
        Error(
            "tools/verify_proof.py, which goes with every export, cannot be read.",
            hint="Install the folder tools beside the rooms.",
            id="dsop.E125",
        )
    ]


@register
def check_rows(**kwargs: Any) -> list[CheckMessage]:
    """Nobody exports a million records alone by a slip of the hand."""
    if 0 <= settings.DESK_EXPORT_ALONE_ROWS <= LARGEST:
        return []
    return [
        Error(
            "DESK_EXPORT_ALONE_ROWS is below 0 or above 10,000.",
            hint="How many records one person may export alone; 1,000 unless there is a reason.",
            id="dsop.E126",
        )
    ]
