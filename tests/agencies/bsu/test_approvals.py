"""Two people let a delivery go, one after the other; nobody alone, and nothing that has faults or has changed."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from agencies.bsu import approvals, preparing
from agencies.bsu.models import Delivery, Sending
from tests.agencies.bsu.conftest import NOW, YEAR
from tests.legal.governed import person

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


@pytest.fixture
def delivery(settings):
    settings.BSU_SYSTEM_USER_ORGANISATION = "213456008"
    return preparing.prepare(YEAR, now=NOW)[0]


def asked(delivery, by="Kari", because="The yearly report"):
    return approvals.request_sending(delivery, because=because, by=person(by), now=NOW)


def agreed(sending, by="Ola", seen=None):
    seen = bytes(sending.delivery.digest).hex() if seen is None else seen
    return approvals.approve_sending(sending, seen=seen, by=person(by), now=NOW)


def test_one_asks_and_another_agrees(delivery):
    sending = agreed(asked(delivery))
    assert (sending.state, sending.requested_name, sending.approved_name) == ("approved", "Kari (kari)", "Ola (ola)")
    assert approvals.approved_sending(delivery) == sending


def test_nobody_agrees_with_themselves(delivery):
    sending = asked(delivery)
    with pytest.raises(ValidationError, match="Another person must agree"):
        agreed(sending, by="Kari")
    assert approvals.approved_sending(delivery) is None


def test_the_database_wants_two_people_too(delivery):
    kari = person("Kari")
    sending = asked(delivery)
    for columns in (
        {"approved_by": kari, "approved_name": "Kari", "approved_at": NOW, "state": "approved"},
        {"state": "approved"},
        {"state": "done"},
        {"recorded_at": NOW},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Sending.objects.filter(pk=sending.pk).update(**columns)


@pytest.mark.parametrize(
    ("columns", "because"),
    [
        pytest.param({"state": "withdrawn"}, "x", id="withdrawn"),
        pytest.param({"state": "accepted", "submission_id": "1", "sent_at": NOW}, "x", id="accepted"),
        pytest.param({"body_sealed": None}, "x", id="no bytes"),
        pytest.param({"findings": [{"hard": True}]}, "x", id="with faults"),
        pytest.param({}, "  ", id="without a reason"),
    ],
)
def test_what_nobody_may_ask_for(delivery, columns, because):
    Delivery.objects.filter(pk=delivery.pk).update(**columns)
    with pytest.raises(ValidationError):
        asked(delivery, because=because)
    assert not Sending.objects.exists()


def test_an_older_report_is_not_sent_after_a_newer_one(delivery):
    Delivery.objects.filter(pk=delivery.pk).update(state="received", submission_id="1", sent_at=NOW)
    (newer,) = preparing.prepare(YEAR, now=NOW + timedelta(seconds=1))
    with pytest.raises(ValidationError, match="newer report"):
        asked(delivery)
    assert asked(newer).number == 1


def test_doubts_do_not_forbid(delivery):
    Delivery.objects.filter(pk=delivery.pk).update(findings=[{"hard": False}])
    assert asked(delivery).number == 1


def test_a_sending_is_asked_for_once_at_a_time(delivery):
    first = asked(delivery)
    with pytest.raises(ValidationError):
        asked(delivery, by="Ola")
    approvals.end_sending(first, by=person("Ola"), now=NOW)
    with pytest.raises(ValidationError):
        agreed(first)
    assert asked(delivery).number == 2


@pytest.mark.parametrize("seen", ["", "00" * 32])
def test_who_agrees_has_looked_at_these_bytes(delivery, seen):
    sending = asked(delivery)
    with pytest.raises(ValidationError):
        agreed(sending, seen=seen)


def test_what_was_withdrawn_meanwhile_is_not_agreed_to(delivery):
    sending = asked(delivery)
    Delivery.objects.filter(pk=delivery.pk).update(state="withdrawn")
    with pytest.raises(ValidationError):
        agreed(sending)


def test_what_has_begun_is_not_turned_down(delivery):
    sending = agreed(asked(delivery))
    Sending.objects.filter(pk=sending.pk).update(recorded_at=NOW)
    with pytest.raises(ValidationError, match="has begun"):
        approvals.end_sending(sending, by=person("Ola"), now=NOW)
