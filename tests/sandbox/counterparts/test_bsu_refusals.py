"""The stand-in for the intake of BSU reports: every code, in the order of its checks."""

import uuid

import pytest

from sandbox.counterparts.bsu import codes
from sandbox.maskinporten.clients import BANK_NUMBER
from tests.agencies.code_tables import rows
from tests.sandbox.counterparts.submissions import (
    ANY_UUID,
    LAST_YEAR,
    TEXTS,
    changed,
    corrected,
    example,
    headers,
    is_refused,
    parameter,
    send,
    specified,
)


def test_the_tables_of_codes_are_the_pages():
    assert {code: tuple(row) for code, row in codes.FAULTS.items()} == TEXTS
    assert {row.specification: row.text for row in rows("gld_specifications")} == codes.SPECIFICATIONS


# --- route, method, token ---


@pytest.mark.parametrize("path", ["/bsu/v1/", "/bsu/v1/2023/", "/bsu/v1/2023/forsendelser", "/bsu/v1/2023/a/b/c/d"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nothing_is_at_another_address(stand_ins, method, path):
    is_refused(stand_ins.ask(method, path), "GLD_021", specified("GLD_1023"))


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/bsu/v1/2023", "POST"),
        ("PUT", "/bsu/v1/2023", "POST"),
        ("DELETE", "/bsu/v1/2023", "POST"),
        ("OPTIONS", "/bsu/v1/2023", "POST"),
        ("POST", f"/bsu/v1/2023/forsendelser/{ANY_UUID}/dokumenter/{ANY_UUID}", "GET"),
    ],
)
def test_another_method_is_refused_before_the_token_is_read(stand_ins, method, path, allowed):
    answer = stand_ins.ask(method, path)
    is_refused(answer, "GLD_022")
    assert answer.headers["Allow"] == allowed


@pytest.mark.parametrize(
    ("header", "code", "specification"),
    [
        pytest.param(None, "GLD_004", ["GLD_1007"], id="no token"),
        pytest.param("Bearer ", "GLD_004", ["GLD_1007"], id="no more than its kind"),
        pytest.param("Bearer abc", "GLD_004", ["GLD_1008"], id="no token at all"),
        pytest.param("{token}", "GLD_004", ["GLD_1008"], id="without Bearer"),
        pytest.param("Bearer {expired}", "GLD_004", ["GLD_1008"], id="expired"),
        pytest.param("Bearer {other_issuer}", "GLD_004", ["GLD_1008"], id="of another issuer"),
        pytest.param("Bearer {broken}", "GLD_004", ["GLD_1008"], id="wrong signature"),
        pytest.param("Bearer {other_scope}", "GLD_005", [], id="another scope"),
        pytest.param("Bearer {no_system_user}", "GLD_005", [], id="no system user"),
    ],
)
def test_token(stand_ins, header, code, specification):
    scope = "skatteetaten:innrapporteringboligsparingungdom"
    good = stand_ins.token(scope, system_user=BANK_NUMBER)
    tokens = {
        "token": good,
        "expired": stand_ins.token(scope, system_user=BANK_NUMBER, exp=1_700_000_000),
        "other_issuer": stand_ins.token(scope, system_user=BANK_NUMBER, iss="https://test.maskinporten.no/"),
        "broken": f"{good[:-8]}{'A' * 8}",
        "other_scope": stand_ins.token("skatteetaten:aktivkonto", system_user=BANK_NUMBER),
        "no_system_user": stand_ins.token(scope),
    }
    sent = headers(stand_ins, without=("Authorization", "Accept"))  # the token is looked at before other headers
    if header is not None:
        sent["Authorization"] = header.format(**tokens)
    is_refused(stand_ins.ask("POST", "/bsu/v1/2023", sent, b"{"), code, *map(specified, specification))


# --- headers, key, JSON ---


@pytest.mark.parametrize(
    ("change", "specifications"),
    [
        pytest.param({"Accept": "application/xml"}, [specified("GLD_1030")], id="Accept: XML"),
        pytest.param({"Accept": "*/*"}, [specified("GLD_1030")], id="Accept: anything"),
        pytest.param({"without": ("Accept",)}, [specified("GLD_1030")], id="no Accept"),
        pytest.param({"Content_Type": "text/plain"}, [specified("GLD_1047")], id="Content-Type: text"),
        pytest.param({"without": ("Content-Type",)}, [specified("GLD_1047")], id="no Content-Type"),
        pytest.param(
            {"Accept": "text/html", "Content_Type": "application/xml", "year": "20x3"},
            [specified("GLD_1022", "inntektsaar", "20x3"), specified("GLD_1030"), specified("GLD_1047")],
            id="all at once",
        ),
        pytest.param({"year": "202"}, [specified("GLD_1022", "inntektsaar", "202")], id="three digits"),
        pytest.param({"without": ("idempotencyKey",)}, [specified("GLD_1028", "idempotencyKey")], id="no key"),
        pytest.param({"key": "abc"}, [specified("GLD_1022", "idempotencyKey", "abc")], id="a key that is no UUID"),
        pytest.param(
            {"key": "0193b5cdcb8573208bd8bd8c6c78c88d"},
            [specified("GLD_1022", "idempotencyKey", "0193b5cdcb8573208bd8bd8c6c78c88d")],
            id="a key without hyphens",
        ),
        pytest.param(
            {"key": "1" * 8 + "-1111-4111-8111-" + "1" * 12, "path": f"/bsu/v1/2023?idempotencykey={uuid.UUID(int=0)}"},
            [specified("GLD_1022", "idempotencyKey", str(uuid.UUID(int=0)))],
            id="two keys",
        ),
    ],
)
def test_headers(stand_ins, change, specifications):
    """They are looked at before the body."""
    is_refused(send(stand_ins, b"{", **change), "GLD_006", *specifications)


