"""What the checks find: each fault and each doubt alone, in a report that has nothing else the matter."""

import copy
import json

import pytest

from agencies.bsu import checks_of_report
from agencies.bsu.checks_of_report import Expected, check_body
from tests.agencies.code_tables import FOLDER

BANK, HOLDER, SPOUSE, MANAGER = "213456008", "02819010040", "05859123456", "312345609"
LOCAL = "http://127.0.0.1:1/bsu/v1"
EXPECTED = Expected(year=2025, organisations=frozenset({BANK}), base_url=LOCAL, ceiling=27500)
ACCOUNT = {
    "kontonummer": "99980100010",
    "startdato": "2021-02-01",
    "aaretsSparebeloep": 27500,
    "aaretsRenter": 1181,
    "bundetAkkumulertSparebeloep": 59500,
    "bundetAkkumulertRenter": 2014,
    "saldo": 61514,
    "oppgaveeier": {"foedselsnummer": HOLDER, "navn": "Rank Bjørk"},
}
SUMS = {
    "antallOppgaver": 1,
    "sumAaretsSparebeloep": 27500,
    "sumAaretsRenter": 1181,
    "sumBundetAkkumulertSparebeloep": 59500,
    "sumBundetAkkumulertRenter": 2014,
    "sumSaldo": 61514,
}
REPORT = {
    "leveranse": {
        "inntektsaar": 2025,
        "leveransetype": "ordinaer",
        "oppgavegiver": {"organisasjonsnummer": BANK},
        "oppgaveoppsummering": SUMS,
        "oppgave": [ACCOUNT],
    }
}
GONE = object()
AT = "leveranse/oppgave/0"


def changed(path, value):
    """Return the report with another value at the end of a path; GONE takes it away."""
    report = copy.deepcopy(REPORT)
    *steps, last = [int(step) if step.isdecimal() else step for step in path.split("/")]
    at = report
    for step in steps:
        at = at[step]
    if value is GONE:
        del at[last]
    else:
        at[last] = value
    return report


def found(report, expected=EXPECTED):
    body = report if isinstance(report, bytes) else json.dumps(report).encode()
    return [(finding.hard, finding.code, finding.path, finding.message) for finding in check_body(body, expected)]


def with_account(**members):
    return changed(f"{AT}", ACCOUNT | members)


def test_a_right_report_gives_no_findings():
    assert found(REPORT) == []


