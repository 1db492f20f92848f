"""The report made from the ledger: whole documents, one law of rounding, parts that are small enough."""

import json
import tracemalloc
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.bsu import BsuAccount
from agencies.bsu.report import SUMMED, Part, Reporter, account_member, body_of, parts_of, whole_kroner

PLAIN = BsuAccount(
    number="99980012345",
    start_date=date(2021, 2, 1),
    holder_number="15859612345",
    holder_name="Rank Bjørk",
    saved=Decimal("27500.00"),
    interest=Decimal("1180.50"),
    saved_in_all=Decimal("59500.49"),
    interest_in_all=Decimal("2013.82"),
    balance=Decimal("61514.31"),
    housing_date=None,
    housing_amount=None,
    breach_date=None,
    bankruptcy_date=None,
    security_date=None,
    seizure_date=None,
    seizure_amount=None,
    moved_out_date=None,
    moved_out_to_spouse="",
    moved_out_to_manager="",
    moved_in_date=None,
    moved_in_from_spouse="",
    moved_in_from_manager="",
    contact_name="",
    contact_telephone="",
    contact_email="",
)
WRITTEN = {
    "kontonummer": "99980012345",
    "startdato": "2021-02-01",
    "aaretsSparebeloep": 27500,
    "aaretsRenter": 1181,
    "bundetAkkumulertSparebeloep": 59500,
    "bundetAkkumulertRenter": 2014,
    "saldo": 61514,
    "oppgaveeier": {"foedselsnummer": "15859612345", "navn": "Rank Bjørk"},
}
BANK = Reporter(organisation_number="213456008", name="Eksempelbanken", contact={"navn": "Regnskap"})
DAY = date(2025, 6, 15)


def document(part, reporter=BANK, year=2025):
    return json.loads(body_of(part, year=year, reporter=reporter, reference="BSU-2025-1"))


def parts(accounts, **options):
    return list(parts_of(accounts, year=2025, reporter=BANK, **options))


def numbered(count):
    return [replace(PLAIN, number=f"9998{number:07}") for number in range(count)]


@pytest.mark.parametrize(
    ("columns", "members"),
    [
        pytest.param({}, {}, id="a plain saver"),
        pytest.param(
            {"housing_date": DAY, "housing_amount": Decimal("118050.50")},
            {"uttaksdatoBolig": "2025-06-15", "uttaksbeloepBolig": 118051},
            id="withdrawn for a home",
        ),
        pytest.param({"breach_date": DAY}, {"uttaksdatoBrudd": "2025-06-15"}, id="contract broken"),
        pytest.param({"bankruptcy_date": DAY}, {"konkursdato": "2025-06-15"}, id="claim covered in bankruptcy"),
        pytest.param({"security_date": DAY}, {"sikkerhetsdato": "2025-06-15"}, id="pledged"),
        pytest.param(
            {"seizure_date": DAY, "seizure_amount": Decimal("0.49")},
            {"utleggsdato": "2025-06-15", "utleggsbeloep": 0},
            id="seized, for less than half a krone",
        ),
        pytest.param(
            {"moved_out_date": DAY, "moved_out_to_manager": "888888888"},
            {"avgangsmelding": {"overfoertTilForvalter": {"dato": "2025-06-15", "organisasjonsnummer": "888888888"}}},
            id="moved to another manager",
        ),
        pytest.param(
            {"moved_out_date": DAY, "moved_out_to_spouse": "15859612346"},
            {"avgangsmelding": {"overfoertTilEktefelle": {"dato": "2025-06-15", "foedselsnummer": "15859612346"}}},
            id="moved to a spouse",
        ),
        pytest.param(
            {"moved_in_date": DAY, "moved_in_from_manager": "777777777"},
            {"mottaksmelding": {"mottattFraForvalter": {"dato": "2025-06-15", "organisasjonsnummer": "777777777"}}},
            id="moved from another manager",
        ),
        pytest.param(
            {"moved_in_date": DAY, "moved_in_from_spouse": "15859612346"},
            {"mottaksmelding": {"mottattFraEktefelle": {"dato": "2025-06-15", "foedselsnummer": "15859612346"}}},
            id="moved from a spouse",
        ),
        pytest.param(
            {"contact_name": "Overføring", "contact_telephone": "22000000", "contact_email": "bsu@example.no"},
            {
                "bankTilBankKontaktinformasjon": {
                    "kontaktnavn": "Overføring",
                    "telefonnummer": "22000000",
                    "epostadresse": "bsu@example.no",
                }
            },
            id="whom another bank may ask",
        ),
        pytest.param({"moved_out_date": DAY}, {"avgangsmelding": {}}, id="moved to nobody, which the checks will find"),
        pytest.param(
            {"moved_out_to_spouse": "15859612346", "moved_out_to_manager": "888888888"},
            {
                "avgangsmelding": {
                    "overfoertTilEktefelle": {"foedselsnummer": "15859612346"},
                    "overfoertTilForvalter": {"organisasjonsnummer": "888888888"},
                }
            },
            id="moved to two on no day, which the checks will find",
        ),
    ],
)
def test_an_account(columns, members):
    assert account_member(replace(PLAIN, **columns)) == WRITTEN | members


