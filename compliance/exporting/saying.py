"""What is kept of an export in the codes of the access log, in the reader's words."""

import re

from audit.models import AuditRecord
from compliance.finding.criteria import CriteriaForm
from compliance.reasons import Reason

NAMES = tuple(name for name in CriteriaForm.base_fields if name != "number")
BEFORE_A_NAME = re.compile(rf"(?:^|\s)({'|'.join(NAMES)})=")


def reason_said(kept: str) -> str:
    """Return a kept reason with its label instead of its code; the words that follow stay."""
    code, colon, words = kept.partition(": ")
    return f"{Reason(code).label}{colon}{words}" if code in Reason.values else kept


def filter_said(kept: str) -> str:
    """Return a kept filter with the labels of the form that it was typed into."""
    before, *pairs = BEFORE_A_NAME.split(kept)
    labels, outcomes = CriteriaForm.base_fields, dict(AuditRecord.Outcome.choices)
    told = [
        f"{labels[name].label}: {outcomes.get(value, value) if name == 'outcome' else value}"
        for name, value in zip(pairs[::2], pairs[1::2], strict=True)
    ]
    return " · ".join([before] * bool(before) + told)
