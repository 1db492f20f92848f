"""The proofs of many rows are those of each, and their paths those of the tree."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.seal.merkle import Tree, path_of
from audit.verify.many import Levels, ManyProofs
from audit.verify.proofs import proof_of
from tests.audit.verify.trail import LATER, MINUTE, NOON


@given(st.integers(0, 70))
def test_a_tree_by_its_levels(size):
    leaves = [hashlib.sha256(bytes([number])).digest() for number in range(size)]
    levels = Levels(leaves)
    assert (levels.size, levels.root) == (size, Tree(leaves).root)
    assert [levels.path(place) for place in range(size)] == [path_of(leaves, place) for place in range(size)]
    assert [levels.leaf(place) for place in range(size)] == leaves
    assert levels.leaf(size) == levels.leaf(-1) == b""


def records(trail):
    found = trail.session.execute("SELECT id, at FROM audit_record ORDER BY at DESC, id DESC")
    return found.fetchall()


def test_they_are_the_proofs_of_each(trail):
    rows = records(trail)
    found = ManyProofs(trail.auditor, trail.keys).of(rows)
    assert [proven.id for proven in found] == [row for row, _at in rows]
    assert [proven.proof for proven in found if proven.is_sealed] == [
        proof_of(trail.auditor, proven.id) for proven in found if proven.is_sealed
    ]
    assert [(proven.proof, proven.why_not) for proven in found if not proven.is_sealed] == [
        (None, "It is not sealed yet.")
    ]
    assert ManyProofs(trail.auditor, None).of([]) == []


@pytest.mark.parametrize(
    ("crime", "why"),
    [
        ("UPDATE audit_record SET consumer = 'x' WHERE id = '{record0}'", "The row is not what was sealed"),
        ("DELETE FROM audit_record_sealed WHERE id = '{b0}'", "are gone or stand in another order"),
        ("UPDATE audit_checkpoint SET below = below + 1 WHERE number = 1", "is not over what it says"),
        ("DELETE FROM audit_checkpoint WHERE number = 1", "is gone"),
    ],
)
def test_what_is_not_proven(trail, crime, why):
    row = trail.names["record0"]
    trail.tamper(crime)
    [found] = [proven for proven in ManyProofs(trail.auditor, trail.keys).of(records(trail)) if str(proven.id) == row]
    assert (found.proof, why in found.why_not) == (None, True), found.why_not


def test_a_key_that_is_not_known(trail):
    found = ManyProofs(trail.auditor, {}).of(records(trail))
    assert {proven.proof for proven in found} == {None}


def test_of_each_checkpoint_the_leaves_are_read_once(empty, django_assert_num_queries):
    for number in range(6):
        empty.write("audit_record", NOON + number * MINUTE)
    empty.seal(LATER)
    proofs = ManyProofs(empty.auditor, empty.keys)
    rows = records(empty)
    with django_assert_num_queries(6, connection=empty.auditor):  # BEGIN and COMMIT, settings, rows, checkpoint, leaves
        proofs.of(rows[:3])
    with django_assert_num_queries(4, connection=empty.auditor):
        proofs.of(rows[3:])
