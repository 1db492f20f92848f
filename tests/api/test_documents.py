"""A golden document for each service and endpoint, whole, and the fields that a full answer has: those of the table.

The documents are of one character on whose accounts every field stands, and who in this module is bankrupt, dead and a
ward besides. After a change that is meant to show, make them anew and read the difference:

    MAKE_DOCUMENTS=1 .venv/bin/python -m pytest tests/api/test_documents.py
"""

import csv
import json
import os
import re
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection as default

from legal.notice_keeping import keep
from legal.periods import OSLO, Period, months_before
from tests.agency import GUARDIANS, RULING, TODAY, case_of, told
from tests.legal.notices import found

WHO = "every-field"
FOLDER = Path(__file__).parent / "documents"
STANDARD = Path(__file__).parents[1] / "standard" / "disclosure.csv"
FIELDS = Path(__file__).parents[2] / "legal" / "standard" / "fields.csv"
DIED = TODAY - timedelta(days=40)
SUMMER = date(TODAY.year - 1, 6, 1)
"""Last calendar year has copies of the character's payments, the first of them on this day and not a hundred days ago.

Between these days of the year no other payment of the character's ever lies, on whatever day the tests are run.
"""
MOVED_TODAY = SUMMER + timedelta(days=100)
COPY, MADE = 10**12, 10**9
PERIODS = {
    "fi-utlegg-saldo": Period(TODAY, TODAY),
    "skatt-kontroll": Period(months_before(TODAY, 24), TODAY),
    "konkursbehandling": Period(months_before(RULING, 12), TODAY),
    "oppgjor-etter-dodsfall": Period(months_before(DIED, 3), TODAY),
    "vergekontroll": Period(SUMMER - timedelta(days=7), SUMMER + timedelta(days=60)),
    "politi-utlevering": Period(months_before(TODAY, 24), TODAY),
}
STEP_1, STEP_2 = ("customerRelationships",), ("accounts", "accountDetails")
ENDPOINTS = {
    "fi-utlegg-saldo": (*STEP_1, *STEP_2),
    "skatt-kontroll": (*STEP_1, *STEP_2, "transactions", "cards", "roles"),
    "konkursbehandling": (*STEP_1, *STEP_2, "transactions"),
    "oppgjor-etter-dodsfall": (*STEP_1, *STEP_2, "transactions"),
    "vergekontroll": (*STEP_1, *STEP_2, "transactions", "roles"),
    "politi-utlevering": (*STEP_1, "accountServicingProvider", *STEP_2, "transactions", "cards", "roles"),
}
ALL = [
    pytest.param(service, endpoint, id=f"{service}-{endpoint}")
    for service, endpoints in ENDPOINTS.items()
    for endpoint in endpoints
]
UNDECIDED_DELIVERED = {"konkursbehandling"}
NEVER_SENT = {"accounts.name", "account.name"}
"""The common data model does not deliver an account's name (docs/readings.md)."""


@pytest.fixture(scope="module")
def in_every_way(server, superuser, django_db_blocker, forgets_notices, known_to_all):
    """Let the character be bankrupt, dead and a ward; all is undone. The character's number is given."""
    bankrupt = case_of(server, "konkursbehandling", WHO)
    with django_db_blocker.unblock():
        default.close()  # an earlier module may have had it cut
        keep([found(1, "aapning", bankrupt.number, ruled=RULING)], now=datetime.now(UTC), moves=True)
    with superuser("ledger") as connection:
        connection.execute(DEATH, {"died": DIED, "number": bankrupt.number})
        connection.execute(GUARDIANSHIP, guardian_of(bankrupt.number))
        connection.execute(DISPOSALS, guardian_of(bankrupt.number))
    known_to_all(bankrupt)
    yield bankrupt.number
    with superuser("ledger") as connection:
        connection.execute(DEATH, {"died": None, "number": bankrupt.number})
        connection.execute("DELETE FROM guardianship WHERE id >= %s", [MADE])
        connection.execute("DELETE FROM account_role WHERE id >= %s", [MADE])


