"""The strict edge: one table for every parameter, one row for every way to send it wrong."""

import uuid
from datetime import date

import pytest

from legal import refusals
from legal.headers import (
    CASE_HEADERS,
    CUSTOMER_HEADER,
    OWNER,
    PARTY_HEADER,
    PERIOD,
    REFERENCE_HEADERS,
    read_header,
    read_query,
)

CASE = "d4a820ca-ddde-11ed-b5ea-0242ac120002"
PARTY = "15869010089"
HEADERS = {**CASE_HEADERS, **REFERENCE_HEADERS, **PARTY_HEADER}
FULL_WIDTH = "１５８６９０１００８９".encode().decode("latin-1")  # as a server hands bytes over


def header(name, value):
    parameter = {**HEADERS, "customer": CUSTOMER_HEADER["party_number"]}[name]
    meta = {} if value is None else {"HTTP_" + parameter.names[0].upper().replace("-", "_"): value}
    return read_header(meta, parameter)


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        pytest.param("account_info_request_id", CASE, uuid.UUID(CASE), id="uuid of version 1"),
        pytest.param("account_info_request_id", CASE.upper(), uuid.UUID(CASE), id="uuid in capitals"),
        pytest.param("correlation_id", CASE, uuid.UUID(CASE), id="CorrelationID"),
        pytest.param("legal_mandate", "FI-Utlegg-Test", "FI-Utlegg-Test", id="mandate without escapes"),
        pytest.param("legal_mandate", "kkl.%20%C2%A7156%20(3)", "kkl. §156 (3)", id="mandate, brackets bare"),
        pytest.param("legal_mandate", "kkl.%20%C2%A7156%20%283%29", "kkl. §156 (3)", id="mandate, brackets escaped"),
        pytest.param("legal_mandate", "a%252Cb", "a%2Cb", id="mandate decoded once only"),
        pytest.param("legal_mandate", "a+b", "a+b", id="a plus sign is a plus sign"),
        pytest.param("party_number", PARTY, PARTY, id="person"),
        pytest.param("party_number", "312345609", "312345609", id="organisation"),
        pytest.param(
            "party_number", "15869010088", "15869010088", id="PID-04 wrong check digit is not the form's business"
        ),
        pytest.param("requester_id", None, None, id="RequesterID absent"),
        pytest.param("requester_id", "", None, id="RequesterID blank"),
        pytest.param("requester_id", "saksbehandler-77", "saksbehandler-77", id="RequesterID"),
        pytest.param("additional_reference_type", "pol1", "pol1", id="reference type"),
        pytest.param("additional_reference_type", " ", None, id="reference type blank"),
        pytest.param("additional_reference", "x" * 16_384, "x" * 16_384, id="reference as long as may be"),
    ],
)
def test_header_that_is_right(name, value, read):
    assert header(name, value) == read


