"""The extradition order itself and what it covers: test-cases.md section 5, A1 to A12 and C1 to C6, by their ids."""

import base64
import json
import uuid
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from hypothesis import given
from hypothesis import strategies as st

from legal.certificate_reasons import Reason
from legal.endpoints import Endpoint
from legal.extradition import Order, check_request, order_reader, read_order, reader_from_settings
from legal.periods import Period
from legal.refusals import (
    EndpointNotInOrder,
    KeysUnavailable,
    OrderCertificate,
    OrderClaims,
    OrderHeader,
    OrderKeyUnknown,
    OrderMalformed,
    OrderMandate,
    OrderNotInForce,
    OrderOfAnotherCase,
    OrderOfAnotherMandate,
    OrderOfAnotherParty,
    OrderPeriod,
    OrderSignature,
    OrderTimes,
    OwnersOnlyByOrder,
    PeriodOutsideOrder,
)
from sandbox.police.orders import CRIMINAL_CASE, MISSING_PERSON, REASONS
from tests.authority import DAY, HOUR, NOW
from tests.extradition import (
    CASE,
    CLAIMS,
    KEY,
    PARTY,
    STRANGER,
    order,
    order_key,
    order_where,
    reader,
    reader_of,
)
from tests.issuer import signing_key

APPROVED_AT = NOW - HOUR
SECOND = timedelta(seconds=1)
RIGHT = Order(
    extradition_order_id=uuid.UUID(CLAIMS["extraditionOrderID"]),
    case_id=CASE,
    party_number=PARTY,
    mandate=CRIMINAL_CASE,
    reason=REASONS[CRIMINAL_CASE],
    period=Period(date(2024, 11, 22), date(2026, 11, 22)),
    only_primary_owner=False,
    endpoints=frozenset(
        {Endpoint.ACCOUNTS, Endpoint.ACCOUNT_DETAILS, Endpoint.TRANSACTIONS, Endpoint.CARDS, Endpoint.ROLES}
    ),
    district_id="201",
    district_label="Oslo politidistrikt",
    approved_by_id="sandbox-1",
    approved_by_name="Sandkasse Jurist",
    approved_by_role="Politiadvokat",
    approved_at=APPROVED_AT,
    expires_at=APPROVED_AT + 30 * DAY,
    version="1.0.0",
    key_id=KEY.key_id,
    certificate_sha256="ab" * 32,
)


def read(text, now=NOW):
    return reader().read(text, now=now)


def refuses(refusal):
    return pytest.raises(refusal) if refusal else nullcontext()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(order(), RIGHT, id="A1 every field right"),
        pytest.param(order(nbf="never", sub=["x"], hvem={}), RIGHT, id="A1 unknown claims beside them"),
        pytest.param(
            order(mandate=MISSING_PERSON, reason=REASONS[MISSING_PERSON]),
            replace(RIGHT, mandate=MISSING_PERSON, reason=REASONS[MISSING_PERSON]),
            id="A1 a missing person",
        ),
        pytest.param(order(partyID="312345617"), replace(RIGHT, party_number="312345617"), id="A1 an organisation"),
        pytest.param(order(onlyPrimaryOwner=True), replace(RIGHT, only_primary_owner=True), id="A1 owners only"),
        pytest.param(
            order(headers={"jku": "https://a.example/jwks", "x5c": ["MIIB"], "jwk": {"kty": "RSA"}}),
            RIGHT,
            id="A1 keys in the header are not looked at",
        ),
        pytest.param(
            order(accountDetails=False, transactions=False, cards=False, roles=False),
            replace(RIGHT, endpoints=frozenset({Endpoint.ACCOUNTS})),
            id="A1 the account list alone",
        ),
    ],
)
def test_a_right_order(text, expected):
    assert read(text) == expected


def test_the_evidence_for_the_record():
    assert RIGHT.evidence() == {
        "extradition_order_id": CLAIMS["extraditionOrderID"],
        "case_id": str(CASE),
        "approved_by_id": "sandbox-1",
        "approved_by_role": "Politiadvokat",
        "approved_at": "2026-11-22T11:00:00+00:00",
        "expires_at": "2026-12-22T11:00:00+00:00",
        "key_id": KEY.key_id,
        "certificate_sha256": "ab" * 32,
    }


