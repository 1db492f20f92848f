"""The accountReference: good for one consumer, service, audience and case, and for nothing else."""

import base64
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.references import NOBODY, Referred, ciphers, context, reference_to, resolve
from audit.keyring import KeyRing
from legal.refusals import NothingHere

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
