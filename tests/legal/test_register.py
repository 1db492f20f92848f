"""The mandates in force in a worker's memory: read once, confirmed by one statement, never trusted for long."""

import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.background import Background
from legal.endpoints import Endpoint
from legal.models import DataConsumer, Service, ServiceVersion
from legal.refusals import ConsumerUnknown, RegisterUnavailable, UnknownMandate
from legal.register import ASK_EVERY_SECONDS, TRUSTED_FOR_SECONDS, Register, read_mandates

SKATT, TEXT, SLUG = "974761076", "FI-Utlegg-Test", "fi-utlegg-saldo"
NUMBER = "SELECT number FROM legal_register_change"


@pytest.fixture
def register(db):
    """A register of FI-Utlegg alone, whose thread does nothing, so that the test alone says when it asks."""
    Service.objects.exclude(slug="fi-utlegg-saldo").update(is_open=False)
    register = Register()
    register._background = Background("register of a test", lambda: 3600.0)
    return register


def statements(register):
    """Return the tables that the next turn asks, in order."""
    with CaptureQueriesContext(connection) as asked:
        assert register.refresh() == ASK_EVERY_SECONDS
    # The limits' statement names other tables too.
    tables = ("legal_ratelimit", "legal_register_change", "legal_dataconsumer", "legal_closing", "legal_serviceversion")
    return [next(table for table in tables if table in query["sql"]) for query in asked]


def serves(register):
    """Return whether Skatteetaten's mandate is in force."""
    in_force = register.in_force()
    try:
        in_force.check_consumer(SKATT)
        in_force.mandate(consumer=SKATT, text=TEXT, endpoint=Endpoint.ACCOUNTS)
    except (ConsumerUnknown, UnknownMandate):
        return False
    return True


def test_the_tables_are_read_once(register):
    everything = ["legal_register_change", "legal_dataconsumer", "legal_closing", "legal_serviceversion"]
    everything.append("legal_ratelimit")
    assert statements(register) == everything
    before = register.in_force()
    assert before == read_mandates()
    assert statements(register) == ["legal_register_change"]
    assert statements(register) == ["legal_register_change"]
    assert register.in_force() is before, "nothing is built anew"
    DataConsumer.objects.update(name="Skatteetaten")
    assert statements(register) == everything
    assert statements(register) == ["legal_register_change"]


@pytest.mark.parametrize(
    ("close", "open_again"),
    [
        pytest.param(
            lambda: DataConsumer.objects.update(is_open=False),
            lambda: DataConsumer.objects.update(is_open=True),
            id="an agency is closed",
        ),
        pytest.param(
            lambda: Service.objects.filter(slug="fi-utlegg-saldo").update(is_open=False),
            lambda: Service.objects.filter(slug="fi-utlegg-saldo").update(is_open=True),
            id="a service is closed",
        ),
        pytest.param(
            lambda: ServiceVersion.objects.update(state="ended"),
            lambda: ServiceVersion.objects.update(state="approved"),
            id="a version ends",
        ),
        pytest.param(
            lambda: ServiceVersion.objects.update(state="draft"),
            lambda: ServiceVersion.objects.update(state="approved"),
            id="a version is a draft only",
        ),
    ],
)
def test_a_change_is_followed(register, close, open_again):
    register.refresh()
    assert serves(register)
    close()
    assert serves(register), "until it is asked again"
    register.refresh()
    assert not serves(register)
    open_again()
    register.refresh()
    assert serves(register)


def test_the_record_can_name_the_version_that_ruled(register):
    ServiceVersion.objects.update(number=41)
    register.refresh()
    mandate = register.in_force().mandate(consumer=SKATT, text=TEXT, endpoint=Endpoint.ACCOUNTS)
    assert (mandate.service, mandate.version) == ("fi-utlegg-saldo", 41)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda rules: rules["steps"]["accounts"].update(period="for ever"), id="an unknown rule"),
        pytest.param(lambda rules: rules["fields"]["accounts"].update(iban="deliver"), id="an unknown field"),
        pytest.param(lambda rules: rules["steps"].update(everything={}), id="an unknown endpoint"),
        pytest.param(lambda rules: rules.update(service="another"), id="another service's rules"),
        pytest.param(lambda rules: rules.clear(), id="no rules"),
    ],
)
def test_a_version_with_a_fault_does_not_serve(register, caplog, spoil):
    register.refresh()
    version = ServiceVersion.objects.get(service__slug=SLUG)
    spoil(version.rules)
    ServiceVersion.objects.filter(pk=version.pk).update(rules=version.rules)  # past the guard of `save`
    register.refresh()
    assert not serves(register)
    assert SLUG not in {service.slug for service in register.in_force().services}
    (line,) = [record for record in caplog.records if record.name == "legal.register"]
    assert (line.message, line.service, line.version) == ("register.faulty_version", "fi-utlegg-saldo", version.number)