def encoded(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


HEAD, BODY, SIGNATURE = order().split(".")
TWICE = encoded(json.dumps(CLAIMS).encode().replace(b'"cards": true', b'"cards": false, "cards": true'))


def signed_anew(head=HEAD, body=BODY):
    """Return these very segments with a right signature over them."""
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    return f"{head}.{body}.{encoded(KEY.private.sign(f'{head}.{body}'.encode(), pss, hashes.SHA256()))}"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="A2 empty"),
        pytest.param(" ", id="A2 blank"),
        pytest.param("x", id="A2 one part"),
        pytest.param(f"{HEAD}.{BODY}", id="A2 two parts"),
        pytest.param(f"{HEAD}.{BODY}.{SIGNATURE}.{SIGNATURE}", id="A2 four parts"),
        pytest.param(f"{HEAD}.{BODY}.", id="A2 without a signature"),
        pytest.param(f"{HEAD}..{SIGNATURE}", id="A2 without a payload"),
        pytest.param(f"{HEAD}.{BODY}.{SIGNATURE}==", id="A2 padded"),
        pytest.param(f" {order()}", id="A2 a blank before"),
        pytest.param(f"{order()}\n", id="A2 a line break after"),
        pytest.param(f"{HEAD}.{BODY}+.{SIGNATURE}", id="A2 not base64url"),
        pytest.param(f"{HEAD}.{BODY}å.{SIGNATURE}", id="A2 not ASCII"),
        pytest.param(f"{HEAD}.{BODY}.{SIGNATURE}AAA", id="A2 a length that base64 does not have"),
        pytest.param(f"{encoded(b'PS256')}.{BODY}.{SIGNATURE}", id="A2 header no JSON"),
        pytest.param(f"{encoded(b'[]')}.{BODY}.{SIGNATURE}", id="A2 header a list"),
        pytest.param(signed_anew(body=encoded(b"{")), id="A2 payload no JSON"),
        pytest.param(signed_anew(body=encoded(b"[]")), id="A2 payload a list"),
        pytest.param(signed_anew(body=encoded(b'{"a":NaN}')), id="A2 payload with NaN"),
        pytest.param(signed_anew(body=encoded(b"\xff{}")), id="A2 payload not UTF-8"),
        pytest.param(signed_anew(body=TWICE), id="A2 a claim twice"),
        pytest.param(signed_anew(body=encoded(b'{"a":' * 5_000)), id="A2 nested beyond measure"),
        pytest.param(order(x="y" * 12_000), id="A2 too long"),
    ],
)
def test_a_malformed_order(text):
    with pytest.raises(OrderMalformed):
        read(text)


@pytest.mark.parametrize(
    ("headers", "refusal"),
    [
        pytest.param({"alg": "RS256"}, OrderHeader, id="A3 alg RS256"),
        pytest.param({"alg": "PS384"}, OrderHeader, id="A3 alg PS384"),
        pytest.param({"alg": "HS256"}, OrderHeader, id="A3 alg HS256, the public key as secret"),
        pytest.param({"alg": "ES256"}, OrderHeader, id="A3 alg ES256"),
        pytest.param({"alg": "ps256"}, OrderHeader, id="A3 alg in small letters"),
        pytest.param({"alg": ["PS256"]}, OrderHeader, id="A3 alg a list"),
        pytest.param({"alg": None}, OrderHeader, id="A3 no alg"),
        pytest.param({"typ": None}, OrderHeader, id="A3 no typ"),
        pytest.param({"typ": "at+jwt"}, OrderHeader, id="A3 another typ"),
        pytest.param({"typ": "jwt"}, OrderHeader, id="A3 typ in small letters"),
        pytest.param({"kid": None}, OrderHeader, id="A3 no kid"),
        pytest.param({"kid": ""}, OrderHeader, id="A3 kid empty"),
        pytest.param({"kid": 20261122001}, OrderHeader, id="A3 kid a number"),
        pytest.param({"kid": "key-one"}, OrderHeader, id="A3 kid not decimal"),
        pytest.param({"kid": "٢٠٢٦"}, OrderHeader, id="A3 kid of other digits"),
        pytest.param({"kid": "1" * 65}, OrderHeader, id="A3 kid beyond measure"),
        pytest.param({"kid": "1"}, OrderKeyUnknown, id="A3 kid unknown"),
        pytest.param({"crit": ["exp"]}, OrderHeader, id="A3 crit"),
        pytest.param({"crit": []}, OrderHeader, id="A3 crit empty"),
        pytest.param({"b64": False}, OrderHeader, id="A3 payload not encoded"),
    ],
)
def test_a_wrong_header(headers, refusal):
    with pytest.raises(refusal):
        read(order(headers=headers))


