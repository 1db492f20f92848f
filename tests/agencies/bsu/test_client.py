"""The intake on the wire: the whole request as the page has it, receipts, and every code that it answers with."""

import json
import uuid

import pytest

from agencies import errors
from agencies.bsu.client import Intake, Receipt
from agencies.bsu.sending import is_final
from agencies.faults import Specification
from tests.agencies.code_tables import rows
from tests.agencies.conftest import TOKENS

pytestmark = pytest.mark.django_db

KEY = uuid.UUID("5f3c1b1e-7d0a-4b52-9d0b-0c6d5c1a2b3c")
BODY = b'{"leveranse": {}}'
ANSWER = {
    "dialogId": "0193b5cd-cb85-7320-bd8c-6c78c88dc8af",
    "forsendelseId": "0193b5cd-cbce-7dbd-b188-1437db673767",
    "oppgavegiversLeveranseReferanse": "EksternReferanse_2013_1",
    "antallOppgaver": 2,
}
FINAL = {"GLD_005", "GLD_006", "GLD_008", "GLD_010", "GLD_011", "GLD_021", "GLD_022"}
AGAIN = {"GLD_001", "GLD_017", "GLD_023"}


@pytest.fixture
def intake(bank, agency):
    """The client, its agency a recorder, which waits for nothing between attempts."""
    bank.BSU_BASE_URL, bank.BSU_SYSTEM_USER_ORGANISATION = f"{agency.base}/v1", "213456008"
    return Intake("213456008", waits=(0.0,))


def fault(code, *specifications):
    told = [
        {"kode": each, "melding": "…", "sti": "leveranse/inntektsaar", "angittVerdi": "x"} for each in specifications
    ]
    return json.dumps({"kode": code, "melding": "…", "korrelasjonsid": "df496591-dabc", "spesifisering": told})


def test_the_whole_request(intake, agency, maskinporten):
    agency.answer(200, json.dumps(ANSWER))
    intake.submit(2023, BODY, key=KEY)
    (seen,) = agency.seen
    assert (seen.line, seen.body) == ("POST /v1/2023 HTTP/1.1", BODY)
    assert {name: value for name, value in seen.headers if name not in ("Host", "User-Agent")} == {
        "Accept-Encoding": "identity",
        "Content-Length": str(len(BODY)),
        "Authorization": f"Bearer {TOKENS[0]}",
        "Content-Type": "application/json",
        "Accept": "application/json",
        "idempotencyKey": str(KEY),
    }
    assert len(maskinporten.seen) == 1


@pytest.mark.parametrize("status", [200, 201, 202])
def test_the_pages_receipt(intake, agency, status):
    agency.answer(status, json.dumps(ANSWER | {"antallSletteoppgaver": 0, "sletteoppgave": []}))
    assert intake.submit(2023, BODY, key=KEY) == Receipt(
        "0193b5cd-cb85-7320-bd8c-6c78c88dc8af",
        "0193b5cd-cbce-7dbd-b188-1437db673767",
        "EksternReferanse_2013_1",
        2,
        status,
    )


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<html>", id="a page"),
        pytest.param(b"[]", id="a list"),
        pytest.param(json.dumps(ANSWER | {"forsendelseId": None}).encode(), id="no id"),
        pytest.param(json.dumps(ANSWER | {"dialogId": "a/../b"}).encode(), id="an id that would lead elsewhere"),
        pytest.param(json.dumps(ANSWER | {"forsendelseId": "x" * 65}).encode(), id="an id that is too long"),
    ],
)
def test_an_answer_without_ids_is_no_receipt(intake, agency, body):
    agency.answer(200, body)
    with pytest.raises(errors.NotTheApplication):
        intake.submit(2023, BODY, key=KEY)


@pytest.mark.parametrize("row", rows("gld_codes"), ids=str)
def test_every_code(intake, agency, row):
    agency.answer(row.http, fault(row.code), times=4)
    with pytest.raises(errors.BY_STATUS.get(row.http, errors.Failed)) as caught:
        intake.submit(2023, BODY, key=KEY)
    error = caught.value
    assert (error.status, error.code, error.correlation_id) == (row.http, row.code, "df496591-dabc")
    assert is_final(error) == (row.code in FINAL)
    calls = 3 if row.code in AGAIN else 2 if row.http == 401 else 1
    assert [(seen.line, seen.header("idempotencyKey"), seen.body) for seen in agency.seen] == [
        ("POST /v1/2023 HTTP/1.1", str(KEY), BODY)
    ] * calls
    assert len({seen.header("Authorization") for seen in agency.seen}) == (2 if row.http == 401 else 1)


@pytest.mark.parametrize("row", rows("gld_specifications"), ids=str)
def test_every_specification(intake, agency, row):
    agency.answer(row.http, fault(row.code, row.specification), times=4)
    with pytest.raises(errors.AgencyError) as caught:
        intake.submit(2023, BODY, key=KEY)
    assert caught.value.specifications == (Specification(row.specification, "…", "leveranse/inntektsaar", "x"),)
    assert "x" not in str(caught.value).replace("fault", "").split()


def test_after_a_lost_connection_the_same_goes_again(intake, agency):
    agency.cut()
    agency.answer(200, json.dumps(ANSWER))
    assert intake.submit(2023, BODY, key=KEY).accounts == 2
    assert len({(seen.body, seen.header("idempotencyKey")) for seen in agency.seen}) == 1
    assert len(agency.seen) == 2


@pytest.mark.parametrize(
    ("media_type", "accept"),
    [pytest.param("application/json", "application/json", id="JSON"), pytest.param("application/xml", "*/*", id="XML")],
)
def test_a_document(intake, agency, media_type, accept):
    agency.answer(200, b"<a/>")
    path = "/v1/2023/forsendelser/0193b5cd/dokumenter/0193b5ce"
    assert intake.document(f"{agency.base}{path}", media_type) == b"<a/>"
    (seen,) = agency.seen
    assert (seen.line, seen.header("Accept"), seen.body) == (f"GET {path} HTTP/1.1", accept, b"")
    assert "idempotencyKey" not in seen.names


def test_no_other_address_gets_our_token(intake, agency):
    with pytest.raises(errors.BadInput):
        intake.document("https://elsewhere.example/v1/2023", "application/json")
    assert agency.seen == []


def test_without_an_address_nothing_is_sent(bank):
    bank.BSU_BASE_URL = ""
    with pytest.raises(errors.NotConfigured) as caught:
        Intake("213456008")
    assert caught.value.setting == "BSU_BASE_URL"
