"""Files of agreements: each line is kept or rejected with its reason, and a file is taken in whole or not at all."""

import io
import tracemalloc

import pytest
from django.db import DatabaseError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agencies.pension import importing
from agencies.pension.files import FileRefused, read_lines
from agencies.pension.importing import Imported, import_file
from agencies.pension.keeping import Kept
from agencies.pension.models import Agreement
from tests.agencies.pension.agreements import EMPLOYER, NOW, OTHER_PROVIDER, PROVIDER, kept, wish

pytestmark = pytest.mark.django_db(databases=["default"])
HEADER = b"provider;employer;reference;from;to;wanted"
GOOD = f"{PROVIDER};{EMPLOYER};good;2021-01;;yes".encode()


def line(reference="r", first="2021-01", last="", wanted="yes", *, provider=PROVIDER, employer=EMPLOYER):
    return f"{provider};{employer};{reference};{first};{last};{wanted}".encode()


@pytest.fixture
def take_in(tmp_path):
    """Return a function that imports these bytes, and tells what it did and what it rejected."""
    rejects = tmp_path / "rejects.csv"

    def run(content, *, separator="semicolon", future_end=False):
        rejects.unlink(missing_ok=True)
        file = tmp_path / "agreements.csv"
        file.write_bytes(content if isinstance(content, bytes) else b"\n".join([HEADER, *content, b""]))
        done = import_file(file, rejects=rejects, separator=separator, future_end=future_end, now=NOW)
        return done, rejects.read_bytes() if rejects.exists() else None

    run.rejects = rejects
    return run


def held():
    columns = ("provider", "employer", "reference", "from_month", "to_month", "wanted")
    return sorted(Agreement.objects.values_list(*columns))


@pytest.mark.parametrize(
    ("content", "row"),
    [
        pytest.param([GOOD], (PROVIDER, EMPLOYER, "good", "2021-01", "", True), id="a running agreement"),
        pytest.param([line(last="2022-12")], (PROVIDER, EMPLOYER, "r", "2021-01", "2022-12", True), id="an ended one"),
        pytest.param([line(first="", wanted="no")], (PROVIDER, EMPLOYER, "r", "", "", False), id="one to delete"),
        pytest.param(
            [line(last="x", wanted="no")], (PROVIDER, EMPLOYER, "r", "", "", False), id="months of one to delete"
        ),
        pytest.param([line(" æøå «1» ")], (PROVIDER, EMPLOYER, "æøå «1»", "2021-01", "", True), id="trimmed"),
        pytest.param([line('"a;""b"""')], (PROVIDER, EMPLOYER, 'a;"b"', "2021-01", "", True), id="quoted"),
        pytest.param(
            HEADER + b"\r\n" + GOOD + b"\r\n", (PROVIDER, EMPLOYER, "good", "2021-01", "", True), id="Windows' lines"
        ),
        pytest.param(
            b"\xef\xbb\xbf" + HEADER + b"\n" + GOOD,
            (PROVIDER, EMPLOYER, "good", "2021-01", "", True),
            id="a byte order mark, and no end of the last line",
        ),
        pytest.param(
            [b"", b"# a remark", GOOD, b"  "], (PROVIDER, EMPLOYER, "good", "2021-01", "", True), id="empty lines"
        ),
        pytest.param([GOOD, GOOD], (PROVIDER, EMPLOYER, "good", "2021-01", "", True), id="the same line twice"),
    ],
)
def test_a_good_file(take_in, content, row):
    done, rejected = take_in(content)
    assert (held(), done.rejected, rejected) == ([row], 0, None)


