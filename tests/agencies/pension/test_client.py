"""The client of the pension API over a real socket: each request as the page has it, each code in each profile."""

import json
import uuid
from urllib.parse import parse_qs

import jwt
import pytest

from agencies.errors import (
    BadInput,
    Failed,
    Forbidden,
    Invalid,
    NotAcceptable,
    NotConfigured,
    NotFound,
    NotTheApplication,
    Unauthenticated,
    Unavailable,
    Unreachable,
)
from agencies.pension.client import XML, AnotherProvider, Course, PensionClient, Question, Terms, Validity
from agencies.pension.codes import MEANINGS, PROFILES, NothingThere, WrongAddress
from agencies.pension.reading import JSON
from audit.models import AuditRecord
from audit.secrecy import Kind, hash_of
from tests.agencies.code_tables import rows_of
from tests.agencies.conftest import BANK, queue_tokens
from tests.agencies.pension.conftest import TODAY, token_of

pytestmark = pytest.mark.django_db(databases=["default"])

PRINTED = (
    '{"avtalereferanse":"referanse til avtale","fraOgMed":"2020-01",'
    '"opplysningspliktig":{"norskIdentifikator":"999999999"}}'
)
AGREEMENT = Terms("referanse til avtale", "999999999", "2020-01")
ASKED = Question("123456789", "987654321", "2020-01", "2020-06")
OTHER_PROVIDER = "310000014"
QUERY = "pensjonsinnretning=123456789&opplysningspliktig=987654321&fraOgMed=2020-01&tilOgMed=2020-06"
PATHS = {"seed": "/api/tjenestepensjonsavtale/v1", "current": "/v1"}
VALID = b'{"gyldig":true}'


def grant_of(asked):
    """Return the claims of the grant that earned a token."""
    (assertion,) = parse_qs(asked.body.decode())["assertion"]
    return jwt.decode(assertion, options={"verify_signature": False})


def fault(code, text="..."):
    return json.dumps({"kode": code, "melding": text, "korrelasjonsid": str(uuid.uuid4())})


def fault_in_xml(code, text="..."):
    return (
        f'<feil xmlns="urn:no:skatteetaten:datasamarbeid:feil:v1"><kode>{code}</kode><melding>{text}</melding></feil>'
    )


# --- requests, as they travel ---


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("call", "line", "body"),
    [
        pytest.param(
            lambda client: client.register(AGREEMENT), "POST {path}/otp/avtaleforhold", PRINTED, id="register"
        ),
        pytest.param(
            lambda client: client.register(Terms(" ref ", "999999999", "2021-02", "2022-12")),
            "POST {path}/otp/avtaleforhold",
            '{"avtalereferanse":"ref","fraOgMed":"2021-02","tilOgMed":"2022-12",'
            '"opplysningspliktig":{"norskIdentifikator":"999999999"}}',
            id="register with an end, the reference trimmed",
        ),
        pytest.param(
            lambda client: client.delete(reference="år «1»", employer="999999999"),
            "DELETE {path}/otp/avtaleforhold",
            '{"avtalereferanse":"år «1»","opplysningspliktig":{"norskIdentifikator":"999999999"}}',
            id="delete, with a body",
        ),
        pytest.param(
            lambda client: client.validity(ASKED),
            f"GET {{path}}/nav/avtaleforhold/gyldighet?{QUERY}",
            "",
            id="validity",
        ),
        pytest.param(
            lambda client: client.effect(ASKED),
            f"GET {{path}}/nav/avtaleforhold/virkningsperiode/gyldighet?{QUERY}",
            "",
            id="effect",
        ),
    ],
)
def test_a_request(client, agency, profile, call, line, body):
    agency.answer(200, VALID)
    call(client(profile))
    (seen,) = agency.seen
    assert seen.line == f"{line.format(path=PATHS[profile])} HTTP/1.1"
    assert seen.body.decode() == body
    written = [("Content-Type", "application/json"), ("Content-Length", str(len(body.encode())))] if body else []
    own = {"Host", "Accept-Encoding", "User-Agent", "Connection"}
    correlation = seen.header("Korrelasjonsid")
    assert sorted(header for header in seen.headers if header[0] not in own) == sorted(
        [
            ("Authorization", f"Bearer {token_of(BANK)}"),
            ("Accept", "application/json"),
            ("Korrelasjonsid", correlation),
            *written,
        ]
    )
    assert uuid.UUID(correlation).version == 4


@pytest.mark.parametrize("status", [201, 200])
def test_either_status_of_success(client, agency, status):
    pension = client()
    agency.answer(status)
    pension.register(AGREEMENT)
    assert len(agency.seen) == 1


