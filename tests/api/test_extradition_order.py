"""The extradition order over HTTP: every case of the matrix by its id, with status, code and sentence.

Of the order itself (A2 to A12) one row of each kind is asked here; the whole matrix is in
tests/legal/test_extradition.py and, for certificates (A5), in tests/legal/test_extradition_keys.py.
"""

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from legal.periods import Period, months_before
from sandbox.police.orders import CRIMINAL_CASE, MISSING_PERSON, REASONS
from tests.agency import TODAY, TWO_YEARS, order_for, refusal, told
from tests.consumer import identifier

DAY = timedelta(days=1)
STEP_2 = ("accounts", "accountDetails", "transactions", "cards", "roles")
FLAGS = STEP_2[1:]
MISSING = "Under this legal mandate AdditionalReferenceID must be an extradition order."
FORM = "The extradition order must be a signed JWT in compact form, of at most 16,384 characters."
HEADER = "The header of the extradition order must have alg PS256, typ JWT and a kid of digits."
KEY = "The kid of the extradition order names no key of the police."
SIGNATURE = "The signature of the extradition order is wrong."
CLAIMS = "A claim of the extradition order is missing or wrong."
PAIR = "The mandate and the reason of the extradition order do not belong together."
PERIOD = "The period of the extradition order is reversed, or begins more than ten years ago."
TIMES = "The extradition order must expire within ninety days after its approval."
NOT_IN_FORCE = "The extradition order has expired, or is not approved yet."
CLOSED = "The extradition order does not open this endpoint."
OTHER_PARTY = "The extradition order is about another party."
OTHER_MANDATE = "The extradition order is given under another legal mandate."
OTHER_CASE = "The caseID of the extradition order must be the AccountInfoRequestID."
OUTSIDE = "fromDate and toDate must lie within the period of the extradition order."
OWNERS_ONLY = "Under this extradition order OnlyPrimaryOwner must be TRUE."
NOW = datetime.now(UTC).replace(microsecond=0)


def approved(at):
    return {"approval": {"approvalTimestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}"}}


def exp(at):
    return {"exp": int(at.timestamp())}


@pytest.mark.parametrize("endpoint", STEP_2)
@pytest.mark.parametrize("mandate", [CRIMINAL_CASE, MISSING_PERSON], ids=["a criminal case", "a missing person"])
def test_a_1_both_mandates_and_all_endpoints(opens, endpoint, mandate):
    case = opens("politi-utlevering", "every-field", mandate=mandate, first_mandate=mandate).ordered()
    assert told(case.ask(endpoint, case.first()))["responseDetails"] == {"status": "complete"}


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"fromDate": months_before(TODAY, 120).isoformat()}, id="A9 exactly ten years"),
        pytest.param({**approved(NOW), **exp(NOW + 90 * DAY)}, id="A11 ninety days"),
        pytest.param(approved(NOW - timedelta(seconds=1)), id="A12 approved a moment ago"),
        pytest.param({"anything": ["else"]}, id="A1 an unknown claim"),
    ],
)
def test_orders_that_pass(opens, claims):
    assert len(opens("politi-utlevering", "every-field").ordered(**claims).listed()) == 2


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        pytest.param({"district": {"districtID": None}}, CLAIMS, id="A6 a field missing"),
        pytest.param({"cards": "true"}, CLAIMS, id="A6 a field of a wrong type"),
        pytest.param({"fromDate": "01.01.2026"}, CLAIMS, id="A6 a field of a wrong form"),
        pytest.param({"version": "1.0.1"}, CLAIMS, id="A7 another version"),
        pytest.param({"mandate": "Straffeprosessloven §210"}, PAIR, id="A8 mandate not in the list"),
        pytest.param({"reason": "Noe helt annet."}, PAIR, id="A8 reason not in the list"),
        pytest.param({"reason": REASONS[MISSING_PERSON]}, PAIR, id="A8 crossed"),
        pytest.param({"mandate": MISSING_PERSON}, PAIR, id="A8 crossed the other way"),
        pytest.param({"fromDate": (months_before(TODAY, 120) - DAY).isoformat()}, PERIOD, id="A9 a day older"),
        pytest.param({"accountList": False}, CLAIMS, id="A10 accountList false"),
        pytest.param(
            {**approved(NOW), **exp(NOW + 90 * DAY + timedelta(seconds=1))}, TIMES, id="A11 more than ninety days"
        ),
        pytest.param(approved(NOW + timedelta(hours=1)), NOT_IN_FORCE, id="A12 before approval"),
        pytest.param({**approved(NOW - 9 * DAY), **exp(NOW - DAY)}, NOT_IN_FORCE, id="A12 after exp"),
    ],
)
def test_orders_refused_for_their_claims(opens, claims, message):
    assert refusal(opens("politi-utlevering", "every-field").ordered(**claims).ask("accounts")) == (
        400,
        "ACC-001",
        message,
    )


