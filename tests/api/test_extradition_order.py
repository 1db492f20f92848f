"""Politi-Utlevering over HTTP: test-cases.md section 5 by its ids, with the police's keys fetched from their stand-in.

Each rule on an order has its table in tests/legal/test_extradition.py; here is what the agency is told, and the record.
"""

import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from legal.periods import months_before
from sandbox.certpub.site import Site
from sandbox.police.authority import police_at
from sandbox.police.orders import CRIMINAL_CASE, MISSING_PERSON, REASONS, Wish, signed_order
from tests.consumer import Consumer, body, identifier

POLICE = "915429785"
PARTY, OTHER = identifier("debtor-five-accounts"), identifier("organisation")
FLAGS = {"accountDetails": "", "transactions": "/transactions", "cards": "/cards", "roles": "/roles"}
TODAY = timezone.localdate()
FROM, TO = TODAY - timedelta(400), TODAY


def percent(text):
    return "".join(f"%{octet:02X}" for octet in text.encode())


class Case:
    """One case of the police: its id, its order, and its questions."""

    def __init__(self, server, **claims):
        self.consumer = Consumer(server, POLICE)
        self.id = uuid.uuid4()
        self.claims = claims

    def order(self, headers=None, **claims):
        wish = Wish(party_number=PARTY, from_date=FROM, to_date=TO, case_id=self.id)
        site = Site(Path(settings.SANDBOX_FOLDER), settings.MASKINPORTEN_ISSUER.partition("/sandbox/")[0])
        whole = {**self.claims, **claims}
        return signed_order(police_at(site), wish, now=datetime.now(UTC), claims=whole, headers=headers)

    def headers(self, mandate=CRIMINAL_CASE, order=None, **changes):
        return {
            "AccountInfoRequestID": str(self.id),
            "Legal-Mandate": percent(mandate),
            "RequesterID": "sandbox-politi-1",
            "AdditionalReferenceIDType": "pol1",
            "AdditionalReferenceID": order or self.order(),
            **changes,
        }

    def list(self, party=PARTY, owners="false", days=(FROM, TO), **changes):
        query = f"?OnlyPrimaryOwner={owners}&fromDate={days[0]}&toDate={days[1]}"
        return self.consumer.accounts(party, query, **self.headers(**changes))

    def reference(self):
        return next(
            account["accountReference"] for account in body(self.list(order=self.order(cards=True)))["accounts"]
        )

    def below(self, reference, suffix="", days=(FROM, TO), **changes):
        query = f"?fromDate={days[0]}&toDate={days[1]}"
        headers = self.headers(**changes)
        return self.consumer.details(reference, headers.pop("AccountInfoRequestID"), suffix + query, **headers)


def outcome(answer):
    return answer.status, body(answer).get("code")


GIVEN, NOT_VALID, NOT_COVERED = (200, None), (400, "ACC-001"), (403, "ACC-011")


def test_a_1_the_order_and_its_approval_are_in_the_record(server, records):
    case = Case(server)
    order = case.order()
    assert outcome(case.list(order=order)) == GIVEN
    [record] = records()
    evidence = record["evidence"]["extradition_order"]
    assert evidence["case_id"] == str(case.id)
    assert set(evidence) == {
        "extradition_order_id", "case_id", "approved_by_id", "approved_by_role", "approved_at", "expires_at", "key_id",
        "certificate_sha256",
    }  # fmt: skip
    assert order not in json.dumps(record, default=str), "the order itself is kept encrypted"


LONG_AGO = months_before(TODAY, 120)
EPOCH = int(datetime.now(UTC).timestamp())


def approved(seconds_ago):
    return {"approvalTimestamp": f"{datetime.now(UTC) - timedelta(seconds=seconds_ago):%Y-%m-%dT%H:%M:%SZ}"}


