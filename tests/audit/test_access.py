"""Whoever looks at the trail is noted before anything of it is read, and what cannot be noted is not shown."""

import os
import pwd
import re
import uuid
from http import HTTPStatus

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.http import QueryDict
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from audit import access
from audit.access import NOT_SHOWN, employee_of, note, note_command
from audit.access_admin import AccessAdmin
from audit.admin import AuditRecordAdmin
from audit.appending import NotRecorded
from audit.checkpoint_admin import CheckpointAdmin
from audit.models import Access, AuditRecord, TurnedAway
from legal.models import Person, PersonAccount
from tests.audit.entries import NOON

RIGHTS = ("view_auditrecord", "view_turnedaway", "view_access", "view_checkpoint", "view_serviceversion")
ROW = uuid.UUID("01a2004b-5692-7399-ab11-5adeee3fa84f")
CURSOR = f"older.1763726400123456.{ROW}"
PERSONS = "01810112345"


def signed_in(*rights, person="k7"):
    user = User.objects.create(username="kari@bank", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    if person:
        PersonAccount.objects.create(user=user, person=Person.objects.create(employee_id=person, name="Kari"))
    client = Client(headers={"host": "testserver"})
    client.force_login(user)
    return client


def address(name, *arguments, query=""):
    return reverse(f"admin:{name}", args=arguments) + query


def noted():
    """Return what stands in the log, without times and ids."""
    rows = Access.objects.order_by("at", "id")
    return list(rows.values_list("person", "account", "page", "concerning", "words"))


PAGES = [
    pytest.param("audit_auditrecord_changelist", [], "", "auditrecord list", None, "", id="the records"),
    pytest.param(
        "audit_auditrecord_changelist",
        [],
        "?outcome=refused&endpoint=accounts&service=agencies:bsu&consumer=974761076&day=2026-11-22",
        "auditrecord list",
        None,
        "day=2026-11-22 consumer=974761076 service=agencies:bsu endpoint=accounts outcome=refused",
        id="records by every filter",
    ),
    pytest.param(
        "audit_auditrecord_changelist",
        [],
        f"?q=+{str(ROW).upper()}%0A",
        "auditrecord list",
        None,
        f"q={ROW}",
        id="records of a case",
    ),
    pytest.param(
        "audit_auditrecord_changelist",
        [],
        f"?p={CURSOR}&consumer=974761076",
        "auditrecord list",
        None,
        f"consumer=974761076 p={CURSOR}",
        id="older records of an agency",
    ),
    pytest.param("audit_auditrecord_changelist", [], "?jti=1&e=1", "auditrecord list", None, "", id="others"),
    pytest.param("audit_auditrecord_change", [ROW], "", "auditrecord row", ROW, "", id="one record"),
    pytest.param("audit_auditrecord_history", [ROW], "", "auditrecord history", ROW, "", id="a record's history"),
    pytest.param("audit_turnedaway_changelist", [], "", "turnedaway list", None, "", id="the sums"),
    pytest.param("audit_turnedaway_change", [ROW], "", "turnedaway row", ROW, "", id="one sum"),
    pytest.param("audit_turnedaway_history", [ROW], "", "turnedaway history", ROW, "", id="a sum's history"),
    pytest.param("audit_access_changelist", [], "", "access list", None, "", id="the log itself"),
    pytest.param(
        "audit_access_changelist",
        [],
        f"?person=k7&day=2026-11-22&q={ROW}",
        "access list",
        None,
        f"day=2026-11-22 person=k7 q={ROW}",
        id="what one person looked at",
    ),
    pytest.param("audit_access_change", [ROW], "", "access row", ROW, "", id="one access"),
    pytest.param("audit_checkpoint_changelist", [], "?p=older.7", "checkpoint list", None, "p=older.7", id="seals"),
    pytest.param("audit_checkpoint_change", [17], "", "checkpoint row", None, "17", id="one checkpoint"),
    pytest.param("audit_checkpoint_history", [17], "", "checkpoint history", None, "17", id="a checkpoint's history"),
]
EACH_ONCE = [
    pytest.param(name, arguments, id=page)
    for page, (name, arguments) in {one.values[3]: one.values[:2] for one in reversed(PAGES)}.items()
]


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "arguments", "query", "page", "concerning", "words"), PAGES)
def test_each_page_is_noted(name, arguments, query, page, concerning, words):
    client = signed_in(*RIGHTS)
    with CaptureQueriesContext(connection) as captured:
        client.get(address(name, *arguments, query=query))
    assert noted() == [("k7", "kari@bank", page, concerning, words)]
    assert_noted_first([statement["sql"] for statement in captured])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "arguments", "query"),
    [
        pytest.param("audit_auditrecord_changelist", [], f"?q={PERSONS}", id="looked for"),
        pytest.param("audit_auditrecord_changelist", [], f"?service=x{PERSONS}", id="in a filter"),
        pytest.param("audit_auditrecord_changelist", [], f"?p=older.1.{PERSONS}", id="in a cursor"),
        pytest.param("audit_auditrecord_changelist", [], f"?jti={PERSONS}", id="in anything else"),
        pytest.param("audit_access_changelist", [], f"?person={PERSONS}", id="as who looked"),
        pytest.param("audit_auditrecord_change", [PERSONS], "", id="for a record"),
        pytest.param("audit_checkpoint_change", [PERSONS], "", id="for a checkpoint"),
    ],
)
def test_a_persons_number_opens_no_page_and_nothing_is_read(name, arguments, query):
    client = signed_in(*RIGHTS)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address(name, *arguments, query=query)).status_code == HTTPStatus.NOT_FOUND
    assert not [statement["sql"] for statement in captured if re.search(r'FROM "audit_', statement["sql"])]
    assert noted() == []