def test_a_fault_in_one_service_leaves_the_others_alone(register):
    before = [service.slug for service in read_mandates().services]
    sound = ServiceVersion.objects.get(service__slug=SLUG)
    faulty = Service.objects.create(slug="another", name="Another")
    version = ServiceVersion(
        service=faulty, number=1, state="approved", approved_at=sound.approved_at, rules={"service": "another"}
    )
    ServiceVersion.objects.bulk_create([version])  # past the guard of `save`
    register.refresh()
    assert [service.slug for service in register.in_force().services] == before
    assert serves(register)


def test_a_register_that_was_never_read_serves_nobody(register):
    with pytest.raises(RegisterUnavailable):
        register.in_force()
    assert not register.ready()


@pytest.mark.parametrize(
    ("age", "trusted"),
    [
        pytest.param(0.0, True, id="just now"),
        pytest.param(TRUSTED_FOR_SECONDS - 1, True, id="not long ago"),
        pytest.param(TRUSTED_FOR_SECONDS + 0.01, False, id="too long ago"),
        pytest.param(3600.0, False, id="an hour ago"),
    ],
)
def test_what_was_not_confirmed_lately_is_not_used(register, age, trusted):
    register.refresh()
    register._confirmed_at = time.monotonic() - age
    assert register.ready() is trusted
    if trusted:
        assert serves(register)
    else:
        with pytest.raises(RegisterUnavailable):
            register.in_force()


def test_a_turn_that_fails_confirms_nothing(register):
    register.refresh()
    confirmed_at = register._confirmed_at
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM legal_register_change")
    with pytest.raises(TypeError):
        register.refresh()
    assert register._confirmed_at == confirmed_at


def test_confirmed_is_the_moment_of_asking(register):
    """A database that takes long to answer tells how things were when it was asked."""
    before = time.monotonic()
    register.refresh()
    assert before <= register._confirmed_at <= time.monotonic()


COPY = "INSERT INTO {table} SELECT (jsonb_populate_record(row, '{changes}')).* FROM {table} AS row LIMIT 1"
CONSUMER = COPY.format(table="legal_dataconsumer", changes='{"id": 99, "organisation_number": "310000011"}')
SERVICE = COPY.format(table="legal_service", changes='{"id": 99, "slug": "x"}')
VERSION = COPY.format(
    table="legal_serviceversion",
    changes='{"id": "00000000-0000-4000-8000-000000000099", "number": 99, "state": "draft"}',
)


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(CONSUMER, id="an agency is added"),
        pytest.param("UPDATE legal_dataconsumer SET is_open = false", id="agencies are closed in bulk"),
        pytest.param("DELETE FROM legal_dataconsumer", id="agencies are deleted in bulk"),
        pytest.param(SERVICE, id="a service is added"),
        pytest.param("UPDATE legal_service SET is_open = false", id="services are closed in bulk"),
        pytest.param(
            f"{SERVICE}; DELETE FROM legal_service WHERE slug = 'x'", id="a service is added and deleted in a batch"
        ),
        pytest.param("DELETE FROM legal_service WHERE slug = 'nothing'", id="a delete that meets no row"),
        pytest.param(VERSION, id="a version is added"),
        pytest.param("UPDATE legal_serviceversion SET rules = '{}'", id="rules are changed in bulk"),
        pytest.param("UPDATE legal_serviceversion SET state = 'ended'", id="versions end in bulk"),
        pytest.param("DELETE FROM legal_serviceversion", id="versions are deleted in bulk"),
        pytest.param("TRUNCATE legal_dataconsumer CASCADE", id="agencies are emptied out"),
        pytest.param("TRUNCATE legal_service CASCADE", id="services are emptied out"),
        pytest.param("TRUNCATE legal_serviceversion", id="versions are emptied out"),
        pytest.param("DELETE FROM legal_closing WHERE id = 0", id="a closing is deleted"),
    ],
)
def test_any_change_moves_the_number(superuser, statement):
    with superuser() as session, session.transaction(force_rollback=True):
        (before,) = session.execute(NUMBER).fetchone()
        session.execute(statement)
        (after,) = session.execute(NUMBER).fetchone()
    assert after > before


def test_reading_and_other_tables_do_not_move_it(superuser):
    with superuser() as session, session.transaction(force_rollback=True):
        (before,) = session.execute(NUMBER).fetchone()
        session.execute("SELECT * FROM legal_dataconsumer FOR UPDATE")
        session.execute("INSERT INTO auth_group (name) VALUES ('x')")
        assert session.execute(NUMBER).fetchone() == (before,)


@pytest.mark.django_db
def test_the_serving_role_moves_it_too():
    with connection.cursor() as cursor:
        cursor.execute(NUMBER)
        (before,) = cursor.fetchone()
        DataConsumer.objects.filter(organisation_number=SKATT).update(is_open=False)
        cursor.execute(NUMBER)
        assert cursor.fetchone() == (before + 1,)