def test_xml_is_asked_for_and_read(client, agency):
    pension = client(accept=XML)
    space = "urn:no:skatteetaten:datasamarbeid:tjenestepensjonsavtale:avtaleforholdgyldighet:v1"
    agency.answer(200, f'<avtaleforholdGyldighet xmlns="{space}"><gyldig>true</gyldig></avtaleforholdGyldighet>')
    assert pension.validity(ASKED) == Validity(True)
    assert agency.seen[0].header("Accept") == "application/xml"


def test_an_answer_in_another_format_did_not_come_from_the_application(client, agency):
    pension = client(accept=XML)
    agency.answer(200, VALID)
    with pytest.raises(NotTheApplication):
        pension.validity(ASKED)


@pytest.mark.parametrize(
    ("provider", "delegated"),
    [
        pytest.param("", None, id="the bank itself"),
        pytest.param(BANK, None, id="the bank by its number"),
        pytest.param(OTHER_PROVIDER, OTHER_PROVIDER, id="another of the group, which has delegated the API"),
    ],
)
def test_whose_agreement_it_is_stands_in_the_token(client, agency, maskinporten, provider, delegated):
    client(provider=provider).register(AGREEMENT)
    (asked,) = maskinporten.seen
    assert grant_of(asked).get("consumer_org") == delegated
    assert BANK not in agency.seen[0].raw.decode()


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(token_of(OTHER_PROVIDER), id="another's"),
        pytest.param("eyJhbGciOiJSUzI1NiJ9.e30.c2ln", id="nobody's"),
        pytest.param("opaque", id="no JWT"),
    ],
)
def test_a_token_of_another_provider_is_not_used(client, agency, maskinporten, token):
    pension = client()
    maskinporten.clear()
    queue_tokens(maskinporten, [token] * 2)
    with pytest.raises(AnotherProvider):
        pension.register(AGREEMENT)
    with pytest.raises(AnotherProvider):
        pension.delete(reference="r", employer="999999999")
    assert agency.seen == []


# --- nothing that a check of our own refuses is sent ---

LONGEST = "é" * 4000


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        pytest.param({"reference": ""}, "reference", id="no reference"),
        pytest.param({"reference": " \t "}, "reference", id="a blank reference"),
        pytest.param({"reference": LONGEST + "x"}, "reference", id="4001 characters"),
        pytest.param({"reference": "a\x00b"}, "reference", id="a control character"),
        pytest.param({"reference": "\ud800"}, "reference", id="half a character"),
        pytest.param({"employer": "99999999"}, "employer", id="eight digits"),
        pytest.param({"employer": "9999999999"}, "employer", id="ten digits"),
        pytest.param({"employer": "٩٩٩٩٩٩٩٩٩"}, "employer", id="other digits"),
        pytest.param({"employer": "999 999 999"}, "employer", id="with blanks"),
        pytest.param({"from_month": ""}, "first month", id="no first month"),
        pytest.param({"from_month": "2021-13"}, "first month", id="a 13th month"),
        pytest.param({"from_month": "2021-1"}, "first month", id="one digit"),
        pytest.param({"from_month": "2021-01-01"}, "first month", id="a day"),
        pytest.param({"from_month": "2021-01\n"}, "first month", id="a line's end"),
        pytest.param({"to_month": "2021"}, "last month", id="a year"),
        pytest.param({"to_month": "2019-12"}, "period", id="ends before it begins"),
        pytest.param({"to_month": "2026-12"}, "future end", id="an end that lies ahead"),
    ],
)
def test_terms_that_are_not_sent(client, agency, change, refused):
    wanted = {"reference": "r", "employer": "999999999", "from_month": "2020-01", "to_month": ""} | change
    with pytest.raises(BadInput) as raised:
        client().register(Terms(**wanted))
    assert (raised.value.what, agency.seen) == (refused, [])


