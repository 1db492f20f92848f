"""Who exports what, who has to agree, and what is written down of it."""

import hashlib
import html
import io
import json
import re
import uuid
from datetime import timedelta
from http import HTTPStatus

import openpyxl
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit import access
from audit.appending import NotRecorded
from audit.models import Access, AuditRecord
from audit.secrecy import Kind, hash_of
from compliance.exporting import downloading
from compliance.exporting.asking import Wanted, size_of
from compliance.exporting.columns import CHOSEN
from compliance.exporting.downloading import Broken, Download, begun
from compliance.exporting.models import Export, ExportRequest
from compliance.people import ADMINISTRATOR, AUDITOR, OFFICER, READER
from tests.compliance.exporting.exports import FORM, MEMBERS, criteria, form, table, whole
from tests.compliance.finding.trail import CASE, OPEN, SHIELDED, add, signed_in
from tests.legal.governed import person

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
OK, FOUND, BAD, FORBIDDEN, MISSING = (HTTPStatus(code) for code in (200, 302, 400, 403, 404))
LIST = reverse("admin:desk_exports")
OTHER = uuid.UUID("0190a1b2-0000-4000-8000-000000000099")


def text(answer):
    return html.unescape(answer.content.decode())


def page(name, row):
    return reverse(f"admin:{name}", args=[row.pk])


def noted():
    return list(Access.objects.order_by("at", "id").values_list("person", "page", "reason", "case_reference", "words"))


@pytest.fixture
def knut():
    return signed_in("knut", OFFICER, of="Knut")[0]


@pytest.fixture
def again(knut):
    """The same person's other account."""
    return signed_in("knut-again", OFFICER, of="Knut")[0]


@pytest.fixture
def kaare():
    return signed_in("kaare", OFFICER, of="Kaare")[0]


@pytest.fixture
def large(settings, knut):
    """A request for more records than one person may export."""
    settings.DESK_EXPORT_ALONE_ROWS = 2
    for minutes in range(3):
        add(OPEN, minutes=minutes + 1, account_info_request_id=CASE)
    answer = knut.post(FORM, form())
    row = ExportRequest.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (FOUND, page("desk_export_request", row))
    return row


def test_few_records_are_sent_at_once(knut):
    first = add(
        OPEN, minutes=2, account_info_request_id=CASE, consumer="974761076", evidence={"b": [1, "x"], "a": None}
    )
    second = add(OPEN, minutes=1, account_info_request_id=CASE, refusal="=cmd|' /C calc'!A0")
    add(OPEN, minutes=1, account_info_request_id=OTHER)
    archive = whole(knut.post(FORM, form()))
    assert archive.testzip() is None
    assert archive.namelist() == MEMBERS
    rows = table(archive)
    assert [row["id"] for row in rows] == [str(second.pk), str(first.pk)]
    assert rows[1]["evidence"] == '{"a":null,"b":[1,"x"]}'
    assert (rows[1]["consumer"], rows[0]["refusal"]) == ("974761076", "=cmd|' /C calc'!A0")
    assert rows[0]["control_object_mark"] == rows[1]["control_object_mark"] != ""
    manifest = json.loads(archive.read("manifest.json"))
    members = {
        name: {"bytes": len(archive.read(name)), "sha256": hashlib.sha256(archive.read(name)).hexdigest()}
        for name in MEMBERS[:-1]
    }
    export = Export.objects.get()
    assert manifest == {
        "format": "dsop export 1",
        "export": str(export.pk),
        "exported_by": "knut",
        "exported_at": export.begun_at.isoformat(),
        "reason": "court",
        "case_reference": "K-17",
        "filter": f"account_info_request_id={CASE}",
        "by_number": False,
        "records_before": export.until.isoformat(),
        "columns": ["id", "at", *CHOSEN],
        "numbers_in_full": False,
        "records": 2,
        "left_out_because_shielded": 0,
        "not_sealed_yet": 2,
        "not_proven": 0,
        "why_not_proven": {},
        "signatures_checked": False,
        "members": members,
    }
    digest = hashlib.sha256(archive.read("manifest.json")).digest()
    assert (export.state, export.rows, export.hidden, bytes(export.digest)) == ("complete", 2, 0, digest)
    assert noted() == [
        ("knut", "desk export", "court", "K-17", f"until={export.until.isoformat()} account_info_request_id={CASE}"),
        ("knut", "desk export", "court", "K-17", f"export={export.pk} records=2 hidden=0 manifest={digest.hex()}"),
    ]