PARTY = "(SELECT party_id FROM party_identifier WHERE value = %({})s)"
DEATH = f"UPDATE party SET date_of_death = %(died)s WHERE id = {PARTY.format('number')}"
GUARDIANSHIP = f"""INSERT INTO guardianship (id, ward_id, guardian_id, service, start_date)
VALUES (%(id)s, {PARTY.format("number")}, {PARTY.format("guardian")}, 'representasjonDagligbank', %(since)s)"""
DISPOSALS = f"""INSERT INTO account_role (id, account_id, party_id, kind, permission, start_date)
SELECT %(id)s + account_id, account_id, {PARTY.format("guardian")}, 'authorisedUser', 'rightToUseAlone', %(since)s
FROM account_role WHERE party_id = {PARTY.format("number")} AND kind = 'primaryOwner'"""


def guardian_of(number):
    guardian, since = GUARDIANS["under-guardianship"], TODAY - timedelta(days=1_500)
    return {"id": MADE, "number": number, "guardian": guardian, "since": since}


@contextmanager
def payments_of_last_summer(superuser, number):
    """Let each payment of the last hundred days be one of last summer too, at the same hour in Oslo.

    Seen from today these days are others every day, so that they are there for none but the service that asks for them.
    """
    with superuser("ledger") as connection:
        columns = [column.name for column in connection.execute("SELECT * FROM transaction LIMIT 0").description]
        earlier = "((({0} AT TIME ZONE 'Europe/Oslo') - %(days)s * interval '1 day') AT TIME ZONE 'Europe/Oslo')"
        copied = {"id": f"id + {COPY}", **{name: earlier.format(name) for name in columns if name.endswith("_at")}}
        connection.execute(
            f"INSERT INTO transaction ({', '.join(columns)}) SELECT {', '.join(copied.get(c, c) for c in columns)} "
            "FROM transaction WHERE booked_at > now() - interval '102 days' AND account_id IN (SELECT account_id "
            f"FROM account_role WHERE party_id = {PARTY.format('number')} AND kind = 'primaryOwner')",
            {"number": number, "days": (TODAY - MOVED_TODAY).days},
        )
        yield
        connection.execute("DELETE FROM transaction WHERE id >= %s", [COPY])


@pytest.fixture(scope="module")
def answers(server, in_every_way, superuser):
    """Return every answer of a service and endpoint, that of the open account first; each is asked once."""
    asked = {}
    for service in ENDPOINTS:
        last_summer = payments_of_last_summer(superuser, in_every_way) if service == "vergekontroll" else nullcontext()
        with last_summer:
            asked |= answers_of(server, service)
    closing = case_of(server, "fi-utlegg-saldo", "closed-account")  # today, where the character's own closed earlier
    asked["fi-utlegg-saldo", "accounts"].append(closing.ask("accounts"))
    asked["fi-utlegg-saldo", "accountDetails"].append(closing.ask("accountDetails", closing.first()))
    return asked


def answers_of(server, service):
    """Return what a service gets of each of its endpoints."""
    asked = {}
    case = case_of(server, service, WHO, period=PERIODS[service])
    case = case.but(reference=GUARDIANS["under-guardianship"]) if service == "vergekontroll" else case
    case = case.ordered() if service == "politi-utlevering" else case
    accounts = sorted(case.listed(), key=lambda account: account["status"] == "deleted")
    for endpoint in ENDPOINTS[service]:
        told_of = {
            "customerRelationships": [""],
            "accountServicingProvider": [accounts[0]["accountIdentifier"]],
            "accounts": [""],
        }.get(endpoint, [account["accountReference"] for account in accounts])
        asked[service, endpoint] = [case.ask(endpoint, about) for about in told_of]
    return asked


