"""A checkpoint's line: the same out and in, and nothing else is one."""

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.partitions import SEALED
from audit.seal.checkpoints import Statement
from audit.seal.lines import LONGEST_LINE, NotALine, line_of, parse_line
from tests.audit.seal.outside import row

ROW = row(at=datetime(2026, 11, 22, 8, 0, 0, 123456, tzinfo=UTC), signature=bytes([3]) * 64)
LINE = line_of(ROW)


def changed(**members):
    """Return the line with other members in the statement; `...` leaves one out."""
    statement = {**orjson.loads(LINE)["statement"], **members}
    return written(statement={name: value for name, value in statement.items() if value is not ...})


def written(**members):
    return orjson.dumps({**orjson.loads(LINE), **members}, option=orjson.OPT_SORT_KEYS) + b"\n"


def test_the_line_is_this():
    digest = '"key":"' + "ab" * 32 + '","month":"2026-11-01","number":7,"previous":"' + "02" * 32
    assert LINE.decode() == (
        '{"signature":"' + "03" * 64 + '","statement":{"at":"2026-11-22T08:00:00.123456+00:00","below":812,'
        '"cluster":"7400000000000000001",' + digest + '","root":"' + "01" * 32 + '","sealed_table":"audit_record",'
        '"size":2}}\n'
    )


def test_the_statement_in_it_is_what_was_signed():
    assert orjson.loads(LINE)["statement"] == orjson.loads(Statement.of(ROW).line)


@pytest.mark.parametrize("line", [pytest.param(LINE, id="whole"), pytest.param(LINE[:-1], id="but for its end")])
def test_a_line_comes_back(line):
    assert parse_line(line) == (Statement.of(ROW), ROW.signature)


@given(
    number=st.integers(1, 2**63 - 1),
    table=st.sampled_from(SEALED),
    at=st.datetimes(timezones=st.just(UTC)),
    root=st.binary(min_size=32, max_size=32),
    signature=st.binary(min_size=64, max_size=64),
    below=st.integers(0, 2**63 - 1),
)
def test_every_checkpoint_comes_back(number, table, at, root, signature, below):
    made = row(number, sealed_table=table, at=at, root=root, signature=signature, below=below)
    assert parse_line(line_of(made)) == (Statement.of(made), signature)
    assert len(line_of(made)) < LONGEST_LINE / 2


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\n", id="an empty line"),
        pytest.param(LINE[:300], id="a torn line"),
        pytest.param(LINE[:-2], id="without its last brace"),
        pytest.param(LINE + b"\n", id="two ends"),
        pytest.param(LINE * 2, id="two lines"),
        pytest.param(b" " + LINE, id="a space before it"),
        pytest.param(LINE.replace(b":7,", b": 7,"), id="a space in it"),
        pytest.param(LINE.replace(b"\n", b"\r\n"), id="another end"),
        pytest.param(b"\xef\xbb\xbf" + LINE, id="a byte order mark"),
        pytest.param(LINE.replace(b'"size":2', b'"size":2,"size":2'), id="a member twice"),
        pytest.param(b"[" + LINE[:-1] + b"]\n", id="a list"),
        pytest.param(b"7\n", id="a number"),
        pytest.param(written(more=1), id="a member more"),
        pytest.param(written(signature="03" * 63), id="a signature too short"),
        pytest.param(written(signature="03" * 65), id="a signature too long"),
        pytest.param(written(signature=("ab" * 64).upper()), id="a signature in capitals"),
        pytest.param(written(signature=" " + "03" * 64), id="a space in the signature"),
        pytest.param(written(signature=None), id="no signature"),
        pytest.param(written(statement=None), id="no statement"),
        pytest.param(written(statement=[1]), id="a list as statement"),
        pytest.param(changed(size=...), id="the statement lacks a member"),
        pytest.param(changed(more=1), id="the statement has one more"),
        pytest.param(changed(number=0), id="number 0"),
        pytest.param(changed(number=True), id="the number is a truth value"),
        pytest.param(changed(number=7.0), id="the number has a fraction"),
        pytest.param(changed(number="7"), id="the number is text"),
        pytest.param(changed(number=2**63), id="the number is too large"),
        pytest.param(changed(size=0), id="no rows"),
        pytest.param(changed(below=-1), id="less than no transactions"),
        pytest.param(changed(sealed_table="audit_answer"), id="a table without seal"),
        pytest.param(changed(sealed_table=["audit_record"]), id="the table is a list"),
        pytest.param(changed(month="2026-11-02"), id="a day within the month"),
        pytest.param(changed(month="2026-13-01"), id="no month"),
        pytest.param(changed(at="2026-02-30T08:00:00.123456+00:00"), id="no day"),
        pytest.param(changed(at="2026-11-22T08:00:00+00:00"), id="no microseconds"),
        pytest.param(changed(at="2026-11-22T09:00:00.123456+01:00"), id="another time zone"),
        pytest.param(changed(root="01" * 31), id="a root too short"),
        pytest.param(changed(root="AB" * 32), id="a root in capitals"),
        pytest.param(changed(previous="\u0661" * 64), id="another script's digits"),
        pytest.param(changed(key=""), id="no key"),
        pytest.param(changed(cluster=""), id="no cluster"),
        pytest.param(changed(cluster="ø"), id="a letter in the cluster"),
        pytest.param(changed(cluster="1" * LONGEST_LINE), id="longer than any"),
    ],
)
def test_nothing_else_is_a_line(line):
    with pytest.raises(NotALine):
        parse_line(line)
