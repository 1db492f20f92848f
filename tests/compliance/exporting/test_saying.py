"""What is kept of an export as codes is shown in the reader's words."""

import pytest
from django.utils import translation

from compliance.exporting.columns import CHOSEN, NUMBERS, label_of
from compliance.exporting.saying import filter_said, reason_said

SAME_IN_BOTH = {
    *("AccountInfoRequestID", "AdditionalReferenceID", "CorrelationID", "Legal-Mandate", "OnlyPrimaryOwner"),
    "RequesterID",
}


@pytest.mark.parametrize(
    ("kept", "english", "norwegian"),
    [
        pytest.param("court", "a court or the police ask", "en domstol eller politiet spør", id="a code"),
        pytest.param(
            "court: Oslo tingrett",
            "a court or the police ask: Oslo tingrett",
            "en domstol eller politiet spør: Oslo tingrett",
            id="a code and words",
        ),
        pytest.param("court case", "court case", "court case", id="words that begin like a code"),
        pytest.param("of old", "of old", "of old", id="no code at all"),
        pytest.param("", "", "", id="nothing"),
    ],
)
def test_a_reason(kept, english, norwegian):
    with translation.override("en"):
        assert reason_said(kept) == english
    with translation.override("nb"):
        assert reason_said(kept) == norwegian


@pytest.mark.parametrize(
    ("kept", "english", "norwegian"),
    [
        pytest.param("", "", "", id="nothing"),
        pytest.param("code=ACC-001", "code: ACC-001", "kode: ACC-001", id="one thing"),
        pytest.param(
            "service=fi-utlegg-saldo outcome=refused first=2026-11-01",
            "service: fi-utlegg-saldo · outcome: Refused · first day: 2026-11-01",
            "tjeneste: fi-utlegg-saldo · utfall: Avvist · første dag: 2026-11-01",
            id="many",
        ),
        pytest.param(
            "requester_id=Kari N = 7 code=ACC-001",
            "RequesterID: Kari N = 7 · code: ACC-001",
            "RequesterID: Kari N = 7 · kode: ACC-001",
            id="a value with blanks",
        ),
        pytest.param("else=1", "else=1", "else=1", id="what this release does not know stays"),
    ],
)
def test_a_filter(kept, english, norwegian):
    with translation.override("en"):
        assert filter_said(kept) == english
    with translation.override("nb"):
        assert filter_said(kept) == norwegian


def test_every_column_has_its_name_in_both_languages():
    """What is called the same in both is a name of the standard's, or a word that is."""
    with translation.override("en"):
        english = {name: label_of(name) for name in (*CHOSEN, *NUMBERS)}
    with translation.override("nb"):
        norwegian = {name: label_of(name) for name in english}
    assert {label for name, label in english.items() if norwegian[name] == label} == SAME_IN_BOTH
    assert norwegian["evidence"] == "bevisopplysninger"
