"""The stand-in for the intake of BSU reports: the schema of a submission, fault by fault."""

import pytest

from tests.sandbox.counterparts.submissions import (
    ACCOUNT,
    EVENTS,
    changed,
    corrected,
    is_refused,
    parameter,
    send,
    specified,
)

WRONG = {
    "leveransetype": [("leveranse/leveransetype", "rettelse", "ukjent verdi", "rettelse")],
    "an amount with a fraction": [(f"{ACCOUNT}/saldo", 1.0, "feil type", "1.0")],
    "an amount as text": [(f"{ACCOUNT}/saldo", "1", "feil type", "1")],
    "an amount below zero": [(f"{ACCOUNT}/saldo", -1, "for lite", "-1")],
    "thirteen digits": [(f"{ACCOUNT}/saldo", 10**12, "for stort", "1000000000000")],
    "true for an amount": [(f"{ACCOUNT}/saldo", True, "feil type", "true")],
    "no such date": [(f"{ACCOUNT}/startdato", "2023-02-29", "ikke en dato", "2023-02-29")],
    "a date without hyphens": [(f"{ACCOUNT}/startdato", "20230201", "ikke en dato", "20230201")],
    "an empty account number": [(f"{ACCOUNT}/kontonummer", "", "for kort", "")],
    "ten digits of a person": [(f"{ACCOUNT}/oppgaveeier/foedselsnummer", "1234567890", "feil format", "1234567890")],
    "a line feed": [(f"{ACCOUNT}/oppgaveeier/foedselsnummer", "03819512085\n", "feil format", "03819512085\n")],
    "digits of another script": [
        (f"{ACCOUNT}/oppgaveeier/foedselsnummer", "٠٣٨١٩٥١٢٠٨٥", "feil format", "٠٣٨١٩٥١٢٠٨٥")
    ],
    "a nameless holder": [(f"{ACCOUNT}/oppgaveeier/navn", "", "for kort", "")],
    "too long a name": [(f"{ACCOUNT}/oppgaveeier/navn", "x" * 201, "for lang", "x" * 201)],
    "too long a reference": [("leveranse/oppgavegiversLeveranseReferanse", "x" * 101, "for lang", "x" * 101)],
    "eight digits of an organisation": [
        ("leveranse/oppgavegiver/organisasjonsnummer", "12345678", "feil format", "12345678")
    ],
    "an unknown member": [(f"{ACCOUNT}/rente", 5, "ukjent felt", "5")],
    "both branches": [
        (f"{ACCOUNT}/avgangsmelding",
         EVENTS["to a spouse"]["avgangsmelding"] | EVENTS["to a manager"]["avgangsmelding"],
         "mer enn ett felt", None)
    ],
    "no branch": [(f"{ACCOUNT}/mottaksmelding", {}, "mangler innhold", None)],
    "accounts that are no list": [("leveranse/oppgave", {}, "feil type", None)],
    "a year of five digits": [("leveranse/inntektsaar", 20230, "for stort", "20230")],
    "three at once": [
        (f"{ACCOUNT}/aaretsRenter", "9", "feil type", "9"),
        (f"{ACCOUNT}/saldo", -1, "for lite", "-1"),
        ("leveranse/oppgave/1/saldo", -2, "for lite", "-2"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("faults", WRONG.values(), ids=WRONG)
def test_schema(stand_ins, faults):
    document = corrected()
    for path, value, _, _ in faults:
        document = changed(document, path, value)
    expected = [parameter(detail, path, given) for path, _, detail, given in faults]
    is_refused(send(stand_ins, document), "GLD_010", *expected)


ALWAYS = [
    "leveranse/inntektsaar",
    "leveranse/leveransetype",
    "leveranse/oppgavegiver",
    "leveranse/oppgavegiver/organisasjonsnummer",
    "leveranse/oppgaveoppsummering",
    *(f"leveranse/oppgaveoppsummering/{name}" for name in (
        "antallOppgaver", "sumAaretsSparebeloep", "sumAaretsRenter", "sumBundetAkkumulertSparebeloep",
        "sumBundetAkkumulertRenter", "sumSaldo",
    )),
    *(f"{ACCOUNT}/{name}" for name in (
        "kontonummer", "startdato", "aaretsSparebeloep", "aaretsRenter", "bundetAkkumulertSparebeloep",
        "bundetAkkumulertRenter", "saldo", "oppgaveeier", "oppgaveeier/foedselsnummer", "oppgaveeier/navn",
    )),
    "leveranse/oppgave/1/avgangsmelding/overfoertTilForvalter/dato",
    "leveranse/oppgave/1/avgangsmelding/overfoertTilForvalter/organisasjonsnummer",
]  # fmt: skip
SOMETIMES = [
    "leveranse/kildesystem", "leveranse/oppgavegiver/kontaktinformasjon", "leveranse/oppgave",
    "leveranse/oppgaveoppsummering/sumUttaksbeloepBolig", "leveranse/oppgave/1/bankTilBankKontaktinformasjon",
    "leveranse/oppgave/4/uttaksdatoBrudd",
]  # fmt: skip


@pytest.mark.parametrize("path", ALWAYS)
def test_what_is_required(stand_ins, path):
    is_refused(send(stand_ins, changed(corrected(), path)), "GLD_010", parameter("mangler", path))


@pytest.mark.parametrize("path", SOMETIMES)
def test_what_is_not(stand_ins, path):
    assert send(stand_ins, changed(corrected(), path)).status == 200


def test_there_is_exactly_one_delivery(stand_ins):
    is_refused(send(stand_ins, {}), "GLD_010", parameter("mangler", "leveranse"))
    is_refused(send(stand_ins, []), "GLD_010", specified("GLD_1022", text="Feil i parametre: feil type"))
