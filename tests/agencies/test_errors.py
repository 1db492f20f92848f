"""An error is decided by its status first, by profile and code second, and repeats nothing of anybody's."""

import inspect
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3 import HTTPHeaderDict

from agencies import errors
from agencies.answers import Answer
from agencies.errors import decide, is_about_token, may_be_done
from agencies.faults import Fault, Specification, read_skatteetaten
from tests.agencies.code_tables import EVERY_PROFILE, rows

OURS, THEIRS = "0190a1b2-0000-4000-8000-000000000002", "df496591-dabc-42b8-84e2-163ad19302e6"
KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.AgencyError)]
NUMBER = "15869010089"


def answer(status, body=b"", **headers):
    return Answer(status, HTTPHeaderDict(headers), body, correlation_id=OURS)


def body(code="OTP-003", **more):
    return json.dumps({"kode": code, "melding": "…", **more}).encode()


def decided(status, octets, profile="seed", codes=None):
    return decide(answer(status, octets), api="otp", profile=profile, codes=codes or {}, read=read_skatteetaten)


def test_the_tree():
    """What catches what: callers rely on it."""

    def below(kind):
        return {one.__name__ for one in KINDS if issubclass(one, kind)} - {kind.__name__}

    assert below(errors.NotSent) == {"NotConfigured", "BadInput", "NoSlot", "NoDatabase", "NoToken", "NotRecorded"}
    assert below(errors.Failed) == {"Unavailable"}
    assert below(errors.Refused) == {
        *("Invalid", "Unauthenticated", "Forbidden", "NotFound", "WrongMethod"),
        *("NotAcceptable", "Conflict", "Gone", "Busy"),
    }
    others = {"NotSent", "Refused", "Failed", "Unreachable", "NotTheApplication"}
    above = below(errors.NotSent) | below(errors.Failed) | below(errors.Refused)
    assert below(errors.AgencyError) == others | above


def test_every_error_stands_in_the_tree_of_the_docstring():
    assert [kind.__name__ for kind in KINDS if kind.__name__ not in errors.__doc__] == []


COMMON = [row for row in rows("das_codes") if row.profile == EVERY_PROFILE]
BY_STATUS = {400: errors.Invalid, 401: errors.Unauthenticated, 403: errors.Forbidden, 404: errors.NotFound}


@pytest.mark.parametrize("profile", ["seed", "current"])
@pytest.mark.parametrize("row", COMMON, ids=str)
def test_codes_common_to_all_look_ups(row, profile):
    error = decided(row.http, body(row.code), profile)
    assert type(error) is BY_STATUS.get(row.http, errors.Failed)
    assert (error.status, error.code) == (row.http, row.code)


def test_the_table_of_codes_only_overrides():
    codes = {("seed", "OTP-012"): errors.Unauthenticated}
    kinds = [
        type(decided(500, body(code), profile, codes))
        for profile, code in [("seed", "OTP-012"), ("seed", "OTP-021"), ("current", "OTP-012")]
    ]
    assert kinds == [errors.Unauthenticated, errors.Failed, errors.Failed]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        pytest.param(404, "Particular", id="the status that it goes with"),
        pytest.param(500, "Failed", id="a crash that bears the code"),
        pytest.param(401, "Unauthenticated", id="a token refused that bears the code"),
        pytest.param(403, "Forbidden", id="no right that bears the code"),
    ],
)
def test_a_code_never_outranks_its_status(status, kind):
    """A number is used for several things: only with its status does it say that nobody is known."""

    class Particular(errors.NotFound):
        sentence = "Nobody is known by that number."

    assert type(decided(status, body("AKE-007"), codes={("seed", "AKE-007"): Particular})).__name__ == kind


@pytest.mark.parametrize("status", [400, 403, 404, 409])
def test_a_code_about_the_token_outranks_a_fault_of_the_agency_only(status):
    codes = {("seed", "OTP-012"): errors.Unauthenticated}
    assert type(decided(status, body("OTP-012"), codes=codes)) is type(decided(status, body("OTP-999")))