@pytest.mark.parametrize(
    ("claims", "headers", "expected"),
    [
        pytest.param({}, {"alg": "RS256"}, NOT_VALID, id="A3 alg RS256"),
        pytest.param({}, {"alg": "HS256"}, NOT_VALID, id="A3 alg HS256"),
        pytest.param({}, {"alg": "none"}, NOT_VALID, id="A3 alg none"),
        pytest.param({}, {"typ": "x"}, NOT_VALID, id="A3 typ not JWT"),
        pytest.param({}, {"kid": None}, NOT_VALID, id="A3 kid missing"),
        pytest.param({}, {"kid": "1"}, NOT_VALID, id="A3 kid unknown"),
        pytest.param({"approval": {"approvedByName": None}}, {}, NOT_VALID, id="A6 a field missing"),
        pytest.param({"version": "1.0.1"}, {}, NOT_VALID, id="A7 another version"),
        pytest.param({"reason": REASONS[MISSING_PERSON]}, {}, NOT_VALID, id="A8 crossed"),
        pytest.param({"fromDate": f"{LONG_AGO}"}, {}, GIVEN, id="A9 exactly ten years"),
        pytest.param({"fromDate": f"{LONG_AGO - timedelta(2)}"}, {}, NOT_VALID, id="A9 older than ten years"),
        pytest.param({"accountList": False}, {}, NOT_VALID, id="A10 accountList false"),
        pytest.param({"exp": EPOCH + 89 * 86_400}, {}, GIVEN, id="A11 below ninety days"),
        pytest.param({"exp": EPOCH + 91 * 86_400}, {}, NOT_VALID, id="A11 more than ninety days"),
        pytest.param({"approval": approved(-3600)}, {}, NOT_VALID, id="A12 before its approval"),
        pytest.param({"exp": EPOCH - 60}, {}, NOT_VALID, id="A12 expired"),
        pytest.param({"partyID": OTHER}, {}, NOT_COVERED, id="C1 about somebody else"),
        pytest.param({"onlyPrimaryOwner": True}, {}, NOT_COVERED, id="C5 true, FALSE"),
        pytest.param({"caseID": str(uuid.uuid4())}, {}, NOT_COVERED, id="C3 another case"),
    ],
)
def test_orders(server, clean_audit, claims, headers, expected):
    case = Case(server)
    assert outcome(case.list(order=case.order(headers, **claims))) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(None, NOT_VALID, id="A2 none"),
        pytest.param("", NOT_VALID, id="A2 empty"),
        pytest.param("a.b", NOT_VALID, id="A2 two parts"),
        pytest.param("a.b.c!", NOT_VALID, id="A2 not base64url"),
        pytest.param("e30x.e30x.e30x", NOT_VALID, id="A2 not JSON"),
    ],
)
def test_what_is_no_order(server, clean_audit, text, expected):
    assert outcome(Case(server).list(AdditionalReferenceID=text)) == expected


def test_a_4_a_broken_signature(server, clean_audit):
    case = Case(server)
    head, _, signature = case.order().split(".")
    changed = case.order(cards=False).split(".")[1]
    assert outcome(case.list(order=f"{head}.{changed}.{signature}")) == NOT_VALID


@pytest.mark.parametrize("flag", FLAGS, ids=[f"B{n}, B{n + 4} {flag}" for n, flag in enumerate(FLAGS, 1)])
def test_flags(server, clean_audit, flag):
    case = Case(server)
    reference = case.reference()
    assert outcome(case.below(reference, FLAGS[flag])) == GIVEN
    assert outcome(case.below(reference, FLAGS[flag], order=case.order(**{flag: False}))) == NOT_COVERED


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        pytest.param({"party": OTHER}, NOT_COVERED, id="C1 an organisation"),
        pytest.param({"mandate": MISSING_PERSON}, NOT_COVERED, id="C2 another mandate"),
        pytest.param({"AccountInfoRequestID": str(uuid.uuid4())}, NOT_COVERED, id="C3 another case"),
        pytest.param({"days": (FROM, TO)}, GIVEN, id="C4 equal"),
        pytest.param({"days": (FROM + timedelta(1), TO - timedelta(1))}, GIVEN, id="C4 inside"),
        pytest.param({"days": (FROM - timedelta(1), TO)}, NOT_COVERED, id="C4 from earlier"),
        pytest.param({"days": (FROM - timedelta(9), FROM - timedelta(1))}, NOT_COVERED, id="C4 wholly outside"),
        pytest.param({"owners": "true"}, GIVEN, id="C5 false, TRUE"),
        pytest.param({"AdditionalReferenceIDType": "srf"}, NOT_VALID, id="type not pol1"),
        pytest.param({"RequesterID": None}, NOT_VALID, id="RequesterID missing"),
    ],
)
def test_requests(server, clean_audit, request_, expected):
    assert outcome(Case(server).list(**request_)) == expected


def test_c_2_the_other_way_round(server, clean_audit):
    case = Case(server, mandate=MISSING_PERSON, reason=REASONS[MISSING_PERSON])
    assert outcome(case.list()) == NOT_COVERED
    assert outcome(case.list(mandate=MISSING_PERSON)) == GIVEN


def test_c_4_to_later(server, clean_audit):
    case = Case(server, toDate=f"{TODAY - timedelta(1)}")
    assert outcome(case.list()) == NOT_COVERED


def test_c_5_owners_only(server, clean_audit):
    assert outcome(Case(server, onlyPrimaryOwner=True).list(owners="TRUE")) == GIVEN


def test_c_6_an_order_for_another_party_than_the_reference(server, clean_audit):
    case = Case(server)
    reference = case.reference()
    for suffix in FLAGS.values():
        assert outcome(case.below(reference, suffix, order=case.order(partyID=OTHER))) == NOT_COVERED
