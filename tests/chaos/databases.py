"""The databases of a run: the trail's cluster, and a replicated ledger of its own. Ready before Django."""

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from dsop.databases import ADDRESSES, Role
from tests import cluster
from tests.chaos.ledger import Ledger


@contextlib.contextmanager
def prepared(wanted: str = "any") -> Iterator[Ledger]:
    """Start and fill them, and leave nothing running or lying about."""
    folder = Path(tempfile.mkdtemp(prefix="dsop-chaos-"))
    cluster.keep_what_is_compiled()
    ledger = Ledger(folder)
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stack.callback(cluster.remove)
        stack.callback(ledger.remove)
        prepare(ledger, wanted)
        yield ledger


def prepare(ledger: Ledger, wanted: str) -> None:
    """Fill both databases, copy the ledger to its replicas, and leave the serving role's addresses alone."""
    cluster.CLUSTER.start()
    ledger.primary.start()
    of_ledger = {name: url for name, url in ledger.primary.urls().items() if name.startswith("LEDGER_")}
    os.environ.update({**cluster.ENVIRONMENT, **cluster.CLUSTER.urls(), **of_ledger})
    for arguments in cluster.COMMANDS:
        done = cluster.manage(*arguments)
        if done.returncode:
            sys.exit(f"manage.py {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    for name in of_ledger.keys() | cluster.CLUSTER.urls().keys():
        if name not in ADDRESSES[Role.SERVING]:
            cluster.OWNERS[name] = os.environ.pop(name)
    ledger.replicate()
    os.environ["LEDGER_DATABASE_URL"] = ledger.address(wanted)