@pytest.mark.django_db
def test_who_asks_whether_there_is_such_a_page_is_noted_too():
    client = signed_in(*RIGHTS)
    for page in EACH_ONCE:
        name, arguments = page.values
        client.head(address(name, *arguments))
    assert [page for _person, _account, page, _concerning, _words in noted()] == [page.id for page in EACH_ONCE]


def assert_noted_first(statements):
    """One statement asks whose account it is, one notes, and only then something of the trail is read."""
    [whose] = [at for at, sql in enumerate(statements) if 'FROM "legal_personaccount"' in sql]
    [note_at] = [at for at, sql in enumerate(statements) if sql.startswith("INSERT INTO audit_access")]
    read = [at for at, sql in enumerate(statements) if re.search(r'FROM "audit_', sql)]
    assert whose < note_at < min(read, default=len(statements))


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "arguments"), EACH_ONCE)
def test_a_page_that_is_denied_is_no_access(name, arguments):
    client = signed_in()
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address(name, *arguments)).status_code == HTTPStatus.FORBIDDEN
    assert not [statement["sql"] for statement in captured if re.search(r"audit_(?!.*permission)", statement["sql"])]
    assert noted() == []


@pytest.mark.django_db
def test_who_has_not_signed_in_is_no_access():
    for page in EACH_ONCE:
        name, arguments = page.values
        answer = Client(headers={"host": "testserver"}).get(address(name, *arguments))
        assert answer.status_code == HTTPStatus.FOUND and "/login/" in answer.headers["Location"]
    assert noted() == []


@pytest.mark.django_db
@pytest.mark.parametrize("superuser", [False, True], ids=["reader", "superuser"])
@pytest.mark.parametrize("model", ["auditrecord", "turnedaway", "access", "checkpoint"])
def test_what_changes_nothing_reads_nothing(model, superuser):
    """Else the answer would tell whether there is such a row."""
    client = signed_in(*RIGHTS)
    User.objects.update(is_superuser=superuser)
    row = 17 if model == "checkpoint" else ROW
    with CaptureQueriesContext(connection) as captured:
        answers = [
            client.post(address(f"audit_{model}_change", row), {"outcome": "answered"}),
            client.get(address(f"audit_{model}_add")),
            client.post(address(f"audit_{model}_add"), {"outcome": "answered"}),
            client.get(address(f"audit_{model}_delete", row)),
            client.post(address(f"audit_{model}_delete", row), {"post": "yes"}),
        ]
    assert [answer.status_code for answer in answers] == [HTTPStatus.FORBIDDEN] * 5
    assert not [statement["sql"] for statement in captured if 'FROM "audit_' in statement["sql"]]
    assert noted() == []


@pytest.fixture
def unwritable(as_superuser):
    """Return a function that makes the log unwritable in one way; afterwards it is as before."""
    role = connection.settings_dict["USER"]
    ways = {
        "no right": (f"REVOKE INSERT ON audit_access FROM {role}", f"GRANT INSERT ON audit_access TO {role}"),
        "no table": (
            "ALTER TABLE audit_access RENAME TO audit_access_gone",
            "ALTER TABLE audit_access_gone RENAME TO audit_access",
        ),
        "no room": (
            "ALTER TABLE audit_access ADD CONSTRAINT full_up CHECK (page = '') NOT VALID",
            "ALTER TABLE audit_access DROP CONSTRAINT full_up",
        ),
    }
    done = []

    def break_it(way):
        as_superuser.execute(ways[way][0])
        done.append(ways[way][1])

    yield break_it
    for statement in done:
        as_superuser.execute(statement)


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "arguments"), EACH_ONCE)
def test_what_cannot_be_noted_is_not_shown(unwritable, caplog, name, arguments):
    client = signed_in(*RIGHTS)
    unwritable("no right")
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address(name, *arguments))
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert answer.content.decode() == NOT_SHOWN
    assert not [statement["sql"] for statement in captured if re.search(r'FROM "audit_', statement["sql"])]
    [alarm] = [line for line in caplog.records if line.levelname == "ERROR" and not line.name.startswith("django")]
    assert (alarm.getMessage(), alarm.sqlstate) == ("audit.not_recorded", "42501")


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize(("way", "sqlstate"), [("no table", "42P01"), ("no room", "23514")])
def test_nor_in_any_other_way(unwritable, caplog, way, sqlstate, method):
    client = signed_in(*RIGHTS)
    unwritable(way)
    answer = client.generic(method, address("audit_auditrecord_changelist"))
    assert (answer.status_code, answer.content.decode()) == (503, "" if method == "HEAD" else NOT_SHOWN)
    assert [line.sqlstate for line in caplog.records if line.getMessage() == "audit.not_recorded"] == [sqlstate]


