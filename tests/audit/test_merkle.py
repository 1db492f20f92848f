"""The tree is RFC 6962's: the vectors published with Certificate Transparency, and the laws of every small size."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.seal.merkle import EMPTY, Tree, leaf_of, node_of, path_of, root_from

INPUTS = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
LEAVES = [leaf_of(bytes.fromhex(text)) for text in INPUTS]
# certificate-transparency, merkletree/merkle_tree_test.cc
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
SIZES = st.integers(1, 64)


def leaves(size):
    return [leaf_of(bytes([number])) for number in range(size)]


def test_the_empty_tree():
    assert Tree().root == EMPTY == bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")


@pytest.mark.parametrize("size", range(1, 9))
def test_published_roots(size):
    assert Tree(LEAVES[:size]).root.hex() == ROOTS[size - 1]


@pytest.mark.parametrize(
    ("size", "position", "path"),
    [
        pytest.param(1, 0, [], id="the only leaf"),
        pytest.param(
            8,
            0,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
            id="first of eight",
        ),
        pytest.param(
            8,
            5,
            [
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
            id="sixth of eight",
        ),
        pytest.param(3, 2, [ROOTS[1]], id="last of three, two levels up"),
        pytest.param(
            5,
            1,
            [
                ROOTS[0],
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
            id="second of five",
        ),
    ],
)
def test_published_paths(size, position, path):
    found = path_of(LEAVES[:size], position)
    assert [node.hex() for node in found] == path
    assert root_from(LEAVES[position], position, size, found).hex() == ROOTS[size - 1]


@given(size=SIZES)
def test_every_path_leads_to_the_root_and_for_no_other_leaf(size):
    tree = leaves(size)
    root = Tree(tree).root
    for position, leaf in enumerate(tree):
        path = path_of(tree, position)
        assert root_from(leaf, position, size, path) == root
        others = [root_from(other, position, size, path) for other in tree if other != leaf]
        assert root not in others


@given(size=st.integers(2, 64), wrong=st.data())
def test_no_other_place_and_no_other_path_leads_there(size, wrong):
    tree = leaves(size)
    position = wrong.draw(st.integers(0, size - 1))
    path, root = path_of(tree, position), Tree(tree).root
    for other in range(size):
        if other != position:
            assert root_from(tree[position], other, size, path) != root
    changed = [*path]
    changed[wrong.draw(st.integers(0, len(path) - 1))] = sha256(b"another").digest()
    assert root_from(tree[position], position, size, changed) != root
    assert root_from(tree[position], position, size, path[:-1]) is None
    assert root_from(tree[position], position, size, [*path, root]) is None


@given(size=st.integers(2, 64))
def test_a_node_is_no_leaf(size):
    """Whoever says that the tree's upper half is the whole tree has other leaves than these."""
    tree = leaves(size)
    paired = [node_of(*tree[place : place + 2]) if place + 1 < size else tree[place] for place in range(0, size, 2)]
    assert Tree(paired).root == Tree(tree).root, "so that leaves must be told from nodes by what is hashed"
    assert {leaf_of(left + right) for left in tree for right in tree}.isdisjoint(paired[: size // 2])


@pytest.mark.parametrize(
    ("position", "size"),
    [
        pytest.param(-1, 3, id="before the first"),
        pytest.param(3, 3, id="after the last"),
        pytest.param(0, 0, id="in nothing"),
    ],
)
def test_there_is_no_such_place(position, size):
    with pytest.raises(IndexError):
        path_of(leaves(size), position)
    assert root_from(EMPTY, position, size, []) is None