def test_commas_where_they_are_declared(take_in):
    content = HEADER.replace(b";", b",") + b"\n" + line('"a,b"').replace(b";", b",")
    take_in(content, separator="comma")
    assert held() == [(PROVIDER, EMPLOYER, "a,b", "2021-01", "", True)]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        pytest.param(line(provider="21345600"), "The provider's number is not nine digits.", id="a short provider"),
        pytest.param(line(provider=" 213456008"), "The provider's number is not nine digits.", id="a blank before it"),
        pytest.param(line(employer=""), "The employer's number is not nine digits.", id="no employer"),
        pytest.param(line(employer="٩" * 9), "The employer's number is not nine digits.", id="other digits"),
        pytest.param(
            line("  "), "The reference must have 1 to 4000 characters, and no control characters.", id="no reference"
        ),
        pytest.param(
            line("x" * 4001),
            "The reference must have 1 to 4000 characters, and no control characters.",
            id="4001 characters",
        ),
        pytest.param(
            line("a\x00b"), "The reference must have 1 to 4000 characters, and no control characters.", id="a zero byte"
        ),
        pytest.param(line(first=""), "The first month must be written as 2021-01.", id="no start"),
        pytest.param(line(first="01.2021"), "The first month must be written as 2021-01.", id="a Norwegian month"),
        pytest.param(line(first="2021-01 "), "The first month must be written as 2021-01.", id="a blank after it"),
        pytest.param(line(last="2021-13"), "The last month must be written as 2021-01, or be empty.", id="month 13"),
        pytest.param(line(last="2020-12"), "The last month is before the first.", id="backwards"),
        pytest.param(
            line(last="2999-12"),
            "The last month lies ahead, and nobody has said that this is meant.",
            id="an end that lies ahead",
        ),
        pytest.param(line(wanted="ja"), "The last column must be yes or no.", id="another word"),
        pytest.param(line(wanted=""), "The last column must be yes or no.", id="no word"),
        pytest.param(GOOD + b";", "There are not 6 columns.", id="a column more"),
        pytest.param(GOOD[: GOOD.rindex(b";")], "There are not 6 columns.", id="a column less"),
        pytest.param(GOOD.replace(b";", b","), "There are not 6 columns.", id="the other separator"),
        pytest.param(HEADER, "The last column must be yes or no.", id="the header again"),
        pytest.param(line("bl\xe5").replace("å".encode(), b"\xe5"), "The line is not in UTF-8.", id="Latin-1"),
        pytest.param(b"\xed\xa0\xbd", "The line is not in UTF-8.", id="half a character"),
        pytest.param(line('"open'), "The quotation marks do not fit.", id="a quotation that does not end"),
        pytest.param(line('"a"b'), "The quotation marks do not fit.", id="words after a quotation"),
        pytest.param(line("a\rb"), "The quotation marks do not fit.", id="a line's end within"),
    ],
)
def test_a_bad_line(take_in, bad, reason):
    done, rejected = take_in([bad, GOOD])
    assert rejected == HEADER + f"\n# line 2: {reason}\n".encode() + bad + b"\n"
    assert done == Imported(lines=2, rejected=1, kept=Kept(1, 0), too_early=0)
    assert [row[2] for row in held()] == ["good"]


def test_what_was_rejected_can_be_mended_and_imported_as_it_is(take_in, tmp_path):
    _, rejected = take_in([GOOD, line("two", wanted="ja"), line("three", first="2021")])
    mended = rejected.replace(b";ja", b";yes").replace(b";2021;", b";2021-01;")
    done, rejected = take_in(mended)
    assert (done.kept, rejected) == (Kept(2, 0), None)
    assert [row[2] for row in held()] == ["good", "three", "two"]


def test_lines_that_contradict_each_other_are_all_rejected(take_in):
    lines = [line("a"), line("b"), line("a", last="2022-12"), line(" a "), line("a", wanted="no"), line("b")]
    done, rejected = take_in(lines)
    told = [text for text in rejected.decode().splitlines() if text.startswith("#")]
    other = "says something else of the same agreement."
    assert told == [
        f"# line 2: Line 4 {other}",
        f"# line 4: Line 2 {other}",
        f"# line 5: Line 4 {other}",
        f"# line 6: Line 2 {other}",
    ]
    assert (done.lines, done.rejected, [row[2] for row in held()]) == (6, 4, ["b"])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b"", "The file is empty.", id="empty"),
        pytest.param(GOOD, "The first line must be provider;employer;reference;from;to;wanted.", id="no header"),
        pytest.param(
            HEADER.replace(b";", b","),
            "The first line must be provider;employer;reference;from;to;wanted.",
            id="the other separator",
        ),
        pytest.param(
            HEADER.upper(), "The first line must be provider;employer;reference;from;to;wanted.", id="in capitals"
        ),
        pytest.param(
            HEADER.decode().encode("utf-16"),
            "The first line must be provider;employer;reference;from;to;wanted.",
            id="UTF-16",
        ),
        pytest.param([GOOD, b"x" * 65_537], "Line 3 is longer than 65536 bytes.", id="a line without an end"),
    ],
)
def test_what_is_no_file_of_agreements(take_in, content, told):
    with pytest.raises(FileRefused, match=told.replace("?", r"\?")):
        take_in(content)
    assert (held(), take_in.rejects.exists()) == ([], False)


