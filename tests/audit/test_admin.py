"""The trail in the admin: to be read by those who may, in pages and sections, and never to be touched."""

import html
import re
import uuid
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from uuid_utils.compat import uuid7

from audit.models import AuditRecord, TurnedAway
from audit.recording import Entry, record
from tests.audit.entries import NOON, answered

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])

LIST, SUMS = "admin:audit_auditrecord_changelist", "admin:audit_turnedaway_changelist"
CASE, TRACE = uuid.UUID(int=7), uuid.UUID(int=8)
NUMBERS = ["01810112345", "97100000001", "97100000002", "case 17 of 2026", "AAECAwQ"]


def login(client, *rights, superuser=False):
    client.defaults["HTTP_HOST"] = "localhost"  # a host that is served here
    user = User.objects.create(username="reader", is_staff=True, is_superuser=superuser)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(user)
    return client


@pytest.fixture
def reader(client):
    return login(client, "view_auditrecord", "view_turnedaway")


def add(count, **changes):
    """Add records a minute apart, newest first; the oldest is of now, and all are of months that are there."""
    values = {"duration_us": 1, "http_status": 200, "account_hashes": [], "outcome": "answered", **changes}
    moments = [timezone.now() + timedelta(minutes=count - number) for number in range(count)]
    return AuditRecord.objects.bulk_create(AuditRecord(id=id_at(at), at=at, **values) for at in moments)


def id_at(moment):
    return uuid7(nanoseconds=int(moment.timestamp() * 1e6) * 1000)


def shown(response):
    """Return the ids of the records on a list page, in order."""
    assert response.status_code == HTTPStatus.OK
    return [
        uuid.UUID(found) for found in re.findall(r"/auditrecord/([0-9a-f-]{36})/change/", response.content.decode())
    ]


def link(response, word):
    found = re.search(rf'<a href="([^"]*)"[^>]*>{word}</a>', response.content.decode())
    return found and html.unescape(found[1])


def test_pages_of_fifty_newest_first_and_back_again(reader):
    ids = [row.id for row in add(120)]
    first = reader.get(reverse(LIST))
    second = reader.get(reverse(LIST) + link(first, "Older"))
    third = reader.get(reverse(LIST) + link(second, "Older"))
    assert shown(first) + shown(second) + shown(third) == ids
    assert [len(shown(page)) for page in (first, second, third)] == [50, 50, 20]
    assert [link(first, "Newer"), link(first, "Newest"), link(third, "Older")] == [None, None, None]
    assert "Show counts" not in first.content.decode()
    assert shown(reader.get(reverse(LIST) + link(third, "Newer"))) == shown(second)
    assert shown(reader.get(reverse(LIST) + link(third, "Newest"))) == shown(first)


@pytest.mark.parametrize("name", [LIST, SUMS])
@pytest.mark.parametrize("query", ["", "?e=1", "?p=older.1763726400123456.01a2004b-5692-7399-ab11-5adeee3fa84f"])
def test_an_empty_trail_says_so(reader, name, query):
    assert "Nothing found." in reader.get(reverse(name) + query).content.decode()


def statements(reader, query=""):
    with CaptureQueriesContext(connection) as captured:
        assert reader.get(reverse(LIST) + query).status_code == HTTPStatus.OK
    return [statement["sql"] for statement in captured]


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("", id="plain"),
        pytest.param("?consumer=974761076&outcome=answered", id="filtered"),
        pytest.param(f"?day={timezone.localdate()}", id="a day"),
        pytest.param(f"?q={CASE}", id="searched"),
        pytest.param("?_facets=True", id="asked for numbers"),
    ],
)
def test_a_list_is_the_same_few_bounded_statements_however_long_the_trail(reader, query):
    few = statements(reader, query)
    add(300, consumer="974761076", account_info_request_id=CASE)
    many = statements(reader, query)
    assert len(many) == len(few)
    assert sum("audit_record" in statement for statement in many) == 4
    for statement in many:
        assert not re.search(r"\bCOUNT\b|\bOFFSET\b|\bDISTINCT\b", statement)
        assert "audit_record" not in statement or " LIMIT " in statement
        # The number tells whether the person is shielded; nothing else that is encrypted is read.
        assert "sealed" not in statement.replace("control_object_sealed", "")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("?consumer=974761076", ["tax"], id="agency"),
        pytest.param("?service=fi-utlegg-saldo", ["bailiff"], id="service"),
        pytest.param("?endpoint=accounts", ["tax", "bailiff"], id="endpoint"),
        pytest.param("?outcome=refused", ["bailiff"], id="outcome"),
        pytest.param("?endpoint=accounts&outcome=answered", ["tax"], id="endpoint and outcome"),
        pytest.param("?outcome=sent", ["report"], id="what the bank itself told"),
        pytest.param("?service=agencies:bsu&endpoint=bsu.innsending", ["report"], id="one errand of the bank's own"),
        pytest.param("?consumer=999999999", [], id="an agency that never asked"),
        pytest.param("?day=2001-02-03", [], id="a day long ago"),
        pytest.param("?consumer=", ["tax", "bailiff", "report"], id="an empty filter is none"),
    ],
)
def test_filters(reader, query, expected):
    [tax] = add(1, consumer="974761076", service="skatt-kontroll", endpoint="accounts")
    [bailiff] = add(1, consumer="971648198", service="fi-utlegg-saldo", endpoint="accounts", outcome="refused")
    told = {"consumer": "991825827", "service": "agencies:bsu", "endpoint": "bsu.innsending", "outcome": "sent"}
    [report] = add(1, **told)
    names = {tax.id: "tax", bailiff.id: "bailiff", report.id: "report"}
    assert sorted(names[found] for found in shown(reader.get(reverse(LIST) + query))) == sorted(expected)


