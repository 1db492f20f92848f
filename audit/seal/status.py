"""The state of the seal for a monitoring system, in Prometheus' text form, with words for people as its comments."""

from datetime import datetime
from typing import Any

from audit.seal.lag import Lag, lag
from audit.seal.models import Checkpoint

NAMES = {
    "dsop_audit_seal_lag_seconds": "How long the oldest row of the trail has waited for its seal.",
    "dsop_audit_seal_rows_waiting": "Rows of the trail that are in no checkpoint yet.",
    "dsop_audit_seal_late": "1 when the lag has reached AUDIT_SEAL_ALARM_SECONDS.",
    "dsop_audit_seal_checkpoint_number": "The number of the last checkpoint, 0 when there is none.",
    "dsop_audit_seal_checkpoint_timestamp_seconds": "When the last checkpoint was made.",
}


def status(connection: Any) -> str:
    """Return the state of the seal at this moment."""
    behind = lag(connection)
    last = Checkpoint.objects.using(connection.alias).order_by("-number").values("number", "at").first()
    number, at = (last["number"], last["at"]) if last else (0, None)
    values = (behind.seconds, behind.rows, int(bool(behind.cause)), number, at.timestamp() if at else 0)
    lines = [f"# {sentence}" for sentence in words(behind, number, at)]
    for (name, meaning), value in zip(NAMES.items(), values, strict=True):
        lines += [f"# HELP {name} {meaning}", f"# TYPE {name} gauge", f"{name} {value:.17g}"]
    return "".join(f"{line}\n" for line in lines)


def words(behind: Lag, number: int, at: datetime | None) -> list[str]:
    """Return the same in sentences."""
    said = ["Every row is sealed."]
    if behind.rows:
        said = [f"{behind.rows} rows wait, the oldest for {behind.seconds:.0f} seconds."]
    if behind.cause:
        said.append(f"That is late. The cause: {behind.cause}.")
    said.append(
        f"The last checkpoint is number {number}, made at {at:%Y-%m-%dT%H:%M:%SZ}." if at else "There is no checkpoint."
    )
    return said