def test_the_workbook_says_the_same(knut):
    add(OPEN, minutes=1, account_info_request_id=CASE, refusal="=1+1", http_status=404, requester_id="http://x.example")
    archive = whole(knut.post(FORM, form()))
    [sheet] = openpyxl.load_workbook(io.BytesIO(archive.read("records.xlsx"))).worksheets
    [names, *rows] = sheet.iter_rows(values_only=True)
    [said] = table(archive)
    shown = dict(zip(["id", "at", *CHOSEN], rows[0], strict=True))
    assert names[:4] == ("id", "time", "time (Oslo)", "Oslo's offset")
    assert (shown["refusal"], shown["http_status"], shown["requester_id"]) == ("=1+1", 404, "http://x.example")
    assert shown["at_oslo"].strftime("%Y-%m-%d %H:%M") == said["at_oslo"][:16]
    others = [name for name in said if name != "at_oslo"]
    assert {name: str(shown[name] or "") for name in others} == {name: said[name] for name in others}
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f" or cell.hyperlink]


def test_numbers_are_in_full_only_when_asked_for(knut):
    add(OPEN, minutes=1, account_info_request_id=CASE)
    without, within = whole(knut.post(FORM, form())), whole(knut.post(FORM, form(with_numbers="on")))
    assert not [name for name in MEMBERS if OPEN.encode() in without.read(name)]
    [row] = table(within)
    assert row["control_object"] == OPEN
    assert [name for name in MEMBERS if OPEN.encode() in within.read(name)] == ["records.csv"]
    assert [words for *_, words in noted() if "numbers=yes" in words] != []


def test_a_number_is_looked_for_and_kept_nowhere_in_clear(knut, as_superuser):
    add(OPEN, minutes=1)
    assert len(table(whole(knut.post(FORM, form(number=OPEN, account_info_request_id=None))))) == 1
    row = Export.objects.get()
    assert bytes(row.sought_hash) == hash_of(Kind.PARTY, OPEN)
    assert Wanted.of(row).criteria.numbers == (OPEN,)
    with connection.cursor() as cursor:
        for kept in ("exporting_export", "exporting_exportevent", "audit_access"):
            cursor.execute(f"SELECT string_agg(row_to_json(t)::text, '') FROM {kept} t")
            assert OPEN not in cursor.fetchone()[0]
    assert [bytes(sought) for sought in Access.objects.values_list("sought_hash", flat=True)] == [row.sought_hash] * 2


def test_a_number_never_comes_back_in_a_page(knut):
    answer = knut.post(FORM, form(number=OPEN, reason=""))
    assert answer.status_code == OK
    assert OPEN not in text(answer)


def test_shielded_persons_are_left_out_and_counted():
    browser, user = signed_in("knut", OFFICER, of="Knut")
    add(SHIELDED, minutes=2, account_info_request_id=CASE)
    add(OPEN, minutes=1, account_info_request_id=CASE)
    assert len(table(whole(browser.post(FORM, form())))) == 2
    group = user.groups.get()
    group.permissions.remove(group.permissions.get(codename="view_shielded"))
    archive = whole(browser.post(FORM, form()))
    manifest = json.loads(archive.read("manifest.json"))
    assert (manifest["records"], manifest["left_out_because_shielded"], len(table(archive))) == (1, 1, 1)
    assert "hidden=1" in noted()[-1][-1]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"reason": ""}, id="no reason"),
        pytest.param({"reason": "citizen"}, id="a reason that lets nothing leave the bank"),
        pytest.param({"reason": ["court", "supervisor"]}, id="two reasons"),
        pytest.param({"words": f"about {OPEN}"}, id="a number among the words"),
        pytest.param({"words": "x" * 301}, id="too many words"),
        pytest.param({"case_reference": "a\0b"}, id="NUL"),
        pytest.param({"columns": ["consumer", "control_object_sealed"]}, id="a column that is not offered"),
        pytest.param({"account_info_request_id": None}, id="nothing to look for"),
        pytest.param({"account_info_request_id": [str(CASE), str(OTHER)]}, id="a criterion twice"),
        pytest.param({"account_info_request_id": "x"}, id="no id"),
        pytest.param({"number": "٠١٨١٠١١٢٣٤٥"}, id="digits of another script"),
        pytest.param({"first": "2026-02-30"}, id="a day that there is not"),
        pytest.param({"account_info_request_id": str(OTHER)}, id="no such record"),
    ],
)
def test_what_is_not_exported(knut, changes):
    add(OPEN, minutes=1, account_info_request_id=CASE)
    answer = knut.post(FORM, form(**changes))
    assert answer.status_code == OK
    assert 'class="errornote"' in text(answer)
    assert not Export.objects.exists()
    assert not ExportRequest.objects.exists()


