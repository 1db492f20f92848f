"""The pages about the proof: where a record is sealed, the checkpoints themselves, and the log of those who looked."""

import html
import re
import uuid
from datetime import timedelta
from http import HTTPStatus

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.answers import sealed_answer
from audit.models import Access, Answer
from audit.pages import in_oslo
from audit.partitions import next_month
from tests.audit.entries import NOON
from tests.audit.test_admin import CASE, add, detail, id_at, link, login

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client):
    return login(client, "view_auditrecord")


@pytest.fixture
def checkpoints(as_superuser, clean_audit):
    """Return a function that puts checkpoints in the table, as the sealer would: this process may not."""

    def add_checkpoints(first, last, table="audit_record"):
        as_superuser.execute(
            "INSERT INTO audit_checkpoint (number, sealed_table, month, size, root, previous, below, cluster, at, key,"
            " signature) SELECT number, %s, '2026-11-01', 7, decode(repeat('ab', 32), 'hex'),"
            " decode(repeat('cd', 32), 'hex'), 4711, 'cluster-1', %s, repeat('ef', 32), decode(repeat('01', 64), 'hex')"
            " FROM generate_series(%s::bigint, %s::bigint) AS number",
            [table, NOON, first, last],
        )

    return add_checkpoints


@pytest.fixture
def seal(as_superuser, checkpoints):
    """Return a function that says of a record that it is in checkpoint 17, at position 3."""

    def add_membership(row):
        place = [row.pk, row.at, 17, 3]
        as_superuser.execute("INSERT INTO audit_record_sealed VALUES (%s, %s, %s, %s, '')", place)

    return add_membership


def under(heading, response):
    """Return what stands in a section, by its label, with the links' targets behind their words."""
    section = response.content.decode().partition(f">{heading}</h2>")[2].partition("</fieldset>")[0]
    told = re.findall(r"<label>([^<]*):</label>\s*<div class=\"readonly\">(.*?)</div>", section, re.DOTALL)
    return {label: html.unescape(re.sub(r'<a href="([^"]*)">([^<]*)</a>', r"\2 [\1]", words)) for label, words in told}


def answer(row, *, key):
    """Keep a document beside a record; without its key it is as after the key's deletion."""
    document = sealed_answer(b"{}", row.service, row.pk, row.at.date())
    Answer.objects.create(id=row.pk, at=row.at, document=document if key else b"202001" + document[6:])


def due(row, days):
    return next_month(row.at.date()) + timedelta(days=days)


SALDO, BSU = ({"answer_digest": b"?", "service": service} for service in ("fi-utlegg-saldo", "agencies:bsu"))


@pytest.mark.parametrize(
    ("changes", "keep", "told"),
    [
        pytest.param({}, None, "none was kept", id="none was kept"),
        pytest.param({"answer_digest": b"?"}, True, "kept; may be deleted from {90} on", id="of no service"),
        pytest.param(SALDO, True, "kept; may be deleted from {365} on", id="of a service with days of its own"),
        pytest.param(BSU, True, "kept; may be deleted from {90} on", id="of an errand of the bank's own"),
        pytest.param({"answer_digest": b"?"}, False, "deleted; its digest remains", id="the key is destroyed"),
        pytest.param({"answer_digest": b"?"}, None, "deleted; its digest remains", id="there is no answer any more"),
    ],
)
def test_whether_the_answer_is_kept(reader, settings, changes, keep, told):
    settings.AUDIT_ANSWER_DAYS = {"*": 90, "fi-utlegg-saldo": 365}
    [row] = add(1, **changes)
    if keep is not None:
        answer(row, key=keep)
    days = {f"{{{days}}}": str(due(row, days)) for days in (90, 365)}
    expected = re.sub(r"\{\d+\}", lambda found: days[found[0]], told)
    assert under("Proof", detail(reader, row.pk))["Answered document"] == expected


ALL = ("view_auditrecord", "view_access", "view_checkpoint")


LOOKED = "those who opened this record"


