"""Instructions of a request, counted by callgrind where it is installed: they repeat within a hundredth on any machine.

Counted is the thread that answers, as the difference of two lengths: background duties hang on the clock, and what is
done once is no request's.
"""

import shutil
import subprocess
from pathlib import Path
from typing import Any

from bench.in_process import Worker
from bench.world import World

VARIANTS = ("floor", "product")
SHORT, LONG = 8, 24
"""Few enough to be answered before their tokens expire: under the tool everything takes fifty times as long."""
MAIN = "-01"
"""How callgrind names the file of a program's first thread."""


def measure(world: World) -> dict[str, Any]:
    """Return the instructions of an account list by variant; a word instead where the tool is missing."""
    if not shutil.which("valgrind") or not shutil.which("callgrind_control"):
        return {"callgrind": "not run: install Debian's package valgrind"}
    return {name: counted(world, name) for name in VARIANTS}


def counted(world: World, name: str) -> float:
    output = world.folder / f"callgrind-{name}.out"
    wrapper = [
        *("valgrind", "--tool=callgrind", "--instr-atstart=no", "--separate-threads=yes"),
        f"--callgrind-out-file={output}",
    ]
    worker = Worker(world, name, wrapper=wrapper)
    try:
        worker.prepare("accounts", SHORT)
        worker.go()  # a warm-up
        totals = []
        for count in (SHORT, LONG):
            worker.prepare("accounts", count)
            control(worker, "-i", "on")
            told = worker.go()
            control(worker, "-i", "off")
            if told["failures"]:
                raise RuntimeError(f"{told['failures']} answers of {name} were no 200 under callgrind.")
            control(worker, "-d", "batch")
            totals.append(total(output, len(totals) + 1))
    finally:
        worker.stop()
    return (totals[1] - totals[0]) / (LONG - SHORT)


def control(worker: Worker, *words: str) -> None:
    subprocess.run(["callgrind_control", *words, str(worker.process.pid)], check=True, capture_output=True)


def total(output: Path, dump: int) -> int:
    """Return the sum of one dump of the first thread."""
    (file,) = output.parent.glob(f"{output.name}.{dump}{MAIN}")
    (line,) = (line for line in file.read_text(errors="replace").splitlines() if line.startswith("totals:"))
    return int(line.split()[1])
