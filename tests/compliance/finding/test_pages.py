"""The pages of finding: who may use them, what they show and keep, and that a number is in none of them."""

import re
from http import HTTPStatus

import pytest
from django.urls import reverse

from accounts import parties
from accounts.parties import KnownParty, LedgerSilent
from accounts.standing import SHIELDED as BECAUSE_SHIELDED
from audit.appending import NotRecorded
from audit.models import Access
from audit.retain import deciding
from audit.retain.deciding import Actor
from audit.secrecy import Kind, hash_of
from compliance.finding import looking, marks, searching
from compliance.finding.looking import TooSlow
from compliance.people import ADMINISTRATOR, AUDITOR, OFFICER, READER
from legal.models import Person
from legal.people import number_hash
from tests.compliance.finding.trail import CASE, OPEN, SHIELDED, STRANGER, TRACE, add, signed_in
from tests.legal.governed import person

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
OK, FOUND, FORBIDDEN, MISSING = HTTPStatus.OK, HTTPStatus.FOUND, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND
UNAVAILABLE = HTTPStatus.SERVICE_UNAVAILABLE
FIND = reverse("admin:desk_find")
WHY = {"reason": "citizen", "case_reference": "2026/17", "words": "Asked by letter"}


@pytest.fixture
def reader():
    return signed_in("rita", READER, of="Rita")[0]


@pytest.fixture
def officer():
    return signed_in("olga", OFFICER, of="Olga")[0]


def records_on(answer):
    assert answer.status_code == OK, answer.status_code
    return re.findall(r"/desk/explained/([0-9a-f-]{36})/", answer.content.decode())


def ids(*records):
    return [str(record.pk) for record in records]


def by_number(browser, number, **changes):
    return browser.post(FIND, {"number": number, **WHY, **changes})


def test_a_number_finds_the_party_and_is_in_no_page_and_no_address(reader):
    now, before, _other = add(OPEN, account_info_request_id=CASE), add(OPEN, minutes=5), add(STRANGER)
    answer = by_number(reader, OPEN)
    assert records_on(answer) == ids(now, before)
    assert OPEN not in answer.content.decode()
    assert reverse("admin:desk_case", args=[CASE]) in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param({"consumer": "974761076"}, ["tax", "late"], id="agency"),
        pytest.param({"consumer": "974761076", "code": "ACC-001"}, ["late"], id="agency and code"),
        pytest.param({"outcome": "answered"}, ["tax", "bailiff"], id="outcome"),
        pytest.param({"id": str(CASE)}, ["tax"], id="a case"),
        pytest.param({"id": str(TRACE)}, ["bailiff"], id="a correlation"),
        pytest.param({"requester_id": "saksbehandler 7"}, ["bailiff"], id="a requester"),
        pytest.param({"consumer": "974761076", "number": OPEN, **WHY}, ["tax"], id="agency and number"),
        pytest.param({"consumer": "983887457"}, [], id="an agency that never asked"),
    ],
)
def test_what_is_found(reader, asked, expected):
    made = {
        "tax": add(OPEN, consumer="974761076", account_info_request_id=CASE),
        "bailiff": add(OPEN, minutes=1, consumer="971648198", correlation_id=TRACE, requester_id="saksbehandler 7"),
        "late": add(STRANGER, minutes=60 * 20, consumer="974761076", code="ACC-001", outcome="refused"),
    }
    assert records_on(reader.post(FIND, asked)) == ids(*(made[name] for name in expected))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        pytest.param({}, "Say what to look for.", id="nothing"),
        pytest.param({"number": OPEN}, "This field is required.", id="a number without a reason"),
        pytest.param({"number": OPEN[:-1], **WHY}, "Enter eleven digits", id="ten digits"),
        pytest.param({"number": OPEN, **WHY, "reason": "curious"}, "is not one of", id="a reason that is none"),
        pytest.param({"number": OPEN, **WHY, "words": f"for {OPEN}"}, "Leave out eleven digits", id="a number kept"),
        pytest.param({"consumer": OPEN}, "not of the form", id="a number in another field"),
        pytest.param({"id": OPEN}, "Enter a whole id", id="a number for an id"),
        pytest.param({"consumer": ["974761076", "971648198"]}, "given twice", id="an agency given twice"),
    ],
)
def test_what_is_refused_is_not_looked_for_and_shows_no_number(reader, asked, said):
    add(OPEN)
    answer = reader.post(FIND, asked)
    text = answer.content.decode()
    assert (answer.status_code, said in text, OPEN in text) == (OK, True, False)
    assert not re.search(r"/explained/[0-9a-f-]{36}/", text)
    assert not Access.objects.exists()


