"""Whole drafts, as Datatilsynet, the agencies, Bits and customers get them; and the same as PDF, the same each time."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader
from reportlab.pdfbase import pdfmetrics

from audit import recording
from compliance.breach.drafts import Facts, Share, draft_of_outage, moment, rendered, wrong_answers
from compliance.breach.models import Breach, Outage, WrongDisclosure
from compliance.breach.notice_letter import pdf_of
from compliance.letters.typesetting import fonts
from tests.audit.entries import answered
from tests.legal.governed import person

BANK = {
    "name": "Sandkassebanken",
    "address": "Prøvegata 1\n0001 Oslo",
    "contact": "post@bank.example\n22 00 00 00",
    "data_protection_officer": "personvernombud@bank.example",
}
FACTS = Facts(
    kind="Opplysninger ble utlevert uhjemlet.",
    happened="Etaten fikk kontonavn.",
    categories="Kunder; kontonavn.",
    consequences="Få.",
    measures="Tjenesten er stengt.",
    discovered="20.11.2026 kl. 09.00 norsk tid (UTC+1)",
    aware="20.11.2026 kl. 10.00 norsk tid (UTC+1)",
    ends="23.11.2026 kl. 10.00 norsk tid (UTC+1)",
    late=False,
    case="B-7",
    subjects="Nei.",
    subjects_ground="Lav risiko.",
    answers=3,
    persons=2,
    shares=(Share("Skatteetaten (974761076)", 3, 2, "01.11.2026", "02.11.2026"),),
)
AUTHORITY = """Til Datatilsynet

# Melding om brudd på personopplysningssikkerheten

Behandlingsansvarlig: Sandkassebanken, organisasjonsnummer 310000011
Bankens saksnummer: B-7
Personvernombud: personvernombud@bank.example
Annet kontaktpunkt: post@bank.example, 22 00 00 00

Meldingen gis etter personvernforordningen artikkel 33.

# 1. Når

Bruddet ble oppdaget 20.11.2026 kl. 09.00 norsk tid (UTC+1). Banken ble kjent med bruddet 20.11.2026 kl. 10.00 norsk tid (UTC+1). Fristen på 72 timer går ut 23.11.2026 kl. 10.00 norsk tid (UTC+1).

# 2. Bruddets art

Opplysninger ble utlevert uhjemlet.

Etaten fikk kontonavn.

# 3. Hvem og hva bruddet gjelder

Kunder; kontonavn.

Omtrentlig antall registrerte: 2. Omtrentlig antall utleveringer: 3.

- Skatteetaten (974761076): 3 svar om 2 personer eller virksomheter, fra 01.11.2026 til 02.11.2026

# 4. Sannsynlige konsekvenser

Få.

# 5. Tiltak

Tjenesten er stengt.

# 6. Underretning av de registrerte

Skal de registrerte underrettes etter artikkel 34? Nei. Lav risiko.

Opplysninger som mangler, ettersendes uten ugrunnet opphold (artikkel 33 nr. 4).
"""  # noqa: E501 - as it is drafted
CUSTOMERS = """# Vi har utlevert opplysninger om deg ved en feil

Vi skriver til deg fordi opplysninger om deg er kommet på avveie. Det er vårt ansvar, og vi beklager det.

# Hva som skjedde

Etaten fikk kontonavn.

Vi oppdaget det 20.11.2026 kl. 09.00 norsk tid (UTC+1).

Opplysningene ble gitt til:

- Skatteetaten (974761076)

# Hvilke opplysninger det gjelder

Kunder; kontonavn.

# Hva det kan bety for deg

Få.

# Hva vi har gjort

Tjenesten er stengt.

# Hva du kan gjøre

[fyll ut]

# Spørsmål

Du kan kontakte oss: post@bank.example, 22 00 00 00
Personvernombudet vårt: personvernombud@bank.example

Du kan også klage til Datatilsynet, se datatilsynet.no.

Med hilsen
Sandkassebanken
"""
AGENCY = """Til Skatteetaten (974761076)

# Feil utlevering av kontrollinformasjon

Banken har gitt dere opplysninger dere ikke skulle ha hatt.

Opplysninger ble utlevert uhjemlet.

Etaten fikk kontonavn.

Det gjelder 3 svar fra 01.11.2026 til 02.11.2026. AccountInfoRequestID og CorrelationID for svarene oppgis i eget brev om retting.

Vi ber dere om:

- ikke å bruke opplysningene, og å slette dem når de ikke lovlig kan beholdes
- å melde fra om opplysningene er brukt i en sak eller gitt videre, og til hvem
- å bekrefte dette skriftlig

# Tiltak i banken

Tjenesten er stengt.

Bankens saksnummer: B-7
Kontakt: post@bank.example, 22 00 00 00

Med hilsen
Sandkassebanken
"""  # noqa: E501 - as it is drafted
BITS = """Til Bits AS

# Melding om hendelse i DSOP Kontrollinformasjon

