"""What two workers of the product hold after they have served pages of a thousand transactions."""

from typing import Any

from bench.database import Backends
from bench.over_http import loaded, servers
from bench.processes import memory_mb
from bench.world import World

TIMES = 2


def measure(world: World) -> dict[str, Any]:
    """Return the megabytes of a fresh server as it starts, after account lists, and after transactions."""
    backends = Backends(world.cluster)
    found: dict[str, Any] = {}
    with servers(world, ["product"]) as running:
        product = running["product"]
        found["started"] = memory_mb(product.tree())
        for kind in ("accounts", "transactions"):
            failures = sum(loaded(world, product, backends, kind).failures for _ in range(TIMES))
            found[kind] = {**memory_mb(product.tree()), "failures": failures}
    return found