@pytest.mark.parametrize(
    ("octets", "correlation_id"),
    [
        pytest.param(body(korrelasjonsid=THEIRS), THEIRS, id="theirs"),
        pytest.param(body(), OURS, id="none of theirs"),
        pytest.param(body(korrelasjonsid=NUMBER), OURS, id="somebody's number"),
        pytest.param(body(korrelasjonsid="a b"), OURS, id="with a blank"),
        pytest.param(body(korrelasjonsid="x" * 65), OURS, id="too long"),
        pytest.param(body(korrelasjonsid=1), OURS, id="a number"),
        pytest.param(b"gone", OURS, id="not the application"),
    ],
)
def test_the_id_that_support_asks_for(octets, correlation_id):
    assert decided(400, octets).correlation_id == correlation_id


@pytest.mark.parametrize(
    ("error", "about_token", "done"),
    [
        pytest.param(decided(401, body()), True, False, id="401"),
        pytest.param(decided(401, b"gateway"), True, False, id="401 of a gateway"),
        pytest.param(errors.Unauthenticated(status=500), True, True, id="a token fault said as 500"),
        pytest.param(decided(403, body()), False, False, id="403"),
        pytest.param(decided(500, body()), False, True, id="500"),
        pytest.param(decided(502, b"gateway"), False, True, id="502 of a gateway"),
        pytest.param(errors.Unreachable(may_have_arrived=True), False, True, id="a lost answer"),
        pytest.param(errors.Unreachable(may_have_arrived=False), False, False, id="nobody listened"),
        pytest.param(errors.NoSlot(), False, False, id="not sent"),
    ],
)
def test_what_may_help_and_what_may_be_done(error, about_token, done):
    assert (is_about_token(error), may_be_done(error)) == (about_token, done)


READ = [
    pytest.param(body(), Fault("OTP-003"), id="code alone"),
    pytest.param(body(korrelasjonsid=None), Fault("OTP-003"), id="an empty id"),
    pytest.param(body(korrelasjonsid=THEIRS, nytt={"a": 1}), Fault("OTP-003", THEIRS), id="a further member"),
    pytest.param(body(spesifisering=[]), Fault("OTP-003"), id="no findings"),
    pytest.param(body(spesifisering="x"), Fault("OTP-003"), id="findings that are text"),
    pytest.param(
        body(spesifisering=["x", {"kode": "GLD_1052", "sti": "a/b", "angittVerdi": 2022, "nytt": 1}, {}]),
        Fault("OTP-003", "", (Specification("GLD_1052", "", "a/b", "2022"), Specification(""))),
        id="findings, some of them none",
    ),
    pytest.param(b"\xef\xbb\xbf" + body(), Fault("OTP-003"), id="with a byte order mark"),
    pytest.param(body(code=""), None, id="an empty code"),
    pytest.param(body(code=None), None, id="no code"),
    pytest.param(body(code=NUMBER), None, id="somebody's number as code"),
    pytest.param(body(code="OTP 003"), None, id="a code with a blank"),
    pytest.param(b'{"kode": "OTP-003", "melding": null}', None, id="no message"),
    pytest.param(b"null", None, id="null"),
    pytest.param(b"", None, id="nothing"),
    pytest.param(b"<feil><kode>OTP-003</kode></feil>", None, id="XML"),
]


@pytest.mark.parametrize(("octets", "fault"), READ)
def test_reading_a_fault(octets, fault):
    assert read_skatteetaten(octets) == fault


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("aB3-_. æ", max_size=20) | st.just(NUMBER),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["kode", "sti", "x"]), inner, max_size=3)
    ),
    max_leaves=10,
)
MEMBERS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("kode", "melding", "korrelasjonsid", "spesifisering"), JSON)
)


@given(octets=st.binary(max_size=60) | MEMBERS.map(lambda members: json.dumps(members).encode()))
def test_no_body_breaks_it_and_nobodys_number_comes_through(octets):
    error = decided(400, octets)
    assert type(error) in {errors.Invalid, errors.NotTheApplication}
    assert NUMBER not in repr((str(error), error.code, error.correlation_id, error))
