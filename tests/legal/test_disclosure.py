"""The filter: an allow-list made of the standard's own words."""

import copy
import csv
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legal.disclosure import NOTHING, SENT, disclose, filter_by, tree
from legal.endpoints import Endpoint
from legal.mandates import service_in_force
from legal.service_files import CUSTOMER_ENDPOINTS, read_services, standard_fields

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


def full_answer(endpoint):
    return document_with(standard_fields()[endpoint])


UNDECIDED_DELIVERED = {"konkursbehandling"}
"""Services whose undecided fields leave, as all fields did under version 1.2 of the standard."""
ACCOUNT_NAMES = {"accounts.name", "account.name"}
"""Never sent, says the common data model; two tables say deliver and one undecided (docs/readings.md)."""


def may_leave(service, path, category):
    """Return what the table, its page and the common data model say together."""
    if path in ACCOUNT_NAMES:
        return False
    return {
        "technical": True,
        "deliver": True,
        "may_omit": False,
        "withhold": False,
        "undecided": service in UNDECIDED_DELIVERED,
    }[category]


SENT_PATHS = {
    (service, endpoint): paths(mandate.disclosed(full_answer(endpoint)))
    for service, rules in RULES.items()
    for endpoint, mandate in service_in_force(rules, version=1).mandates.items()
}


@pytest.mark.parametrize(("service", "endpoint", "path", "category"), ROWS, ids=[".".join(row[:3]) for row in ROWS])
def test_every_row_of_the_disclosure_table(service, endpoint, path, category):
    assert RULES[service]["fields"][endpoint][path] == category
    assert (path in SENT_PATHS[service, endpoint]) == may_leave(service, path, category)


@pytest.mark.parametrize(("service", "endpoint"), sorted({row[:2] for row in ROWS}))
def test_a_full_answer_holds_what_its_table_allows_and_nothing_else(service, endpoint):
    table = {row[2]: row[3] for row in ROWS if row[:2] == (service, endpoint)}
    assert SENT_PATHS[service, endpoint] == {path for path, word in table.items() if may_leave(service, path, word)}


def test_the_table_is_whole():
    assert len(ROWS) == len({row[:3] for row in ROWS}) == 603


def test_the_account_names_that_a_table_would_deliver():
    """Where the reading matters: the tables alone would let these out."""
    assert {row for row in ROWS if row[2] in ACCOUNT_NAMES and row[3] != "withhold"} == {
        ("skatt-kontroll", "accountDetails", "account.name", "deliver"),
        ("konkursbehandling", "accountDetails", "account.name", "undecided"),
        ("politi-utlevering", "accountDetails", "account.name", "deliver"),
    }


@pytest.mark.parametrize("undecided", [{}, {"undecided": "withhold"}], ids=["left out", "withhold"])
@pytest.mark.parametrize("endpoint", ["accounts", "accountDetails", "transactions"])
def test_undecided_fields_stay_unless_the_service_delivers_them(endpoint, undecided):
    rules = {name: value for name, value in RULES["konkursbehandling"].items() if name != "undecided"} | undecided
    mandate = service_in_force(rules, version=1).mandates[Endpoint(endpoint)]
    assert paths(mandate.disclosed(full_answer(endpoint))) == {
        row[2] for row in ROWS if row[:2] == ("konkursbehandling", endpoint) and row[3] in {"technical", "deliver"}
    }


@pytest.mark.parametrize(
    ("service", "data_not_delivered", "other_holders_withheld"),
    [
        ("fi-utlegg-saldo", False, False),
        ("skatt-kontroll", True, True),
        ("konkursbehandling", False, False),
        ("oppgjor-etter-dodsfall", False, False),
        ("vergekontroll", False, False),
        ("politi-utlevering", True, False),
    ],
)
def test_the_switches_are_in_every_mandate_of_the_service(service, data_not_delivered, other_holders_withheld):
    mandates = service_in_force(RULES[service], version=1).mandates.values()
    assert {(mandate.data_not_delivered, mandate.other_holders_withheld) for mandate in mandates} == {
        (data_not_delivered, other_holders_withheld)
    }


def test_the_tables_have_no_row_more():
    assert {
        (service, endpoint, path, category)
        for service, rules in RULES.items()
        for endpoint, fields in rules["fields"].items()
        for path, category in fields.items()
    } == set(ROWS)


@pytest.mark.parametrize(
    ("service", "endpoint"), [key for key in SENT_PATHS if key[1] in CUSTOMER_ENDPOINTS], ids="-".join
)
def test_customer_endpoints_send_every_field(service, endpoint):
    assert SENT_PATHS[service, endpoint] == standard_fields()[endpoint]


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


def test_an_account_s_name_is_not_sent_whatever_its_word():
    for word in ("technical", "deliver", "may_omit", "withhold", "undecided"):
        words = {"accounts.name": word, "account.name": word, "accounts.servicer.name": "deliver"}
        assert tree(words, undecided="deliver") == {"accounts": {"servicer": {"name": {}}}}


@pytest.mark.parametrize("switch", ["withhold", "technical", "", "Deliver"])
def test_only_the_word_deliver_sends_what_is_undecided(switch):
    assert tree({"a": "undecided", "b": "deliver"}, undecided=switch) == {"b": {}}
    assert tree({"a": "undecided", "b": "deliver"}, undecided="deliver") == {"a": {}, "b": {}}


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


@given(document=DOCUMENTS, table=TABLES)
def test_the_filter_made_once_does_what_disclose_does(document, table):
    """In the same order too, which is that of the bytes."""
    disclosed, expected = filter_by(tree(table))(document), disclose(document, tree(table))
    assert disclosed is expected is NOTHING or json.dumps(disclosed) == json.dumps(expected)


@given(documents=st.lists(DOCUMENTS, max_size=5), table=TABLES)
def test_what_the_filter_remembers_misleads_it_nowhere(documents, table):
    """It has seen documents of these names and types before; and it leaves each one as it was."""
    disclosed, before = filter_by(tree(table)), copy.deepcopy(documents)
    for document in documents * 2:
        found, expected = disclosed(document), disclose(document, tree(table))
        assert found is expected is NOTHING or json.dumps(found) == json.dumps(expected)
    assert json.dumps(documents) == json.dumps(before)


def test_more_shapes_than_are_remembered(monkeypatch):
    monkeypatch.setattr("legal.disclosure.MOST_SHAPES", 2)
    disclosed = filter_by(FIELDS)
    for size in range(10):
        document = {f"x{number}": number for number in range(size)} | {"a": {}, "b": 1}
        assert disclosed(document) == disclose(document, FIELDS)
    assert len(disclosed.plans) == 2


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(type("Names", (dict,), {})(x=1, b=2), id="a kind of dict"),
        pytest.param(type("Names", (list,), {})([{"x": 1, "b": 2}]), id="a kind of list"),
        pytest.param(type("Text", (str,), {})("text"), id="a kind of text"),
    ],
)
@pytest.mark.parametrize("name", ["a", "e", "x"])
def test_the_filter_is_not_misled_by_a_type(name, value):
    assert filter_by(FIELDS)({name: value}) == disclose({name: value}, FIELDS)