def test_a_3_alg_none():
    unsigned = order(headers={"alg": "none"})
    assert unsigned.endswith(".")
    with pytest.raises(OrderMalformed):
        read(unsigned)
    with pytest.raises(OrderHeader):
        read(f"{unsigned}AAAA")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(order(key=STRANGER), id="A4 signed with another key"),
        pytest.param(f"{HEAD}.{BODY}.{SIGNATURE[:-8]}AAAAAAAA", id="A4 signature broken"),
        pytest.param(f"{HEAD}.{BODY}.{SIGNATURE[:-4]}", id="A4 signature cut"),
        pytest.param(f"{HEAD}.{order(cards=False).split('.')[1]}.{SIGNATURE}", id="A4 payload changed"),
        pytest.param(f"{order(headers={'cty': 'x'}).split('.')[0]}.{BODY}.{SIGNATURE}", id="A4 header changed"),
        pytest.param(
            f"{HEAD}.{BODY}.{order(headers={'alg': 'RS256'}).split('.')[2]}", id="A4 a signature with other padding"
        ),
    ],
)
def test_a_wrong_signature(text):
    with pytest.raises(OrderSignature):
        read(text)


@pytest.mark.parametrize(
    ("key", "refusal"),
    [
        pytest.param({"refused": Reason.SUBJECT}, OrderCertificate, id="A5 other OU or CN"),
        pytest.param({"refused": Reason.CHAIN}, OrderCertificate, id="A5 another root"),
        pytest.param({"refused": Reason.REVOKED}, OrderCertificate, id="A5 revoked"),
        pytest.param({"not_after": NOW}, OrderCertificate, id="A5 expired since the set was fetched"),
        pytest.param({"not_after": NOW + SECOND}, None, id="A5 its last second"),
        pytest.param({"not_before": NOW}, None, id="A5 its first moment"),
        pytest.param({"not_before": NOW + SECOND}, OrderCertificate, id="A5 before its time"),
        pytest.param({"refused": Reason.REVOCATION_UNKNOWN}, KeysUnavailable, id="A5 nobody could say: our failure"),
    ],
)
def test_the_key_must_hold_at_this_moment(key, refusal):
    with refuses(refusal):
        assert reader_of(order_key(**key)).read(order(), now=NOW).key_id == KEY.key_id


