"""All that one run has measured, as it is printed, judged and written down."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

from bench.sampling import Round


@dataclass
class Results:
    """Sections that were not run stay empty. `inside` and `http` hold the rounds of each kind of request."""

    size: str
    rounds: int
    machine: dict[str, Any]
    inside: dict[str, list[Round]] = field(default_factory=dict)
    http: dict[str, list[Round]] = field(default_factory=dict)
    encryption: list[Round] = field(default_factory=list)
    keyset: list[dict[str, Any]] = field(default_factory=list)
    plans: list[dict[str, Any]] = field(default_factory=list)
    imports: dict[str, Any] = field(default_factory=dict)
    memory: dict[str, Any] = field(default_factory=dict)
    instructions: dict[str, Any] = field(default_factory=dict)
    load: dict[str, Any] = field(default_factory=dict)

    def write(self, file: Path) -> None:
        file.write_bytes(orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2))
