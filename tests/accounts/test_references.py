"""The accountReference: good for one consumer, service, audience and case, and for nothing else."""

import base64
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.movements import Position
from accounts.references import (
    NOBODY,
    Referred,
    ciphers,
    context,
    context_of,
    context_of_page,
    cursor_to,
    position_of,
    reference_to,
    resolve,
)
from audit.keyring import KeyRing
from legal.periods import Period
from legal.refusals import BadCursor, NothingHere
from tests.accounts.enquiries import enquiry

CASE = uuid.UUID("d4a820ca-ddde-11ed-b5ea-0242ac120002")
CONTEXT = {
    "consumer": "974761076",
    "service": "fi-utlegg-saldo",
    "audience": "https://bank.example/v2",
    "account_info_request_id": CASE,
}
REFERRED = Referred(account_id=42, party_number="15869010089")


@pytest.fixture(autouse=True)
def forget_ciphers():
    ciphers.cache_clear()
    yield
    ciphers.cache_clear()


def test_reference_stands_for_its_account():
    reference = reference_to(REFERRED, context(**CONTEXT))
    assert resolve(reference, context(**CONTEXT)) == REFERRED
    assert reference == reference_to(REFERRED, context(**CONTEXT)), "the same within a case"


def test_reference_says_nothing():
    reference = reference_to(REFERRED, context(**CONTEXT))
    raw = base64.urlsafe_b64decode(reference + "=" * (-len(reference) % 4))
    assert REFERRED.party_number.encode() not in raw
    assert (42).to_bytes(8, "big") not in raw
    assert set(reference) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"consumer": "974760673"}, id="another consumer"),
        pytest.param({"service": "skatt-kontroll"}, id="another service"),
        pytest.param({"audience": "https://bank.example/v2/"}, id="another audience"),
        pytest.param({"account_info_request_id": uuid.UUID(int=CASE.int + 1)}, id="another case"),
    ],
)
def test_reference_from_another_context_is_refused(changed):
    reference = reference_to(REFERRED, context(**CONTEXT))
    with pytest.raises(NothingHere):
        resolve(reference, context(**{**CONTEXT, **changed}))


ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def next_with_same_bytes(letter):
    """Return another letter that decodes alike at the end, where some bits are spare."""
    place = ALPHABET.index(letter)
    return ALPHABET[(place & ~3) | ((place + 1) & 3)]


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda right: "", id="empty"),
        pytest.param(lambda right: "86011117947", id="an account number"),
        pytest.param(lambda right: "dataNotDelivered", id="the predefined word"),
        pytest.param(lambda right: str(CASE), id="a uuid"),
        pytest.param(lambda right: ("B" if right[0] == "A" else "A") + right[1:], id="first byte changed"),
        pytest.param(lambda right: right[:20] + ("B" if right[20] == "A" else "A") + right[21:], id="a byte changed"),
        pytest.param(lambda right: right[:-1] + next_with_same_bytes(right[-1]), id="spare bits changed"),
        pytest.param(lambda right: right + "=", id="padded"),
        pytest.param(lambda right: right[:-1], id="cut"),
        pytest.param(lambda right: right + "A", id="longer"),
        pytest.param(lambda right: right[:-1] + "å", id="not ASCII"),
        pytest.param(lambda right: right[:-1] + "Ａ", id="a full-width letter"),
        pytest.param(lambda right: right[:10] + "\n" + right[10:], id="a newline inside"),
        pytest.param(lambda right: "A" * 10_000, id="over-long"),
        pytest.param(lambda right: "A" * len(right), id="the right length"),
    ],
)
def test_anything_else_is_refused(spoil):
    right = reference_to(REFERRED, context(**CONTEXT))
    with pytest.raises(NothingHere):
        resolve(spoil(right), context(**CONTEXT))


def test_keys_rotate(settings):
    old, new = (
        f"{name}:{base64.b64encode(bytes([number]) * 64).decode()}" for name, number in (("old", 1), ("new", 2))
    )
    settings.REFERENCE_KEYS = KeyRing(old, length=64)
    before = reference_to(REFERRED, context(**CONTEXT))
    ciphers.cache_clear()
    settings.REFERENCE_KEYS = KeyRing(f"{new},{old}", length=64)
    assert resolve(before, context(**CONTEXT)) == REFERRED
    assert reference_to(REFERRED, context(**CONTEXT)) != before
    ciphers.cache_clear()
    settings.REFERENCE_KEYS = KeyRing(new, length=64)
    with pytest.raises(NothingHere):
        resolve(before, context(**CONTEXT))


CONTEXTS = st.fixed_dictionaries(
    {
        "consumer": st.sampled_from(["974761076", "974760673", "97476107"]),
        "service": st.sampled_from(["fi-utlegg-saldo", "skatt-kontroll", "6fi-utlegg-saldo"]),
        "audience": st.text(alphabet="abc/:", max_size=6),
        "account_info_request_id": st.uuids(),
    }
)
ANYONE = st.builds(
    Referred,
    account_id=st.integers(min_value=0, max_value=2**63 - 1),
    party_number=st.from_regex(r"[0-9]{9}|[0-9]{11}", fullmatch=True).filter(str.isascii),
)