@pytest.mark.parametrize("name", ["account_info_request_id", "correlation_id"])
@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="missing"),
        pytest.param("", id="empty"),
        pytest.param(" ", id="blank"),
        pytest.param(f"{CASE},{CASE}", id="doubled"),
        pytest.param(f"{CASE}, {CASE}", id="doubled with a blank"),
        pytest.param(f"{{{CASE}}}", id="in braces"),
        pytest.param(f"urn:uuid:{CASE}", id="as urn"),
        pytest.param(CASE.replace("-", ""), id="without hyphens"),
        pytest.param(CASE + "0", id="one digit too many"),
        pytest.param(CASE[:-1], id="one digit too few"),
        pytest.param(CASE + "\n", id="trailing newline"),
        pytest.param(" " + CASE, id="leading blank"),
        pytest.param(CASE.replace("d", "g", 1), id="not hexadecimal"),
        pytest.param(CASE.replace("0", "٠".encode().decode("latin-1")), id="Arabic digits"),
        pytest.param(CASE * 500, id="over-long"),
    ],
)
def test_uuid_that_is_refused(name, value):
    with pytest.raises(HEADERS[name].refusal):
        header(name, value)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="missing"),
        pytest.param("", id="empty"),
        pytest.param("%20", id="blank once decoded"),
        pytest.param("FI-Utlegg-Test,FI-Utlegg-Test", id="doubled"),
        pytest.param("FI-Utlegg-Test%", id="bare percent sign"),
        pytest.param("FI-Utlegg%2", id="half an escape"),
        pytest.param("FI-Utlegg%2G", id="escape not hexadecimal"),
        pytest.param("%A7156", id="latin-1 escaped"),
        pytest.param("%C0%AF", id="overlong UTF-8"),
        pytest.param("%ED%A0%80", id="surrogate"),
        pytest.param("§ 92".encode().decode("latin-1"), id="raw UTF-8"),
        pytest.param("§ 92", id="raw latin-1"),
        pytest.param("FI%00Utlegg", id="NUL"),
        pytest.param("FI%0AUtlegg", id="newline"),
        pytest.param("a" * 501, id="over-long"),
    ],
)
def test_mandate_that_is_refused(value):
    with pytest.raises(refusals.BadLegalMandate):
        header("legal_mandate", value)


@pytest.mark.parametrize(
    ("name", "refusal"), [("party_number", refusals.BadPartyID), ("customer", refusals.BadCustomerID)]
)
@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="missing"),
        pytest.param("", id="empty"),
        pytest.param(" ", id="blank"),
        pytest.param(f"{PARTY},{PARTY}", id="doubled"),
        pytest.param("1586901008", id="ten digits"),
        pytest.param("158690100891", id="twelve digits"),
        pytest.param("158690 10089", id="with a blank"),
        pytest.param(" 15869010089", id="leading blank"),
        pytest.param("15869010089\n", id="trailing newline"),
        pytest.param("1586901008x", id="a letter"),
        pytest.param("+5869010089", id="a sign"),
        pytest.param(FULL_WIDTH, id="full-width digits"),
        pytest.param("¹5869010089", id="superscript digit"),
        pytest.param("0192:312345609", id="with the prefix of Enhetsregisteret"),
        pytest.param("1" * 5000, id="over-long"),
    ],
)
def test_party_number_that_is_refused(name, refusal, value):
    with pytest.raises(refusal):
        header(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("requester_id", "x" * 256, id="RequesterID over-long"),
        pytest.param("requester_id", "a,b", id="RequesterID doubled"),
        pytest.param("requester_id", "\xa0", id="RequesterID no-break space is not blank"),
        pytest.param("requester_id", "ærlig".encode().decode("latin-1"), id="RequesterID not ASCII"),
        pytest.param("requester_id", "a\tb", id="RequesterID with a tab"),
        pytest.param("additional_reference_type", "POL1", id="type in the wrong case"),
        pytest.param("additional_reference_type", "pol", id="type of an older standard"),
        pytest.param("additional_reference_type", "srf,srf", id="type doubled"),
        pytest.param("additional_reference", "x" * 16_385, id="reference over-long"),
        pytest.param("additional_reference", "a,b", id="reference doubled"),
        pytest.param("additional_reference", "\xe6", id="reference not ASCII"),
    ],
)
def test_optional_header_that_is_refused(name, value):
    with pytest.raises(HEADERS[name].refusal):
        header(name, value)