UUIDS = [1, "", "x", CASE.hex, f"urn:uuid:{CASE}", f"{{{CASE}}}", f" {CASE}", f"{CASE}0"]
TEXTS = [1, True, [], {}, "", " ", "a\nb", "a" * 256, "\ud800"]
BOOLEANS = ["true", "false", 1, 0, [], ""]
DATES = [20240101, "", "2024-1-1", "20240101", "2024-02-30", "2024-01-01T00:00:00Z", " 2024-01-01", "01.01.2024"]
MOMENTS = [
    1795000000, "", "2026-11-22", "2026-11-22T11:00:00", "2026-11-22T11:00:00+00:00", "2026-11-22T11:00:00.5Z",
    "2026-11-22t11:00:00z", "2026-11-22 11:00:00Z", "2026-02-30T11:00:00Z", "2026-11-22T24:00:00Z",
    "2026-11-22T11:00:60Z", "2026-11-22T11:00:00Z ",
]  # fmt: skip
WRONG = {
    "extraditionOrderID": UUIDS,
    "version": ["1.0", "1.0.1", "2.0.0", "v1.0.0", 1, True, []],
    "partyID": [15869010089, "", "1586901008", "158690100891", "15869 010089", "1586901008a", "１5869010089"],
    "mandate": [1, True, [], {}, "", " "],
    "reason": [1, True, [], {}, "", " "],
    "fromDate": DATES,
    "toDate": DATES,
    "onlyPrimaryOwner": BOOLEANS,
    "accountList": [False, *BOOLEANS],
    "accountDetails": BOOLEANS,
    "transactions": BOOLEANS,
    "cards": BOOLEANS,
    "roles": BOOLEANS,
    "district.districtID": TEXTS,
    "district.districtLabel": TEXTS,
    "approval.approvedByID": TEXTS,
    "approval.approvedByName": TEXTS,
    "approval.approvedByRole": TEXTS,
    "approval.approvalTimestamp": MOMENTS,
    "caseID": UUIDS,
    "exp": ["1797937200", "", 1797937200.0, 1797937200.5, True, [], 10**30, -(10**30)],
}
IDS = {"version": "A7", "accountList": "A10"}


def test_the_fields_are_21():
    leaves = [
        f"{name}.{inner}" if inner else name
        for name, value in CLAIMS.items()
        for inner in (value if isinstance(value, dict) else [""])
    ]
    assert sorted(leaves) == sorted(WRONG)
    assert len(WRONG) == 21


@pytest.mark.parametrize("path", [pytest.param(path, id=f"A6 without {path}") for path in WRONG])
def test_each_field_missing(path):
    parent, _, name = path.rpartition(".")
    with pytest.raises(OrderClaims):
        read(order({parent: {name: None}} if parent else {name: None}))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        pytest.param(path, value, id=f"{IDS.get(path, 'A6')} {path} = {ascii(value)[:30]}")
        for path, wrong in WRONG.items()
        for value in (None, *wrong)
    ],
)
def test_each_field_of_a_wrong_type_or_form(path, value):
    with pytest.raises(OrderClaims):
        read(order_where(path, value))


@pytest.mark.parametrize("name", ["district", "approval"])
@pytest.mark.parametrize("value", [None, {}, [], "x", 1], ids=ascii)
def test_a_6_an_object_that_is_none(name, value):
    with pytest.raises(OrderClaims):
        read(order_where(name, value))


@pytest.mark.parametrize(
    ("mandate", "reason"),
    [
        pytest.param("Straffeprosessloven §210 (3)", REASONS[CRIMINAL_CASE], id="A8 mandate not in the list"),
        pytest.param(CRIMINAL_CASE.lower(), REASONS[CRIMINAL_CASE], id="A8 mandate in small letters"),
        pytest.param(f"{CRIMINAL_CASE} ", REASONS[CRIMINAL_CASE], id="A8 mandate with a blank after"),
        pytest.param(CRIMINAL_CASE, "Noe helt annet.", id="A8 reason not in the list"),
        pytest.param(CRIMINAL_CASE, REASONS[CRIMINAL_CASE][:-1], id="A8 reason without its full stop"),
        pytest.param(CRIMINAL_CASE, REASONS[MISSING_PERSON], id="A8 crossed: a criminal case, somebody missing"),
        pytest.param(MISSING_PERSON, REASONS[CRIMINAL_CASE], id="A8 crossed: a missing person, a punishable act"),
    ],
)
def test_mandate_and_reason(mandate, reason):
    with pytest.raises(OrderMandate):
        read(order(mandate=mandate, reason=reason))


@pytest.mark.parametrize(
    ("from_date", "to_date", "refusal"),
    [
        pytest.param("2016-11-22", "2026-11-22", None, id="A9 exactly ten years"),
        pytest.param("2016-11-21", "2026-11-22", OrderPeriod, id="A9 a day older than ten years"),
        pytest.param("2026-11-22", "2026-11-22", None, id="A9 one day"),
        pytest.param("2026-11-22", "2026-11-21", OrderPeriod, id="A9 ends before it begins"),
        pytest.param("2026-11-22", "2027-11-22", None, id="A9 into the future"),
    ],
)
def test_the_order_s_period(from_date, to_date, refusal):
    with refuses(refusal):
        assert read(order(fromDate=from_date, toDate=to_date)).period == Period(
            date.fromisoformat(from_date), date.fromisoformat(to_date)
        )