def test_a_day_begins_and_ends_at_midnight_in_oslo(reader):
    values = {"duration_us": 1, "http_status": 200, "account_hashes": []}
    begins = timezone.localtime(NOON).replace(hour=0)
    moments = {
        "before": begins - timedelta(microseconds=1),
        "first": begins,
        "last": begins + timedelta(days=1) - timedelta(microseconds=1),
        "after": begins + timedelta(days=1),
    }
    rows = AuditRecord.objects.bulk_create(AuditRecord(id=id_at(at), at=at, **values) for at in moments.values())
    ids = dict(zip((row.id for row in rows), moments, strict=True))
    found = shown(reader.get(f"{reverse(LIST)}?day={begins.date()}"))
    assert [ids[row] for row in found] == ["last", "first"]


def test_a_filter_without_a_day_looks_thirty_one_days_back_and_says_so(reader):
    add(1, consumer="974761076")
    page = reader.get(f"{reverse(LIST)}?consumer=974761076").content.decode()
    assert "Filters look 31 days back. Choose a day to look further." in page
    for query in ("", f"?consumer=974761076&day={timezone.localdate()}", f"?consumer=974761076&q={CASE}"):
        assert "days back" not in reader.get(reverse(LIST) + query).content.decode()


def test_recent_values_are_offered_and_any_other_can_be_typed(reader):
    add(3, consumer="974761076")
    page = reader.get(f"{reverse(LIST)}?consumer=971648198&outcome=answered").content.decode()
    assert "?consumer=974761076&amp;outcome=answered" in page
    assert '<li class="selected">\n    <a href="?consumer=971648198&amp;outcome=answered">971648198</a>' in page
    [form] = [form for form in page.split("<form") if 'id="filter-consumer"' in form]
    assert '<input type="hidden" name="outcome" value="answered">' in form
    assert 'name="consumer"\n          pattern="[0-9]{9}" required>' in form


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param(f"?q={CASE}", True, id="the case"),
        pytest.param(f"?q={TRACE}", True, id="the correlation"),
        pytest.param(f"?q=+{str(CASE).upper()}%0A", True, id="as somebody pastes it"),
        pytest.param(f"?q={uuid.UUID(int=9)}", False, id="another case"),
        pytest.param(f"?q={str(CASE)[:35]}", False, id="part of it"),
        pytest.param("?q=974761076", False, id="an agency's number"),
        pytest.param("?q=%00", True, id="NUL is refused by the form and is no search"),
        pytest.param("?q=' OR 1=1 --", False, id="somebody tries"),
        pytest.param("?q=+", True, id="nothing but a space"),
    ],
)
def test_search_is_for_whole_uuids_of_cases_and_correlations(reader, query, found):
    [row] = add(1, account_info_request_id=CASE, correlation_id=TRACE)
    with CaptureQueriesContext(connection) as captured:
        assert shown(reader.get(reverse(LIST) + query)) == ([row.id] if found else [])
    assert not [statement for statement in captured if "974761076" in statement["sql"]]


