"""Processor time and memory of processes, as the kernel counts them."""

import os
from collections.abc import Iterable
from pathlib import Path

TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


def tree_of(root: int) -> list[int]:
    """Return the process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := stat_of(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [root]
    for pid in found:
        found.extend(children.get(pid, ()))
    return found


def stat_of(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat behind the program's name, which may hold anything; none when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def memory_mb(pids: Iterable[int]) -> dict[str, float]:
    """Return what these processes hold: `rss` counts shared pages in each of them, `pss` divides them among them."""
    total = {"rss": 0.0, "pss": 0.0}
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        for line in lines:
            name, _, rest = line.partition(":")
            if name.lower() in total:
                total[name.lower()] += int(rest.split()[0]) / 1024
    return total


def cpu_ms(pids: Iterable[int]) -> float:
    """Return the time that these processes and their children that have ended were on a processor.

    Of a process with one thread to the nanosecond, of others to a hundredth of a second.
    """
    total = 0.0
    for pid in pids:
        fields = stat_of(pid)
        if not fields:
            continue
        total += sum(map(int, fields[13:15])) * TICK_MS  # those that ended
        if fields[17] == "1":
            total += int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6
        else:
            total += sum(map(int, fields[11:13])) * TICK_MS
    return total