TOO_MUCH = 10**12
FAULTS = [
    pytest.param("leveranse/oppgave/0/saldo", TOO_MUCH, [(f"{AT}/saldo", "too large")], id="an amount too large"),
    pytest.param("leveranse/oppgave/0/saldo", -1, [(f"{AT}/saldo", "too small")], id="a negative amount"),
    pytest.param("leveranse/oppgave/0/saldo", 1.0, [(f"{AT}/saldo", "not of the right type")], id="a fraction of zero"),
    pytest.param("leveranse/oppgave/0/saldo", True, [(f"{AT}/saldo", "not of the right type")], id="true is no amount"),
    pytest.param("leveranse/oppgave/0/saldo", "1", [(f"{AT}/saldo", "not of the right type")], id="an amount as text"),
    pytest.param(
        "leveranse/oppgave/0/saldo", GONE, [(f"{AT}/saldo", "a required member is missing")], id="an amount is missing"
    ),
    pytest.param(
        "leveranse/oppgave/0/kontonummer", "", [(f"{AT}/kontonummer", "too short")], id="an empty account number"
    ),
    pytest.param(
        "leveranse/oppgave/0/startdato",
        "2021-02-30",
        [(f"{AT}/startdato", "no date of the calendar")],
        id="30 February",
    ),
    pytest.param(
        "leveranse/oppgave/0/startdato",
        "20210201",
        [(f"{AT}/startdato", "too short")],
        id="a date without hyphens",
    ),
    pytest.param(
        "leveranse/oppgave/0/oppgaveeier/foedselsnummer",
        "0281901004",
        [
            (f"{AT}/oppgaveeier/foedselsnummer", "too short"),
            (f"{AT}/oppgaveeier/foedselsnummer", "not of the right form"),
        ],
        id="ten digits",
    ),
    pytest.param(
        "leveranse/oppgave/0/oppgaveeier/foedselsnummer",
        "٠٢٨١٩٠١٠٠٤٠",
        [(f"{AT}/oppgaveeier/foedselsnummer", "not of the right form")],
        id="digits of another script",
    ),
    pytest.param(
        "leveranse/oppgave/0/oppgaveeier/foedselsnummer",
        "0281901004\n",
        [(f"{AT}/oppgaveeier/foedselsnummer", "not of the right form")],
        id="a line feed for a digit",
    ),
    pytest.param(
        "leveranse/oppgave/0/oppgaveeier/navn", "x" * 201, [(f"{AT}/oppgaveeier/navn", "too long")], id="a long name"
    ),
    pytest.param(
        "leveranse/oppgave/0/ukjent", 1, [(AT, "a member that the page does not have")], id="an unknown member"
    ),
    pytest.param(
        "leveranse/oppgave/0/avgangsmelding", {}, [(f"{AT}/avgangsmelding", "no branch")], id="moved to nobody"
    ),
    pytest.param(
        "leveranse/oppgave/0/mottaksmelding",
        {
            "mottattFraForvalter": {"dato": "2025-01-02", "organisasjonsnummer": MANAGER},
            "mottattFraEktefelle": {"dato": "2025-01-02", "foedselsnummer": SPOUSE},
        },
        [(f"{AT}/mottaksmelding", "more than one branch")],
        id="moved from two",
    ),
    pytest.param(
        "leveranse/oppgave/0/mottaksmelding",
        {"mottattFraForvalter": {"organisasjonsnummer": MANAGER}},
        [(f"{AT}/mottaksmelding/mottattFraForvalter/dato", "a required member is missing")],
        id="moved on no day",
    ),
    pytest.param(
        "leveranse/inntektsaar",
        2024,
        [("leveranse/inntektsaar", "the report is sent for 2025, its own year is another")],
        id="another year",
    ),
    pytest.param(
        "leveranse/leveransetype",
        "ingenoppgaver",
        [("leveranse/leveransetype", "ingenoppgaver with accounts")],
        id="nothing to report, with accounts",
    ),
    pytest.param(
        "leveranse/leveransetype",
        "endring",
        [("leveranse/leveransetype", "none of the words that may stand here")],
        id="an unknown type",
    ),
    pytest.param(
        "leveranse/oppgavegiver/organisasjonsnummer",
        "312345609",
        [
            (
                "leveranse/oppgavegiver/organisasjonsnummer",
                "not an organisation that this system user reports for",
            )
        ],
        id="another organisation than the system user's",
    ),
    *(
        pytest.param(
            f"leveranse/oppgaveoppsummering/{name}",
            right + 1,
            [(f"leveranse/oppgaveoppsummering/{name}", f"{right + 1} is stated, the accounts have {right}")],
            id=f"wrong {name}",
        )
        for name, right in SUMS.items()
    ),
    pytest.param(
        "leveranse/oppgaveoppsummering/sumUttaksbeloepBolig",
        5,
        [("leveranse/oppgaveoppsummering/sumUttaksbeloepBolig", "5 is stated, the accounts have 0")],
        id="a sum of what no account has",
    ),
    pytest.param(
        "leveranse/oppgave/0/uttaksbeloepBolig",
        1514,
        [("leveranse/oppgaveoppsummering/sumUttaksbeloepBolig", "missing; the accounts have 1514")],
        id="a sum is missing that accounts have",
    ),
    pytest.param(
        "leveranse/oppgave/0/oppgaveeier/foedselsnummer",
        "02019012345",
        [(f"{AT}/oppgaveeier/foedselsnummer", "not a person who may be reported to this address")],
        id="a real person's number outside production",
    ),
]


@pytest.mark.parametrize(("path", "value", "told"), FAULTS)
def test_faults_forbid_sending(path, value, told):
    hard = [(where, message) for hard, _, where, message in found(changed(path, value)) if hard]
    assert [each for each in told if each not in hard] == []
    follows = [where for where, message in hard if (where, message) not in told and where != told[0][0]]
    assert all(where.startswith("leveranse/oppgaveoppsummering/sum") for where in follows), "but for sums that follow"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(b"", "json", id="nothing"),
        pytest.param(b"{", "json", id="no whole document"),
        pytest.param(b"\xff", "json", id="no UTF-8"),
        pytest.param(b'{"leveranse": {}, "leveranse": {}}', "json", id="a member twice"),
        pytest.param(b'{"leveranse": NaN}', "json", id="a constant that JSON does not have"),
        pytest.param(b"[" * 100_000, "json", id="nested beyond measure"),
        pytest.param(b" " * 10_000_001, "size", id="larger than 10 MB"),
        pytest.param(b"[]", "schema", id="a list"),
        pytest.param(b'{"leveranse": []}', "schema", id="a list for an object"),
        pytest.param(b"{}", "schema", id="an empty object"),
    ],
)
def test_what_is_no_report(body, code):
    assert [(hard, told) for hard, told, *_ in found(body)] == [(True, code)]


def test_nothing_to_report_has_sums_of_zero():
    report = changed("leveranse/oppgave", [])
    report["leveranse"] |= {"leveransetype": "ingenoppgaver", "oppgaveoppsummering": dict.fromkeys(SUMS, 0)}
    assert found(report) == []
    report["leveranse"]["leveransetype"] = "ordinaer"
    assert [(code, path) for _, code, path, _ in found(report)] == [("type", "leveranse/leveransetype")]


def test_an_account_and_holder_stand_there_once():
    report = changed("leveranse/oppgave", [ACCOUNT, ACCOUNT])
    report["leveranse"]["oppgaveoppsummering"] = {name: 2 * value for name, value in SUMS.items()}
    assert [each[1:3] for each in found(report) if each[0]] == [("duplicate", "leveranse/oppgave/1/kontonummer")]


