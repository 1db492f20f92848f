"""Sending a report to the stand-in: what is recorded, what is kept, and what becomes of every kind of answer."""

import pytest

from agencies.bsu import following, sending
from agencies.bsu.models import Delivery
from tests.agencies.bsu.conftest import NOW, processed

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def test_a_report_is_sent_received_and_judged(ready, intake):
    (delivery,) = ready()
    received = sending.send(delivery, now=NOW)
    assert (received.state, received.received_accounts) == ("received", 10)
    assert processed(intake) == {delivery.reference: 1}
    assert following.follow(received, waits=(0.0,))
    kept = Delivery.objects.get()
    assert (kept.state, kept.feedback["status"], kept.feedback["counts_differ"]) == ("accepted", "godkjent", False)
    assert kept.sendings.get().state == "done"
