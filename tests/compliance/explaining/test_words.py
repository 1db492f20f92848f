"""What is said of a record when little is known of it, and what is never said: a number, or anything guessed."""

import re
import string
import uuid
from datetime import UTC, datetime

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agencies.bsu.sending import OPERATION
from agencies.pension.client import OPERATIONS as PENSION
from audit.models import AuditRecord
from audit.recording import record
from audit.retain import month_keys
from compliance.explaining import refusals as told_refusals
from compliance.explaining.errands import OPERATIONS
from compliance.explaining.numbers import Numbers
from compliance.explaining.refusals import REASONS, reason_of
from compliance.explaining.words import explanation_of, printed
from legal import refusals
from legal.models import DataConsumer
from tests import cluster
from tests.audit.entries import answered
from tests.legal.governed import approve, draft, person, service

FAR_BACK = datetime(2020, 1, 1, tzinfo=UTC)
NUMBER = st.text(string.digits, min_size=11, max_size=11) | st.text(string.digits, min_size=9, max_size=9)


def told(**changes):
    """Return the explanation of such a record, as committed."""
    return explanation_of(AuditRecord.objects.get(pk=record(answered(service_version=1, **changes))))


# --- every refusal and every errand has its words ---


def on_record(kind=refusals.Refusal):
    """Yield the name of each refusal that a record can hold: those before a valid token have none."""
    for one in kind.__subclasses__():
        if issubclass(one, (refusals.NotAuthenticated, refusals.HostUnknown)):
            continue
        yield from on_record(one)
        if hasattr(one, "default_detail") and hasattr(one, "reason"):
            yield one.__name__


def test_every_refusal_has_its_words():
    assert set(on_record()) <= REASONS.keys() | told_refusals.FORM.keys()


def test_no_words_for_a_refusal_that_there_is_not():
    names = REASONS.keys() | told_refusals.FORM.keys()
    assert [name for name in names if not hasattr(refusals, name)] == []


@pytest.mark.parametrize("language", ["en", "nb"])
def test_each_says_something_of_its_own(language):
    with translation.override(language):
        said = {name: reason_of(name) for name in set(on_record())}
    assert all(sentence.endswith(".") and "%" not in sentence for sentence in said.values())
    alike = {sentence for sentence in said.values() if [*said.values()].count(sentence) > 1}
    assert len(alike) <= 2, "no question of that kind, and what could not be read"


def test_a_refusal_of_another_release():
    assert reason_of("OfAnotherRelease") == "This release does not know the refusal OfAnotherRelease."


def test_every_errand_of_the_bank_has_its_words():
    text = "".join(file.read_text(encoding="utf-8") for file in (cluster.ROOT / "agencies").rglob("*.py"))
    named = set(re.findall(r'operation="([a-z.]+)"', text)) | set(re.findall(r'self\._asked\("([a-z.]+)"', text))
    assert 'operation=f"{NAME}.tin"' in text
    assert named | {OPERATION, *PENSION.values(), "aktivkonto.tin"} == OPERATIONS.keys()


# --- how the agency was called then ---


@pytest.mark.django_db
def test_the_agency_by_its_name_then_and_not_now():
    row = AuditRecord.objects.get(pk=record(answered(service_version=1)))
    DataConsumer.objects.filter(organisation_number="974761076").update(name="Skattedirektoratet")
    row.at = DataConsumer.pgh_event_model.objects.earliest("pgh_created_at").pgh_created_at
    assert explanation_of(row).who[0] == "Skatteetaten, organisation number 974761076."


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("number", "at", "sentence"),
    [
        pytest.param(
            "974761076",
            FAR_BACK,
            "Skatteetaten, organisation number 974761076, which became an agency here later.",
            id="asked before it was one of our agencies",
        ),
        pytest.param(
            "999999999",
            None,
            "The organisation with the number 999999999, which the register did not have as an agency.",
            id="never one of ours",
        ),
        pytest.param("", None, "The record names no agency.", id="no agency"),
    ],
)
def test_an_agency_that_is_not_known(number, at, sentence):
    row = AuditRecord.objects.get(pk=record(answered(consumer=number)))
    row.at = at or row.at
    assert explanation_of(row).who[0] == sentence


# --- which version ---


@pytest.mark.django_db
def test_the_version_that_two_people_stand_behind():
    saldo = service()
    approve(draft(saldo, person("Ola"), accounts_currency="withhold"), person("Kari"))
    row = record(answered(service=saldo.slug, service_version=2, legal_mandate="Saldo two"))
    explained = explanation_of(AuditRecord.objects.get(pk=row))
    assert explained.rules[:2] == (
        "Service Saldo two, version 2.",
        "Drafted by Ola (ola), approved by Kari (kari).",
    )
    assert "The rules of the service Saldo two list it as the ground of this kind of question." in explained.law
    (field,) = [field for field in explained.fields if field.path == "accounts.currency"]
    assert (field.delivered, field.reason) == (False, "withhold (never sent)")