@pytest.mark.parametrize(
    ("terms", "future_end"),
    [
        pytest.param(Terms(LONGEST, "999999999", "2021-01"), False, id="4000 code points"),
        pytest.param(Terms(f"  {LONGEST}  ", "999999999", "2021-01"), False, id="4000 within blanks"),
        pytest.param(Terms("r", "999999999", "2021-01", "2021-01"), False, id="a single month"),
        pytest.param(Terms("r", "999999999", "2021-01", "2026-11"), False, id="this month is not ahead"),
        pytest.param(Terms("r", "999999999", "2021-01", "2027-12"), True, id="an end ahead that is meant"),
        pytest.param(Terms("r", "123456789", "2021-01"), False, id="a wrong control digit is only warned of"),
    ],
)
def test_terms_that_are_sent(client, agency, terms, future_end):
    client().register(terms, future_end=future_end)
    assert len(agency.seen) == 1


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        pytest.param({"provider": "12345678"}, "provider", id="the provider's number"),
        pytest.param({"employer": ""}, "employer", id="the employer's number"),
        pytest.param({"from_month": "x"}, "first month", id="the first month"),
        pytest.param({"to_month": ""}, "last month", id="no last month"),
        pytest.param({"to_month": "2020-1"}, "last month", id="the last month"),
        pytest.param({"to_month": "2019-12"}, "period", id="backwards"),
        pytest.param({"to_month": "2026-12"}, "future question", id="next month"),
    ],
)
@pytest.mark.parametrize("method", ["validity", "effect"])
def test_questions_that_are_not_sent(client, agency, method, change, refused):
    asked = {"provider": "123456789", "employer": "987654321", "from_month": "2020-01", "to_month": "2020-06"}
    with pytest.raises(BadInput) as raised:
        getattr(client(), method)(Question(**asked | change))
    assert (raised.value.what, agency.seen) == (refused, [])


@pytest.mark.parametrize(
    ("packages", "call"),
    [
        pytest.param(["nav"], lambda client: client.register(AGREEMENT), id="register without otp"),
        pytest.param(
            ["nav"], lambda client: client.delete(reference="r", employer="999999999"), id="delete without otp"
        ),
        pytest.param(["otp"], lambda client: client.validity(ASKED), id="validity without nav"),
        pytest.param(["otp"], lambda client: client.effect(ASKED), id="effect without nav"),
        pytest.param([], lambda client: client.effect(ASKED), id="none at all"),
    ],
)
def test_a_package_that_is_not_held(api, agency, maskinporten, packages, call):
    api(packages=packages)
    with pytest.raises(NotConfigured):
        call(PensionClient(today=TODAY))
    assert agency.seen == maskinporten.seen == []


@pytest.mark.parametrize(
    ("name", "value"), [("OTP_BASE_URL", ""), ("OTP_PROFILE", ""), ("OTP_PROFILE", "v2"), ("OTP_PROFILE", "SEED")]
)
def test_without_its_settings_there_is_no_client(api, settings, name, value):
    api()
    setattr(settings, name, value)
    with pytest.raises(NotConfigured) as raised:
        PensionClient(today=TODAY)
    assert raised.value.setting == name


def test_a_start_before_any_effect_is_warned_of(client, caplog):
    client().register(AGREEMENT)
    (warned,) = [record for record in caplog.records if record.name == "agencies.pension.client"]
    assert (warned.msg, warned.levelname) == ("agencies.pension.no_effect_before", "WARNING")


# --- each code, in each profile, in both formats ---

KINDS = {
    ("seed", "OTP-014"): NothingThere,
    ("current", "OTP-007"): NothingThere,
    ("seed", "OTP-012"): Unauthenticated,
    ("seed", "OTP-013"): Unauthenticated,
    ("current", "OTP-003"): WrongAddress,
    ("seed", "DAS-002"): WrongAddress,
    ("current", "DAS-002"): WrongAddress,
}
BY_STATUS = {
    400: Invalid,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    406: NotAcceptable,
    500: Failed,
    503: Unavailable,
}
TRIES = {Unauthenticated: 2, Failed: 3, Unavailable: 3}
CODES = [
    pytest.param(profile, row, id=f"{profile} {row.http} {row.code}")
    for profile in PROFILES
    for row in rows_of("otp_codes", profile=profile)
]


@pytest.mark.parametrize("call", ["register", "validity"])
@pytest.mark.parametrize(("profile", "row"), CODES)
def test_each_code(client, agency, profile, row, call):
    written = call == "register"
    pension = client(profile, accept=JSON if written else XML)
    agency.answer(row.http, (fault if written else fault_in_xml)(row.code, row.text), times=4)
    with pytest.raises(BY_STATUS[row.http] if (profile, row.code) not in KINDS else Exception) as raised:
        pension.register(AGREEMENT) if written else pension.validity(ASKED)
    kind = KINDS.get((profile, row.code), BY_STATUS[row.http])
    assert (type(raised.value), raised.value.status, raised.value.code) == (kind, row.http, row.code)
    assert len(agency.seen) == TRIES.get(kind, 1)
    assert row.text not in str(raised.value)


@pytest.mark.parametrize("profile", PROFILES)
def test_the_table_of_meanings_has_each_code_and_its_status(profile):
    told = {code: status for code, (status, _) in MEANINGS[profile].items()}
    assert told == {row.code: row.http for row in rows_of("otp_codes", profile=profile)}