@pytest.mark.parametrize(
    ("groups", "of"),
    [
        pytest.param([ADMINISTRATOR], "Ada", id="an administrator"),
        pytest.param([READER], None, id="an account that is nobody's"),
        pytest.param([], "Nils", id="somebody without a group"),
    ],
)
def test_strangers(groups, of):
    browser, _user = signed_in("stranger", *groups, of=of)
    answers = [
        browser.get(FIND),
        browser.post(FIND, {"id": str(CASE)}),
        browser.get(reverse("admin:desk_case", args=[CASE])),
    ]
    assert {answer.status_code for answer in answers} == {FORBIDDEN}
    assert not Access.objects.exists()


def test_the_auditor_finds_nobody_by_number():
    auditor, _user = signed_in("arne", AUDITOR, of="Arne")
    record = add(OPEN, account_info_request_id=CASE)
    assert b"find_number" not in auditor.get(FIND).content
    assert records_on(auditor.post(FIND, {"id": str(CASE)})) == ids(record)
    assert by_number(auditor, OPEN).status_code == FORBIDDEN


def test_nothing_without_the_browsers_token():
    browser, _user = signed_in("rita", READER, of="Rita", strict=True)
    assert by_number(browser, OPEN).status_code == FORBIDDEN


def test_every_search_is_kept_with_its_reason_and_never_with_the_number(reader):
    by_number(reader, OPEN, consumer="974761076", requester_id=STRANGER)
    reader.post(FIND, {"id": str(CASE)})
    first, second = Access.objects.order_by("at", "id")
    assert (first.page, first.person, first.words) == ("desk search", "rita", "consumer=974761076 requester_id=?")
    assert (first.reason, first.case_reference, bytes(first.sought_hash), first.marks) == (
        "citizen: Asked by letter",
        "2026/17",
        hash_of(Kind.PARTY, OPEN),
        "",
    )
    assert (second.words, second.reason, second.sought_hash, second.marks) == (f"id={CASE}", "", None, "")


def unnoted(*args, **kwargs):
    raise NotRecorded


def test_what_cannot_be_noted_is_not_shown(reader, monkeypatch):
    add(OPEN, account_info_request_id=CASE)
    monkeypatch.setattr("audit.access.append", unnoted)
    for answer in (by_number(reader, OPEN), reader.get(reverse("admin:desk_case", args=[CASE]))):
        assert answer.status_code == UNAVAILABLE and "/explained/" not in answer.content.decode()


PARTY = KnownParty((OPEN, STRANGER), "Kari Marie NORDMANN", False, True)