@pytest.mark.django_db
def test_a_version_that_this_release_cannot_read():
    saldo = service()
    saldo.versions.update(rules={"steps": 7})
    row = record(answered(service=saldo.slug, service_version=1))
    explained = explanation_of(AuditRecord.objects.get(pk=row))
    assert explained.rules[-1] == "This release cannot read that version: its rules are none that it knows."
    assert explained.withheld == ("Which fields were withheld cannot be said: this release cannot read that version.",)
    assert explained.fields == ()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "part", "sentence"),
    [
        pytest.param(
            {"empty_because": "a new reason", "items": 0},
            "given",
            "The list was empty for a reason that this release does not know: a new reason.",
            id="empty for a reason of another release",
        ),
        pytest.param(
            {"outcome": "sent", "service": "agencies:new", "endpoint": "new.thing"},
            "asked",
            "This release does not know the operation new.thing.",
            id="an errand of another release",
        ),
        pytest.param(
            {"endpoint": "unknown", "outcome": "refused", "refusal": "NothingHere"},
            "asked",
            "Asked for: an address where nothing is (unknown).",
            id="an unknown address",
        ),
        pytest.param(
            {"control_object": "Kari Nordmann"}, "asked", "About a number that has not the form of one.", id="no number"
        ),
        pytest.param(
            {"control_object": "974761076"}, "asked", "About the company with the number ******076.", id="a company"
        ),
        pytest.param(
            {"control_object": "", "account_reference": "97100000001", "endpoint": "accountServicingProvider"},
            "asked",
            "About the account with the number ********001.",
            id="an account",
        ),
        pytest.param(
            {"control_object": "", "account_reference": ""},
            "asked",
            "The record names nobody whom it is about.",
            id="nobody",
        ),
        pytest.param({"evidence": {"cursor": "x"}}, "asked", "It was a further page of a longer list.", id="a page"),
        pytest.param({"requester_id": ""}, "who", "The agency did not say who there asked (RequesterID).", id="no one"),
        pytest.param(
            {"requester_id": "about 26854412345"},
            "who",
            "The agency says that it was asked for by “about ***” (RequesterID).",
            id="a number where there should be none",
        ),
        pytest.param(
            {"legal_mandate": ""},
            "law",
            "The record has no legal mandate: none was sent that could be read, or it was refused before.",
            id="no mandate",
        ),
        pytest.param(
            {"accounts": [f"9710000{number:04}" for number in range(22)]},
            "given",
            "Of the accounts " + ", ".join(f"********{number:03}" for number in range(20)) + " and 2 more.",
            id="many accounts",
        ),
    ],
)
def test_what_is_said_of_unusual_records(changes, part, sentence):
    assert sentence in getattr(told(**changes), part)


@pytest.mark.django_db
def test_whom_it_was_about_is_not_guessed_when_the_key_is_gone(monkeypatch):
    row = AuditRecord.objects.get(pk=record(answered(service_version=1)))
    monkeypatch.setattr(month_keys, "_memory", month_keys.Memory())
    monkeypatch.setattr(month_keys, "_wrapped", lambda name: None)
    explained = explanation_of(row)
    assert "About whom can be read no more: the keys of that month were deleted, or are not here." in explained.asked
    assert not any("Of the account" in sentence for sentence in explained.given)


# --- no number, whatever was sent ---


@pytest.mark.django_db
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    control_object=NUMBER,
    accounts=st.lists(st.text(string.digits, min_size=11, max_size=11), max_size=3),
    additional_reference=NUMBER | st.text(max_size=20),
    around=st.text(string.printable, max_size=5),
    language=st.sampled_from(["en", "nb"]),
    outcome=st.sampled_from(["answered", "refused", "failed", "sent"]),
)
def test_no_explanation_holds_a_number(
    monkeypatch, control_object, accounts, additional_reference, around, language, outcome
):
    """Even where the agency wrote one into RequesterID or the mandate's text."""
    numbers = Numbers(control_object, tuple(accounts), "", additional_reference, {"PartyID": control_object})
    monkeypatch.setattr("compliance.explaining.then.numbers_of", lambda record: numbers)
    row = AuditRecord(
        id=uuid.UUID("01900000-0000-7000-8000-00000000000a"),
        at=FAR_BACK,
        duration_us=0,
        consumer="915429785",
        service="fi-utlegg-saldo",
        service_version=1,
        endpoint="accounts",
        outcome=outcome,
        legal_mandate=f"{around}{control_object}{around}",
        requester_id=f"{control_object}{''.join(accounts)}",
        http_status=200,
        account_hashes=[],
    )
    with translation.override(language):
        text = printed(explanation_of(row))
    digits = {number for number in (control_object, *accounts) if number != row.consumer}
    assert [number for number in digits if number in text] == []
