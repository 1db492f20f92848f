"""What records are looked for by is parsed strictly, and what is told of it holds no number."""

from datetime import date
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from compliance.finding.criteria import Criteria

ID = UUID("0190a1b2-0000-4000-8000-000000000001")
EVERYTHING = {
    "id": str(ID),
    "number": "01810112345",
    "account_info_request_id": str(ID),
    "correlation_id": str(ID),
    "consumer": "974761076",
    "service": "agencies:bsu",
    "legal_mandate": "Skattekontroll skatteforvaltningsloven § 10-2",
    "requester_id": "saksbehandler 7",
    "endpoint": "bsu.innsending",
    "outcome": "sent",
    "code": "ACC-001",
    "first": "2026-11-01",
    "last": "2026-11-30",
}


def test_everything_is_read_and_written_back():
    criteria = Criteria.parse(EVERYTHING)
    assert criteria == Criteria(
        id=ID,
        numbers=("01810112345",),
        account_info_request_id=ID,
        correlation_id=ID,
        consumer="974761076",
        service="agencies:bsu",
        legal_mandate="Skattekontroll skatteforvaltningsloven § 10-2",
        requester_id="saksbehandler 7",
        endpoint="bsu.innsending",
        outcome="sent",
        code="ACC-001",
        first=date(2026, 11, 1),
        last=date(2026, 11, 30),
    )
    assert criteria.as_mapping() == EVERYTHING


@pytest.mark.parametrize(
    ("field", "text"),
    [
        pytest.param("id", "0190a1b3", id="a part of an id"),
        pytest.param("id", "{0190a1b2-0000-4000-8000-000000000001}", id="an id in braces"),
        pytest.param(
            "account_info_request_id", "٠190a1b2-0000-4000-8000-000000000001", id="an id with a foreign digit"
        ),
        pytest.param("correlation_id", "01810112345", id="a number for an id"),
        pytest.param("number", "0181011234", id="ten digits"),
        pytest.param("number", "018101123456", id="twelve digits"),
        pytest.param("number", "018101 12345", id="digits with a blank"),
        pytest.param("number", "٠١٢٣٤٥٦٧٨٩٠", id="foreign digits"),
        pytest.param("number", "0181011234\0", id="a NUL byte"),
        pytest.param("consumer", "97476107", id="eight digits for an agency"),
        pytest.param("consumer", "01810112345", id="a person for an agency"),
        pytest.param("service", "01810112345", id="a person for a service"),
        pytest.param("endpoint", "a01810112345", id="a person in an endpoint"),
        pytest.param("code", "A01810112345", id="a person in a code"),
        pytest.param("service", "Skatt Kontroll", id="no service has such a name"),
        pytest.param("legal_mandate", "x" * 501, id="longer than any mandate"),
        pytest.param("requester_id", "x\0", id="a NUL byte in words"),
        pytest.param("outcome", "given", id="no such outcome"),
        pytest.param("first", "22.11.2026", id="a day in another form"),
        pytest.param("first", "20261122", id="a day without hyphens"),
        pytest.param("first", "2026-02-30", id="no day of the calendar"),
        pytest.param("last", "9999-12-31", id="a day that has no next one"),
        pytest.param("last", "2026-10-31", id="ends before it begins"),
    ],
)
def test_what_is_refused(field, text):
    with pytest.raises(ValidationError) as refused:
        Criteria.parse(EVERYTHING | {field: text})
    assert [*refused.value.error_dict] == [field]
    assert text not in str(refused.value)


def test_a_name_given_twice_is_refused():
    with pytest.raises(ValidationError):
        Criteria.parse(QueryDict("consumer=974761076&consumer=971648198"))


def test_nothing_asked_is_nothing():
    assert not Criteria.parse({}) and Criteria.parse({}) == Criteria()
    assert Criteria.parse({"first": "2026-11-01"})


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40))
def test_no_number_is_told_of(words):
    criteria = Criteria.parse(EVERYTHING | {"legal_mandate": f"{words} 01810112345", "requester_id": "018101 12345"})
    assert "01810112345" not in criteria.said and "018101" not in criteria.said


def test_what_is_told_of_the_rest():
    criteria = Criteria.parse({"consumer": "974761076", "number": "01810112345", "first": "2026-11-01"})
    assert criteria.said == "consumer=974761076 first=2026-11-01"