@pytest.mark.parametrize(
    ("party", "name", "hashed", "others", "case", "marked"),
    [
        pytest.param(PARTY, "Rita Revisor", "", "", "17", "", id="nothing strange"),
        pytest.param(PARTY, "Rita Revisor", "", "", "", "no-case", id="without a case"),
        pytest.param(PARTY, "Rita Revisor", OPEN, "", "17", "own-number", id="one's own number"),
        pytest.param(PARTY, "Rita Revisor", STRANGER, "", "17", "own-number", id="one's own former number"),
        pytest.param(PARTY, "Rita Revisor", "", STRANGER, "17", "colleague", id="a colleague"),
        pytest.param(PARTY, "Rita Nordmann", "", "", "17", "same-surname", id="of the same name"),
        pytest.param(None, "Rita Nordmann", OPEN, "", "17", "own-number", id="no customer"),
        pytest.param(
            KnownParty((OPEN,), "Nordmann AS", False, False), "Rita As", "", "", "17", "", id="a company's last word"
        ),
        pytest.param(
            KnownParty((OPEN,), "Kari Nordmann", True, True),
            "Ola Nordmann",
            OPEN,
            OPEN,
            "",
            "no-case own-number colleague same-surname shielded",
            id="everything at once",
        ),
    ],
)
def test_marks(party, name, hashed, others, case, marked):
    looking_person = Person.objects.create(
        employee_id="k1", name=name, number_hash=number_hash(hashed) if hashed else None
    )
    Person.objects.create(employee_id="k2", name="Kollega", number_hash=number_hash(others) if others else None)
    numbers = party.numbers if party else (OPEN,)
    assert marks.marks_of(looking_person, numbers, party, case_reference=case) == marked


def test_marks_stop_nobody_and_are_kept(officer):
    Person.objects.filter(employee_id="olga").update(number_hash=number_hash(SHIELDED))
    record = add(SHIELDED)
    assert records_on(by_number(officer, SHIELDED, case_reference="")) == ids(record)
    assert {"no-case", "own-number", "shielded"} <= {*Access.objects.get().marks.split()}


def test_the_shielded_are_listed_with_the_time_alone(reader, officer):
    record = add(SHIELDED, consumer="974761076", service="skatt-kontroll", account_info_request_id=CASE)
    add(STRANGER, consumer="974761076", empty_because=BECAUSE_SHIELDED)
    answer = reader.post(FIND, {"consumer": "974761076"})
    text = answer.content.decode()
    assert records_on(answer) == [] and text.count("about a shielded person") == 2
    assert not [word for word in (str(CASE), "skatt-kontroll", "974761076") if word in text]
    assert len(records_on(officer.post(FIND, {"consumer": "974761076"}))) == 2
    for page in (
        "admin:audit_auditrecord_change",
        "admin:audit_auditrecord_history",
        "admin:desk_explained",
    ):
        address = reverse(page, args=[record.pk])
        assert (reader.get(address).status_code, officer.get(address).status_code) == (FORBIDDEN, OK), page
    address = reverse("admin:desk_case", args=[CASE])
    assert (reader.get(address).status_code, officer.get(address).status_code) == (FORBIDDEN, OK)
    rows = reader.get(reverse("admin:audit_auditrecord_changelist")).content.decode()
    assert (
        rows.count("about a shielded person") == 2
        and str(record.pk) not in rows
        and "skatt-kontroll" not in (re.search(r"(?s)<table id=\"result_list\".*</table>", rows)[0])
    )


def silent(*args):
    raise LedgerSilent


def test_a_silent_ledger_finds_nobody_and_hides_all(reader, monkeypatch):
    add(OPEN, consumer="974761076")
    monkeypatch.setattr(searching, "party_known_by", silent)
    answer = by_number(reader, OPEN)
    assert (answer.status_code, "does not answer" in answer.content.decode()) == (UNAVAILABLE, True)
    assert Access.objects.count() == 1
    monkeypatch.setattr("compliance.finding.shielding.shielded_among", silent)
    assert records_on(reader.post(FIND, {"consumer": "974761076"})) == []


def posted(answer):
    """Return what the button for the next page sends."""
    return dict(re.findall(r'type="hidden" name="(search|older)" value="([^"]*)"', answer.content.decode()))