def test_the_page_without_anything_is_in_both_languages():
    assert re.findall(r"<h[12]>(.*)</h[12]>", NOT_SHOWN) == ["Nothing is shown", "Ingenting vises"]
    assert re.findall(r'lang="(..)"', NOT_SHOWN) == ["en", "nb"]
    assert "<title>" in NOT_SHOWN and "<main>" in NOT_SHOWN and "%" not in NOT_SHOWN and "{" not in NOT_SHOWN


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("person", "told"),
    [pytest.param("k7", "k7", id="a person"), pytest.param("", "", id="nobody has said whose account it is")],
)
def test_person_and_account_stand_side_by_side(person, told):
    signed_in(*RIGHTS, person=person).get(address("audit_turnedaway_changelist"))
    assert noted() == [(told, "kari@bank", "turnedaway list", None, "")]


@pytest.mark.django_db
def test_two_accounts_of_one_person_are_one_person():
    kari = Person.objects.create(employee_id="k7", name="Kari")
    users = [User.objects.create(username=name) for name in ("kari", "kari-admin", "ola")]
    for user in users[:2]:
        PersonAccount.objects.create(user=user, person=kari)
    assert [employee_of(user) for user in users] == ["k7", "k7", ""]


def test_an_access_is_committed_and_chained_like_everything_that_is_sealed(committing, read):
    """Not only written: another session sees it, and who takes one out leaves a gap."""
    nobody = User(username="ka\u202eri\0" + "x" * 200)
    ids = [note(nobody, "a list", ROW, "day=2026-11-22"), note_command("a command"), note(nobody, "a list")]
    rows = read("audit_access")
    assert [row["id"] for row in rows] == ids
    account = pwd.getpwuid(os.getuid()).pw_name
    cut = "kari" + "x" * 144
    assert [tuple(row[name] for name in ("person", "account", "page", "concerning", "words")) for row in rows] == [
        ("", cut, "a list", ROW, "day=2026-11-22"),
        ("command line", account, "a command", None, ""),
        ("", cut, "a list", None, ""),
    ]
    assert {row["writer"] for row in rows} == {rows[0]["writer"]} != {None}
    assert [row["writer_number"] for row in rows] == [1, 2, 3]
    assert all(len(row["salt"]) == 16 for row in rows)


@pytest.mark.parametrize("variable", ["LOGNAME", "USER", "SUDO_USER"])
def test_a_variable_does_not_say_who_typed_a_command(monkeypatch, variable):
    monkeypatch.setenv(variable, "somebody-else")
    assert access.system_account() == pwd.getpwuid(os.getuid()).pw_name


def test_an_account_without_a_name_is_noted_by_its_number(monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_001)
    assert access.system_account() == "4000000001"


@pytest.mark.django_db
def test_a_command_that_cannot_be_noted_is_refused(unwritable):
    unwritable("no right")
    with pytest.raises(NotRecorded):
        note_command("audit_proof", ROW)


def pages_of(site=None):
    return AuditRecordAdmin(AuditRecord, site), AccessAdmin(Access, site), CheckpointAdmin(AuditRecord, site)


@given(
    around=st.tuples(st.text(max_size=9), st.text(max_size=9)),
    digits=st.from_regex(r"[0-9]{11}", fullmatch=True),
    name=st.sampled_from(["day", "consumer", "service", "endpoint", "outcome", "person", "q", "p", "o", "e", "all"]),
)
def test_no_person_s_number_is_ever_written_into_the_log(around, digits, name):
    """Whatever is typed wherever: what has not the whole form of its field leaves a question mark behind."""
    query = QueryDict(mutable=True)
    query[name] = digits.join(around)
    request = RequestFactory().get("/", query.dict())
    for page in pages_of():
        words = page.words_of(request)
        assert digits not in words
        assert words in {"", f"{name}=?"}
        assert digits not in str(page.row_words(digits.join(around)))


@pytest.mark.django_db
def test_the_pages_keep_their_number_of_statements():
    """Two more than before there was a log, however long it is."""
    client = signed_in(*RIGHTS)
    TurnedAway.objects.create(minute=NOON, reason="tok.missing", consumer="", count=3)

    def statements(name):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address(name)).status_code == HTTPStatus.OK
        return len(captured)

    names = [f"audit_{model}_changelist" for model in ("auditrecord", "turnedaway", "access", "checkpoint")]
    few = {name: statements(name) for name in names}
    for _ in range(3):
        note(User(username="x"), "a list")
    assert {name: statements(name) for name in names} == few
    session_user_rights, log = 4, 2
    assert few == dict(zip(names, (session_user_rights + log + read for read in (4, 1, 1, 1)), strict=True))
