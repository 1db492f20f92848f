"""The columns of an export, a closed list: what the seal covers under its own name, and a few that are made of it."""

import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.models import AuditRecord
from audit.secrecy import NotRevealed, reveal, shown
from compliance.reasons import masked_in

ALWAYS = ("id", "at")
SEALED = (
    *("consumer", "supplier", "client_id", "requester_id", "scopes", "audience", "jti"),
    *("service", "service_version", "legal_mandate", "additional_reference_type"),
    *("account_info_request_id", "correlation_id", "method", "endpoint", "from_date", "to_date", "only_primary_owner"),
    *("outcome", "http_status", "code", "refusal", "items", "as_of", "empty_because", "duration_us"),
    *("document_digest", "evidence"),
)
MADE: Mapping[str, str | Promise] = {
    "at_oslo": _("time (Oslo)"),
    "utc_offset": _("Oslo's offset"),
    "control_object_mark": _("mark of the control object"),
}
UNNAMED: Mapping[str, Promise] = {"evidence": _("evidence")}
"""What the trail itself has no word for: no page of it shows the column as it is."""
NUMBERS: Mapping[str, str] = {
    "control_object": "control_object_sealed",
    "accounts": "accounts_sealed",
    "account_reference": "account_reference_sealed",
    "additional_reference": "additional_reference_sealed",
    "malformed": "malformed_sealed",
}
"""The columns with numbers in full, and where the seal has each as a ciphertext."""
TYPED = ("requester_id", "legal_mandate")
"""What agencies write as they like: a person's number, too."""
CHOSEN = (*MADE, *SEALED)
"""What may be chosen, in the order of the export."""
WHOLE_NUMBERS = frozenset({"service_version", "http_status", "items", "duration_us"})
GONE = "(cannot be opened)"


def label_of(name: str) -> str:
    """Return what a column is called in a heading, in the active language."""
    if name in MADE or name in UNNAMED:
        return str(MADE.get(name) or UNNAMED[name])
    return str(AuditRecord._meta.get_field(NUMBERS.get(name, name)).verbose_name)  # type: ignore[union-attr]


def names(chosen: tuple[str, ...], *, with_numbers: bool) -> tuple[str, ...]:
    """Return the columns of an export in their order, whatever the order they were chosen in."""
    return (*ALWAYS, *(name for name in CHOSEN if name in chosen), *(NUMBERS if with_numbers else ()))


def cell_of(name: str, row: Mapping[str, Any]) -> str:
    """Return a column of a record from the texts that were sealed; nothing where the record has nothing."""
    if name in NUMBERS:
        return _opened(NUMBERS[name], row)
    if name in MADE:
        return _made(name, row)
    value = row.get(name, "")
    return value if isinstance(value, str) else canonical(value)


def without_numbers(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the record with a mask for what could be a person's number in what agencies typed."""
    return {**row, **{name: masked_in(row[name]) for name in TYPED if name in row}}


def canonical(value: Any) -> str:
    """Return JSON as it was sealed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def local(row: Mapping[str, Any]) -> datetime:
    """Return when the record was written, in Oslo."""
    return timezone.localtime(datetime.fromisoformat(row["at"]))


def bytes_of(text: str) -> bytes:
    """Return the bytes that PostgreSQL writes so."""
    return bytes.fromhex(text.removeprefix("\\x"))


def _made(name: str, row: Mapping[str, Any]) -> str:
    if name == "control_object_mark":
        return shown(bytes_of(row["control_object_hash"])) if "control_object_hash" in row else ""
    moment = local(row)
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}" if name == "at_oslo" else f"UTC{moment.isoformat()[-6:]}"


def _opened(column: str, row: Mapping[str, Any]) -> str:
    if column not in row:
        return ""
    try:
        text = reveal(bytes_of(row[column]), column=column, record=uuid.UUID(row["id"]))
    except NotRevealed:
        return GONE
    return text.encode("utf-8", "backslashreplace").decode()  # broken text would fit into no file