@pytest.mark.parametrize("group", [READER, AUDITOR, ADMINISTRATOR])
def test_others_export_nothing(group, large):
    browser, _user = signed_in("other", group, of="Other")
    pages = [browser.get(FORM), browser.get(LIST), browser.get(page("desk_export_request", large))]
    posts = [browser.post(FORM, form()), browser.post(page("desk_export_download", large))]
    acts = [browser.post(page("desk_export_request", large), {"act": act}) for act in ("agree", "end", "show")]
    assert {answer.status_code for answer in (*pages, *posts, *acts)} == {FORBIDDEN}
    assert "desk/exports" not in text(browser.get("/admin/"))
    assert not Export.objects.exists()


def test_nobodys_account_exports_nothing():
    browser, _user = signed_in("nobody", OFFICER)
    assert browser.post(FORM, form()).status_code == FORBIDDEN
    assert noted() == []


def test_who_may_not_see_numbers_exports_none():
    browser, user = signed_in("knut", OFFICER, of="Knut")
    add(OPEN, minutes=1, account_info_request_id=CASE)
    group = user.groups.get()
    group.permissions.remove(group.permissions.get(codename="see_numbers"))
    assert "with_numbers" not in text(browser.get(FORM))
    assert 'class="errornote"' in text(browser.post(FORM, form(with_numbers="on")))
    assert "control_object" not in table(whole(browser.post(FORM, form())))[0]


def test_without_a_session_nothing_is_sent_or_noted(knut, large):
    before = len(noted())
    knut.logout()
    answers = [knut.post(FORM, form()), knut.post(page("desk_export_download", large)), knut.get(FORM)]
    assert {answer.status_code for answer in answers} == {FOUND}
    assert all(answer.headers["Location"].startswith("/admin/login/") for answer in answers)
    assert (len(noted()), Export.objects.count()) == (before, 0)


def test_a_forged_form_is_refused():
    browser, _user = signed_in("knut", OFFICER, of="Knut", strict=True)
    assert browser.post(FORM, form()).status_code == FORBIDDEN


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods(knut, large, method):
    for address in (FORM, LIST, page("desk_export_request", large), page("desk_export_download", large)):
        assert getattr(knut, method)(address).status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert knut.get(page("desk_export_download", large)).status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_what_cannot_be_noted_is_not_sent(knut, monkeypatch):
    add(OPEN, minutes=1, account_info_request_id=CASE)
    monkeypatch.setattr(access, "append", lambda *_: (_ for _ in ()).throw(NotRecorded))
    answer = knut.post(FORM, form())
    assert (answer.status_code, Export.objects.count()) == (HTTPStatus.SERVICE_UNAVAILABLE, 0)


@pytest.mark.parametrize(("rows", "is_large"), [(1000, False), (1001, True)])
def test_a_thousand_records_are_one_persons_and_one_more_takes_two(knut, rows, is_large):
    newest = add(OPEN, minutes=1, account_info_request_id=CASE)
    fields = {name: getattr(newest, name) for name in ("duration_us", "http_status", "account_hashes", "outcome")}
    AuditRecord.objects.bulk_create(
        AuditRecord(at=newest.at - timedelta(seconds=number), account_info_request_id=CASE, **fields)
        for number in range(1, rows)
    )
    answer = knut.post(FORM, form())
    assert (answer.status_code == FOUND, ExportRequest.objects.count()) == (is_large, int(is_large))
    assert is_large or len(table(whole(answer))) == rows


def test_many_small_exports_of_one_day_take_two(knut, again, settings):
    """By whichever of the person's accounts; what was sent more than a day ago does not count."""
    settings.DESK_EXPORT_ALONE_ROWS = 3
    for minutes in (1, 2):
        add(OPEN, minutes=minutes, account_info_request_id=CASE)
    assert [knut.post(FORM, form()).status_code for _ in range(2)] == [OK, FOUND]
    ExportRequest.objects.all().delete()
    assert again.post(FORM, form()).status_code == FOUND
    Export.objects.update(begun_at=timezone.now() - timedelta(hours=24, seconds=1))
    assert knut.post(FORM, form()).status_code == OK