@given(referred=ANYONE, made_in=CONTEXTS, used_in=CONTEXTS)
def test_a_reference_never_opens_across_contexts(referred, made_in, used_in):
    reference = reference_to(referred, context(**made_in))
    if made_in == used_in:
        assert resolve(reference, context(**used_in)) == referred
    else:
        with pytest.raises(NothingHere):
            resolve(reference, context(**used_in))


@given(text=st.text(max_size=80))
def test_no_text_is_ever_a_reference_by_chance(text):
    with pytest.raises(NothingHere):
        resolve(text, context(**CONTEXT))


def test_nobody_is_in_no_ledger():
    assert Referred(account_id=0, party_number="00000000000") == NOBODY


PLACE = Position(datetime(2025, 11, 21, 12, 0, 0, 123_456, tzinfo=UTC), 2**62 + 1)
YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))
PAGE = enquiry(reference="r" * 47, period=YEAR)
POSITIONS = st.builds(
    Position,
    st.datetimes(timezones=st.just(UTC)),
    st.integers(-(2**63), 2**63 - 1),
)


@given(position=POSITIONS)
def test_a_cursor_stands_for_its_place_to_the_microsecond(position):
    cursor = cursor_to(position, context_of_page(PAGE))
    assert position_of(cursor, context_of_page(PAGE)) == position
    assert len(cursor) == 43


def elsewhere(**changes):
    """Return the enquiry with something else in it, or in its grant or mandate."""
    for part in ("grant", "mandate"):
        changes |= {part: replace(getattr(PAGE, part), **changes[part])} if part in changes else {}
    return replace(PAGE, **changes)


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(elsewhere(grant={"consumer": "974760673"}), id="another consumer"),
        pytest.param(elsewhere(grant={"audience": "https://bank.example/v2/"}), id="another audience"),
        pytest.param(elsewhere(mandate={"service": "skatt-kontroll"}), id="another service"),
        pytest.param(elsewhere(account_info_request_id=uuid.UUID(int=1)), id="another case"),
        pytest.param(elsewhere(account_reference="s" * 47), id="another reference"),
        pytest.param(elsewhere(account_reference=None), id="no reference"),
        pytest.param(elsewhere(asked_for=replace(YEAR, from_date=date(2025, 1, 2))), id="another first day"),
        pytest.param(elsewhere(asked_for=replace(YEAR, to_date=date(2025, 12, 30))), id="another last day"),
    ],
)
def test_a_cursor_of_another_list_is_refused(asked):
    cursor = cursor_to(PLACE, context_of_page(PAGE))
    assert position_of(cursor, context_of_page(PAGE)) == PLACE
    with pytest.raises(BadCursor):
        position_of(cursor, context_of_page(asked))


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(elsewhere(period=Period(date(2025, 6, 1), date(2025, 6, 30))), id="days that the law cuts"),
        pytest.param(elsewhere(correlation_id=uuid.UUID(int=1)), id="another CorrelationID"),
        pytest.param(elsewhere(asked_at=datetime(2027, 1, 1, tzinfo=UTC)), id="a later moment"),
        pytest.param(elsewhere(grant={"jti": "another"}), id="another token"),
    ],
)
def test_a_cursor_is_good_for_the_next_question_of_the_same_list(asked):
    assert position_of(cursor_to(PLACE, context_of_page(PAGE)), context_of_page(asked)) == PLACE


def test_a_reference_is_no_cursor_and_a_cursor_no_reference():
    for bound_to in (context_of_page(PAGE), context_of(PAGE)):
        with pytest.raises(BadCursor):
            position_of(reference_to(REFERRED, bound_to), bound_to)
        with pytest.raises(NothingHere):
            resolve(cursor_to(PLACE, bound_to), bound_to)


@given(text=st.text(max_size=80) | st.text(ALPHABET, min_size=43, max_size=43))
def test_no_text_is_ever_a_cursor_by_chance(text):
    with pytest.raises(BadCursor):
        position_of(text, context_of_page(PAGE))


@given(data=st.data())
def test_a_cursor_with_any_letter_changed_is_refused(data):
    right = cursor_to(PLACE, context_of_page(PAGE))
    place = data.draw(st.integers(0, len(right) - 1))
    letter = data.draw(st.characters().filter(lambda other: other != right[place]))
    with pytest.raises(BadCursor):
        position_of(right[:place] + letter + right[place + 1 :], context_of_page(PAGE))


@given(made_in=CONTEXTS, used_in=CONTEXTS, position=POSITIONS)
def test_a_cursor_never_opens_across_contexts(made_in, used_in, position):
    cursor = cursor_to(position, context(**made_in))
    if made_in == used_in:
        assert position_of(cursor, context(**used_in)) == position
    else:
        with pytest.raises(BadCursor):
            position_of(cursor, context(**used_in))


def test_cursors_outlive_a_change_of_keys(settings):
    old, new = (
        f"{name}:{base64.b64encode(bytes([number]) * 64).decode()}" for name, number in (("old", 1), ("new", 2))
    )
    settings.REFERENCE_KEYS = KeyRing(old, length=64)
    before = cursor_to(PLACE, context_of_page(PAGE))
    ciphers.cache_clear()
    settings.REFERENCE_KEYS = KeyRing(f"{new},{old}", length=64)
    assert position_of(before, context_of_page(PAGE)) == PLACE
    ciphers.cache_clear()
    settings.REFERENCE_KEYS = KeyRing(new, length=64)
    with pytest.raises(BadCursor):
        position_of(before, context_of_page(PAGE))
