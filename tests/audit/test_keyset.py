"""Pages that begin where another ended: every row once, whatever arrives meanwhile, and no counting."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.keyset import Cursor, KeysetPaginator
from audit.models import TurnedAway
from tests.audit.entries import NOON

ROW = uuid.UUID("01a2004b-5692-7399-ab11-5adeee3fa84f")


@pytest.mark.parametrize("side", ["older", "newer"])
def test_a_cursor_survives_being_text(side):
    assert Cursor.parse(str(cursor := Cursor(side, NOON + timedelta(microseconds=123_456), ROW))) == cursor


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2", id="a page number"),
        pytest.param("older", id="a side alone"),
        pytest.param(f"older.1763726400123456.{ROW}.", id="too many parts"),
        pytest.param(f"sideways.1763726400123456.{ROW}", id="unknown side"),
        pytest.param(f"older.noon.{ROW}", id="no moment"),
        pytest.param(f"older.{10**30}.{ROW}", id="a moment past all time"),
        pytest.param(f"older.{-(10**30)}.{ROW}", id="a moment before all time"),
        pytest.param("older.1763726400123456.01810112345", id="no uuid"),
        pytest.param("\0", id="NUL"),
    ],
)
def test_other_text_is_no_cursor(text):
    with pytest.raises(ValueError):
        Cursor.parse(text)


AGENCY = "974761076"


def rows():
    """Return the rows of these tests: the server beside them writes its own, without an agency."""
    return TurnedAway.objects.filter(consumer=AGENCY).order_by("-minute", "-id")


def add(*numbers):
    TurnedAway.objects.bulk_create(
        # Four rows of each minute, so that pages end in the middle of equal moments.
        TurnedAway(minute=NOON - timedelta(minutes=number // 4), reason=f"{number}", consumer=AGENCY, count=1)
        for number in numbers
    )


def page(cursor=None, size=10):
    return KeysetPaginator(rows(), size).keyset_page(cursor, moment="minute")


def walk(first, direction):
    pages = [first]
    while cursor := getattr(pages[-1], direction):
        pages.append(page(cursor))
    return pages


@pytest.mark.django_db
@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 20, 43])
def test_walking_down_and_up_again_shows_every_row_once_and_in_order(count):
    add(*range(count))
    expected = list(rows())
    down = walk(page(), "older")
    assert [row for shown in down for row in shown] == expected
    assert [len(shown.rows) for shown in down[:-1]] == [10] * (len(down) - 1)
    assert (down[0].newer, down[-1].older) == (None, None)
    up = walk(down[-1], "newer")
    assert [row for shown in reversed(up) for row in shown] == expected


@pytest.mark.django_db
def test_what_arrives_meanwhile_moves_nothing():
    add(*range(100, 120))
    first = page()
    add(*range(10))
    second = page(first.older)
    assert not {row.pk for row in first} & {row.pk for row in second}
    assert page(second.newer).rows == first.rows
    assert page(page(second.newer).newer).rows == list(rows()[:10])


@pytest.mark.django_db
def test_a_cursor_beside_nothing_shows_an_empty_page():
    add(1)
    assert page(Cursor("older", NOON - timedelta(days=1), ROW)) == type(page())([], newer=None, older=None)


@pytest.mark.django_db
def test_a_page_is_one_statement_without_count_or_offset():
    add(*range(43))
    middle = page().older
    with CaptureQueriesContext(connection) as statements:
        page(middle)
    [statement] = statements
    assert not [word for word in ("COUNT", "OFFSET", "DISTINCT") if word in statement["sql"]]
    assert statement["sql"].endswith("LIMIT 11")