def test_what_nobody_could_count_in_time_takes_two(knut, monkeypatch):
    add(OPEN, minutes=1, consumer="974761076")
    monkeypatch.setattr("compliance.exporting.asking.COUNT_SECONDS", 0.0)
    assert knut.post(FORM, form(account_info_request_id=None, consumer="974761076")).status_code == FOUND


def test_two_people(knut, again, kaare, large):
    address, download = page("desk_export_request", large), page("desk_export_download", large)
    assert "Another person must agree" in text(knut.get(address))
    assert knut.post(download).status_code == FORBIDDEN
    for same in (knut, again):
        assert 'value="agree"' not in text(same.get(address))
        assert "Another person has to agree." in text(same.post(address, {"act": "agree"}, follow=True))
    assert "Waiting for your consent" not in text(again.get("/admin/"))
    assert "Waiting for your consent" in text(kaare.get("/admin/"))
    assert 'value="agree"' in text(kaare.get(address))
    assert "You agreed." in text(kaare.post(address, {"act": "agree"}, follow=True))
    assert "judged this already" in text(kaare.post(address, {"act": "end"}, follow=True))
    assert kaare.post(download).status_code == FORBIDDEN
    add(OPEN, account_info_request_id=CASE)  # it was not there when it was asked for
    first, second = whole(knut.post(download)), whole(again.post(download))
    assert len(table(first)) == 3
    assert first.read("records.csv") == second.read("records.csv")
    manifest = json.loads(first.read("manifest.json"))
    assert (manifest["asked_by"], manifest["agreed_by"], manifest["exported_by"]) == ("knut", "kaare", "knut")
    assert Export.objects.filter(request=large, state="complete").count() == 2
    assert [words.split()[0] for *_, words in noted()][-4::2] == [f"request={large.pk}"] * 2


def test_two_people_in_the_database(large):
    with pytest.raises(IntegrityError, match="takes_two_people"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE exporting_exportrequest SET consent = 'agreed', judged_by_id = asked_by_id, judged_at = now()"
        )


