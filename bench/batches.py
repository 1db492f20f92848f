"""One variant in a process of its own, asked without a network: it reads a line for each order and answers with one.

`{"kind": "accounts", "count": 300}` prepares questions, `{"go": true}` asks them and tells the processor time of
that; `{"questions": …}` asks these and tells the answers. What the variant itself prints goes to the file of its log.
"""

import gc
import json
import os
import resource
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from bench.questions import Asker, Question
from bench.variants import Asgi, Wsgi, opened


def serve(name: str) -> None:
    channel = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    variant = opened(name)
    file = Path(os.environ["DSOP_SANDBOX_FOLDER"]) / "population.json"
    asker = Asker(json.loads(file.read_text()) if file.exists() else {"positions": []}, seed=os.getpid())
    forms: list[dict[str, Any]] = []
    tell(channel, {"ready": name})
    for line in sys.stdin:
        order = json.loads(line)
        if "questions" in order:
            answers = [variant.ask(variant.form(Question(*question))) for question in order["questions"]]
            tell(channel, {"answers": [(answer.status, answer.body.decode()) for answer in answers]})
        elif "kind" in order:
            asker.media_type = order.get("media_type", asker.media_type)
            forms = [variant.form(question) for question in asker.questions(order["kind"], order["count"])]
            tell(channel, {"prepared": len(forms)})
        else:
            tell(channel, batch(variant, forms))


def batch(variant: Wsgi | Asgi, forms: list[dict[str, Any]]) -> dict[str, Any]:
    """Ask them all and tell what it cost this process."""
    gc.collect()
    statuses: Counter[int] = Counter()
    size = 0
    cpu, begun = time.process_time_ns(), time.perf_counter_ns()
    for form in forms:
        answer = variant.ask(form)
        statuses[answer.status] += 1
        size += len(answer.body)
    return {
        "cpu_ms": (time.process_time_ns() - cpu) / 1e6,
        "wall_ms": (time.perf_counter_ns() - begun) / 1e6,
        "count": len(forms),
        "failures": len(forms) - statuses[200],
        "bytes": size,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def tell(channel: Any, words: dict[str, Any]) -> None:
    channel.write(json.dumps(words) + "\n")
