"""The text that is sealed can be written by anybody: Python's own JSON, told three things, gives the same bytes."""

import json
from itertools import cycle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.partitions import SEALED
from audit.seal.leaves import columns_of, content

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
"""What PostgreSQL's text may hold."""
NUMBERS = st.integers(-(2**63), 2**64 - 1)
INNER = st.none() | st.booleans() | NUMBERS | TEXTS
VALUES = INNER | st.lists(INNER, max_size=3) | st.dictionaries(TEXTS, INNER, max_size=3)


def written(row, table):
    return json.dumps({"row": row, "table": table}, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@pytest.mark.parametrize("table", SEALED)
@given(texts=st.lists(st.none() | TEXTS, min_size=1, max_size=5))
def test_texts(table, texts):
    given_to = zip(columns_of(table), cycle(texts), strict=False)
    row = {name: value for name, value in given_to if value is not None and name != "evidence"}
    assert content(table, [row.get(name) for name in columns_of(table)]) == written(row, table)


@given(evidence=st.dictionaries(TEXTS, VALUES, max_size=3))
def test_what_is_json_itself(evidence):
    values = [json.dumps(evidence) if name == "evidence" else None for name in columns_of("audit_record")]
    assert content("audit_record", values) == written({"evidence": evidence}, "audit_record")
