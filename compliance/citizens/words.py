"""What the letters call things, in bokmål: letters are written in no other language."""

from collections.abc import Mapping
from datetime import date, datetime

from django.utils import timezone

MONTHS = (
    *("januar", "februar", "mars", "april", "mai", "juni"),
    *("juli", "august", "september", "oktober", "november", "desember"),
)
PURPOSES: Mapping[str, str] = {
    "fi-utlegg-saldo": "tvangsinndriving av krav (utlegg)",
    "skatt-kontroll": "kontroll av skatt og avgift",
    "konkursbehandling": "behandling av konkursbo",
    "oppgjor-etter-dodsfall": "oppgjør etter dødsfall",
    "vergekontroll": "kontroll med vergers forvaltning",
    "politi-utlevering": "straffesak eller sak om savnet person",
    "agencies:aktivkonto": "oppslag i Aktiv konto",
    "agencies:bsu": "årlig rapport om boligsparing (BSU)",
    "agencies:pension": "avtaler om tjenestepensjon",
    "agencies:studielan": "saldo på studielån",
}
"""What each service is for."""
BASES: Mapping[str, str] = {
    "agencies:aktivkonto": "bankens eget oppslag for å kontrollere hvem en konto tilhører",
    "agencies:bsu": "skatteforvaltningsloven kapittel 7 om opplysningsplikt for tredjeparter",
    "agencies:pension": "lov om obligatorisk tjenestepensjon",
    "agencies:studielan": "ditt samtykke",
}
"""By which right the bank tells something by itself; an agency names the law in its question."""
KINDS: Mapping[str, str] = {
    "customerRelationships": "hvilke banker du er kunde i",
    "accountServicingProvider": "hvilken bank som fører en konto",
    "accounts": "hvilke kontoer du har eller har hatt",
    "accountDetails": "opplysninger om konto, med saldo",
    "transactions": "transaksjoner på konto",
    "cards": "betalingskort til konto",
    "roles": "hvem som eier eller disponerer konto",
    "bsu.innsending": "innskudd og saldo på BSU-konto",
    "aktivkonto.tin": "fødselsnummeret ditt",
    "studielan.accounts": "fødselsnummeret ditt, for å få saldo på studielån",
    "studielan.consent": "fødselsnummeret ditt, for å be om samtykke",
    "studielan.token": "fødselsnummeret ditt, for å bruke samtykket",
}
"""What an endpoint, or an errand of the bank's own, tells of."""
RECIPIENTS: Mapping[str, str] = {
    "974761076": "Skatteetaten",
    "960885406": "Lånekassen",
    "991825827": "Digitaliseringsdirektoratet",
}
"""Whom the bank tells something by itself; agencies that ask have their names in the register."""
NOTHING = "–"


def purpose(service: str) -> str:
    return PURPOSES.get(service, "")


def basis(service: str, legal_mandate: str) -> str:
    """Return the legal basis: what the agency named, else what the bank itself relies on."""
    return legal_mandate or BASES.get(service, NOTHING)


def kind(endpoint: str) -> str:
    return KINDS.get(endpoint, "opplysninger om deg")


def recipient(number: str, names: Mapping[str, str]) -> str:
    """Return who got it: by the register's name, else ours, else the organisation number."""
    spaced = f"{number[:3]} {number[3:6]} {number[6:]}" if len(number) == 9 else number
    return names.get(number) or RECIPIENTS.get(number) or f"organisasjonsnummer {spaced}"


def outcome(told: str, *, is_empty: bool) -> str:
    """Return what became of a question, or that the bank sent it unasked."""
    if told == "sent":
        return "Sendt av banken"
    if told != "answered":
        return "Ingenting utlevert: spørsmålet ble ikke besvart"
    return "Ingenting utlevert: banken hadde ingen opplysninger å gi" if is_empty else "Utlevert"


def long_day(day: date) -> str:
    """Return a day as a letter has it: 22. november 2026."""
    return f"{day.day}.\u00a0{MONTHS[day.month - 1]}\u00a0{day.year}"


def short_day(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def long_moment(at: datetime) -> str:
    """Return a moment in Oslo: 22. november 2026 kl. 12.04; the last blanks keep it together."""
    local = timezone.localtime(at)
    return f"{long_day(local.date())} kl.\u00a0{local:%H.%M}"


def short_moment(at: datetime) -> str:
    """Return a moment in Oslo for a table, in two lines."""
    return f"{timezone.localtime(at):%d.%m.%Y\nkl. %H.%M}"


def period(begin: date | None, end: date | None) -> str:
    if begin and end:
        return f"{short_day(begin)}–\n{short_day(end)}"
    return NOTHING
