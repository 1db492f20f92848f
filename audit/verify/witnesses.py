"""What the witnesses were told, day by day, against the checkpoints that are there."""

from collections.abc import Collection, Iterable, Iterator

from audit.seal.witnesses import Stamp, State
from audit.verify.findings import Finding, Found, Looked


def check_witnesses(stamps: Iterable[Stamp], unmet: Collection[bytes], looked: Looked) -> Iterator[Finding]:
    """Name what does not hold; `unmet` are the digests that no checkpoint has."""
    for stamp in stamps:
        looked.witnesses += 1
        if stamp.state is State.BROKEN:
            yield Finding(Found.WITNESS_CHANGED, stamp.name)
        elif stamp.state is State.UNCHECKED:
            looked.unchecked["what witnesses gave: there is nothing to check it by"] += 1
        elif stamp.digest in unmet:
            told = "" if stamp.state is State.PROVEN else "told by mail: the auditor holds the other half"
            yield Finding(Found.WITNESS_DIFFERS, stamp.name, told)
