"""The trail of each service: what the record of an answer and of a refusal can show, and what it keeps sealed."""

from datetime import timedelta

import pytest

from audit.secrecy import Kind, hashes_of, reveal
from sandbox.police.orders import CRIMINAL_CASE
from tests.agency import GUARDIANS, TODAY, police, refusal, told
from tests.extradition import order as another_order

pytestmark = [pytest.mark.usefixtures("notices"), pytest.mark.django_db]  # the keys of the month are there

SERVICES = {
    "fi-utlegg-saldo": ("974761076", "FI-Utlegg-Test", "debtor-five-accounts", 5),
    "skatt-kontroll": (
        "974761076",
        "Skatteforvaltningsloven § 10-2 første ledd, jf. § 10-14, jf. skatteforvaltningsforskriften § 10-2-1",
        "disposed-accounts",
        3,
    ),
    "konkursbehandling": ("974760673", "kkl. §156 (3) og (4), jf. kkfor.§21", "bankrupt", 2),
    "oppgjor-etter-dodsfall": (
        "974720760",
        "Arveloven § 92 første ledd og § 118, jf. § 88 a, jf. forskrift om Digitalt dødsbo",
        "deceased",
        2,
    ),
    "vergekontroll": (
        "986186999",
        "Vergemålsloven § 54 (2), jf. vergemålsforskriften § 20 (2), jf. vergemålsforskriften § 20a (1) b-e",
        "under-guardianship",
        2,
    ),
    "politi-utlevering": ("915429785", CRIMINAL_CASE, "every-field", 2),
}
NAMED = (
    "consumer",
    "service",
    "service_version",
    "legal_mandate",
    "account_info_request_id",
    "additional_reference_type",
)
SAID = ("endpoint", "outcome", "http_status", "code", "refusal", "items")


def shown(row, names):
    return {name: row[name] for name in names}


def named(case, mandate):
    return {
        "consumer": case.consumer,
        "service": case.service,
        "service_version": 1,
        "legal_mandate": mandate,
        "account_info_request_id": case.id,
        "additional_reference_type": case.kind,
    }


@pytest.mark.parametrize("service", SERVICES)
def test_an_answer(opens, records, service):
    consumer, mandate, who, items = SERVICES[service]
    case = opens(service, who)
    answer = case.ask("accounts")
    assert len(told(answer)["accounts"]) == items
    (row,) = records()
    assert shown(row, NAMED) == named(case.but(consumer=consumer), mandate)
    assert shown(row, SAID) == {
        "endpoint": "accounts",
        "outcome": "answered",
        "http_status": 200,
        "code": "",
        "refusal": "",
        "items": items,
    }
    assert (row["from_date"], row["to_date"]) == (case.period.from_date, case.period.to_date)
    assert (row["requester_id"], row["only_primary_owner"]) == (case.requester, case.owners == "true")
    assert bytes(row["control_object_hash"]) in hashes_of(Kind.PARTY, case.number)
    assert case.number not in repr(row)


@pytest.mark.parametrize(
    ("service", "changes", "status", "refused"),
    [
        pytest.param("fi-utlegg-saldo", {"owners": "false"}, 400, "OwnersOnly", id="fi-utlegg-saldo"),
        pytest.param("skatt-kontroll", {"requester": ""}, 400, "RequesterMissing", id="skatt-kontroll"),
        pytest.param(
            "konkursbehandling", {"number": "213456008"}, 403, "BankruptcyUnknown", id="konkursbehandling: no notice"
        ),
        pytest.param(
            "oppgjor-etter-dodsfall",
            {"number": "213456008"},
            403,
            "DeathUnknown",
            id="oppgjor-etter-dodsfall: no death",
        ),
        pytest.param(
            "vergekontroll",
            {"reference": GUARDIANS["ward-other-task"]},
            403,
            "GuardianshipUnknown",
            id="vergekontroll: another guardian",
        ),
        pytest.param(
            "politi-utlevering", {"number": "213456008"}, 403, "OrderOfAnotherParty", id="politi-utlevering: C1"
        ),
        pytest.param(
            "politi-utlevering", {"reference": another_order()}, 400, "OrderKeyUnknown", id="politi-utlevering: A3"
        ),
    ],
)
def test_a_refusal(opens, records, service, changes, status, refused):
    _, mandate, who, _ = SERVICES[service]
    case = opens(service, who).but(**changes)
    assert refusal(case.ask("accounts"))[0] == status
    (row,) = records()
    assert shown(row, NAMED) == named(case, mandate)
    assert shown(row, SAID) == {
        "endpoint": "accounts",
        "outcome": "refused",
        "http_status": status,
        "code": {400: "ACC-001", 403: "ACC-011"}[status],
        "refusal": refused,
        "items": None,
    }
    assert bytes(row["control_object_hash"]) in hashes_of(Kind.PARTY, case.number)
    for told_to_nobody in (case.number, case.reference):
        assert not told_to_nobody or told_to_nobody not in repr(row)
    if case.reference:
        sealed = reveal(row["additional_reference_sealed"], column="additional_reference_sealed", record=row["id"])
        assert sealed == case.reference