def test_a_9_ten_years_are_counted_from_the_day_in_oslo():
    text = order(fromDate="2016-11-22")
    evening = datetime(2026, 11, 22, 22, 59, 59, tzinfo=UTC)
    read(text, now=evening)
    with pytest.raises(OrderPeriod):
        read(text, now=evening + SECOND)


def at(moment):
    return int(moment.timestamp())


@pytest.mark.parametrize(
    ("expires_at", "refusal"),
    [
        pytest.param(APPROVED_AT + 90 * DAY, None, id="A11 ninety days"),
        pytest.param(APPROVED_AT + 90 * DAY + SECOND, OrderTimes, id="A11 a second more"),
        pytest.param(APPROVED_AT - SECOND, OrderTimes, id="A11 expires before it is approved"),
    ],
)
def test_how_long_an_order_may_live(expires_at, refusal):
    with refuses(refusal):
        assert read(order(exp=at(expires_at))).expires_at == expires_at


@pytest.mark.parametrize(
    ("now", "refusal"),
    [
        pytest.param(APPROVED_AT - SECOND, OrderNotInForce, id="A12 a second before approvalTimestamp"),
        pytest.param(APPROVED_AT, None, id="A12 at approvalTimestamp"),
        pytest.param(APPROVED_AT + 30 * DAY, None, id="A12 at exp"),
        pytest.param(APPROVED_AT + 30 * DAY + SECOND, OrderNotInForce, id="A12 a second after exp"),
    ],
)
def test_when_an_order_is_in_force(now, refusal):
    with refuses(refusal):
        assert read(order(), now=now) == RIGHT


REQUEST = {
    "endpoint": Endpoint.ACCOUNTS,
    "mandate": CRIMINAL_CASE,
    "account_info_request_id": CASE,
    "period": Period(date(2024, 11, 22), date(2026, 11, 22)),
    "only_primary_owner": False,
    "party_number": PARTY,
}
FIRST, LAST = date(2024, 11, 22), date(2026, 11, 22)


def below(**changes):
    """Return a question below an account reference, where the request itself names nobody."""
    return {"endpoint": Endpoint.TRANSACTIONS, "only_primary_owner": None, **changes}


@pytest.mark.parametrize(
    ("ordered", "request_", "refusal"),
    [
        pytest.param({}, {}, None, id="A1 as ordered"),
        pytest.param({}, below(), None, id="A1 as ordered, below a reference"),
        pytest.param({}, {"party_number": "55869010072"}, OrderOfAnotherParty, id="C1 another person"),
        pytest.param({}, {"party_number": "312345617"}, OrderOfAnotherParty, id="C1 an organisation"),
        pytest.param({"party_number": "312345617"}, {}, OrderOfAnotherParty, id="C1 ordered about an organisation"),
        pytest.param({}, {"mandate": MISSING_PERSON}, OrderOfAnotherMandate, id="C2 asked for a missing person"),
        pytest.param({"mandate": MISSING_PERSON}, {}, OrderOfAnotherMandate, id="C2 ordered for a missing person"),
        pytest.param({}, {"account_info_request_id": uuid.UUID(int=1)}, OrderOfAnotherCase, id="C3 another case"),
        pytest.param({}, {"period": Period(FIRST, LAST)}, None, id="C4 equal"),
        pytest.param({}, {"period": Period(FIRST + DAY, LAST - DAY)}, None, id="C4 inside"),
        pytest.param({}, {"period": Period(FIRST - DAY, LAST)}, PeriodOutsideOrder, id="C4 from earlier"),
        pytest.param({}, {"period": Period(FIRST, LAST + DAY)}, PeriodOutsideOrder, id="C4 to later"),
        pytest.param(
            {}, {"period": Period(date(2020, 1, 1), date(2020, 12, 31))}, PeriodOutsideOrder, id="C4 wholly before"
        ),
        pytest.param(
            {}, {"period": Period(date(2027, 1, 1), date(2027, 12, 31))}, PeriodOutsideOrder, id="C4 wholly after"
        ),
        pytest.param({"only_primary_owner": True}, {"only_primary_owner": True}, None, id="C5 true, true"),
        pytest.param({"only_primary_owner": True}, {}, OwnersOnlyByOrder, id="C5 true, FALSE"),
        pytest.param({}, {"only_primary_owner": True}, None, id="C5 false, TRUE"),
        pytest.param({}, {"only_primary_owner": False}, None, id="C5 false, FALSE"),
        pytest.param({"only_primary_owner": True}, below(), None, id="C5 true, below a reference"),
        pytest.param({}, below(party_number="55869010072"), OrderOfAnotherParty, id="C6 another's reference"),
    ],
)
def test_the_request_must_fit(ordered, request_, refusal):
    with refuses(refusal):
        check_request(replace(RIGHT, **ordered), **(REQUEST | request_))


