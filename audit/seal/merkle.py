"""The tree of RFC 6962 (section 2.1) over leaves of 32 bytes: its root, the path of one leaf, and the way back.

A leaf is hashed behind a zero byte and a node behind a one, so that neither can be passed off as the other.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

LEAF, NODE = b"\x00", b"\x01"
EMPTY = hashlib.sha256(b"").digest()


def leaf_of(content: bytes) -> bytes:
    """Return the leaf's hash."""
    return hashlib.sha256(LEAF + content).digest()


def node_of(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(NODE + left + right).digest()


class Tree:
    """A root in the making: leaves go in one by one and a few nodes are kept, however many leaves there are."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self.size = 0
        self._peaks: list[bytes] = []  # of the complete subtrees, largest first
        for leaf in leaves:
            self.add(leaf)

    def add(self, leaf: bytes) -> None:
        node, size = leaf, self.size
        while size & 1:
            node = node_of(self._peaks.pop(), node)
            size >>= 1
        self._peaks.append(node)
        self.size += 1

    @property
    def root(self) -> bytes:
        """Return the root over what has gone in so far."""
        if not self._peaks:
            return EMPTY
        *rest, root = self._peaks
        for peak in reversed(rest):
            root = node_of(peak, root)
        return root


def path_of(leaves: Sequence[bytes], position: int) -> list[bytes]:
    """Return the nodes that lead from a leaf to the root, lowest first. Raise IndexError for a place outside."""
    if not 0 <= position < len(leaves):
        raise IndexError("There is no leaf at that position.")
    path: list[bytes] = []
    level, place = list(leaves), position
    while len(level) > 1:
        sibling = place ^ 1
        if sibling < len(level):
            path.append(level[sibling])
        level = [*_paired(level)]
        place >>= 1
    return path


def root_from(leaf: bytes, position: int, size: int, path: Iterable[bytes]) -> bytes | None:
    """Return the root that the path leads to; None when its length does not fit such a place in such a tree."""
    if not 0 <= position < size:
        return None
    node, place, last = leaf, position, size - 1
    nodes = iter(path)
    while last:
        if place & 1 or place < last:
            sibling = next(nodes, None)
            if sibling is None:
                return None
            node = node_of(sibling, node) if place & 1 else node_of(node, sibling)
        place, last = place >> 1, last >> 1
    return None if next(nodes, None) is not None else node


def _paired(level: Sequence[bytes]) -> Iterator[bytes]:
    """Yield the level above; a node without a neighbour goes up as it is, which is RFC 6962's uneven tree."""
    for left in range(0, len(level) - 1, 2):
        yield node_of(level[left], level[left + 1])
    if len(level) % 2:
        yield level[-1]