@pytest.mark.parametrize(
    ("padding", "message"),
    [
        pytest.param(11_000, None, id="A1 nearly as long as may be"),
        pytest.param(
            12_500,
            "AdditionalReferenceID must be sent at most once, with at most 16,384 printable ASCII characters.",
            id="A2 longer than that",
        ),
    ],
)
def test_how_long_an_order_may_be(opens, padding, message):
    """Longer than most servers let a header be."""
    case = opens("politi-utlevering", "every-field").ordered(anything="x" * padding)
    answer = case.ask("accounts")
    if message:
        assert refusal(answer) == (400, "ACC-001", message)
    else:
        assert len(told(answer)["accounts"]) == 2


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        pytest.param({"alg": "RS256"}, HEADER, id="A3 alg RS256"),
        pytest.param({"alg": "HS256"}, HEADER, id="A3 alg HS256"),
        pytest.param({"alg": "none"}, FORM, id="A3 alg none"),
        pytest.param({"typ": "jwt"}, HEADER, id="A3 typ not JWT"),
        pytest.param({"kid": None}, HEADER, id="A3 kid missing"),
        pytest.param({"kid": "1"}, KEY, id="A3 kid unknown"),
    ],
)
def test_orders_refused_for_their_header(opens, headers, message):
    case = opens("politi-utlevering", "every-field")
    answer = case.but(reference=order_for(case, headers=headers)).ask("accounts")
    assert refusal(answer) == (400, "ACC-001", message)


def changed_payload(order):
    head, claims, signature = order.split(".")
    return f"{head}.{claims[:-4]}{claims[-4:][::-1]}.{signature}"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(lambda order: None, MISSING, id="A2 no AdditionalReferenceID"),
        pytest.param(lambda order: "", MISSING, id="A2 empty"),
        pytest.param(lambda order: order.rpartition(".")[0], FORM, id="A2 not three parts"),
        pytest.param(lambda order: order.replace(".", ".*", 1), FORM, id="A2 not base64url"),
        pytest.param(lambda order: re.sub(r"^[^.]+", "bm9qc29u", order), FORM, id="A2 not JSON"),
        pytest.param(lambda order: f"{order[:-8]}AAAAAAAA", SIGNATURE, id="A4 signature broken"),
        pytest.param(changed_payload, SIGNATURE, id="A4 payload changed"),
    ],
)
def test_orders_refused_for_their_form(opens, change, message):
    case = opens("politi-utlevering", "every-field")
    answer = case.ask("accounts", AdditionalReferenceID=change(case.reference))
    assert refusal(answer) == (400, "ACC-001", message)


@pytest.mark.parametrize(
    "endpoint", [pytest.param(name, id=f"B{place} {name}") for place, name in enumerate(FLAGS, start=1)]
)
def test_a_flag_opens_one_endpoint(opens, endpoint):
    closed = {flag: flag == endpoint for flag in FLAGS}
    case = opens("politi-utlevering", "every-field").ordered(**closed)
    reference = case.first()
    assert told(case.ask(endpoint, reference))
    for other in set(FLAGS) - {endpoint}:
        assert refusal(case.ask(other, reference)) == (403, "ACC-011", CLOSED)


@pytest.mark.parametrize(
    "endpoint", [pytest.param(name, id=f"B{place} {name}") for place, name in enumerate(FLAGS, start=5)]
)
def test_a_false_flag_closes_one_endpoint(opens, endpoint):
    case = opens("politi-utlevering", "every-field").ordered(**{endpoint: False})
    reference = case.first()
    assert refusal(case.ask(endpoint, reference)) == (403, "ACC-011", CLOSED)
    for other in set(FLAGS) - {endpoint}:
        assert told(case.ask(other, reference))


