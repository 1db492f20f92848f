"""What a masked number shows, and what a record still says in full."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.models import AuditRecord
from audit.recording import record
from audit.retain import month_keys
from audit.secrecy import NotRevealed
from compliance.explaining.numbers import Numbers, masked, numbers_of, without_numbers
from tests.audit.entries import answered
from tests.audit.retain.conftest import DOCUMENTS, NUMBERS

DIGITS = st.text("0123456789", min_size=9, max_size=40)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        pytest.param("26854412345", "********345", id="a person: neither birth date nor individual number"),
        pytest.param("974761076", "******076", id="a company: it may be one person's own"),
        pytest.param("97100000001", "********001", id="an account"),
        pytest.param("971000000012345", "************345", id="a longer account"),
        pytest.param("26854412345 ", "***", id="a blank behind it"),
        pytest.param("268544 12345", "***", id="a blank in it"),
        pytest.param("٢٦٨٥٤٤١٢٣٤٥", "***", id="digits of another script"),
        pytest.param("12345678", "***", id="too short to be one"),
        pytest.param("Kari Nordmann", "***", id="a name"),
        pytest.param("", "***", id="nothing"),
    ],
)
def test_masked(number, shown):
    assert masked(number) == shown


@given(DIGITS)
def test_three_digits_and_the_length_are_all_that_a_mask_tells(number):
    assert masked(number) == "*" * (len(number) - 3) + number[-3:]


@given(st.text().filter(lambda text: not re.fullmatch("[0-9]{9,40}", text)))
def test_of_what_is_no_number_nothing_is_told(text):
    assert masked(text) == "***"


@pytest.mark.parametrize(
    ("text", "known", "told"),
    [
        pytest.param("saksbehandler 7", (), "saksbehandler 7", id="words"),
        pytest.param("about 26854412345", (), "about ***", id="a person's number that nobody knows"),
        pytest.param("about 268544 12345", (), "about ***", id="with a blank"),
        pytest.param("about 268544.12345-x", (), "about ***-x", id="with a point"),
        pytest.param("974761076/12", ("974761076",), "******076/12", id="a company's that is known"),
        pytest.param("974761076/12", (), "974761076/12", id="a company's that is not: it may be the agency's own"),
        pytest.param("x268544123459", ("26854412345",), "x********3459", id="a known one inside more digits"),
        pytest.param("case 17", ("case 17", "7"), "case 17", id="what is no number is no secret by itself"),
    ],
)
def test_texts_from_outside(text, known, told):
    assert without_numbers(text, known) == told


@given(st.text(), st.lists(DIGITS, max_size=4), st.text())
def test_no_known_number_stands_in_what_is_left(before, known, behind):
    told = without_numbers(before + "".join(known) + behind, known)
    assert all(number not in told for number in known)


def stored(**changes):
    return AuditRecord.objects.get(pk=record(answered(**changes)))


@pytest.mark.django_db
def test_everything_that_a_record_keeps_encrypted():
    assert numbers_of(stored()) == Numbers(
        control_object="01810112345",
        accounts=("97100000001", "97100000002"),
        account_reference="AAECAwQ",
        additional_reference="case 17 of 2026",
        malformed={"PartyID": "01810112345 "},
    )


@pytest.mark.django_db
def test_a_record_that_names_nobody():
    empty = stored(control_object="", additional_reference="", account_reference="", accounts=[], malformed={})
    assert numbers_of(empty) == Numbers()
    assert numbers_of(empty).all() == frozenset()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["control_object_sealed", "additional_reference_sealed"])
def test_a_value_that_does_not_open_is_told_of_and_not_skipped(name):
    row = stored()
    setattr(row, name, b"200001.number.gone:" + bytes(40))
    with pytest.raises(NotRevealed):
        numbers_of(row)


def of_long_ago(trail):
    """Return the first record of the old month."""
    return AuditRecord.objects.get(pk=trail.records.first)


def test_numbers_that_were_deleted_are_gone(trail, monkeypatch):
    assert numbers_of(of_long_ago(trail)).control_object == "01810112345"
    trail.delete(NUMBERS)
    monkeypatch.setattr(month_keys, "_memory", month_keys.Memory())  # as a minute later
    with pytest.raises(NotRevealed):
        numbers_of(of_long_ago(trail))


def test_of_a_held_case_they_are_still_read(trail, monkeypatch):
    before = numbers_of(of_long_ago(trail))
    trail.hold()
    trail.delete(DOCUMENTS)
    trail.delete(NUMBERS)
    monkeypatch.setattr(month_keys, "_memory", month_keys.Memory())
    assert numbers_of(of_long_ago(trail)) == before


def test_a_held_copy_of_the_document_alone_says_no_number(trail):
    trail.hold()
    trail.delete(DOCUMENTS)
    row = of_long_ago(trail)
    row.control_object_sealed = b"200001.number.gone:" + bytes(40)
    with pytest.raises(NotRevealed):
        numbers_of(row)