def test_a_persons_number_is_not_looked_for(reader):
    with CaptureQueriesContext(connection) as captured:
        assert reader.get(f"{reverse(LIST)}?q=01810112345").status_code == HTTPStatus.NOT_FOUND
    assert not [statement for statement in captured if "01810112345" in statement["sql"]]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        pytest.param("?p=2", HTTPStatus.FOUND, id="a page number"),
        pytest.param("?p=older.x.y", HTTPStatus.FOUND, id="a broken cursor"),
        pytest.param("?day=2026-13-01", HTTPStatus.FOUND, id="no such day"),
        pytest.param("?day=9999-12-31", HTTPStatus.FOUND, id="the last of all days"),
        pytest.param("?outcome=perhaps", HTTPStatus.FOUND, id="no such outcome"),
        pytest.param("?consumer=%00", HTTPStatus.FOUND, id="NUL in a filter"),
        pytest.param("?consumer=01810112345", HTTPStatus.NOT_FOUND, id="a person's number as agency"),
        pytest.param("?consumer=٩٩٩٩٩٩٩٩٩", HTTPStatus.FOUND, id="digits of another script"),
        pytest.param("?service=01810112345", HTTPStatus.NOT_FOUND, id="a person's number as service"),
        pytest.param("?endpoint=accounts%0a", HTTPStatus.FOUND, id="a line end after an endpoint"),
        pytest.param("?consumer__startswith=9", HTTPStatus.BAD_REQUEST, id="part of a number"),
        pytest.param("?jti=1", HTTPStatus.BAD_REQUEST, id="a column without filter"),
        pytest.param("?control_object_hash=1", HTTPStatus.BAD_REQUEST, id="a hash"),
        pytest.param("?at__year=2026", HTTPStatus.BAD_REQUEST, id="a year"),
        pytest.param("?o=3", HTTPStatus.OK, id="another order is not obeyed"),
        pytest.param("?all=", HTTPStatus.OK, id="all is not obeyed"),
    ],
)
def test_other_questions_are_not_asked(reader, query, status):
    ids = [row.id for row in add(60)]
    response = reader.get(reverse(LIST) + query)
    assert response.status_code == status
    if status == HTTPStatus.OK:
        assert shown(response) == ids[:50]


def detail(reader, record_id):
    return reader.get(reverse("admin:audit_auditrecord_change", args=[record_id]))


def test_the_detail_page_has_sections_and_no_number_in_clear(reader):
    response = detail(reader, record(answered()))
    page = html.unescape(response.content.decode())
    assert response.status_code == HTTPStatus.OK
    headings = re.findall(r'class="fieldset-heading">([^<]*)<', page)
    assert headings == ["Who asked", "By which law", "What was asked", "What was answered", "Proof", "Technical"]
    assert not [number for number in NUMBERS if number in page]
    assert re.search(r"Stored encrypted · hash [a-z0-9-]+:[0-9a-f]{8}<", page)
    for value in ("974761076", "FI-Utlegg-Test", "saksbehandler 7", "accounts", bytes(range(32)).hex(), "1234"):
        assert value in page
    assert "2026-11-21 07:00:00.000 CET" in page  # 06:00 UTC is shown in Oslo's time
    assert not [door for door in ('<input type="submit"', "deletelink", "historylink") if door in page]


def answered_section(page):
    """Return what stands under "What was answered", by its label."""
    section = page.partition("What was answered")[2].partition("</fieldset>")[0]
    labels = re.findall(r"<label>([^<]*):</label>\s*<div class=\"readonly\">([^<]*)</div>", section)
    return dict(labels)


ENCRYPTION = ["Key encryption", "Content encryption", "Serial number of the certificate", "SHA-256 of the certificate"]


@pytest.mark.parametrize(
    ("evidence", "shown_as"),
    [
        pytest.param(
            {
                "key_algorithm": "RSA-OAEP-256",
                "content_encryption": "A128CBC-HS256",
                "certificate_serial": "3f2a",
                "certificate_sha256": "ab" * 32,
            },
            ["RSA-OAEP-256", "A128CBC-HS256", "3f2a", "ab" * 32],
            id="encrypted",
        ),
        pytest.param(None, ["–"] * 4, id="plain JSON"),
        pytest.param({"key_algorithm": "<b>"}, ["<b>", "–", "–", "–"], id="in part, and never as markup"),
    ],
)
def test_how_an_answer_was_encrypted(reader, evidence, shown_as):
    response = detail(reader, record(answered(evidence=evidence)))
    section = answered_section(response.content.decode())
    assert [html.unescape(section[label]) for label in ENCRYPTION] == shown_as
    assert "key_algorithm" not in response.content.decode()


