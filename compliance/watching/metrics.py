"""The watcher's state for a monitoring system, in Prometheus' text form; every label is from a closed list."""

import contextlib
import os
import tempfile
from pathlib import Path

from django.db.models import Count, Q

from compliance.watching.kinds import KINDS
from compliance.watching.models import Alert, Folding

ALERTS = {
    "desk_alerts_open": ("gauge", "Alerts that nobody has settled."),
    "desk_alerts_total": ("counter", "Alerts that were raised."),
}
MOMENTS = {
    "desk_watch_folded_until_seconds": "Until when the trail is folded.",
    "desk_watch_last_success": "When the watcher last finished a turn.",
}


def metrics() -> str:
    """Return the state at this moment, in two questions."""
    counted = Alert.objects.values_list("kind").annotate(
        open=Count("pk", filter=Q(settled_at__isnull=True)), total=Count("pk")
    )
    numbers = {kind: (still_open, total) for kind, still_open, total in counted}
    lines = []
    for place, (name, (form, meaning)) in enumerate(ALERTS.items()):
        lines += [f"# HELP {name} {meaning}", f"# TYPE {name} {form}"]
        for code, kind in KINDS.items():
            value = numbers.get(code, (0, 0))[place]
            lines.append(f'{name}{{rule="{code}",audience="{kind.audience}"}} {value}')
    state = Folding.objects.filter(pk=1).first()
    moments = (state.reached, state.succeeded_at) if state else (None, None)
    for (name, meaning), moment in zip(MOMENTS.items(), moments, strict=True):
        value = moment.timestamp() if moment else 0
        lines += [f"# HELP {name} {meaning}", f"# TYPE {name} gauge", f"{name} {value:.17g}"]
    return "".join(f"{line}\n" for line in lines)


def write_metrics(file: Path) -> None:
    """Replace the file in one step, so that nobody reads half of it. Raise OSError."""
    number, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(number, "w", encoding="utf-8") as made:
            made.write(metrics())
        Path(name).chmod(0o644)  # the exporter runs as somebody else
        Path(name).replace(file)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise
