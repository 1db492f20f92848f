"""What the databases' processes cost while something was asked of them."""

from bench.processes import cpu_ms, tree_of
from sandbox.postgres import Cluster


class Backends:
    """The processes of one cluster, sessions that have ended included."""

    def __init__(self, cluster: Cluster) -> None:
        self._postmaster = int((cluster.place.data / "postmaster.pid").read_text().split("\n", 1)[0])

    def cpu_ms(self) -> float:
        return cpu_ms(tree_of(self._postmaster))
