"""History: every change leaves a copy that says who, and nothing of the serving process can forge or avoid one."""

import psycopg
import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.test import Client
from django.urls import reverse
from pghistory.core import event_models
from psycopg.errors import InsufficientPrivilege

from compliance.people import ADMINISTRATOR, make_groups
from legal.history import recorded
from legal.models import DataConsumer, PersonAccount, Service
from tests.consumer import identifier
from tests.dsop.test_database_rights import URLS
from tests.legal.governed import person

AGENCY = "974761076"
GOVERNED = ["agreement", "closing", "dataconsumer", "person", "personaccount", "ratelimit", "service", "serviceversion"]
DESK = [
    *("alert", "breach", "citizendisclosure", "citizenletter", "citizenrequest", "contact", "export", "exportrequest"),
    *("identity", "notice", "outage", "routine", "step", "watchrule"),
]
TRACKED = sorted([*GOVERNED, *DESK])
ASKED_ONCE = ["exportrequest"]
"""What besides may not be changed after the asking."""
EVENTS = sorted(model._meta.db_table for model in event_models())


@pytest.fixture
def administrator(db):
    make_groups()
    user = User.objects.create_user("kari.admin", is_staff=True)
    user.groups.set(Group.objects.filter(name=ADMINISTRATOR))
    PersonAccount.objects.create(user=user, person=person("Kari"))
    client = Client(headers={"host": "testserver"})
    client.force_login(user)
    return client


def agency():
    return DataConsumer.objects.get(organisation_number=AGENCY)


def newest(row):
    return row.events.order_by("-pgh_id").select_related("pgh_context").first()


def test_a_change_in_the_admin_says_who_made_it_and_where(administrator):
    before = agency()
    posted = {
        "name": "Skatteetaten (ny)",
        "certificate_participant": "",
        "key_algorithm": before.key_algorithm,
        "content_encryption": before.content_encryption,
    }
    answer = administrator.post(reverse("admin:legal_dataconsumer_change", args=[before.pk]), posted)
    assert answer.status_code == 302
    event = newest(before)
    assert (event.pgh_label, event.name) == ("update", "Skatteetaten (ny)")
    assert event.pgh_context.metadata == {
        "user": "kari.admin",
        "person": "Kari (kari)",
        "view": "admin:legal_dataconsumer_change",
    }


def test_afterwards_the_connection_binds_on_the_server_again(administrator):
    before = connection.connection.cursor_factory
    assert before is ServerBindingCursor
    administrator.post(reverse("admin:legal_dataconsumer_change", args=[agency().pk]), {})
    assert connection.connection.cursor_factory is ServerBindingCursor


@pytest.mark.django_db
def test_what_fails_leaves_the_connection_as_it_was():
    with pytest.raises(ZeroDivisionError), recorded(command="test"):
        raise ZeroDivisionError
    assert connection.connection.cursor_factory is ServerBindingCursor


@pytest.mark.django_db
def test_a_change_past_the_admin_is_kept_without_a_name():
    DataConsumer.objects.filter(organisation_number=AGENCY).update(name="Skatt")
    event = newest(agency())
    assert (event.name, event.pgh_context) == ("Skatt", None)


@pytest.mark.django_db
def test_a_change_of_nothing_is_none():
    before = agency().events.count()
    DataConsumer.objects.filter(organisation_number=AGENCY).update(name=agency().name)
    assert agency().events.count() == before


@pytest.mark.django_db
def test_what_is_deleted_is_kept():
    made = Service.objects.create(slug="gone", name="Gone")
    primary_key = made.pk
    made.delete()
    kept = Service.pgh_event_model.objects.filter(pgh_obj_id=primary_key).order_by("pgh_id")
    assert list(kept.values_list("pgh_label", "slug")) == [("insert", "gone"), ("delete", "gone")]


def test_what_is_tracked():
    assert sorted(model.pgh_tracked_model._meta.model_name for model in event_models()) == TRACKED


@pytest.fixture
def session():
    """A session of the serving role that takes everything back."""
    with psycopg.connect(URLS["default"]) as session:
        yield session
        session.rollback()


def copies(session):
    return session.execute("SELECT count(*) FROM legal_dataconsumerevent").fetchone()[0]


@pytest.mark.parametrize(
    "setting",
    [
        pytest.param("SELECT 1", id="as it is"),
        pytest.param(
            "DO $$ BEGIN PERFORM set_config('pgtrigger.ignore',"
            " (SELECT array_agg(tgname::text)::text FROM pg_trigger WHERE tgname LIKE 'pgtrigger%'), false); END $$",
            id="told to ignore every trigger",
        ),
    ],
)
def test_the_serving_role_cannot_change_without_a_copy(session, setting):
    before = copies(session)
    session.execute(setting)
    session.execute("UPDATE public.legal_dataconsumer SET name = name || '!'")
    assert copies(session) == before + session.execute("SELECT count(*) FROM legal_dataconsumer").fetchone()[0]


@pytest.mark.parametrize("table", [*EVENTS, "pghistory_context"])
@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("INSERT INTO {table} SELECT * FROM {table} WHERE false", id="add"),
        pytest.param("UPDATE {table} SET {key} = {key} WHERE false", id="change"),
        pytest.param("DELETE FROM {table} WHERE false", id="delete"),
        pytest.param("TRUNCATE {table}", id="empty"),
    ],
)
def test_the_serving_role_cannot_forge_history(session, table, statement):
    key = "id" if table == "pghistory_context" else "pgh_id"
    with pytest.raises(InsufficientPrivilege):
        session.execute(statement.format(table=table, key=key))


@pytest.mark.parametrize("statement", ["UPDATE {} SET pgh_label = 'x'", "DELETE FROM {}"], ids=["change", "delete"])
def test_not_even_its_owner_changes_history(superuser, statement):
    with superuser() as owner, owner.transaction(force_rollback=True):
        owner.execute("SET ROLE dsop_owner")
        with pytest.raises(psycopg.errors.RaiseException, match="Cannot"):
            owner.execute(statement.format("legal_dataconsumerevent"))


def test_every_function_that_keeps_history_has_its_owner_s_rights(superuser):
    with superuser() as owner:
        rows = owner.execute(
            "SELECT proname, prosecdef, proconfig FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
            " WHERE tgname LIKE 'pgtrigger%'"
        ).fetchall()
    assert len(rows) == 3 * len(TRACKED) + len(EVENTS) + len(ASKED_ONCE)
    assert {(own, tuple(path)) for _, own, path in rows} == {(True, ("search_path=public, pg_temp",))}


def test_a_question_of_an_agency_changes_nothing_that_is_tracked(skatteetaten, superuser, clean_audit):
    with superuser() as owner:
        before = {table: owner.execute(f"SELECT count(*) FROM {table}").fetchone() for table in EVENTS}
        assert skatteetaten.accounts(identifier("debtor-five-accounts")).status == 200
        assert skatteetaten.accounts("1234").status == 400
        assert {table: owner.execute(f"SELECT count(*) FROM {table}").fetchone() for table in EVENTS} == before
