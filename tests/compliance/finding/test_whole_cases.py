"""A case is judged by all its records: one about a shielded person hides each of its pages."""

from http import HTTPStatus

import pytest
from django.urls import reverse

from accounts.parties import LedgerSilent
from accounts.standing import SHIELDED as BECAUSE_SHIELDED
from audit.secrecy import NotRevealed
from compliance.finding import cases, shielding
from compliance.finding.shielding import is_case_hidden
from compliance.people import AUDITOR, OFFICER, READER
from tests.compliance.finding.trail import CASE, OPEN, SHIELDED, STRANGER, TRACE, add, signed_in

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
OK, FORBIDDEN, MISSING = HTTPStatus.OK, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND
PAGE = reverse("admin:desk_case", args=[CASE])


@pytest.fixture
def short_pages(monkeypatch):
    monkeypatch.setattr(cases, "ROWS", 2)


@pytest.fixture
def reader():
    return signed_in("rita", READER, of="Rita")[1]


def asked(*numbers, **changes):
    """Append a record of the case for each number, the oldest first, the last one with the changes."""
    last = len(numbers) - 1
    return [
        add(number, minutes=last - place, account_info_request_id=CASE, **(changes if place == last else {}))
        for place, number in enumerate(numbers)
    ]


@pytest.mark.parametrize(
    ("group", "numbers", "changes", "status"),
    [
        pytest.param(READER, [OPEN] * 4, {}, OK, id="nobody is shielded"),
        pytest.param(READER, [OPEN, "", "", ""], {}, OK, id="records about nobody"),
        pytest.param(READER, [OPEN] * 4 + [SHIELDED], {}, FORBIDDEN, id="the last record, two pages on"),
        pytest.param(AUDITOR, [OPEN] * 4 + [SHIELDED], {}, FORBIDDEN, id="the same to an auditor"),
        pytest.param(
            READER,
            [OPEN] * 5,
            {"empty_because": BECAUSE_SHIELDED},
            FORBIDDEN,
            id="shielded when the last one was asked",
        ),
        pytest.param(READER, [SHIELDED, OPEN, OPEN, OPEN], {}, FORBIDDEN, id="the first record"),
        pytest.param(OFFICER, [OPEN] * 4 + [SHIELDED], {}, OK, id="to who has the right"),
    ],
)
def test_each_page_is_judged_by_the_whole_case(short_pages, group, numbers, changes, status):
    _first, second, *_later = asked(*numbers, **changes)
    add(SHIELDED, account_info_request_id=TRACE)
    browser, _user = signed_in("someone", group, of="Someone")
    after = f"?after={cases.Cursor.of('newer', second, 'at')}"
    assert [browser.get(PAGE + query).status_code for query in ("", after)] == [status, status]


@pytest.mark.parametrize(
    ("numbers", "hidden"),
    [
        pytest.param([OPEN] * 3, False, id="as many records as are judged"),
        pytest.param([OPEN] * 4, True, id="one record too many"),
        pytest.param([OPEN, STRANGER, OPEN], False, id="as many persons as are judged"),
        pytest.param([OPEN, STRANGER, "02810112391"], True, id="one person too many"),
    ],
)
def test_what_is_too_long_to_be_judged_is_hidden(reader, monkeypatch, numbers, hidden):
    monkeypatch.setattr(shielding, "MOST_RECORDS", 3)
    monkeypatch.setattr(shielding, "MOST_PERSONS", 2)
    asked(*numbers)
    assert is_case_hidden(reader, CASE) is hidden


def test_a_silent_ledger_hides_a_case(reader, monkeypatch):
    def silent(numbers):
        raise LedgerSilent

    asked(OPEN)
    monkeypatch.setattr(shielding, "shielded_among", silent)
    assert is_case_hidden(reader, CASE)


@pytest.mark.parametrize(("opens", "hidden"), [("newest", False), ("oldest", True)])
def test_a_person_is_told_by_the_newest_key(reader, monkeypatch, opens, hidden):
    oldest, newest = asked(OPEN, OPEN)
    kept, revealed = {"oldest": oldest, "newest": newest}[opens], shielding.reveal

    def some(sealed, *, column, record):
        if record != kept.pk:
            raise NotRevealed
        return revealed(sealed, column=column, record=record)

    monkeypatch.setattr(shielding, "reveal", some)
    assert is_case_hidden(reader, CASE) is hidden


@pytest.mark.parametrize("records", [1, 40])
def test_a_long_case_is_judged_at_the_cost_of_a_short_one(reader, records, django_assert_num_queries):
    asked(*[OPEN] * records)
    reader.has_perm("any.right")
    with django_assert_num_queries(1, using="ledger"), django_assert_num_queries(1):
        assert not is_case_hidden(reader, CASE)


def test_a_case_without_records_is_nobodys(reader):
    assert not is_case_hidden(reader, CASE)
    assert signed_in("other", READER, of="Other")[0].get(PAGE).status_code == MISSING
