"""What ends a run: a goal that is missed, unless the machine alone decides it."""

import json

import pytest

from bench.goals import LIMITS, Goal, judged, limits
from bench.results import Results
from bench.sampling import Ratio, Sample, ratio
from sandbox.place import Trouble


def cost(server, database=0.0, failures=0):
    return Sample(server_ms=server, database_ms=database, wall_ms=1.0, failures=failures)


def a_round(floor=1.0, product=3.0, rival=4.0, idiomatic=30.0, database=0.5):
    samples = {"floor": floor, "product": product, "rival": rival, "idiomatic": idiomatic}
    return {name: cost(server, database) for name, server in samples.items()}


def results(**sections):
    return Results(size="small", rounds=1, machine={}, **sections)


def missed(**sections):
    return {goal.name for goal in judged(results(**sections), LIMITS) if goal.missed}


def test_a_ratio_is_taken_round_by_round():
    """A slow moment of the machine strikes both sides of its own round, and no other's."""
    rounds = [a_round(1.0, 3.0), a_round(10.0, 30.0), a_round(1.0, 4.0)]
    assert ratio(rounds, "product", "floor", lambda one: one.server_ms) == Ratio(3.0, 3.0, 4.0)


@pytest.mark.parametrize(
    ("round_", "expected"),
    [
        pytest.param(a_round(), set(), id="all kept"),
        pytest.param(a_round(product=4.0, database=2.0), set(), id="at the limit"),
        pytest.param(
            a_round(product=4.1, rival=5, idiomatic=40, database=2.0), {"accounts: server"}, id="too far from the floor"
        ),
        pytest.param(a_round(product=3.9, database=0.0), {"accounts: server and database"}, id="with the database"),
        pytest.param(a_round(idiomatic=14.0), {"accounts: times less than idiomatic"}, id="hardly below the usual way"),
        pytest.param(a_round(rival=2.9), {"accounts: share of the rival"}, id="above the rival"),
    ],
)
@pytest.mark.parametrize("layer", ["inside", "http"])
def test_requests(round_, expected, layer):
    assert missed(**{layer: {"accounts": [round_]}}) == expected


def test_a_page_of_transactions_has_limits_of_its_own():
    assert "transactions: server" in missed(inside={"transactions": [a_round(product=2.1)]})


def test_what_is_served_counts_where_both_were_measured():
    assert not missed(inside={"accounts": [a_round(product=9.0)]}, http={"accounts": [a_round()]})


def test_an_answer_that_is_no_200_misses():
    round_ = {**a_round(), "rival": cost(4.0, 0.5, failures=1)}
    assert missed(inside={"accounts": [round_]}) == {"answers that were no 200"}


def test_encryption():
    rounds = [{"plain": cost(1.0), "encrypted": cost(1.3)}]
    assert missed(encryption=rounds) == {"encryption: added server share"}
    assert not missed(encryption=[{"plain": cost(1.0), "encrypted": cost(1.1)}])


def page(account_rows, position, ms=1.0, blocks=1_000, **changes):
    found = {"account_rows": account_rows, "position": position, "rows": 1_000, "ms": ms, "blocks": blocks}
    return {**found, "allowed": 1_030, "sorts": 0, "by_key": True, **changes}


KEPT = [page(1_000_000, 0), page(1_000_000, 999_000, ms=1.4), page(1_000, 0)]


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        pytest.param(KEPT, set(), id="all kept"),
        pytest.param([*KEPT[:2], page(1_000, 0, ms=0.9)], {"keyset: 1M account to 1k account"}, id="longer is slower"),
        pytest.param(
            [*KEPT, page(1_000, 1, blocks=1_031)], {"keyset: blocks beyond those allowed"}, id="a block too many"
        ),
        pytest.param(
            [page(5_000, 0, blocks=900), page(5_000, 4_000, blocks=1_000)],
            {"keyset: blocks of the last page to the first"},
            id="the last page reads more",
        ),
        pytest.param([*KEPT[:2], page(1_000, 0, sorts=1)], {"keyset: plans with a sort or another index"}, id="a sort"),
        pytest.param(
            [*KEPT[:2], page(1_000, 0, by_key=False)],
            {"keyset: plans with a sort or another index"},
            id="another index",
        ),
    ],
)
def test_keyset(pages, expected):
    assert missed(keyset=pages) == expected


def test_plans():
    by_key, whole = ({"question": "x", "blocks": 9, "read_whole": tables} for tables in ([], ["account"]))
    assert missed(plans=[by_key, whole]) == {"plans: large tables read from end to end"}
    assert not missed(plans=[by_key])


@pytest.mark.parametrize(("share", "is_missed"), [(0.5, False), (0.49, True)])
def test_import(share, is_missed):
    assert bool(missed(imports={"rows": 1, "share": share})) is is_missed


def test_memory_is_told_and_ends_nothing():
    (goal, *_) = judged(results(memory={"transactions": {"rss": 501.0}}), LIMITS)
    assert goal.missed and not goal.gates


def load(rate=300.0, errors=0, seconds=(0.5, 0.6), statuses=None, rows=250_000, last_ms=30.0, memory=(200.0, 205.0)):
    walk = {"rows": rows, "first_ms": 25.0, "last_ms": last_ms}
    return {
        "steady": {"kept": rate, "errors": errors, "asked": 100_000},
        "burst": {"seconds": seconds, "statuses": statuses or {"200": 1_005}},
        "long": {"walks": [{**walk, "memory": held} for held in memory]},
    }


@pytest.mark.parametrize(
    ("found", "expected", "ends"),
    [
        pytest.param(load(), None, False, id="all kept"),
        pytest.param(load(rate=240.0), "load: requests a second, 95 of 100 within 150 ms", False, id="too slow"),
        pytest.param(load(errors=2), None, False, id="2 of 100,000 are allowed"),
        pytest.param(load(errors=3), "load: errors of our own, share", True, id="3 of 100,000 are not"),
        pytest.param(load(seconds=(0.5, 1.1)), "burst of 1 + 2 x 100: seconds", False, id="one burst was slow"),
        pytest.param(load(statuses={"200": 1_004, "429": 1}), "burst of 1 + 2 x 100: errors", True, id="turned away"),
        pytest.param(load(rows=249_999), "ten years: rows not given", True, id="a row is missing"),
        pytest.param(load(last_ms=38.0), "ten years: last pages to the first ones", True, id="slower at the end"),
        pytest.param(load(memory=(200.0, 230.0)), "memory after ten years, to before", False, id="it grows"),
    ],
)
def test_load(found, expected, ends):
    goals = [goal for goal in judged(results(load=found), LIMITS) if goal.missed]
    assert [goal.name for goal in goals] == ([expected] if expected else [])
    assert any(goal.gates for goal in goals) is ends


def test_what_was_not_run_has_no_goal():
    assert [goal.name for goal in judged(results(), LIMITS)] == ["answers that were no 200"]


def test_other_limits(tmp_path):
    file = tmp_path / "gate.json"
    file.write_text(json.dumps({"accounts: server": 2.0}))
    assert limits(file)["accounts: server"] == 2.0
    assert Goal("accounts: server", 3.0, limits(file)["accounts: server"]).missed
    file.write_text(json.dumps({"accounts: sever": 2.0}))
    with pytest.raises(Trouble, match="There is no goal accounts: sever"):
        limits(file)
