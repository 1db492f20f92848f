"""The filter: an allow-list made of the standard's own words."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legal.disclosure import NOTHING, SENT, disclose, tree
from legal.endpoints import Endpoint
from legal.mandates import service_in_force
from legal.service_files import read_services, standard_fields

STANDARD = Path(__file__).parents[1] / "standard" / "disclosure.csv"
ROWS = [tuple(row.values()) for row in csv.DictReader(STANDARD.read_text(encoding="utf-8").splitlines())]
RULES = {rules["service"]: rules for rules in read_services()}


def paths(value, prefix=""):
    """Return every path at which something stands in a document."""
    if isinstance(value, list):
        return set().union(*(paths(item, prefix) for item in value)) if value else set()
    if isinstance(value, dict):
        return set().union(*(paths(child, f"{prefix}.{name}" if prefix else name) for name, child in value.items()))
    return {prefix}


def document_with(all_paths):
    """Return a document in which every path of the standard has a value, lists as lists of two."""
    root = {}
    for path in sorted(all_paths):
        *parents, leaf = path.split(".")
        node = root
        for name in parents:
            node = node.setdefault(name, {})
        node[leaf] = "value"
    return root


@pytest.mark.parametrize(("service", "endpoint", "path", "category"), ROWS, ids=[".".join(row[:3]) for row in ROWS])
def test_every_row_of_the_disclosure_table(service, endpoint, path, category):
    assert RULES[service]["fields"][endpoint][path] == category
    mandate = service_in_force(RULES[service], version=1).mandates[Endpoint(endpoint)]
    full = document_with(standard_fields()[endpoint])
    assert (path in paths(disclose(full, mandate.fields))) == (category in SENT)


def test_the_tables_have_no_row_more():
    assert {
        (service, endpoint, path, category)
        for service, rules in RULES.items()
        for endpoint, fields in rules["fields"].items()
        for path, category in fields.items()
    } == set(ROWS)


def test_customer_endpoint_sends_every_field():
    mandate = service_in_force(RULES["fi-utlegg-saldo"], version=1).mandates[Endpoint.CUSTOMER_RELATIONSHIPS]
    full = {"banks": [document_with(standard_fields()["customerRelationships"])["banks"]]}
    assert disclose(full, mandate.fields) == full


FIELDS = tree(
    {"a.b": "deliver", "a.c.d": "technical", "e": "deliver", "f": "withhold", "g": "may_omit", "h": "undecided"}
)


@pytest.mark.parametrize(
    ("document", "disclosed"),
    [
        pytest.param({"a": {"b": 1, "x": 2}, "y": 3}, {"a": {"b": 1}}, id="unlisted is dropped at every depth"),
        pytest.param({"f": 1, "g": 2, "h": 3}, {}, id="withheld, omitted and undecided are not sent"),
        pytest.param({"a": [{"b": 1}, {"b": 2}]}, {"a": [{"b": 1}, {"b": 2}]}, id="lists keep their items"),
        pytest.param({"a": []}, {"a": []}, id="an empty list stays"),
        pytest.param({"a": [{"x": 1}]}, {"a": []}, id="an item with nothing to send goes"),
        pytest.param({"a": {"x": 1}}, {}, id="a parent without a child to send goes"),
        pytest.param({"a": "text"}, {}, id="a bare value where structure belongs"),
        pytest.param({"a": ["text", {"b": 1}]}, {"a": [{"b": 1}]}, id="a bare value among structures"),
        pytest.param({"e": {"x": 1}}, {}, id="structure where a bare value belongs"),
        pytest.param({"e": ["x", "y"]}, {"e": ["x", "y"]}, id="a list of bare values"),
        pytest.param({"e": None}, {"e": None}, id="null is a value"),
    ],
)
def test_disclose(document, disclosed):
    assert disclose(document, FIELDS) == disclosed


NAMES = st.sampled_from(["a", "b", "c", "d", "e", "f"])
DOCUMENTS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=20,
)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map(".".join)
TABLES = st.dictionaries(
    PATHS, st.sampled_from(["technical", "deliver", "may_omit", "withhold", "undecided"]), max_size=8
)


@given(document=DOCUMENTS, table=TABLES)
def test_nothing_leaves_that_is_not_listed(document, table):
    disclosed = disclose(document, tree(table))
    allowed = {path for path, category in table.items() if category in SENT}
    if isinstance(document, dict):
        assert paths(disclosed) <= allowed
    else:
        assert disclosed is NOTHING or isinstance(document, list) or not allowed


@given(document=DOCUMENTS, table=TABLES)
def test_filtering_twice_is_filtering_once(document, table):
    once = disclose(document, tree(table))
    if once is not NOTHING:
        assert disclose(once, tree(table)) == once
