"""Where a run took place: the machine, its programs, the settings that matter, and what lies in the ledger."""

import os
import platform
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections

from bench.ledger import measured
from bench.world import World
from dsop import gunicorn

OF_POSTGRESQL = (
    *("server_version", "shared_buffers", "synchronous_commit", "fsync", "autovacuum"),
    *("max_wal_size", "jit", "io_method"),
)
STEAL = 7
"""The place of stolen time in the kernel's line; behind it stands what is counted among the others too."""


def described(world: World) -> dict[str, Any]:
    options = settings.DATABASES["ledger"]["OPTIONS"]
    with connections["ledger"].cursor() as cursor:
        database = {}
        for name in OF_POSTGRESQL:
            cursor.execute(f"SHOW {name}")
            database[name] = cursor.fetchone()[0]
        tables = measured(cursor)
    return {
        "at": time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
        "processor": processor(),
        "processors": os.cpu_count(),
        "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        "busy_before": os.getloadavg()[0],
        "python": platform.python_version(),
        "postgresql": database,
        "way_to_it": "unix socket",
        "server": {"workers": 2, "threads": gunicorn.threads, "class": gunicorn.worker_class},
        "prepared": options["server_side_binding"] and options["prepare_threshold"],
        "page": settings.TRANSACTIONS_PAGE_SIZE,
        "tables": tables,
    }


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() in {"model name", "Model"}:
            return value.strip()
    return platform.machine()


def processor_time() -> list[int]:
    """Return what all processors have done since the machine's start, by kind, in ticks."""
    return [int(ticks) for ticks in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]


def stolen_between(before: list[int], after: list[int]) -> float:
    """Return the share of a time that other machines on the same hardware took while something here wanted to run."""
    passed = [late - early for early, late in zip(before, after, strict=True)]
    return passed[STEAL] / max(1, sum(passed[: STEAL + 1]))