@pytest.mark.parametrize("code", ["OTP-012", "OTP-013"])
def test_a_token_that_is_refused_as_a_fault_is_replaced_once(client, agency, code):
    pension = client("seed")
    agency.answer(500, fault(code))
    agency.answer(201)
    pension.register(AGREEMENT)
    assert [seen.header("Authorization") for seen in agency.seen] == [
        f"Bearer {token_of(BANK, number)}" for number in (1, 2)
    ]


@pytest.mark.parametrize("call", ["register", "delete", "validity"])
@pytest.mark.parametrize(
    "body", [b"Unknown instance. ID=8ac2", b"404 NOT FOUND", b"", b"<html></html>", b'{"code":"OTP-003"}']
)
def test_what_did_not_reach_the_application(client, agency, call, body):
    pension = client()
    agency.answer(404, body)
    act = {
        "register": lambda: pension.register(AGREEMENT),
        "delete": lambda: pension.delete(reference="r", employer="999999999", course=Course(lost=True)),
        "validity": lambda: pension.validity(ASKED),
    }[call]
    with pytest.raises(NotTheApplication) as raised:
        act()
    assert (raised.value.status, len(agency.seen)) == (404, 1)


# --- deleting, and answers that are lost ---

GONE = {"seed": "OTP-014", "current": "OTP-007"}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("before", "done"),
    [
        pytest.param([], False, id="at the first attempt"),
        pytest.param(["cut"], True, id="after an answer that was lost"),
        pytest.param([500], True, id="after a fault"),
        pytest.param([503, 503], True, id="after two faults"),
        pytest.param([502], True, id="after a gateway's fault"),
        pytest.param([429], False, id="after one that was asked to wait"),
        pytest.param([401], False, id="after a token was refused"),
        pytest.param([401, "cut"], True, id="after both"),
    ],
)
def test_nothing_to_delete(client, agency, profile, before, done):
    pension = client(profile)
    for answer in before:
        if answer == "cut":
            agency.cut()
        else:
            agency.answer(answer, fault("OTP-099") if answer != 502 else b"Bad Gateway")
    agency.answer(404, fault(GONE[profile]))
    if done:
        pension.delete(reference="r", employer="999999999")
    else:
        with pytest.raises(NothingThere):
            pension.delete(reference="r", employer="999999999")
    assert len(agency.seen) == len(before) + 1


def test_nothing_to_delete_after_an_earlier_call_was_lost(client, agency):
    pension = client()
    agency.answer(404, fault("OTP-007"))
    pension.delete(reference="r", employer="999999999", course=Course(lost=True))


@pytest.mark.parametrize(
    ("profile", "code"),
    [("seed", "DAS-002"), ("seed", "OTP-001"), ("current", "DAS-002"), ("current", "OTP-003"), ("current", "OTP-014")],
)
def test_another_404_is_no_deletion(client, agency, profile, code):
    pension = client(profile)
    agency.cut()
    agency.answer(404, fault(code))
    with pytest.raises(NotFound):
        pension.delete(reference="r", employer="999999999")


def test_a_lost_write_is_told_as_lost(client, agency):
    pension, course = client(), Course()
    agency.cut(times=3)
    with pytest.raises(Unreachable) as raised:
        pension.register(AGREEMENT, course=course)
    assert (raised.value.may_have_arrived, course.lost, len(agency.seen)) == (True, True, 3)


@pytest.mark.parametrize("status", [400, 403, 404, 406])
def test_a_refused_write_is_not_lost(client, agency, status):
    pension, course = client(), Course()
    agency.answer(status, fault("OTP-099"))
    with pytest.raises(BY_STATUS[status]):
        pension.register(AGREEMENT, course=course)
    assert (course.lost, len(agency.seen)) == (False, 1)


# --- the record of what was disclosed ---


@pytest.mark.parametrize(
    ("call", "operation", "employer", "written"),
    [
        pytest.param(lambda client: client.register(AGREEMENT), "pension.register", "999999999", True, id="register"),
        pytest.param(
            lambda client: client.delete(reference="r", employer="999999999"),
            "pension.delete",
            "999999999",
            True,
            id="delete",
        ),
        pytest.param(lambda client: client.validity(ASKED), "pension.validity", "987654321", False, id="validity"),
        pytest.param(lambda client: client.effect(ASKED), "pension.effect", "987654321", False, id="effect"),
    ],
)
def test_a_disclosure_is_recorded(client, agency, call, operation, employer, written):
    pension = client()
    agency.answer(200, VALID)
    call(pension)
    record = AuditRecord.objects.get(service="agencies:pension")
    assert (record.consumer, record.endpoint, record.outcome) == ("974761076", operation, "sent")
    assert bytes(record.control_object_hash) == hash_of(Kind.PARTY, employer)
    assert str(record.correlation_id) == agency.seen[0].header("Korrelasjonsid")
    assert (record.document_digest is not None) is written