def test_importing_again_changes_nothing(take_in):
    content = [GOOD, line("b", last="2022-12"), line("c", first="", wanted="no"), b"bad"]
    first, rejected = take_in(content)
    before = list(Agreement.objects.order_by("pk").values())
    second, rejected_again = take_in(content)
    assert (first.kept, second.kept) == (Kept(3, 0), Kept())
    assert rejected == rejected_again
    assert list(Agreement.objects.order_by("pk").values()) == before


def test_what_the_file_does_not_name_stays_as_it_was(take_in):
    kept(wish("other"))
    take_in([GOOD])
    assert [row[2] for row in held()] == ["good", "other"]


def test_a_change_and_an_end(take_in):
    take_in([line("a"), line("b")])
    done, _ = take_in([line("a", first="2021-03"), line("b", wanted="no")])
    assert done.kept == Kept(0, 2)
    assert [row[2:] for row in held()] == [("a", "2021-03", "", True), ("b", "2021-01", "", False)]


def test_an_end_ahead_that_is_meant(take_in):
    done, _ = take_in([line(last="2999-12")], future_end=True)
    assert done.rejected == 0


def test_starts_before_any_effect_are_counted(take_in):
    done, _ = take_in([line("a", first="2020-12"), line("b"), line("c", first="2020-01", wanted="no")])
    assert (done.too_early, done.kept) == (1, Kept(3, 0))


def test_several_providers_in_one_file(take_in):
    take_in([line(), line(provider=OTHER_PROVIDER)])
    assert [row[0] for row in held()] == [PROVIDER, OTHER_PROVIDER]


def test_a_file_of_rejects_is_never_written_over(take_in, tmp_path):
    file, rejects = tmp_path / "a.csv", tmp_path / "old"
    file.write_bytes(HEADER + b"\nbad\n" + GOOD)
    rejects.write_bytes(b"older rejects")
    with pytest.raises(FileRefused, match="is there already"):
        import_file(file, rejects=rejects, separator="semicolon", future_end=False, now=NOW)
    assert (rejects.read_bytes(), held()) == (b"older rejects", [])


def test_rejects_are_for_their_owner_alone(take_in):
    take_in([b"bad"])
    assert take_in.rejects.stat().st_mode & 0o777 == 0o600


def test_where_rejects_cannot_be_written_nothing_is_kept(tmp_path):
    file = tmp_path / "a.csv"
    file.write_bytes(HEADER + b"\nbad\n" + GOOD)
    with pytest.raises(OSError, match="No such file"):
        import_file(file, rejects=tmp_path / "no" / "r", separator="semicolon", future_end=False, now=NOW)
    assert held() == []


def test_where_one_batch_fails_nothing_is_kept(take_in, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 2)
    batches, keep = [], importing.keep

    def third_fails(wishes, now):
        batches.append(len(wishes))
        if len(batches) == 3:
            raise DatabaseError
        return keep(wishes, now=now)

    monkeypatch.setattr(importing, "keep", third_fails)
    with pytest.raises(DatabaseError):
        take_in([*(line(f"r{number}") for number in range(5)), b"bad"])
    assert (batches, held(), take_in.rejects.exists()) == ([2, 2, 1], [], False)


def test_memory_does_not_grow_with_the_file(take_in):
    def lines(count):
        return [HEADER, *(line(f"{number:0200d}", wanted="x") for number in range(count))]

    content = b"\n".join(lines(20_000))
    tracemalloc.start()
    done, _ = take_in(content)
    _, highest = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert done.rejected == 20_000
    assert highest - len(content) < 1_000_000


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.binary(max_size=60).map(lambda raw: raw.replace(b"\n", b"")) | st.just(GOOD), max_size=8))
def test_no_line_is_lost(lines):
    """Whatever stands in a file, each line is a wish, has a reason, or is empty or a remark."""
    content = b"\n".join([HEADER, *lines]) + b"\n"
    read = list(read_lines(io.BytesIO(content), separator=";", this_month="2026-11", future_end=False))
    said = [raw.rstrip(b"\r") for raw in lines]
    assert [one.raw for one in read] == [raw for raw in said if raw.strip() and not raw.startswith(b"#")]
    assert all((one.wish is None) == bool(one.reason) for one in read)
