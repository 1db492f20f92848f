"""Records about shielded persons are hidden from whoever lacks the right, and where it cannot be told."""

import pytest

from accounts.parties import LedgerSilent
from accounts.standing import SHIELDED as BECAUSE_SHIELDED
from audit.models import AuditRecord
from audit.secrecy import NotRevealed
from compliance.finding import shielding
from compliance.finding.shielding import hidden_from
from compliance.people import AUDITOR, OFFICER, READER
from tests.compliance.finding.trail import OPEN, SHIELDED, STRANGER, add, signed_in

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


@pytest.fixture
def rows():
    add(OPEN, code="open")
    add(STRANGER, code="unknown")
    add("", code="nobody")
    add(SHIELDED, code="shielded today")
    add(STRANGER, code="shielded then", empty_because=BECAUSE_SHIELDED)
    return [*AuditRecord.objects.all()]


def hidden(user, rows):
    found = hidden_from(user, rows)
    return {row.code for row in rows if row.pk in found}


@pytest.mark.parametrize("group", [READER, AUDITOR])
def test_who_lacks_the_right(rows, group):
    assert hidden(signed_in("someone", group)[1], rows) == {"shielded today", "shielded then"}


def test_who_has_it(rows):
    assert hidden(signed_in("someone", OFFICER)[1], rows) == set()


def test_a_silent_ledger_hides_all(rows, monkeypatch):
    def silent(numbers):
        raise LedgerSilent

    monkeypatch.setattr(shielding, "shielded_among", silent)
    assert len(hidden(signed_in("someone", READER)[1], rows)) == 5


def test_a_number_whose_key_is_gone_hides_its_record(rows, monkeypatch):
    def gone(*args, **kwargs):
        raise NotRevealed

    monkeypatch.setattr(shielding, "reveal", gone)
    assert hidden(signed_in("someone", READER)[1], rows) == {"open", "unknown", "shielded today", "shielded then"}


def test_a_page_of_fifty_is_one_question_to_the_ledger(rows, django_assert_num_queries):
    user = signed_in("someone", READER)[1]
    user.has_perm("any.right")
    with django_assert_num_queries(1, using="ledger"), django_assert_num_queries(0):
        hidden_from(user, rows * 10)