def test_the_guardian_is_found_and_sealed(opens, records):
    case = opens("vergekontroll", "under-guardianship")
    case.listed()
    (row,) = records()
    assert case.reference not in repr(row)
    column = "additional_reference_sealed"
    assert reveal(row[column], column=column, record=row["id"]) == case.reference


@pytest.mark.parametrize("endpoint", ["accounts", "accountDetails", "transactions", "cards", "roles"])
def test_an_order_s_ids_are_shown_and_the_order_is_sealed(opens, records, endpoint):
    """Who approved it, by role and id, not by name; the whole of it can be had with the keys alone."""
    order_id = "a4f10250-7e30-11ee-b4b0-ab5ccb7c1184"
    case = opens("politi-utlevering", "every-field").ordered(extraditionOrderID=order_id)
    assert case.ask(endpoint, case.first()).status == 200
    row = records()[-1]
    evidence = dict(row["evidence"]["extradition_order"])
    assert evidence.pop("approved_at") < evidence.pop("expires_at")
    assert len(evidence.pop("certificate_sha256")) == 64
    assert evidence == {
        "extradition_order_id": order_id,
        "case_id": str(case.id),
        "approved_by_id": "sandbox-1",
        "approved_by_role": "Politiadvokat",
        "key_id": police().key_id,
    }
    assert "Sandkasse Jurist" not in repr(row) and case.reference not in repr(row)
    column = "additional_reference_sealed"
    assert reveal(row[column], column=column, record=row["id"]) == case.reference


def test_an_order_that_does_not_reach_is_evidence_too(opens, records):
    case = opens("politi-utlevering", "every-field").ordered(cards=False)
    reference = case.first()
    assert case.ask("cards", reference).status == 403
    row = records()[-1]
    assert (row["refusal"], row["evidence"]["extradition_order"]["case_id"]) == ("EndpointNotInOrder", str(case.id))


def test_a_page_s_place_is_recorded(opens, records):
    """The second page is told from the first one; both name their party."""
    day = TODAY - timedelta(days=120)
    case = opens("skatt-kontroll", "many-pages").between(day, day)
    pages = [told(case.ask("transactions", account["accountReference"])) for account in case.listed()]
    following = next(page["links"][1]["href"] for page in pages if len(page["links"]) == 2)
    page = told(case.server.get(f"/v2{following}", case.headers("transactions")))
    row = records()[-1]
    assert row["evidence"] == {"cursor": following.partition("cursor=")[2]}
    assert (row["endpoint"], row["items"]) == ("transactions", len(page["transactions"]))
    assert bytes(row["control_object_hash"]) in hashes_of(Kind.PARTY, case.number)
    assert case.number not in repr(row)


def test_the_account_of_step_1_is_recorded_without_its_number(opens, records):
    case = opens("politi-utlevering", "debtor-five-accounts")
    number = case.listed()[0]["accountIdentifier"]
    told(case.ask("accountServicingProvider", number))
    row = records()[-1]
    assert shown(row, ("service", "endpoint", "items")) == {
        "service": "politi-utlevering",
        "endpoint": "accountServicingProvider",
        "items": 1,
    }
    assert len(row["account_hashes"]) == 1
    assert number not in repr(row)