def test_c_3_is_a_setting(settings):
    settings.EXTRADITION_CASE_CHECK = False
    check_request(RIGHT, **(REQUEST | {"account_info_request_id": uuid.UUID(int=1)}))


FLAGS = [
    pytest.param(Endpoint.ACCOUNT_DETAILS, id="B1, B5 accountDetails"),
    pytest.param(Endpoint.TRANSACTIONS, id="B2, B6 transactions"),
    pytest.param(Endpoint.CARDS, id="B3, B7 cards"),
    pytest.param(Endpoint.ROLES, id="B4, B8 roles"),
]


@pytest.mark.parametrize("endpoint", FLAGS)
def test_flags(endpoint):
    """One flag opens one endpoint: the list and the others stay as they are."""
    opened, closed = read(order({str(endpoint): True})), read(order({str(endpoint): False}))
    check_request(opened, **(REQUEST | below(endpoint=endpoint)))
    with pytest.raises(EndpointNotInOrder) as refused:
        check_request(closed, **(REQUEST | below(endpoint=endpoint)))
    assert (refused.value.status_code, refused.value.default_code) == (403, "ACC-011")
    assert opened.endpoints - closed.endpoints == {endpoint}
    check_request(closed, **REQUEST)


@given(
    days=st.tuples(*[st.dates(date(2020, 1, 1), date(2030, 1, 1))] * 4),
    owners=st.sampled_from([True, False, None]),
    owners_ordered=st.booleans(),
)
def test_what_passes_is_covered(days, owners, owners_ordered):
    """Day by day: a request passes when all of its days are ordered, and only owners where only they are."""
    ordered, asked = Period(*sorted(days[:2])), Period(*sorted(days[2:]))
    order_ = replace(RIGHT, period=ordered, only_primary_owner=owners_ordered)
    covered = ordered.from_date <= asked.from_date and asked.to_date <= ordered.to_date
    try:
        check_request(order_, **(REQUEST | {"period": asked, "only_primary_owner": owners}))
    except (PeriodOutsideOrder, OwnersOnlyByOrder):
        assert not covered or (owners_ordered and owners is False)
    else:
        assert covered and not (owners_ordered and owners is False)


@pytest.fixture
def anew():
    """Let the test, and who comes after it, have a reader made anew."""
    reader_from_settings.cache_clear()
    yield
    reader_from_settings.cache_clear()


def test_without_roots_no_order_can_be_judged(anew, settings):
    settings.EXTRADITION_ROOTS_FILE = ""
    with pytest.raises(KeysUnavailable) as refused:
        read_order(order(), now=NOW)
    assert (refused.value.status_code, refused.value.default_code) == (500, "ACC-100")


def test_there_is_one_reader(anew):
    assert order_reader() is order_reader() is not None


def test_nothing_is_learnt_from_a_key_that_signs_for_another_kid():
    """A right signature by some other key of the world proves nothing under our kid."""
    with pytest.raises(OrderSignature):
        read(order(key=signing_key("20261122003")))
