"""What is a row, value by value: refused with its line, its column and a reason that repeats nothing of it."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.loading.lines import Rows, quoted, values_of
from accounts.loading.refusals import Refused
from accounts.loading.sources import BLOCK_BYTES, LONGEST_LINE, CsvSource
from accounts.loading.tables import TABLES
from tests.accounts.loading.deliveries import HEADINGS, bank, lines_of

MALFORMED, NO_TEXT = "is not a row of CSV (RFC 4180): see its quotes", "is not UTF-8"
CONTROL, EMPTY = "holds a control character", "is empty"


def read(table, content):
    """Return the good rows of a file as texts, and its rejects."""
    source = CsvSource(f"{table}.csv", io.BytesIO(content))
    rows, rejects = Rows(TABLES[table], source.header), []
    good = [
        piece
        for block in source.blocks(0, 0)
        for piece in rows.good(block.text, line=block.line, refuse=lambda *bad: rejects.append(bad))
    ]
    return "".join(good).splitlines(), rejects


PARTY = "id,type,name,protection_grade\n"
GOOD = '11,person,"Bjørk, Rank",ugradert\n'
FILES = [
    pytest.param(PARTY + GOOD, 1, [], id="a row"),
    pytest.param("\ufeff" + PARTY + GOOD, 1, [], id="a byte order mark"),
    pytest.param((PARTY + GOOD * 3).replace("\n", "\r\n"), 3, [], id="lines of Windows"),
    pytest.param(PARTY + GOOD.rstrip(), 1, [], id="no end of the last line"),
    pytest.param(PARTY + GOOD + GOOD.rstrip() + "\r", 2, [], id="half an end of the last line"),
    pytest.param(PARTY, 0, [], id="no rows"),
    pytest.param(PARTY + '"11","person","Rank ""R"" Bjørk","ugradert"\n', 1, [], id="everything quoted, quotes inside"),
    pytest.param(
        PARTY + GOOD + "11,person,A\n" + GOOD,
        2,
        [(3, "", "has 3 values where the first line has 4")],
        id="a value too few",
    ),
    pytest.param(
        PARTY + GOOD + "11,person,A,ugradert,\n",
        1,
        [(3, "", "has 5 values where the first line has 4")],
        id="a value too many",
    ),
    pytest.param(PARTY + "\n" + GOOD, 1, [(2, "", "has 1 values where the first line has 4")], id="an empty line"),
    pytest.param(PARTY + '11,person,A"B,ugradert\n' + GOOD, 1, [(2, "", MALFORMED)], id="a quote inside"),
    pytest.param(PARTY + '11,person,"A"B,ugradert\n' + GOOD, 1, [(2, "", MALFORMED)], id="text after a quote"),
    pytest.param(PARTY + '11,person,"A,ugradert\n' + GOOD, 1, [(2, "", MALFORMED)], id="a quote that is not closed"),
    pytest.param(
        PARTY + '11,person,"A\nB",ugradert\n' + GOOD,
        1,
        [(2, "", MALFORMED), (3, "", MALFORMED)],
        id="a line break in a value",
    ),
    pytest.param(PARTY + GOOD + "11,person,A\0B,ugradert\n" + GOOD, 2, [(3, "name", CONTROL)], id="NUL"),
    pytest.param(PARTY + "11,person,A\rB,ugradert\n", 0, [(2, "name", CONTROL)], id="a carriage return"),
    pytest.param(PARTY + "11,person,A\tB,ugradert\n", 0, [(2, "name", CONTROL)], id="a tabulator"),
    pytest.param(
        PARTY.encode() + GOOD.encode() + b"11,person,\xe6,ugradert\n" + GOOD.encode(),
        2,
        [(3, "", NO_TEXT)],
        id="ISO 8859-1",
    ),
    pytest.param(PARTY.encode() + b"11,person,\xc0\x80,ugradert\n", 0, [(2, "", NO_TEXT)], id="an over-long NUL"),
    pytest.param(PARTY.encode() + b"11,person,\xed\xa0\x80,ugradert\n", 0, [(2, "", NO_TEXT)], id="half a character"),
    pytest.param(
        PARTY + r"\." + "\n" + GOOD, 1, [(2, "", "has 1 values where the first line has 4")], id="what ends a COPY"
    ),
    pytest.param(PARTY + ",person,A,ugradert\n12,,A,ugradert\n", 0, [(2, "id", EMPTY), (3, "type", EMPTY)], id="empty"),
    pytest.param(PARTY + '"",person,"",ugradert\n', 0, [(2, "id", EMPTY), (2, "name", EMPTY)], id="quoted and empty"),
]


@pytest.mark.parametrize(("content", "good", "rejects"), FILES)
def test_files(content, good, rejects):
    found, refused = read("party", content if isinstance(content, bytes) else content.encode())
    assert (len(found), refused) == (good, rejects)


KEY, DAY = "is not a whole number from 1 to 2^63-1", "is not a day, such as 2026-11-22"
MOMENT = "is not a moment with its offset, such as 2026-11-22T04:00:00+01:00"
MONEY = "is not a number with a point and at most 25 digits before and 5 after it"
MASKED = "is not a masked number, such as 999001XXXXXX1234"
COUNTRY, CURRENCY = "is not two capital letters", "is not three capital letters"
PLAIN = "holds something else than a text of at most 500 plain characters where one is meant"
VALUES = [
    (
        "party",
        "id",
        ["1", "9223372036854775807"],
        KEY,
        ["0", "-1", "01", "1.0", "1e3", "٣", "9223372036854775808", " 1", "+1"],
    ),
    ("party", "type", ["person", "organisation"], "is not one of person, organisation", ["Person", "person ", "x"]),
    (
        "party",
        "name",
        ["x" * 140, "Åse", "王", "a,b", 'a"b', " "],
        "is longer than 140 characters",
        ["x" * 141, "å" * 141],
    ),
    ("party", "country", ["NO", "XK"], COUNTRY, ["no", "NOR", "N", "ÅÆ"]),
    ("party", "protection_grade", ["ugradert", "nyGradering"], "is longer than 20 characters", ["x" * 21]),
    (
        "party",
        "date_of_death",
        ["", "2024-02-29", "1900-02-28", "2026-12-31"],
        DAY,
        [
            "2023-02-29",
            "1900-02-29",
            "2026-13-01",
            "2026-00-01",
            "2026-04-31",
            "26-01-01",
            "2026-1-1",
            "2026-01-01T00:00",
            "٢٠٢٦-01-01",
            "0001-01-01",
            "20260101",
        ],
    ),
    (
        "party_identifier",
        "value",
        ["15869010089", "312345617"],
        "is not nine or eleven digits",
        ["1586901008", "15869 10089", "1586901008a", "١٥٨٦٩٠١٠٠٨٩"],
    ),
    (
        "account",
        "number",
        ["97000000001", "NO9386011117947"],
        "is not digits and capital letters, without signs between them",
        ["9700.00.00001", "97000000001 ", "no93", "x" * 36],
    ),
    ("account", "nics_creditable", ["true", "false"], "is not true or false", ["True", "1", "t", "yes"]),
    ("account", "currency", ["NOK", "XXX"], CURRENCY, ["nok", "NO", "NOKK", "N0K"]),
    (
        "balance",
        "amount",
        ["0", "-0.5", "9" * 25 + ".99999", "-1.00000"],
        MONEY,
        [
            "1.000000",
            "1" + "0" * 25,
            "1,5",
            "1.",
            ".5",
            "+1",
            "01",
            "1e3",
            "NaN",
            "Infinity",
            "- 1",
            "١",
            "1 000",
            "--1",
        ],
    ),
    (
        "balance",
        "registered_at",
        ["2026-11-20T23:59:59Z", "2024-02-29T00:00:00.123456+01:00", "2026-11-20T23:59:59-14:59"],
        MOMENT,
        [
            "2026-11-20T23:59:59",
            "2026-11-20 23:59:59Z",
            "2026-11-20T24:00:00Z",
            "2026-11-20T23:59:60Z",
            "2026-02-29T00:00:00Z",
            "2026-11-20T23:59Z",
            "2026-11-20T23:59:59z",
            "2026-11-20T23:59:59.1234567Z",
            "2026-11-20T23:59:59+15:00",
            "2026-11-20T23:59:59+0100",
            "2026-11-20",
        ],
    ),
    (
        "payment_card",
        "masked_number",
        ["999001XXXXXX1234", "XX", "XXXX1234"],
        MASKED,
        ["9990011234561234", "9990012XXXXX1234", "999001XXXXX12345", "999001X1234", "999001xxxxxx1234"],
    ),
    (
        "payment_card",
        "start_month",
        ["2026-01", "2026-12"],
        "is not a month, such as 2026-11",
        ["2026-13", "2026-1", "01/26", "2026-00"],
    ),
    ("payment_card", "status", ["active", "blocked"], "is not active or blocked", ["Active", "lost"]),
    ("bsu_year", "year", ["2025", "1999"], "is not a year", ["25", "2100", "02025", "2025.0"]),
    (
        "transaction",
        "exchange_rate",
        ["", "11.1234567890"],
        "is not a number with a point and at most 20 digits before and 10 after it",
        ["11.12345678901"],
    ),
    ("transaction", "card_id", ["", "81"], KEY, ["0", "x"]),
    (
        "transaction",
        "counterparties",
        [
            "[]",
            "[{}]",
            '[{"type": "creditor", "identifier": {"value": "1"}, "postalAddress": {"addressLines": ["x", "y"]}}]',
            '[{"name": "\\u00e6 \\"x\\""}]',
        ],
        PLAIN,
        [
            '[{"name": 1}]'.replace("1", "null"),
            '[{"name": "\\u0000"}]',
            '[{"name": "\\ud800"}]',
            '[{"name": ["x"]}]',
            '[{"name": "' + "x" * 501 + '"}]',
            '[{"postalAddress": {"addressLines": "x"}}]',
        ],
    ),
    (
        "transaction",
        "counterparties",
        [],
        "has a name that the standard does not know",
        ['[{"nom": "x"}]', '[{"identifier": {"x": "y"}}]'],
    ),
    (
        "transaction",
        "counterparties",
        [],
        "has a type that the standard does not know",
        ['[{"type": "Creditor"}]', '[{"postalAddress": {"type": "home"}}]'],
    ),
    ("transaction", "counterparties", [], "is not JSON", ["[", "{'a': 1}", "[" * 100_000, "[]]"]),
    (
        "transaction",
        "counterparties",
        [],
        "is not a list of at most 100 objects",
        ["{}", "null", '"x"', "[" + ",".join(["{}"] * 101) + "]"],
    ),
    (
        "transaction",
        "counterparties",
        [],
        "holds a number where a text is meant",
        ["1", "[NaN]", '[{"name": 1}]', "[1.5]"],
    ),
    (
        "transaction",
        "bank_references",
        [],
        "holds something else than an object where one is meant",
        ["[[]]", '["x"]', "[null]"],
    ),
]


@pytest.mark.parametrize(
    ("table", "column", "value", "reason"),
    [
        pytest.param(table, column, value, reason, id=f"{table}.{column} {value[:30]!a} {'is not' if reason else 'is'}")
        for table, column, good, why, bad in VALUES
        for value, reason in [*((each, None) for each in good), *((each, why) for each in bad)]
    ],
)
def test_values(table, column, value, reason):
    row = bank()[table][0] | {column: value}
    rejects = read(table, lines_of([row], [*row]).encode())[1]
    assert rejects == ([(2, column, reason)] if reason else [])


@pytest.mark.parametrize(
    ("heading", "sentence"),
    [
        pytest.param("id,type,name,protection_grade,id", "A file of party names a column twice.", id="twice"),
        pytest.param("id,type,name", "A file of party lacks protection_grade.", id="one that is needed"),
        pytest.param(
            "id,type,name,protection_grade,Name",
            "A file of party has a column that the table lacks. "
            "It has id, type, name, country, protection_grade, date_of_death.",
            id="a stranger",
        ),
    ],
)
def test_headings(heading, sentence):
    with pytest.raises(Refused) as refused:
        Rows(TABLES["party"], heading.split(","))
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    "content", [b"", b"id,type", b"\xff\xfe\n", b'"id\n'], ids=["empty", "one line", "UTF-16", "a quote"]
)
def test_a_first_line_that_names_nothing(content):
    with pytest.raises(Refused) as refused:
        CsvSource("party.csv", io.BytesIO(content))
    assert str(refused.value) == "The first line of party.csv does not name its columns."


def test_a_file_is_read_in_blocks_from_wherever_one_ends():
    content = (PARTY + GOOD * (2 * BLOCK_BYTES // len(GOOD.encode()) + 3)).encode()
    blocks = [*CsvSource("party.csv", io.BytesIO(content)).blocks(0, 0)]
    assert len(blocks) == 3 and "".join(block.text for block in blocks) == content.decode().removeprefix(PARTY)
    assert [block.line for block in blocks] == [2, 2 + blocks[0].text.count("\n"), blocks[2].line]
    second = CsvSource("party.csv", io.BytesIO(content))
    rest = [*second.blocks(blocks[0].following, blocks[1].line)]
    assert "".join(block.text for block in rest) == blocks[1].text + blocks[2].text
    assert (rest[0].line, rest[-1].following) == (blocks[1].line, blocks[-1].following)


def test_a_line_without_an_end_does_not_fill_the_memory():
    content = PARTY.encode() + b'11,person,"' + b"x" * (LONGEST_LINE * 2)
    with pytest.raises(Refused) as refused:
        [*CsvSource("party.csv", io.BytesIO(content)).blocks(0, 0)]
    assert str(refused.value) == "Line 2 of party.csv is longer than 1048576 bytes."


QUICK = {
    name: re.compile(",".join(table.columns[column].quick for column in HEADINGS[name]))
    for name, table in TABLES.items()
}
PIECES = [
    "",
    '"',
    '""',
    ",",
    "\\",
    "\0",
    "\n",
    "é",
    "0",
    "-1",
    "2024-02-30",
    "T",
    "Z",
    "[]",
    '"[{}]"',
    "x" * 600,
    "2^63",
]


@given(st.data())
def test_what_whole_blocks_are_judged_by_is_never_wider_than_the_rule(data):
    """A good row with pieces put into it: where the pattern takes it, so does the rule, and reads the same row."""
    name = data.draw(st.sampled_from(sorted(TABLES)))
    row = data.draw(st.sampled_from(bank()[name]))
    line = lines_of([row], [*row]).split("\n")[1]
    for _ in range(data.draw(st.integers(0, 3))):
        begin = data.draw(st.integers(0, len(line)))
        end = min(len(line), begin + data.draw(st.integers(0, 3)))
        line = line[:begin] + data.draw(st.sampled_from(PIECES) | st.text(max_size=3)) + line[end:]
    if QUICK[name].fullmatch(line) is None:
        return
    rows, rejects = Rows(TABLES[name], [*row]), []
    alone = [*rows._alone(line, 2, lambda *bad: rejects.append(bad))]
    assert not rejects and values_of(alone[0].removesuffix("\n")) == values_of(line)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_the_usual_row_is_taken_by_whole_blocks(name):
    lines = lines_of(bank()[name], HEADINGS[name]).split("\n")
    assert any(QUICK[name].fullmatch(line) for line in lines[1:-1])


@given(st.text(alphabet=st.characters(exclude_characters="\n", exclude_categories=["Cs"])))
def test_a_value_is_read_as_it_was_written(value):
    assert values_of(f"1,{quoted(value)},2") == ["1", value, "2"]