@pytest.mark.parametrize(
    ("rights", "number", "sealed", "looked"),
    [
        pytest.param(ALL, None, "not sealed yet", f"{LOOKED} [{{log}}]", id="not sealed"),
        pytest.param(ALL, 17, "checkpoint 17, position 3 of 7 [{seal}]", f"{LOOKED} [{{log}}]", id="sealed"),
        pytest.param(ALL, 18, "checkpoint 17, position 3 of ? [{seal}]", f"{LOOKED} [{{log}}]", id="its seal is gone"),
        pytest.param(ALL[:1], 17, "checkpoint 17, position 3 of 7", LOOKED, id="for who may see no more"),
    ],
)
def test_where_a_record_is_sealed(client, checkpoints, seal, rights, number, sealed, looked):
    writer = uuid.UUID(int=5)
    [row] = add(1, writer=writer, writer_number=12)
    if number:
        checkpoints(number, number)
        seal(row)
    links = {
        "log": f"{reverse('admin:audit_access_changelist')}?q={row.pk}",
        "seal": reverse("admin:audit_checkpoint_change", args=[17]),
    }
    assert under("Proof", detail(login(client, *rights), row.pk)) == {
        "Sealed": sealed.format(**links),
        "Answered document": "none was kept",
        "Written by": f"{writer}, its row 12",
        "Who looked": looked.format(**links),
    }


def test_a_record_of_the_release_before_names_no_writer(reader):
    [row] = add(1)
    assert under("Proof", detail(reader, row.pk))["Written by"] == "–"


def test_a_record_s_page_is_the_same_few_statements_whatever_is_proven(client, checkpoints, seal):
    reader = login(client, *ALL)

    def statements(row):
        with CaptureQueriesContext(connection) as captured:
            assert detail(reader, row.pk).status_code == HTTPStatus.OK
        return [statement["sql"] for statement in captured]

    plain, [row] = statements(*add(1)), add(1, answer_digest=b"?")
    answer(row, key=True)
    checkpoints(1, 17)
    seal(row)
    proven = statements(row)
    assert len(proven) == len(plain)
    assert not [statement for statement in proven if re.search(r"\bCOUNT\b|\bOFFSET\b", statement)]
    [asked] = [statement for statement in proven if '"document"' in statement]
    assert asked.count('"document"') == asked.count("substring(") == 1, "the document stays where it is"


CHECKPOINTS = "admin:audit_checkpoint_changelist"


def numbers(response):
    assert response.status_code == HTTPStatus.OK
    return [int(number) for number in re.findall(r"/checkpoint/([0-9]+)/change/", response.content.decode())]


def test_checkpoints_in_pages_by_number(client, checkpoints):
    checkpoints(1, 120)
    reader = login(client, "view_checkpoint")
    with CaptureQueriesContext(connection) as captured:
        first = reader.get(reverse(CHECKPOINTS))
    [asked] = [statement["sql"] for statement in captured if "audit_checkpoint" in statement["sql"]]
    second = reader.get(reverse(CHECKPOINTS) + link(first, "Older"))
    third = reader.get(reverse(CHECKPOINTS) + link(second, "Older"))
    assert numbers(first) + numbers(second) + numbers(third) == [*range(120, 0, -1)]
    assert [link(first, "Newer"), link(third, "Older")] == [None, None]
    assert numbers(reader.get(reverse(CHECKPOINTS) + link(third, "Newer"))) == numbers(second)
    assert numbers(reader.get(reverse(CHECKPOINTS) + link(third, "Newest"))) == numbers(first)
    assert 'id="searchbar"' not in first.content.decode()
    assert asked.endswith('ORDER BY "audit_checkpoint"."number" DESC LIMIT 51')


@pytest.mark.parametrize(
    "page", ["2", "older.x", "older.0", "older.-1", "older.1.2", f"older.{10**11}", "older.٣", "over.1"]
)
def test_checkpoints_know_no_other_pages(client, page):
    assert login(client, "view_checkpoint").get(reverse(CHECKPOINTS), {"p": page}).status_code == HTTPStatus.FOUND


def test_a_checkpoint_shows_what_it_covers_and_what_proves_it(client, checkpoints):
    checkpoints(17, 17)
    checkpoints(18, 18, "a_table_of_tomorrow")
    reader = login(client, "view_checkpoint")
    page = reader.get(reverse("admin:audit_checkpoint_change", args=[17]))
    assert under("What it covers", page) == {
        "Number": "17",
        "Time (Oslo)": in_oslo(NOON),
        "What": "audit records",
        "Month (UTC)": "2026-11",
        "Rows": "7",
    }
    assert under("What it is proven by", page) == {
        "Root": "ab" * 32,
        "Digest of the one before": "cd" * 32,
        "Fingerprint of the key": "ef" * 32,
        "Signature": "01" * 64,
        "Transactions below": "4711",
        "Cluster": "cluster-1",
    }
    other = reader.get(reverse("admin:audit_checkpoint_change", args=[18]))
    assert under("What it covers", other)["What"] == "a_table_of_tomorrow"


