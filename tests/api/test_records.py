"""The trail over HTTP: one record for each request with a valid token, and none of it readable without the keys."""

import hashlib
import uuid
from datetime import UTC, datetime

import pytest

from audit.secrecy import Kind, hashes_of
from legal.periods import day_in_oslo
from tests.consumer import body, identifier

DEBTOR = "debtor-five-accounts"


def test_record_of_an_account_list(skatteetaten, records):
    number = identifier(DEBTOR)
    headers = skatteetaten.headers(PartyID=number, RequesterID="pseudonym-7")
    answer = skatteetaten.server.get("/v2/accounts?OnlyPrimaryOwner=true", headers)
    (row,) = records()
    today = day_in_oslo(datetime.now(UTC))
    expected = {
        "method": "GET",
        "endpoint": "accounts",
        "outcome": "answered",
        "code": "",
        "refusal": "",
        "http_status": 200,
        "audience": skatteetaten.server.base_url,
        "consumer": "974761076",
        "supplier": "",
        "scopes": "bits:kontoinformasjon",
        "service": "fi-utlegg-saldo",
        "service_version": 1,
        "legal_mandate": "FI-Utlegg-Test",
        "account_info_request_id": uuid.UUID(headers["AccountInfoRequestID"]),
        "correlation_id": uuid.UUID(headers["CorrelationID"]),
        "requester_id": "pseudonym-7",
        "additional_reference_type": "",
        "from_date": today,
        "to_date": today,
        "only_primary_owner": True,
        "items": 5,
        "empty_because": "",
        "document_digest": hashlib.sha256(answer.data).digest(),
    }
    assert {name: row[name] for name in expected} == expected
    assert row["jti"] and row["client_id"] and row["as_of"] and row["duration_us"] > 0
    assert len(row["account_hashes"]) == 5
    assert row["id"].version == 7
    assert number not in repr(row)
    for account in body(answer)["accounts"]:
        assert account["accountIdentifier"] not in repr(row)


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("debtor-five-accounts", ""),
        ("not-a-customer", "unknown party"),
        ("shielded-strictly", "shielded"),
        ("shielded-confidential", "shielded"),
        ("guarantor-only", "guarantor only"),
        ("customer-without-accounts", "holds nothing"),
        ("authorised-user-only", "holds nothing"),
        ("former-owner", "holds nothing"),
    ],
)
def test_the_record_alone_knows_why_a_list_was_empty(skatteetaten, records, case, reason):
    skatteetaten.accounts(identifier(case))
    skatteetaten.customer_relationships(identifier(case))
    rows = records()
    assert rows[0]["empty_because"] == reason
    assert [row["http_status"] for row in rows] == [200, 200]


def test_a_case_is_found_by_its_id_and_by_the_number_asked_about(skatteetaten, records):
    number, case_id = identifier(DEBTOR), str(uuid.uuid4())
    listed = body(skatteetaten.accounts(number, AccountInfoRequestID=case_id))
    skatteetaten.details(listed["accounts"][0]["accountReference"], case_id)
    rows = records()
    assert {str(row["account_info_request_id"]) for row in rows} == {case_id}
    hashes = hashes_of(Kind.PARTY, number)
    assert all(bytes(row["control_object_hash"]) in hashes for row in rows), "step 2b names the party too"


def test_what_was_refused_for_its_form_is_kept_encrypted(skatteetaten, records):
    skatteetaten.accounts("1586901008x")
    (row,) = records()
    assert row["code"] == "ACC-001"
    assert "1586901008x" not in repr(row)
    assert row["control_object_sealed"] and row["malformed_sealed"]


def test_no_valid_token_no_record(server, records):
    for token in (None, "", "Bearer", "Bearer x", "Basic abc", "Bearer a.b.c"):
        headers = {} if token is None else {"Authorization": token}
        assert server.get("/v2/accounts", headers).status == 401
    assert records() == []