@pytest.mark.parametrize("consent", ["waiting", "agreed", "turned_down"])
@pytest.mark.parametrize(
    "change",
    [
        pytest.param("criteria_sealed = 'x'", id="other records"),
        pytest.param("sought_hash = 'x'", id="another person"),
        pytest.param("filter = 'x'", id="another filter"),
        pytest.param("until = until + interval '1 second'", id="later records too"),
        pytest.param("columns = columns || ' evidence'", id="one column more"),
        pytest.param("with_numbers = NOT with_numbers", id="numbers in full"),
        pytest.param("reason = 'citizen'", id="another reason"),
        pytest.param("case_reference = 'x'", id="another case"),
        pytest.param("asked_by_id = judged_by_id", id="asked for by who agreed"),
        pytest.param("asked_name = 'x'", id="another name"),
        pytest.param("asked_at = now()", id="asked for later"),
        pytest.param("consent = 'agreed', columns = ''", id="changed while it is agreed to"),
    ],
)
def test_what_was_asked_stays_as_it_was_asked(large, kaare, consent, change):
    if consent != "waiting":
        kaare.post(page("desk_export_request", large), {"act": "agree" if consent == "agreed" else "end"})
    with pytest.raises(DatabaseError, match="Cannot update rows"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE exporting_exportrequest SET {change}")


def test_python_changes_it_no_more_either(large, kaare):
    kaare.post(page("desk_export_request", large), {"act": "agree"})
    large.refresh_from_db()
    large.columns, large.with_numbers = "consumer", True
    with pytest.raises(DatabaseError, match="Cannot update rows"), transaction.atomic():
        large.save()
    large.refresh_from_db()
    assert (large.consent, large.with_numbers, len(large.columns.split())) == ("agreed", False, len(CHOSEN))


def test_turned_down(knut, kaare, large):
    address = page("desk_export_request", large)
    assert "It will not be sent." in text(kaare.post(address, {"act": "end"}, follow=True))
    assert knut.post(page("desk_export_download", large)).status_code == FORBIDDEN
    assert "judged this already" in text(kaare.post(address, {"act": "agree"}, follow=True))


def test_who_asked_may_take_it_back(knut, large):
    knut.post(page("desk_export_request", large), {"act": "end"})
    large.refresh_from_db()
    assert large.consent == "turned_down"


def test_a_consent_does_not_last_for_ever(knut, large):
    at = timezone.now() - timedelta(days=30)
    ExportRequest.objects.filter(pk=large.pk).update(consent="agreed", judged_by=person("Kaare"), judged_at=at)
    assert knut.post(page("desk_export_download", large)).status_code == FORBIDDEN


@pytest.mark.parametrize("act", ["", "AGREE", "delete"])
def test_an_act_that_there_is_not(kaare, large, act):
    assert kaare.post(page("desk_export_request", large), {"act": act}).status_code == BAD


def test_a_request_that_there_is_not(kaare):
    nothing = ExportRequest(pk=uuid.UUID(int=7))
    for name in ("desk_export_request", "desk_export_download"):
        assert kaare.post(page(name, nothing), {"act": "agree"}).status_code == MISSING


def test_whoever_judges_sees_the_number_on_a_button(settings, knut, kaare):
    settings.DESK_EXPORT_ALONE_ROWS = 0
    add(OPEN, minutes=1)
    knut.post(FORM, form(number=OPEN, account_info_request_id=None, with_numbers="on"))
    row = ExportRequest.objects.get()
    address = page("desk_export_request", row)
    assert OPEN not in text(kaare.get(address)) + text(kaare.get(LIST)) + text(kaare.get("/admin/"))
    answer = kaare.post(address, {"act": "show"})
    assert re.search(r'<strong id="number">(\d+)</strong>', text(answer))[1] == OPEN
    assert "no-store" in answer.headers["Cache-Control"]
    assert noted()[-1] == ("kaare", "desk numbers", "court", "K-17", f"export request={row.pk}")


def test_criteria_that_do_not_open_export_nothing(knut, large):
    agreed = {"consent": "agreed", "judged_by": person("K"), "judged_at": timezone.now()}
    large.pk, large.criteria_sealed = uuid.uuid4(), b"e1:nothing"
    for name, value in agreed.items():
        setattr(large, name, value)
    large.save(force_insert=True)
    assert "cannot be read any more" in text(knut.post(page("desk_export_download", large), follow=True))
    assert not Export.objects.exists()


def ready(**changes):
    """Return a download that has not begun to send."""
    _browser, user = signed_in("knut", OFFICER, of="Knut")
    for minutes in range(3):
        add(OPEN, minutes=minutes + 1, account_info_request_id=CASE)
    values = {"chosen": CHOSEN, "with_numbers": False, "reason": "court", "case_reference": ""} | changes
    wanted = Wanted(criteria=criteria(), until=timezone.now(), **values)
    return Download(begun(wanted, person("Knut")), wanted, user)


@pytest.mark.parametrize("pieces", [0, 1, 2])
def test_a_download_that_the_client_ends(pieces):
    download = ready()
    for _ in range(pieces):
        next(download)
    download.close()
    download.close()
    export = Export.objects.get()
    assert (export.state, export.digest) == ("interrupted", None)
    assert [words for *_, words in noted()] == [f"export={export.pk} records={3 if pieces else 0} interrupted"]


def test_the_end_is_not_sent_when_it_cannot_be_noted(monkeypatch):
    download, notes = ready(), []

    def refused(*arguments, **words):
        notes.append(words["words"])
        raise NotRecorded

    monkeypatch.setattr(downloading, "note", refused)
    sent = []
    with pytest.raises(Broken):
        sent.extend(download)
    assert b"PK\5\6" not in b"".join(sent)  # the end without which no zip opens
    assert ["manifest" in words for words in notes] == [True, False]
    assert Export.objects.get().state == "begun"


def test_no_more_is_sent_than_was_found(settings):
    download = ready()
    settings.DESK_EXPORT_ALONE_ROWS = 2
    download = Download(download.export, download.wanted, download.user)
    with pytest.raises(Broken):
        list(download)
    assert Export.objects.get().state == "interrupted"


def test_a_fixed_number_of_queries(knut, large, django_assert_num_queries):
    for address, most in ((FORM, 5), (LIST, 7), (page("desk_export_request", large), 6)):
        knut.get(address)
        with django_assert_num_queries(most):
            knut.get(address)


def test_how_many_is_found_without_counting(large, django_assert_num_queries):
    with django_assert_num_queries(5) as queries:
        assert size_of(Wanted.of(large)).is_large
    assert not [query for query in queries if "COUNT(" in query["sql"] or "OFFSET" in query["sql"]]


def test_a_stranger_is_shown_the_way_in():
    assert Client(headers={"host": "localhost"}).get(FORM).status_code == FOUND