@pytest.mark.parametrize(("service", "endpoint"), ALL)
def test_the_golden_document(answers, service, endpoint):
    moved = MOVED_TODAY if service == "vergekontroll" else TODAY
    answer = answers[service, endpoint][0]
    assert answer.status == 200
    document = normal(json.loads(answer.data, parse_float=str), today=moved if endpoint == "transactions" else TODAY)
    file = FOLDER / f"{service}-{endpoint}.json"
    if os.environ.get("MAKE_DOCUMENTS"):
        file.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    assert document == json.loads(file.read_text(encoding="utf-8"))


def test_no_golden_document_is_left_over():
    assert {file.name for file in FOLDER.iterdir()} == {f"{each.id}.json" for each in ALL}


def normal(value, *, today):
    """Return the document as it is on any day and in any case.

    Days and moments become days from `today`, moments with the hour in Oslo; references, cursors and the days in links
    become words, and so do the months of cards and the moments of balances, which hang on the calendar.
    """
    if isinstance(value, list):
        return [normal(item, today=today) for item in value]
    if isinstance(value, dict):
        hidden = {"accountReference": "<reference>"}
        if "creditLineIncluded" in value:
            hidden["registered"] = "<moment>"
        return {name: hidden.get(name) or normal(child, today=today) for name, child in value.items()}
    return in_words(value, today) if isinstance(value, str) else value


def in_words(text, today):
    if DAY.fullmatch(text):
        return f"day {(date.fromisoformat(text) - today).days:+}"
    if MOMENT.fullmatch(text):
        moment = datetime.fromisoformat(text).astimezone(OSLO)
        return f"day {(moment.date() - today).days:+} at {moment:%H:%M:%S}"
    return (
        "<month>" if MONTH.fullmatch(text) else LINK.sub(r"/accounts/<reference>\1?fromDate=<day>&toDate=<day>", text)
    )


MONTH, DAY = re.compile(r"\d{4}-\d\d"), re.compile(r"\d{4}-\d\d-\d\d")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
LINK = re.compile(r"/accounts/[A-Za-z0-9_-]+(/[a-z]+)\?fromDate=[0-9-]{10}&toDate=[0-9-]{10}")


def rows(file):
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))


def allowed(service, endpoint):
    """Return the paths that the standard's table lets out; the two customer endpoints have no table and no secret."""
    sent = {"technical", "deliver"} | ({"undecided"} if service in UNDECIDED_DELIVERED else set())
    table = {
        row["path"]
        for row in rows(STANDARD)
        if (row["service"], row["endpoint"]) == (service, endpoint) and row["category"] in sent
    }
    all_paths = {row["path"] for row in rows(FIELDS) if row["endpoint"] == endpoint}
    whole = {path for path in all_paths if not any(other.startswith(f"{path}.") for other in all_paths)}
    return (table or whole) - NEVER_SENT


def leaves(value, path=""):
    """Return the paths at which something stands; an empty list is nothing."""
    if isinstance(value, list):
        return set().union(*(leaves(item, path) for item in value))
    if isinstance(value, dict):
        return set().union(*(leaves(child, f"{path}.{name}" if path else name) for name, child in value.items()))
    return {path}


@pytest.mark.parametrize(("service", "endpoint"), ALL)
def test_a_full_answer_has_the_fields_of_the_table_no_more_and_no_less(answers, service, endpoint):
    """A complete answer has no message, which is for the next test, and a list of accounts is never paged."""
    found = set().union(*(leaves(told(answer)) for answer in answers[service, endpoint]))
    absent = {"responseDetails.message"} | ({"links.rel", "links.href"} if endpoint == "accounts" else set())
    assert found == allowed(service, endpoint) - absent


@pytest.mark.parametrize("endpoint", ["accounts", "transactions", "cards", "roles"])
@pytest.mark.parametrize("service", ["skatt-kontroll", "politi-utlevering"])
def test_a_partial_answer_has_a_message_besides(server, service, endpoint):
    case = case_of(server, service, WHO, period=Period(months_before(TODAY, 120), TODAY))
    reference = next(account["accountReference"] for account in case.listed() if account["status"] == "enabled")
    assert "responseDetails.message" in leaves(told(case.ask(endpoint, reference))) & allowed(service, endpoint)
