"""What is kept of an answer after its days are over: nothing but a decision, or the copy of a case under hold."""

import re

import pytest

from audit.models import AuditRecord
from audit.retain import month_keys
from compliance.explaining.documents import Kept, kept_of
from tests.audit.retain.conftest import DOCUMENTS


@pytest.fixture
def deleted(trail, monkeypatch):
    """Return a function that deletes the old month's documents, a minute ago, and opens what is left of the first."""

    def delete(*, held):
        if held:
            trail.hold()
        trail.delete(DOCUMENTS)
        monkeypatch.setattr(month_keys, "_memory", month_keys.Memory())
        return AuditRecord.objects.get(pk=trail.records.first)

    return delete


def test_a_deleted_document_names_the_decision(deleted):
    why = kept_of(deleted(held=False)).why_not
    assert re.fullmatch(
        r"It was deleted at \S+ \S+ CES?T \(decision [0-9a-f-]{36}\)\. AUDIT_ANSWER_DAYS lets documents of this service"
        r" be deleted 90 days after their month\.",
        why,
    )


def test_a_held_document_is_opened_and_compared(deleted):
    assert kept_of(deleted(held=True)) == Kept(b'{"first": 1}', held=True)


def test_a_held_copy_that_differs_is_not_shown(deleted, monkeypatch):
    record = deleted(held=True)
    monkeypatch.setattr("compliance.explaining.documents.disclosed", lambda record: {"document": '{"first": 2}'})
    assert kept_of(record) == Kept(differs=True)