@pytest.mark.parametrize(
    ("query", "read"),
    [
        pytest.param("", None, id="absent"),
        pytest.param("OnlyPrimaryOwner=true", True, id="the OpenAPI's spelling"),
        pytest.param("onlyPrimaryOwner=TRUE", True, id="the service pages' spelling"),
        pytest.param("onlyPrimaryOwner=FaLsE", False, id="any letter case"),
        pytest.param("OnlyPrimaryOwner=true&onlyPrimaryOwner=TRUE", True, id="both spellings agree"),
        pytest.param("onlyprimaryowner=true", None, id="third spelling is an unknown parameter"),
        pytest.param("OnlyPrimaryOwner=%74rue", True, id="percent-encoded"),
        pytest.param("a=b&OnlyPrimaryOwner=true&&c", True, id="unknown parameters are ignored"),
    ],
)
def test_only_primary_owner(query, read):
    assert read_query(query, OWNER) == {"only_primary_owner": read}


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("OnlyPrimaryOwner=true&onlyPrimaryOwner=false", id="both spellings, different values"),
        pytest.param("OnlyPrimaryOwner=true&OnlyPrimaryOwner=true", id="doubled"),
        pytest.param("OnlyPrimaryOwner=", id="empty"),
        pytest.param("OnlyPrimaryOwner", id="without a value"),
        pytest.param("OnlyPrimaryOwner=%20true", id="leading blank"),
        pytest.param("OnlyPrimaryOwner=true%0A", id="trailing newline"),
        pytest.param("OnlyPrimaryOwner=1", id="a number"),
        pytest.param("OnlyPrimaryOwner=yes", id="yes"),
        pytest.param("OnlyPrimaryOwner=%EF%BD%94rue", id="full-width letter"),
        pytest.param("OnlyPrimaryOwner=true,true", id="a list"),
    ],
)
def test_only_primary_owner_that_is_refused(query):
    with pytest.raises(refusals.BadOnlyPrimaryOwner):
        read_query(query, OWNER)


@pytest.mark.parametrize(
    ("name", "wire", "refusal"),
    [("from_date", "fromDate", refusals.BadFromDate), ("to_date", "toDate", refusals.BadToDate)],
)
@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="empty"),
        pytest.param("20261121", id="without hyphens"),
        pytest.param("2026-2-3", id="short month and day"),
        pytest.param("2026-11-21%0A", id="trailing newline"),
        pytest.param("%202026-11-21", id="leading blank"),
        pytest.param("2026-02-30", id="no such day"),
        pytest.param("2026-13-01", id="no such month"),
        pytest.param("0000-01-01", id="no such year"),
        pytest.param("2026-W47-6", id="a week date"),
        pytest.param("2026-11-21T00:00:00Z", id="a moment"),
        pytest.param("21.11.2026", id="Norwegian order"),
        pytest.param("%D9%A2%D9%A0%D9%A2%D9%A6-11-21", id="Arabic digits"),
        pytest.param("%EF%BC%92026-11-21", id="full-width digit"),
        pytest.param("%2B2026-11-2", id="a sign"),
        pytest.param("2026-11-21" * 100, id="over-long"),
    ],
)
def test_date_that_is_refused(name, wire, refusal, value):
    with pytest.raises(refusal):
        read_query(f"{wire}={value}", {name: PERIOD[name]})


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        pytest.param("fromDate=2026-11-21&fromDate=2026-11-21", refusals.BadFromDate, id="doubled, alike"),
        pytest.param("fromDate=2026-11-21&fromDate=2026-11-20", refusals.BadFromDate, id="doubled, different"),
        pytest.param("fromDate=2026-11-21&%66romDate=2026-11-21", refusals.BadFromDate, id="doubled in disguise"),
        pytest.param("fromDate=%", refusals.BadQuery, id="bare percent sign"),
        pytest.param("x=%FF", refusals.BadQuery, id="not UTF-8, in an unknown parameter too"),
        pytest.param("fromDate=2026-11-21\xe6", refusals.BadQuery, id="raw byte"),
    ],
)
def test_query_that_is_refused(query, refusal):
    with pytest.raises(refusal):
        read_query(query, PERIOD)


def test_period_that_is_right():
    assert read_query("toDate=2026-11-21&fromDate=2026-02-03", PERIOD) == {
        "from_date": date(2026, 2, 3),
        "to_date": date(2026, 11, 21),
    }
    assert read_query("fromdate=2026-11-21", PERIOD) == {"from_date": None, "to_date": None}