def test_more_than_ten_megabytes_are_refused(stand_ins):
    is_refused(send(stand_ins, b"{" + b" " * 10_000_000), "GLD_006")
    is_refused(send(stand_ins, b"{" + b" " * 9_999_999), "GLD_008")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="cut"),
        pytest.param(b'{"leveranse": {}, "leveranse": {}}', id="a member twice"),
        pytest.param(b'{"leveranse": NaN}', id="NaN"),
        pytest.param(b'{"leveranse": "\xff"}', id="not UTF-8"),
        pytest.param(b"[" * 100_000, id="bottomless"),
        pytest.param(b'{"leveranse": ' + b"9" * 5000 + b"}", id="a number without end"),
        pytest.param(b"<leveranse/>", id="XML"),
    ],
)
def test_structure(stand_ins, body):
    is_refused(send(stand_ins, body), "GLD_008")


# --- year, right ---


def test_the_years_must_be_one(stand_ins):
    answer = send(stand_ins, corrected(), year="2022")
    is_refused(answer, "GLD_010", specified("GLD_1052", "leveranse/inntektsaar", "2023"))


@pytest.mark.parametrize(
    ("year", "switch", "is_open"),
    [
        pytest.param(2023, None, True, id="the example's"),
        pytest.param(LAST_YEAR, None, True, id="the last that is over"),
        pytest.param(LAST_YEAR - 2, None, True, id="the third last"),
        pytest.param(LAST_YEAR + 1, None, False, id="the one that runs"),
        pytest.param(2011, None, False, id="long ago"),
        pytest.param(2011, [2011], True, id="opened by the switch"),
        pytest.param(2023, [2011], False, id="closed by the switch"),
    ],
)
def test_open_years(stand_ins, year, switch, is_open):
    stand_ins.switch(**{"bsu.open_years": switch})
    answer = send(stand_ins, changed(corrected(), "leveranse/inntektsaar", year), year=year)
    if is_open:
        assert answer.status == 200
    else:
        is_refused(answer, "GLD_006", specified("GLD_1027", "inntektsaar", str(year)))


def test_the_right_to_report(stand_ins):
    place = "leveranse/oppgavegiver/organisasjonsnummer"
    others = changed(corrected(), place, "351000023")
    is_refused(send(stand_ins, others), "GLD_005", specified("GLD_1015", place, "351000023"))

    stand_ins.switch(**{"bsu.acts_for": {BANK_NUMBER: ["351000023"]}})
    assert send(stand_ins, others).status == 200
    is_refused(send(stand_ins, example()), "GLD_005", specified("GLD_1015", place, "987654321"))


# --- what only a switch brings about ---


@pytest.mark.parametrize(
    ("code", "specifications"),
    [
        ("GLD_001", []),
        ("GLD_011", []),
        ("GLD_017", []),
        ("GLD_023", [specified("GLD_1053")]),
    ],
)
def test_failures(stand_ins, code, specifications):
    stand_ins.switch(**{"bsu.answer_with": code})
    is_refused(send(stand_ins, corrected()), code, *specifications)


def test_what_nobody_foresaw(stand_ins):
    stand_ins.switch(**{"bsu.processing_seconds": "long"})
    is_refused(send(stand_ins, corrected()), "GLD_001")


def test_strict_sums(stand_ins):
    stand_ins.switch(**{"bsu.strict_sums": True})
    place = "leveranse/oppgaveoppsummering/sumUttaksbeloepBolig"
    is_refused(send(stand_ins, example()), "GLD_010", parameter("feil sum", place, "118500"))
    assert send(stand_ins, corrected()).status == 200


def test_the_callers_correlation_id_comes_back(stand_ins):
    own = str(uuid.uuid4())
    answer = stand_ins.ask("POST", "/bsu/v1/2023", {"Korrelasjonsid": own})
    assert answer.json()["korrelasjonsid"] == own
