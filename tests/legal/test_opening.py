"""One person closes at once; two open: in the functions and in the database, whatever the account."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.utils import timezone

from legal import opening
from legal.closings import Closing
from legal.models import DataConsumer, Service
from legal.register import mandates_on, today_in_oslo
from tests.legal.governed import SLUG, approve, draft, person, service

pytestmark = pytest.mark.django_db(databases=["default"])
SKATT, TEXT = "974761076", "Saldo two"
WHY = "The agency asked for it."


@pytest.fixture
def kari():
    return person("Kari")


@pytest.fixture
def ola():
    return person("Ola")


@pytest.fixture
def saldo():
    return service()


def consumer():
    return DataConsumer.objects.get(organisation_number=SKATT)


def close(kind, saldo, by):
    today = today_in_oslo()
    if kind == "consumer":
        return opening.close_consumer(consumer(), by=by, reason=WHY)
    if kind == "service":
        return opening.close_service(saldo, by=by, reason=WHY)
    return opening.close_field(saldo, "accounts", "accounts.currency", by=by, reason=WHY, today=today)


def answers(kind):
    """Return whether what was closed is given now."""
    mandates = mandates_on(today_in_oslo())
    if kind == "consumer":
        return SKATT in mandates.agencies
    services = {one.slug: one for one in mandates.services}
    if kind == "service":
        return SLUG in services
    fields = services[SLUG].mandates["accounts"].fields["accounts"]
    assert {"type", "status"} <= fields.keys(), "nothing else is lost"
    assert "currency" in services[SLUG].mandates["accountDetails"].fields["account"]
    return "currency" in fields


KINDS = ("consumer", "service", "field")


@pytest.mark.parametrize("kind", KINDS)
def test_one_closes_and_two_open(saldo, kari, ola, kind):
    assert answers(kind)
    closing = close(kind, saldo, kari)
    assert not answers(kind)
    assert (closing.closed_by, closing.reason) == (kari, WHY)
    assert (timezone.now() - closing.closed_at).total_seconds() < 10
    opening.ask_to_open(closing, by=kari, reason="It was a mistake.")
    assert not answers(kind), "asked for is not opened"
    opening.open_again(closing, by=ola)
    assert answers(kind)
    closing.refresh_from_db()
    assert (closing.asked_by, closing.asked_because, closing.opened_by) == (kari, "It was a mistake.", ola)
    again = close(kind, saldo, ola)
    assert again != closing
    assert not answers(kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("act", "words"),
    [
        pytest.param(lambda closing, kari, ola: opening.open_again(closing, by=ola), "Nobody has asked", id="unasked"),
        pytest.param(
            lambda closing, kari, ola: (
                opening.ask_to_open(closing, by=kari, reason=WHY),
                opening.open_again(closing, by=kari),
            ),
            "You asked for it. Another person must agree.",
            id="alone",
        ),
        pytest.param(
            lambda closing, kari, ola: (
                opening.ask_to_open(closing, by=kari, reason=WHY),
                opening.ask_to_open(closing, by=ola, reason=WHY),
            ),
            "Somebody has asked for it already.",
            id="asked twice",
        ),
        pytest.param(
            lambda closing, kari, ola: (
                opening.ask_to_open(closing, by=kari, reason=WHY),
                opening.take_back(closing, by=kari),
                opening.open_again(closing, by=ola),
            ),
            "Nobody has asked",
            id="asked and taken back",
        ),
        pytest.param(
            lambda closing, kari, ola: opening.take_back(closing, by=ola), "Nobody has asked", id="nothing to take back"
        ),
        pytest.param(
            lambda closing, kari, ola: opening.ask_to_open(closing, by=kari, reason=" "), "Say why.", id="no reason"
        ),
    ],
)
def test_what_does_not_open(saldo, kari, ola, kind, act, words):
    closing = close(kind, saldo, kari)
    with pytest.raises(ValidationError) as refused:
        act(closing, kari, ola)
    assert words in refused.value.messages[0]
    assert not answers(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_closed_is_not_closed_again(saldo, kari, ola, kind):
    close(kind, saldo, kari)
    with pytest.raises(ValidationError, match="It is closed already"):
        close(kind, saldo, ola)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        pytest.param(lambda saldo, by: opening.close_service(saldo, by=by, reason=""), "Say why.", id="no reason"),
        pytest.param(
            lambda saldo, by: opening.close_field(
                saldo, "accounts", "accounts.iban", by=by, reason=WHY, today=today_in_oslo()
            ),
            "no such field",
            id="an unknown field",
        ),
        pytest.param(
            lambda saldo, by: opening.close_field(
                saldo, "cards", "cards.type", by=by, reason=WHY, today=today_in_oslo()
            ),
            "no such field",
            id="an endpoint that the service does not have",
        ),
    ],
)
def test_what_cannot_be_closed(saldo, kari, act, words):
    with pytest.raises(ValidationError, match=words):
        act(saldo, kari)
    saldo.refresh_from_db()
    assert saldo.is_open
    assert not Closing.objects.exists()


def test_what_was_closed_past_the_admin_is_opened_by_two_as_well(saldo, kari, ola):
    Service.objects.filter(pk=saldo.pk).update(is_open=False)
    closing = opening.written_down(Service.objects.get(pk=saldo.pk))
    assert (closing.closed_by, closing.reason) == (None, "It was closed past the admin.")
    assert opening.written_down(Service.objects.get(pk=saldo.pk)) == closing
    opening.ask_to_open(closing, by=kari, reason=WHY)
    opening.open_again(closing, by=ola)
    assert answers("service")
    with pytest.raises(ValidationError, match="It is open already"):
        opening.written_down(Service.objects.get(pk=saldo.pk))


def test_a_field_stays_closed_when_another_version_comes(saldo, kari, ola):
    close("field", saldo, kari)
    approve(draft(saldo, kari, accounts_type="deliver"), ola)
    assert not answers("field")


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        pytest.param(
            "asked_by_id = {kari}, asked_at = now(), asked_because = 'x', opened_by_id = {kari}, opened_at = now()",
            "opening_takes_two_people",
            id="one person opens",
        ),
        pytest.param("opened_by_id = {ola}, opened_at = now()", "opening_takes_two_people", id="nobody asked"),
        pytest.param("opened_at = now()", "opening_takes_two_people", id="nobody opened"),
        pytest.param("asked_by_id = {kari}", "who_asks_for_an_opening_says_why", id="no reason"),
        pytest.param("reason = ''", "a_closing_has_a_reason", id="closed without a reason"),
        pytest.param("service_id = NULL", "a_closing_closes_one_thing", id="nothing is closed"),
        pytest.param("endpoint = ''", "a_closing_closes_one_thing", id="half a field"),
    ],
)
def test_what_the_database_refuses_itself(saldo, kari, ola, change, constraint):
    closing = close("field", saldo, kari)
    with pytest.raises(IntegrityError, match=constraint), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE legal_closing SET {change.format(kari=kari.pk, ola=ola.pk)} WHERE id = %s", [closing.pk]
        )


def test_the_same_is_closed_only_once(saldo, kari):
    closing = close("field", saldo, kari)
    closing.pk = None
    with pytest.raises(IntegrityError, match="service_or_field_closed_once"):
        closing.save(force_insert=True)