INSIDE = Period(TWO_YEARS.from_date + DAY, TODAY - DAY)
LONG_AGO = Period(months_before(TODAY, 60), months_before(TODAY, 48))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"number": identifier("debtor-five-accounts")}, OTHER_PARTY, id="C1 another person"),
        pytest.param({"number": identifier("organisation")}, OTHER_PARTY, id="C1 an organisation"),
        pytest.param({"mandate": MISSING_PERSON}, OTHER_MANDATE, id="C2 a criminal case, asked for a missing person"),
        pytest.param({"id": uuid.UUID(int=7)}, OTHER_CASE, id="C3 another case"),
        pytest.param({"period": TWO_YEARS}, None, id="C4 equal"),
        pytest.param({"period": INSIDE}, None, id="C4 inside"),
        pytest.param({"period": Period(TWO_YEARS.from_date - DAY, TODAY)}, OUTSIDE, id="C4 from earlier"),
        pytest.param({"period": LONG_AGO}, OUTSIDE, id="C4 wholly outside"),
    ],
)
def test_a_request_against_its_order(opens, changes, message):
    answer = opens("politi-utlevering", "every-field").but(**changes).ask("accounts")
    if message:
        assert refusal(answer) == (403, "ACC-011", message)
    else:
        assert len(told(answer)["accounts"]) == 2


def test_c_2_a_missing_person_asked_for_in_a_criminal_case(opens):
    case = opens("politi-utlevering", "every-field", mandate=MISSING_PERSON).ordered()
    assert refusal(case.but(mandate=CRIMINAL_CASE).ask("accounts")) == (403, "ACC-011", OTHER_MANDATE)


def test_c_4_to_later(opens):
    case = opens("politi-utlevering", "every-field", period=Period(TWO_YEARS.from_date, TODAY - DAY)).ordered()
    assert told(case.ask("accounts"))
    assert refusal(case.but(period=TWO_YEARS).ask("accounts")) == (403, "ACC-011", OUTSIDE)


@pytest.mark.parametrize(
    ("ordered", "asked", "message"),
    [
        pytest.param(True, "true", None, id="C5 order true, request TRUE"),
        pytest.param(True, "FALSE", OWNERS_ONLY, id="C5 order true, request FALSE"),
        pytest.param(False, "TRUE", None, id="C5 order false, request TRUE"),
        pytest.param(False, "false", None, id="C5 order false, request FALSE"),
    ],
)
def test_owners_only(opens, ordered, asked, message):
    case = opens("politi-utlevering", "disposed-accounts").ordered(onlyPrimaryOwner=ordered).but(owners=asked)
    if message:
        assert refusal(case.ask("accounts")) == (403, "ACC-011", message)
    else:
        assert len(case.listed()) == (1 if asked.lower() == "true" else 3)


@pytest.mark.parametrize("endpoint", FLAGS)
def test_c_6_an_order_about_another_than_the_reference_s_party(opens, endpoint):
    """The same case and mandate, an order that is right in itself: but about somebody else."""
    case = opens("politi-utlevering", "every-field")
    other = case.but(number=identifier("debtor-five-accounts")).ordered()
    assert told(other.ask("accounts"))
    assert refusal(case.but(reference=other.reference).ask(endpoint, case.first())) == (403, "ACC-011", OTHER_PARTY)


def test_an_order_for_owned_accounts_opens_no_other_s_account(opens):
    """A reference that an earlier order of the case gave is not enough."""
    case = opens("politi-utlevering", "disposed-accounts")
    disposed = [a for a in case.listed() if a["primaryOwner"]["identifier"]["value"] != case.number]
    reference = next(a["accountReference"] for a in disposed if a["accountReference"] != "dataNotDelivered")
    assert told(case.ask("accountDetails", reference))
    answer = case.ordered(onlyPrimaryOwner=True).ask("accountDetails", reference)
    assert refusal(answer) == (404, "ACC-002", "Not found.")