def test_a_whole_document():
    bought = replace(PLAIN, number="99980099999", housing_date=DAY, housing_amount=Decimal("118050.50"))
    (part,) = parts([PLAIN, bought])
    assert document(part) == {
        "leveranse": {
            "inntektsaar": 2025,
            "leveransetype": "ordinaer",
            "kildesystem": "dsop-kontrollinformasjon",
            "oppgavegiversLeveranseReferanse": "BSU-2025-1",
            "oppgavegiver": {
                "organisasjonsnummer": "213456008",
                "organisasjonsnavn": "Eksempelbanken",
                "kontaktinformasjon": {"navn": "Regnskap"},
            },
            "oppgaveoppsummering": {
                "antallOppgaver": 2,
                "sumAaretsSparebeloep": 55000,
                "sumAaretsRenter": 2362,
                "sumBundetAkkumulertSparebeloep": 119000,
                "sumBundetAkkumulertRenter": 4028,
                "sumSaldo": 123028,
                "sumUttaksbeloepBolig": 118051,
            },
            "oppgave": [
                WRITTEN,
                WRITTEN | {"kontonummer": "99980099999", "uttaksdatoBolig": "2025-06-15", "uttaksbeloepBolig": 118051},
            ],
        }
    }


def test_nothing_to_report():
    (part,) = parts([])
    assert document(part, Reporter(organisation_number="213456008")) == {
        "leveranse": {
            "inntektsaar": 2025,
            "leveransetype": "ingenoppgaver",
            "kildesystem": "dsop-kontrollinformasjon",
            "oppgavegiversLeveranseReferanse": "BSU-2025-1",
            "oppgavegiver": {"organisasjonsnummer": "213456008"},
            "oppgaveoppsummering": {
                "antallOppgaver": 0,
                "sumAaretsSparebeloep": 0,
                "sumAaretsRenter": 0,
                "sumBundetAkkumulertSparebeloep": 0,
                "sumBundetAkkumulertRenter": 0,
                "sumSaldo": 0,
            },
        }
    }


@pytest.mark.parametrize(
    ("amount", "kroner"),
    [
        pytest.param("0.49999", 0, id="just less than half"),
        pytest.param("0.5", 1, id="half goes up"),
        pytest.param("1.5", 2, id="half goes up from odd ones too"),
        pytest.param("2.5", 3, id="half goes up from even ones too"),
        pytest.param("-0.5", -1, id="half goes away from zero"),
        pytest.param("999999999999.49", 999999999999, id="the largest amount"),
        pytest.param("9999999999999999999999999.99999", 10**25, id="the ledger's largest"),
    ],
)
def test_rounding(amount, kroner):
    assert whole_kroner(Decimal(amount)) == kroner


AMOUNTS = st.decimals(min_value=0, max_value=10**12 - 1, places=5)


@given(AMOUNTS)
def test_rounding_is_to_the_nearest_krone(amount):
    rounded = whole_kroner(amount)
    assert type(rounded) is int
    assert abs(Decimal(rounded) - amount) <= Decimal("0.5")
    assert rounded == int(amount.to_integral_value(rounding=ROUND_HALF_UP))
    assert whole_kroner(Decimal(rounded)) == rounded, "what is whole stays"


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS, st.none() | AMOUNTS), max_size=8))
def test_sums_are_of_what_was_rounded(years):
    accounts = [
        replace(PLAIN, number=str(number), saved=saved, balance=balance, housing_amount=housing)
        for number, (saved, balance, housing) in enumerate(years)
    ]
    (part,) = parts(accounts)
    told = document(part)["leveranse"]
    summary, listed = told["oppgaveoppsummering"], told.get("oppgave", [])
    assert summary["antallOppgaver"] == len(listed) == len(years)
    for name, member in SUMMED.items():
        assert summary.get(name, 0) == sum(account.get(member, 0) for account in listed)
    assert ("sumUttaksbeloepBolig" in summary) == any("uttaksbeloepBolig" in account for account in listed)


@pytest.mark.parametrize("largest", [2_000, 2_400, 10_000])
def test_parts_follow_each_other_and_none_is_too_large(largest):
    accounts = numbered(40)
    made = parts(accounts, largest=largest)
    bodies = [body_of(part, year=2025, reporter=BANK, reference="x" * 100) for part in made]
    listed = [account for body in bodies for account in json.loads(body)["leveranse"]["oppgave"]]
    assert [account["kontonummer"] for account in listed] == [account.number for account in accounts]
    assert max(map(len, bodies)) <= largest
    assert all(len(body) > largest - 1_200 for body in bodies[:-1]), "and no smaller than need be"
    assert parts(accounts, largest=largest) == made


def test_a_part_has_sums_of_its_own():
    made = parts(numbered(9), largest=2_400)
    assert len(made) > 1
    for part in made:
        assert part.summary()["sumSaldo"] == 61514 * part.accounts


def test_what_is_held_at_a_time_is_one_part():
    accounts = (replace(PLAIN, number=f"9998{number:07}") for number in range(9_000))
    tracemalloc.start()
    sizes = [
        len(body_of(part, year=2025, reporter=BANK, reference="x"))
        for part in parts_of(accounts, year=2025, reporter=BANK, largest=250_000)
    ]
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(sizes) > 8
    assert max(sizes) <= 250_000
    assert sum(sizes) > 2_000_000
    assert most < 2_000_000


def test_an_empty_part_says_so():
    assert Part().summary()["antallOppgaver"] == 0