def test_the_detail_page_of_a_refusal(reader):
    refusal = Entry(outcome="refused", refusal="BadPartyID", code="ACC-001", malformed={"PartyID": "01810112345 "})
    page = html.unescape(detail(reader, record(refusal)).content.decode())
    assert "BadPartyID" in page and "Stored encrypted" in page and "01810112345" not in page


def test_a_record_is_looked_up_in_the_month_that_its_id_tells(reader):
    record_id = record(answered())
    with CaptureQueriesContext(connection) as captured:
        assert detail(reader, record_id).status_code == HTTPStatus.OK
    for table in ("audit_record", "audit_record_sealed", "audit_answer"):
        [lookup] = [statement["sql"] for statement in captured if f'FROM "{table}"' in statement["sql"]]
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {lookup}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert (
            len(re.findall(rf"\b{table}_20", plan))
            == len(re.findall(rf"\b{table}_{datetime.now(UTC):%Y_%m}", plan))
            > 0
        )


@pytest.mark.parametrize(
    "object_id",
    [
        pytest.param("01a2004b-5692-7399-ab11-5adeee3fa84f", id="no such record"),
        pytest.param(str(uuid.UUID(int=2**128 - 1)), id="an id past all time"),
        pytest.param("1", id="no uuid"),
    ],
)
@pytest.mark.parametrize("page", ["change", "history"])
def test_an_unknown_record_leads_back(reader, object_id, page):
    response = reader.get(reverse(f"admin:audit_auditrecord_{page}", args=[object_id]))
    assert response.status_code == HTTPStatus.FOUND


@pytest.mark.parametrize("page", ["change", "history"])
def test_a_persons_number_leads_nowhere(reader, page):
    response = reader.get(reverse(f"admin:audit_auditrecord_{page}", args=["01810112345"]))
    assert response.status_code == HTTPStatus.NOT_FOUND
    assert "01810112345" not in response.content.decode() + str(response.cookies)


@pytest.mark.parametrize("superuser", [False, True], ids=["reader", "superuser"])
@pytest.mark.parametrize("model", ["auditrecord", "turnedaway"])
def test_nobody_changes_anything_here(client, model, superuser):
    login(client, "view_auditrecord", "view_turnedaway", superuser=superuser)
    if model == "auditrecord":
        row = record(answered())
    else:
        row = TurnedAway.objects.create(minute=timezone.now(), reason="tok.expired", consumer="", count=3).pk
    change, delete = (reverse(f"admin:audit_{model}_{page}", args=[row]) for page in ("change", "delete"))
    add_page, changelist = reverse(f"admin:audit_{model}_add"), reverse(f"admin:audit_{model}_changelist")
    action = {"action": "delete_selected", "_selected_action": [str(row)], "index": "0"}
    answers = {
        "open a form to add": client.get(add_page),
        "add": client.post(add_page, {"outcome": "answered"}),
        "change": client.post(change, {"outcome": "answered", "count": "1"}),
        "ask to delete": client.get(delete),
        "delete": client.post(delete, {"post": "yes"}),
    }
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(
        answers, HTTPStatus.FORBIDDEN
    )
    assert client.post(changelist, action).status_code == HTTPStatus.OK
    assert "delete_selected" not in client.get(changelist).content.decode()
    assert AuditRecord.objects.filter(pk=row).exists() or TurnedAway.objects.filter(pk=row, count=3).exists()


@pytest.mark.parametrize("name", [LIST, SUMS, "admin:audit_access_changelist", "admin:audit_checkpoint_changelist"])
def test_who_may_not_view_sees_nothing(client, name):
    assert login(client).get(reverse(name)).status_code == HTTPStatus.FORBIDDEN


def test_sums_of_those_turned_away(reader):
    TurnedAway.objects.create(minute=NOON, reason="tok.expired", consumer="974761076", count=4711)
    TurnedAway.objects.create(minute=NOON - timedelta(minutes=1), reason="tok.missing", consumer="", count=3)
    with CaptureQueriesContext(connection) as captured:
        page = reader.get(reverse(SUMS)).content.decode()
    cells = [html.unescape(cell) for cell in re.findall(r'<td class="field-[a-z]+">([^<]*)</td>', page)]
    moments = [f"{timezone.localtime(at):%Y-%m-%d %H:%M %Z}" for at in (NOON, NOON - timedelta(minutes=1))]
    assert cells == [
        *(moments[0], "tok.expired", "974761076", "4711"),
        *(moments[1], "tok.missing", "not known: no valid signature", "3"),
    ]
    assert sum("audit_turned_away" in statement["sql"] for statement in captured) == 1
    assert not [statement for statement in captured if "COUNT" in statement["sql"]]