def test_the_next_page_comes_by_a_button_without_the_number(reader, monkeypatch):
    monkeypatch.setattr(searching, "ROWS", 2)
    made = [add(OPEN, minutes=minute) for minute in range(5)]
    first = by_number(reader, OPEN)
    second = reader.post(FIND, posted(first))
    third = reader.post(FIND, posted(second))
    assert [records_on(page) for page in (first, second, third)] == [ids(*made[:2]), ids(*made[2:4]), ids(made[4])]
    assert posted(third) == {} and posted(first)["search"] == posted(second)["search"]
    assert not [page for page in (first, second, third) if OPEN in page.content.decode()]
    assert OPEN not in str(dict(reader.session))
    reasons = [*Access.objects.values_list("reason", "case_reference", "words")]
    assert [reason[:2] for reason in reasons] == [("citizen: Asked by letter", "2026/17")] * 3
    assert {bytes(hashed) for hashed in Access.objects.values_list("sought_hash", flat=True)} == {
        hash_of(Kind.PARTY, OPEN)
    }


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"search": "0190a1b2-0000-4000-8000-000000000001"}, id="no such search"),
        pytest.param({"search": "1"}, id="no id"),
        pytest.param({"older": "older"}, id="no place"),
        pytest.param({"older": ""}, id="an empty place"),
    ],
)
def test_a_search_that_is_not_kept(reader, officer, monkeypatch, change):
    monkeypatch.setattr(searching, "ROWS", 1)
    add(OPEN)
    add(OPEN)
    asked = posted(by_number(reader, OPEN))
    assert reader.post(FIND, asked | change).headers["Location"] == FIND
    assert officer.post(FIND, asked).headers["Location"] == FIND  # another's session
    assert Access.objects.count() == 1


def test_a_session_keeps_few_searches(reader, monkeypatch):
    monkeypatch.setattr(searching, "ROWS", 1)
    add(OPEN)
    add(OPEN)
    asked = [posted(by_number(reader, OPEN)) for _ in range(11)]
    assert len(reader.session["desk_searches"]) == 10
    assert reader.post(FIND, asked[0]).status_code == FOUND
    assert reader.post(FIND, asked[1]).status_code == OK


def test_where_the_time_is_over_the_page_says_so_and_goes_on(reader, monkeypatch):
    record = add(consumer="974761076", minutes=60 * 30)
    monkeypatch.setattr(searching, "look", lambda walk, limit: looking.look(walk, limit=limit, seconds=-1))
    answer = reader.post(FIND, {"consumer": "974761076"})
    assert "Looked back to" in answer.content.decode() and "Nothing found" not in answer.content.decode()
    monkeypatch.setattr(searching, "look", looking.look)
    assert records_on(reader.post(FIND, posted(answer))) == ids(record)


def test_a_database_that_is_too_slow_is_not_an_empty_list(reader, monkeypatch):
    def slow(*args, **kwargs):
        raise TooSlow

    monkeypatch.setattr(searching, "look", slow)
    answer = reader.post(FIND, {"consumer": "974761076"})
    assert answer.status_code == UNAVAILABLE and "Nothing found" not in answer.content.decode()


def statements(django_assert_max_num_queries, browser, ask):
    with django_assert_max_num_queries(60) as captured:
        ask()
    return [query["sql"] for query in captured if "audit_record" in query["sql"]]


def test_a_page_costs_the_same_however_long_the_trail(reader, django_assert_max_num_queries):
    def ask():
        return by_number(reader, OPEN)

    ask()
    few = statements(django_assert_max_num_queries, reader, ask)
    for minute in range(60):
        add(OPEN, minutes=minute)
    many = statements(django_assert_max_num_queries, reader, ask)
    assert len(few) == len(many) == 1
    assert not re.search(r"\bCOUNT\b|\bOFFSET\b|\bDISTINCT\b", many[0]) and " LIMIT " in many[0]


def case_page(browser, query=""):
    return browser.get(reverse("admin:desk_case", args=[CASE]) + query)