Sandkassebanken, organisasjonsnummer 310000011 melder om en hendelse i tjenesten.

Opplysninger ble utlevert uhjemlet.

Etaten fikk kontonavn.

Oppdaget: 20.11.2026 kl. 09.00 norsk tid (UTC+1)

- Skatteetaten (974761076): 3 svar

# Tiltak

Tjenesten er stengt.

Meldingen inneholder ingen personopplysninger. Bankens saksnummer: B-7
Kontakt: post@bank.example, 22 00 00 00
"""
OUTAGE = """Til Bits AS

# Varsel om planlagt nedetid

Sandkassebanken, organisasjonsnummer 310000011 varsler om planlagt nedetid i DSOP Kontrollinformasjon.

Fra: 25.10.2026 kl. 01.00 norsk tid (UTC+2)
Til: 25.10.2026 kl. 04.00 norsk tid (UTC+1)
Hva som er nede: Alt
Årsak: Vedlikehold

Forespørsler i dette tidsrommet kan bli ubesvart og må sendes på nytt etterpå.

Kontakt: post@bank.example, 22 00 00 00
"""


@pytest.fixture(autouse=True)
def bank(settings):
    settings.DESK_LETTERHEAD, settings.BANK_ORGANISATION_NUMBER = BANK, "310000011"


@pytest.mark.parametrize(
    ("kind", "draft"),
    [
        pytest.param("authority", AUTHORITY, id="to Datatilsynet"),
        pytest.param("customers", CUSTOMERS, id="to customers"),
        pytest.param("agency", AGENCY, id="to the agency"),
        pytest.param("bits", BITS, id="to Bits"),
    ],
)
def test_whole_drafts(kind, draft):
    context = {"facts": FACTS, "to": "Skatteetaten (974761076)", "share": FACTS.shares[0]}
    assert rendered(kind, context) == draft


def test_an_outage_over_the_night_with_an_hour_more():
    night = Outage(
        starts_at=datetime(2026, 10, 24, 23, tzinfo=UTC),
        ends_at=datetime(2026, 10, 25, 3, tzinfo=UTC),
        what="Alt",
        reason="Vedlikehold",
    )
    assert draft_of_outage(night) == OUTAGE


def test_what_is_late_says_why_and_what_is_unknown_is_left_to_fill_in(settings):
    settings.DESK_LETTERHEAD = {}
    late = rendered("authority", {"facts": Facts(**{**dict_of(FACTS), "late": True, "persons": None, "shares": ()})})
    assert "Årsaken til forsinkelsen er: [fyll ut]" in late
    assert "Omtrentlig antall registrerte: [fyll ut]. Omtrentlig antall utleveringer: [fyll ut]." in late
    assert "Personvernombud: [fyll ut]" in late


def dict_of(facts):
    return {name: getattr(facts, name) for name in Facts.__slots__}


@pytest.mark.django_db
def test_a_correction_names_the_agencys_own_ids_and_nobodys_number():
    number = "01810112345"
    record = recording.record(answered(service="skatt-kontroll", control_object=number))
    recording.record(answered(service="skatt-kontroll", consumer="889640782"))
    now = datetime.now(UTC)
    search = WrongDisclosure(
        criteria={"service": "skatt-kontroll"}, begins_at=now - timedelta(days=1), ends_at=now + timedelta(days=1)
    )
    breach = Breach(disclosure=search, opened_by=person("Kari"))
    records, more = wrong_answers(breach, "974761076")
    assert ([each.pk for each in records], more) == ([record], False)
    draft = rendered("correction", {"facts": FACTS, "to": "Skatteetaten", "records": records, "more": True})
    assert (
        f"""- {moment(records[0].at)}, accounts
  AccountInfoRequestID 0190a1b2-0000-4000-8000-000000000001
  CorrelationID 0190a1b2-0000-4000-8000-000000000002
  Bankens oppføring {record}
"""
        in draft
    )
    assert "Den fulle listen følger som fil." in draft
    assert number not in draft


def test_a_pdf_is_the_same_each_time_and_has_every_word():
    pdfmetrics._reset()
    fonts.cache_clear()  # as for the first letter of a process
    made = pdf_of(AUTHORITY, title="til Datatilsynet")
    assert made == pdf_of(AUTHORITY, title="til Datatilsynet")
    [page] = PdfReader(BytesIO(made)).pages
    words = AUTHORITY.replace("# ", "").replace("- ", "").split()
    assert " ".join(words) in " ".join(page.extract_text().replace("–", " ").split()).replace(
        "Prøvegata 1 0001 Oslo", ""
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("<b>fet</b> & <a href='x'>lenke</a>", id="what looks like markup"),
        pytest.param("\n\n# \n\n- \n\n", id="headings and points of nothing"),
        pytest.param("# En\n# To\n- tre\n- fire\nfem", id="without blank lines"),
    ],
)
def test_any_words_become_a_pdf(text):
    assert pdf_of(text, title="x").startswith(b"%PDF-")
