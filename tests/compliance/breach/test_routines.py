"""The five routines, and planned outages."""

from datetime import date, timedelta
from http import HTTPStatus

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone

from compliance.breach.checks import check_routines, check_sender
from compliance.breach.models import Contact, Outage, Routine
from compliance.breach.outage_pages import plan
from compliance.people import READER
from legal.models import DataConsumer
from tests.compliance.breach.desk import desk, page, text
from tests.compliance.breach.test_notices import typed
from tests.legal.governed import person

pytestmark = pytest.mark.django_db
FOUND, OK, FORBIDDEN = HTTPStatus.FOUND, HTTPStatus.OK, HTTPStatus.FORBIDDEN
NOON = (timezone.now() + timedelta(days=3)).replace(hour=11, minute=0, second=0, microsecond=0)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("reviewed", "due", "overdue"),
    [
        pytest.param(None, None, True, id="never read"),
        pytest.param(date(2025, 11, 22), date(2026, 11, 22), False, id="a year ago to the day"),
        pytest.param(date(2025, 11, 21), date(2026, 11, 21), True, id="a year and a day ago"),
        pytest.param(date(2024, 2, 29), date(2025, 2, 28), True, id="on a leap day"),
    ],
)
def test_when_a_routine_is_to_be_read_again(reviewed, due, overdue):
    routine = Routine(kind="errors", reviewed_on=reviewed)
    assert (routine.due_on, routine.is_overdue(date(2026, 11, 22))) == (due, overdue)


def test_a_routine_gets_an_owner_and_is_read_again(kari):
    assert text(kari.get(page("routines"))).count("overdue") == 5
    given = {"owner": person("Ola").pk, "contact": "22 00 00 00", "text": "Ring vakten.", "is_reviewed": "on"}
    assert kari.post(page("routine_change", "errors"), given).status_code == FOUND
    [routine] = Routine.objects.all()
    assert (routine.kind, str(routine.owner), routine.reviewed_name) == ("errors", "Ola (ola)", "Kari (kari)")
    assert text(kari.get(page("routines"))).count("overdue") == 4
    assert "Ring vakten." in text(kari.get(page("routine", "errors")))


def test_everybody_reads_routines_and_few_change_them():
    reader = desk("reader", of="Lise", group=READER)
    assert reader.get(page("routines")).status_code == reader.get(page("routine", "breach")).status_code == OK
    for url in (page("routine_change", "breach"), page("contact_new")):
        assert reader.get(url).status_code == FORBIDDEN
    assert reader.get(page("routine", "unknown")).status_code == HTTPStatus.NOT_FOUND


def test_contacts_come_and_go(kari):
    given = {"agency": "", "name": "Vakten", "email": "vakt@bits.example"}
    for _again in range(2):
        assert kari.post(page("contact_new"), given).status_code == FOUND
    [contact] = Contact.objects.all()
    assert "vakt@bits.example" in text(kari.get(page("routines")))
    assert kari.post(page("contact_new"), {**given, "email": "nobody"}).status_code == OK
    kari.post(page("contact_gone", contact.pk))
    assert not Contact.objects.exists()


@pytest.mark.parametrize(
    ("environment", "owned", "found"),
    [
        pytest.param("production", False, ["dsop.W136"], id="nobody's in production"),
        pytest.param("production", True, [], id="somebody's"),
        pytest.param("test", False, [], id="nobody's elsewhere"),
    ],
)
def test_routines_have_owners_in_production(settings, environment, owned, found):
    settings.ENVIRONMENT = environment
    for kind in Routine.Kind:
        Routine.objects.create(kind=kind, owner=person("Ola") if owned else None)
    assert [fault.id for fault in check_routines(databases=["default"])] == found
    assert check_routines(databases=[]) == []


def test_contacts_need_an_address_to_write_from(settings):
    settings.DEFAULT_FROM_EMAIL = ""
    assert check_sender(databases=["default"]) == []
    Contact.objects.create(name="Vakten", email="vakt@bits.example")
    assert [fault.id for fault in check_sender(databases=["default"])] == ["dsop.E135"]
    settings.DEFAULT_FROM_EMAIL = "dsop@bank.example"
    assert check_sender(databases=["default"]) == []


def outage(**changes):
    values = {"starts_at": NOON, "ends_at": NOON + HOUR, "what": "Alt", "reason": "Vedlikehold", **changes}
    return plan(**values, by=person("Kari"))


@pytest.mark.parametrize(
    ("starts", "ends", "refused"),
    [
        pytest.param(NOON + HOUR, NOON + 2 * HOUR, False, id="right after it"),
        pytest.param(NOON - HOUR, NOON, False, id="right before it"),
        pytest.param(NOON, NOON + HOUR, True, id="the same time"),
        pytest.param(NOON + HOUR / 2, NOON + 2 * HOUR, True, id="from its middle on"),
        pytest.param(NOON - HOUR, NOON + 2 * HOUR, True, id="around it"),
    ],
)
def test_no_two_outages_overlap(starts, ends, refused):
    outage()
    if refused:
        with pytest.raises(ValidationError):
            outage(starts_at=starts, ends_at=ends)
    else:
        outage(starts_at=starts, ends_at=ends)


def test_one_called_off_is_in_nobodys_way(kari):
    first = outage()
    assert kari.post(page("outage_call_off", first.pk)).status_code == FOUND
    outage()
    assert "called off" in text(kari.get(page("outages")))


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"starts_at": typed(timezone.now() - HOUR)}, id="begins in the past"),
        pytest.param({"ends_at": typed(NOON)}, id="ends when it begins"),
        pytest.param({"ends_at": ""}, id="has no end"),
        pytest.param({"starts_at": "2027-03-28T02:30"}, id="begins at a time that Oslo's clocks skip"),
        pytest.param({"what": "01810112345"}, id="a person's number"),
    ],
)
def test_what_is_no_outage(kari, given):
    whole = {"starts_at": typed(NOON), "ends_at": typed(NOON + HOUR), "what": "Alt", "reason": "Vedlikehold"}
    assert kari.post(page("outage_new"), {**whole, **given}).status_code == OK
    assert not Outage.objects.exists()


def test_the_database_knows_the_past_too():
    past = timezone.now() - HOUR
    with pytest.raises((DatabaseError, ValidationError)), transaction.atomic():
        outage(starts_at=past, ends_at=past + 2 * HOUR)


def test_bits_and_each_open_agency_hear_of_it():
    DataConsumer.objects.filter(organisation_number="986186999").update(is_open=False)
    made = outage()
    told = set(made.notices.values_list("agency", flat=True))
    assert told == {"", *DataConsumer.objects.filter(is_open=True).values_list("organisation_number", flat=True)}
    assert "986186999" not in told