def cells(answer):
    """Return the sections of the timeline, each with its endpoints, accounts and codes."""
    found = []
    for title, section in re.findall(r'(?s)<h2 id="step-\d+">(.*?)</h2>(.*?)</section>', answer.content.decode()):
        rows = re.findall(r"(?s)<tr.*?</tr>", section)[1:]
        texts = [
            [re.sub(r"<.*?>", "", cell).strip() for cell in re.findall(r"(?s)<td>(.*?)</td>", row)] for row in rows
        ]
        found.append((title, [f"{row[1]} {row[2]} {row[5]}" for row in texts]))
    return found


def test_a_case_is_a_timeline_of_steps_and_accounts(reader):
    whose = {"account_info_request_id": CASE, "consumer": "974761076"}
    refused = {"code": "ACC-001", "outcome": "refused", "http_status": 400}
    add(OPEN, minutes=9, endpoint="customerRelationships", **whose)
    add(OPEN, minutes=8, endpoint="accounts", **whose | refused)
    add(OPEN, minutes=7, endpoint="accounts", items=2, **whose)
    add(OPEN, minutes=6, endpoint="accountDetails", reference="second", **whose)
    add(OPEN, minutes=5, endpoint="transactions", reference="first", **whose)
    add(OPEN, minutes=4, endpoint="cards", reference="second", **whose)
    add(OPEN, minutes=3, endpoint="", **whose | refused)
    add(STRANGER, minutes=3, endpoint="accounts", account_info_request_id=TRACE)
    answer = case_page(reader)
    assert answer.status_code == OK
    assert cells(answer) == [
        ("Step 1: at which banks?", ["customerRelationships – –"]),
        ("Step 2a: which accounts?", ["accounts – ACC-001", "accounts – –"]),
        ("Step 2b: what about an account?", ["accountDetails A –", "transactions B –", "cards A –"]),
        ("Something else", ["– – ACC-001"]),
    ]
    assert "This case is not held." in answer.content.decode()
    access = Access.objects.get()
    assert (access.page, access.concerning, access.words) == ("desk case", CASE, "")


def test_a_long_case_comes_in_pages_with_the_same_letters(reader, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr("compliance.finding.cases.ROWS", 3)
    for minute in range(7, 0, -1):
        add(OPEN, minutes=minute, endpoint="accountDetails", reference=f"{minute % 2}", account_info_request_id=CASE)
    first = case_page(reader)
    second = case_page(reader, re.search(r'href="(\?after=[^"]*)"', first.content.decode())[1])
    assert [cells(page)[0][1] for page in (first, second)] == [
        ["accountDetails A –", "accountDetails B –", "accountDetails A –"],
        ["accountDetails B –", "accountDetails A –", "accountDetails B –"],
    ]
    assert "From the beginning" in second.content.decode()


def test_a_case_that_is_held_says_so(officer, django_user_model):
    add(OPEN, account_info_request_id=CASE)
    assert "Hold a case" in case_page(officer).content.decode()
    person("Kari")
    deciding.hold(CASE, ground="The court asks", by=Actor("kari", "kari"))
    text = case_page(officer).content.decode()
    assert "This case is held: nothing of it is deleted." in text and "Hold a case" not in text


def test_a_case_that_nobody_asked_about(reader):
    assert case_page(reader).status_code == MISSING
    assert case_page(reader, "?after=somewhere").status_code == MISSING
    assert [*Access.objects.order_by("at").values_list("words", flat=True)] == ["", "?"]


def test_the_start_page_has_the_form(reader):
    text = reader.get(reverse("admin:index")).content.decode()
    assert {"find_id", "find_number", "find_reason"} <= {*re.findall(r'id="(find_\w+)"', text)}
    other, _user = signed_in("ada", ADMINISTRATOR, of="Ada")
    assert "find_id" not in other.get(reverse("admin:index")).content.decode()


def test_the_ledgers_word_is_asked_once(reader, monkeypatch):
    asked = []

    def known(number):
        asked.append(number)
        return parties.party_known_by(number)

    monkeypatch.setattr(searching, "party_known_by", known)
    by_number(reader, OPEN)
    assert asked == [OPEN]