@pytest.mark.parametrize("number", ["1", "0", "01", "x", "1.0", "٣", "9" * 40])
def test_an_unknown_checkpoint_leads_back(client, number):
    page = reverse("admin:audit_checkpoint_change", args=[number])
    assert login(client, "view_checkpoint").get(page).status_code == HTTPStatus.FOUND


def test_a_persons_number_is_no_checkpoint(client):
    page = reverse("admin:audit_checkpoint_change", args=["01810112345"])
    assert login(client, "view_checkpoint").get(page).status_code == HTTPStatus.NOT_FOUND


LOG = "admin:audit_access_changelist"


def accesses(response):
    """Return the rows of the log as they are read, without their times."""
    assert response.status_code == HTTPStatus.OK
    rows = response.content.decode().partition("<tbody>")[2].split("<tr>")[1:]
    cells = [re.findall(r'<td class="field-[^"]*">(.*?)</td>', row) for row in rows]
    return [[html.unescape(cell).replace("&nbsp;", "") for cell in row] for row in cells]


@pytest.fixture
def looks():
    """Put four looks into the log, the oldest first."""
    values = [
        ("k7", "kari@bank", "auditrecord list", None, "day=2026-11-22"),
        ("", "ola", "auditrecord row", CASE, ""),
        ("command line", "root", "audit_proof", CASE, ""),
        ("k7", "kari@bank", "nothing list", None, ""),
    ]
    moments = [timezone.now() - timedelta(seconds=9 - number) for number in range(4)]
    columns = ("person", "account", "page", "concerning", "words")
    Access.objects.bulk_create(
        Access(id=id_at(at), at=at, **dict(zip(columns, row, strict=True)))
        for at, row in zip(moments, values, strict=True)
    )


NO_REASON = ["–", "-", "–"]
"""Neither a reason nor a case nor marks."""
FIRST = ["k7", "kari@bank", "audit records: list", "-", "day=2026-11-22", *NO_REASON]
SECOND = ["not known whose account it is", "ola", "audit records: one entry", str(CASE), "-", *NO_REASON]
THIRD = ["command line", "root", "audit_proof", str(CASE), "-", *NO_REASON]
OWN = ["not known whose account it is", "reader", "accesses to the trail: list", "-", "-", *NO_REASON]
FOURTH = ["k7", "kari@bank", "nothing list", "-", "-", *NO_REASON]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("", [OWN, FOURTH, THIRD, SECOND, FIRST], id="all of them, the newest first, this one too"),
        pytest.param("?person=k7", [FOURTH, FIRST], id="one person's"),
        pytest.param(f"?q={CASE}", [THIRD, SECOND], id="who opened one record"),
        pytest.param(f"?person=k7&q={CASE}", [], id="one person and one record"),
        pytest.param("?day=2001-02-03", [], id="a day long ago"),
    ],
)
def test_the_log_of_those_who_looked(client, looks, query, expected):
    reader = login(client, "view_access")
    assert accesses(reader.get(reverse(LOG) + query)) == expected


def test_the_log_looks_thirty_one_days_back_for_a_person(client):
    page = login(client, "view_access").get(reverse(LOG), {"person": "k7"}).content.decode()
    assert "Filters look 31 days back. Choose a day to look further." in page
    assert "filter-person" in page and "id of a record" in page


@pytest.mark.parametrize("query", ["?q=01810112345", "?person=01810112345"])
def test_nobodys_number_is_looked_for_in_the_log(client, query):
    assert login(client, "view_access").get(reverse(LOG) + query).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("person", ["K7", "k7 ", "k 7", "%00", "x" * 41, "٣"])
def test_other_words_than_an_employee_id_are_no_person(client, person):
    assert login(client, "view_access").get(f"{reverse(LOG)}?person={person}").status_code == HTTPStatus.FOUND
