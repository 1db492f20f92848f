"""Whatever a superuser of the database does to the trail is found and named; put back, the trail holds again."""

import uuid

import pytest
from django.db import connection

from audit.retain.deciding import Actor, hold
from tests import cluster
from tests.conftest import running
from tests.evidence import crimes
from tests.evidence.trail import FULL, Vault, ask, turn_away


@pytest.fixture(scope="module")
def scene(almighty, seal, server, tmp_path_factory, django_db_setup, django_db_blocker):
    """A trail of several checkpoints over every table, with more behind them that is not sealed yet."""
    cases = ask(server, 16)
    with running(cluster.free_port(), tmp_path_factory.mktemp("server") / "log") as another:
        turn_away(another, 6)
    with django_db_blocker.unblock():
        hold(uuid.UUID(cases[0]), ground="A complaint.", by=Actor("1001", "compliance"))
        connection.close()
    seal.seal()
    made = crimes.Scene(almighty, seal)
    assert seal.prove(made.one("SELECT id FROM audit_record LIMIT 1")[0]).code == 0
    ask(server, 16)
    seal.seal()
    ask(server, 12)
    seal.seal()
    ask(server, 24)
    seal.assert_holds()
    yield made
    seal.assert_holds()


@pytest.fixture
def undone(almighty, seal, scene, request):
    vault = Vault(almighty, seal, "before")
    yield
    vault.put_back()
    assert vault.differences() == []
    vault.remove()
    if FULL:
        seal.assert_holds()


@pytest.mark.parametrize(
    ("crime", "kinds"),
    [
        pytest.param(crimes.change_a_value, {"row changed"}, id="a value changed"),
        pytest.param(crimes.change_the_salt, {"row changed"}, id="a salt changed"),
        pytest.param(crimes.change_a_ciphertext, {"row changed"}, id="a ciphertext changed"),
        pytest.param(crimes.change_the_moment, {"row changed"}, id="a moment changed"),
        pytest.param(crimes.take_a_row, {"row removed", "gap in a writer's rows"}, id="a row removed"),
        pytest.param(
            crimes.take_a_row_with_all_that_belongs_to_it,
            {"membership removed", "gap in a writer's rows"},
            id="a row and all that belongs to it removed",
        ),
        pytest.param(crimes.add_a_row, {"row added"}, id="a row added"),
        pytest.param(crimes.add_a_row_of_a_forged_writer, {"writer forged"}, id="a row of a forged writer added"),
        pytest.param(crimes.duplicate_a_row, {"row duplicated"}, id="a row duplicated"),
        pytest.param(crimes.swap_two_places, {"rows reordered"}, id="two rows reordered"),
        pytest.param(crimes.move_to_another_month, {"row moved"}, id="a row moved to another partition"),
        pytest.param(
            crimes.move_to_another_month_with_its_membership,
            {"row changed", "membership of nothing", "membership removed"},
            id="a row and its membership moved",
        ),
        pytest.param(
            crimes.cut_before_the_seal, {"gap in a writer's rows"}, id="a row that was not sealed yet removed"
        ),
        pytest.param(crimes.forget_the_writer, {"row changed", "gap in a writer's rows"}, id="a row's writer removed"),
        pytest.param(crimes.take_a_whole_writer, {"membership removed"}, id="a whole writer removed"),
        pytest.param(crimes.change_a_sum, {"row changed"}, id="a sum changed"),
        pytest.param(crimes.change_who_looked, {"row changed"}, id="a look at the trail changed"),
        pytest.param(crimes.take_a_decision, {"row removed"}, id="a decision removed"),
        pytest.param(
            crimes.edit_a_checkpoint, {"checkpoint edited", "chain of checkpoints broken"}, id="a checkpoint edited"
        ),
        pytest.param(crimes.swap_a_root, {"root swapped", "checkpoint edited"}, id="a root swapped"),
        pytest.param(crimes.take_a_checkpoint, {"checkpoint missing", "row added"}, id="a checkpoint removed"),
        pytest.param(crimes.cut_the_tail, {"checkpoint missing"}, id="the tail cut off"),
        pytest.param(crimes.write_history_again, {"history rewritten"}, id="history signed again"),
        pytest.param(
            crimes.write_history_again_with_another_key, {"unknown signing key"}, id="history signed by another key"
        ),
        pytest.param(crimes.change_a_leaf, {"membership changed"}, id="a stored leaf changed"),
        pytest.param(crimes.take_a_membership, {"membership removed", "row added"}, id="a membership removed"),
        pytest.param(crimes.change_an_answer, {"answer changed"}, id="an answer changed"),
        pytest.param(crimes.take_an_answer, {"answer removed"}, id="an answer removed"),
        pytest.param(crimes.exchange_two_answers, {"answer changed"}, id="two answers exchanged"),
        pytest.param(crimes.destroy_a_key, {"month key destroyed"}, id="a month's key destroyed"),
        pytest.param(crimes.forge_a_tombstone, {"decision of one person", "tombstone wrong"}, id="a tombstone forged"),
        pytest.param(crimes.change_a_line, {"line of the copy changed"}, id="a line of the copy changed"),
        pytest.param(crimes.take_a_line, {"line of the copy removed"}, id="a line of the copy removed"),
    ],
)
def test_it_is_found_and_named(scene, seal, undone, crime, kinds):
    where = crime(scene)
    found = seal.verify()
    assert found.code == 1, found
    assert kinds <= found.kinds, found.output
    assert where in found.output