def test_production_refuses_those_who_do_not_exist():
    real = Expected(
        year=2025, organisations=frozenset({BANK}), base_url="https://innrapporteringbsu.api.skatteetaten.no/v1"
    )
    assert [code for hard, code, *_ in found(REPORT, real) if hard] == ["person"]


MOVED_OUT = {"overfoertTilForvalter": {"dato": "2025-06-15", "organisasjonsnummer": MANAGER}}
MOVED_IN = {"mottattFraForvalter": {"dato": "2025-06-15", "organisasjonsnummer": MANAGER}}


@pytest.mark.parametrize(
    ("members", "told"),
    [
        pytest.param({"saldo": 61516}, [], id="rounded apart by two"),
        pytest.param({"saldo": 61517}, [("balance", "saldo")], id="a balance that does not follow"),
        pytest.param({"mottaksmelding": MOVED_IN, "saldo": 9}, [], id="what was moved in may have any balance"),
        pytest.param({"avgangsmelding": MOVED_OUT}, [("balance", "saldo")], id="moved out with a balance"),
        pytest.param({"avgangsmelding": MOVED_OUT, "saldo": 0}, [], id="moved out with nothing left"),
        pytest.param({"uttaksdatoBrudd": "2025-01-01"}, [("balance", "saldo")], id="broken with a balance"),
        pytest.param({"uttaksdatoBrudd": "2025-12-31", "saldo": 0}, [], id="broken on the year's last day"),
        pytest.param({"uttaksdatoBolig": "2025-06-15"}, [("pair", "uttaksdatoBolig")], id="withdrawn on a day, no sum"),
        pytest.param({"utleggsbeloep": 5}, [("pair", "utleggsdato")], id="seized, on no day"),
        pytest.param({"konkursdato": "2024-12-31"}, [("date", "konkursdato")], id="the day before the year"),
        pytest.param({"sikkerhetsdato": "2026-01-01"}, [("date", "sikkerhetsdato")], id="the day after the year"),
        pytest.param(
            {"startdato": "2025-06-16", "sikkerhetsdato": "2025-06-15"},
            [("date", "sikkerhetsdato")],
            id="before the account was opened",
        ),
        pytest.param(
            {"mottaksmelding": {"mottattFraForvalter": {"dato": "2015-06-15", "organisasjonsnummer": MANAGER}}},
            [
                ("date", "mottaksmelding/mottattFraForvalter/dato"),
                ("date", "mottaksmelding/mottattFraForvalter/dato"),
            ],
            id="moved in another year, before the opening",
        ),
        pytest.param({"aaretsSparebeloep": 27501}, [("ceiling", "aaretsSparebeloep")], id="above the ceiling"),
        pytest.param({"kontonummer": "99980100011"}, [("digits", "kontonummer")], id="a wrong account number"),
        pytest.param({"kontonummer": "A"}, [("digits", "kontonummer")], id="no Norwegian account number"),
    ],
)
def test_doubts_are_for_people(members, told):
    doubts = [(code, path.removeprefix(f"{AT}/")) for hard, code, path, _ in found(with_account(**members)) if not hard]
    assert doubts == told


def example(name):
    return (FOLDER / f"{name}.json").read_bytes()


EXAMPLE = Expected(year=2023, organisations=frozenset({"987654321"}), base_url=LOCAL)


def test_the_pages_example_has_one_sum_that_is_not_of_its_accounts():
    findings = check_body(example("bsu_example"), EXAMPLE)
    assert [str(finding) for finding in findings if finding.code == "sum"] == [
        "fault: leveranse/oppgaveoppsummering/sumUttaksbeloepBolig: 118500 is stated, the accounts have 118050"
    ]
    assert {finding.code for finding in findings if finding.hard} <= {"sum", "person"}
    assert {finding.code for finding in findings if not finding.hard} == {"digits", "date"}


def test_the_corrected_example_has_none():
    assert not [finding for finding in check_body(example("bsu_example_corrected"), EXAMPLE) if finding.code == "sum"]


def test_findings_repeat_nobodys_number_or_name():
    body = example("bsu_example")
    said = " ".join(json.dumps(finding.as_json(), ensure_ascii=False) for finding in check_body(body, EXAMPLE))
    for account in json.loads(body)["leveranse"]["oppgave"]:
        for secret in (account["kontonummer"], *account["oppgaveeier"].values()):
            assert secret not in said
    assert "…4545" in said


def test_after_so_many_findings_comes_how_many_more(monkeypatch):
    monkeypatch.setattr(checks_of_report, "MOST_FINDINGS", 3)
    report = changed(
        "leveranse/oppgave", [ACCOUNT | {"konkursdato": "2024-01-01", "kontonummer": str(n)} for n in range(9)]
    )
    told = [finding.message for finding in check_body(json.dumps(report).encode(), EXPECTED) if not finding.hard]
    assert len(told) == 4
    assert told[-1].startswith("and ")
