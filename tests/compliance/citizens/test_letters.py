"""Letters to citizens: their whole text, their bytes, and that nothing withheld shows through."""

import io
import os
from datetime import UTC, date, datetime
from pathlib import Path

import pypdf
import pypdfium2
import pytest

from compliance.citizens import letters, words
from compliance.citizens.contents import Asker
from compliance.citizens.grounds import Ground, Refusal
from compliance.citizens.typesetting import typeset
from compliance.letters.letterhead import TO_TRY_WITH, Letterhead
from compliance.letters.typesetting import LetterNotSet, unsettable
from tests import cluster

PICTURES = Path(os.environ.get("PICTURES", cluster.FOLDER / "pictures"))
ASKER = Asker("26854437045", "Ánde Šuorŋŋá Łukasz Øvergård", ("Čáhcesuolu 7", "9845 Deatnu"))
SENDER = Letterhead.read(TO_TRY_WITH)
MATTER = letters.Matter(ASKER, "2026/77", date(2026, 11, 1), date(2026, 11, 22), SENDER)
UNTIL = datetime(2026, 11, 22, 11, 4, tzinfo=UTC)
ROW = (
    "21.11.2026\nkl. 10.30",
    "Skatteetaten: kontroll av skatt og avgift",
    "Skatteforvaltningsloven § 10-2 første ledd",
    "Utlevert. Gjelder transaksjoner på konto.",
    "01.01.2025–\n21.11.2026",
)
HEAD = """Sandkassebanken
Prøvegata 1
0001 Oslo
innsyn@sandkassebanken.example
22 00 00 00
Ánde Šuorŋŋá Łukasz Øvergård
Čáhcesuolu 7
9845 Deatnu
22. november 2026 · Saksnummer 2026/77
"""
BEGINS = "Vi viser til begjæringen din om innsyn etter personvernforordningen artikkel 15, mottatt 1. november 2026. "
FOOT = """Klage
Du kan klage til Datatilsynet, Postboks 458 Sentrum, 0105 Oslo, hvis du mener at vi behandler personopplysninger i
strid med regelverket. Du kan også bringe saken inn for domstolene.
Kontakt
Har du spørsmål til brevet, kan du ta kontakt: innsyn@sandkassebanken.example, 22 00 00 00. Oppgi saksnummer
2026/77. Bankens personvernombud: personvernombud@sandkassebanken.example.
Med vennlig hilsen
Sandkassebanken
"""
ANSWER = """Svar på begjæring om innsyn
{begins}Nedenfor står det hvilke opplysninger om deg banken har gitt til offentlige etater, hvilke etater som har
spurt uten å få noe, og hva banken selv har sendt dem. Oversikten gjelder til og med 22. november 2026 kl. 12.04.
Utleveringer
{told}Hva oversikten ikke viser
Oversikten viser spørsmål som gjaldt deg. Når en etat spør om en annen person, kan svaret også inneholde
opplysninger om deg, for eksempel som medeier eller disponent av en konto. Slike svar er registrert på den som
spørsmålet gjaldt, og står ikke i oversikten. Oversikten omfatter ikke opplysninger som er unntatt fra innsyn etter
personopplysningsloven § 16 første ledd bokstav a, b eller d, eller etter bestemmelser om taushetsplikt i annen lov.
Dette står i alle slike svar fra banken. Vi kan verken bekrefte eller avkrefte at det finnes slike
opplysninger.{named}
Kilde, formål og lagring
Opplysningene er hentet fra bankens kunde- og kontosystemer. Banken gir dem til en etat når loven pålegger oss det,
og bare så langt hjemmelen rekker. Hver utlevering registreres for at vi skal kunne dokumentere hva som er gitt, og
til hvem. Registreringen lagres i inntil 13 år.
Retting, sletting og protest
Du kan be oss rette opplysninger som er uriktige eller ufullstendige (personvernforordningen artikkel 16). Du kan
også be om sletting eller begrensning, eller protestere mot behandlingen, så langt artikkel 17, 18 og 21 gir rett
til det. Den enkelte etaten er selv ansvarlig for opplysninger den har fått; krav som gjelder dem, retter du dit.
"""
TABLE = """Tidspunkt Mottaker og formål Rettslig grunnlag Opplysninger Periode
21.11.2026 kl. 10.30 Skatteetaten: kontroll av skatt og avgift Skatteforvaltningsloven § 10-2 første ledd Utlevert.
Gjelder transaksjoner på konto. 01.01.2025– 21.11.2026
"""
EXTENSION = """Forlenget frist for svar på begjæring om innsyn
{begins}Fristen for å svare er én måned, altså 1. desember 2026. Begjæringen er så omfattende og sammensatt at vi
ikke rekker det. Vi forlenger derfor fristen med to måneder etter personvernforordningen artikkel 12 nr. 3. Du får
svar senest 1. februar 2027.
"""
NAMED = " Noen opplysninger er unntatt fra innsyn etter personopplysningsloven § 16 første ledd bokstav {letter}."
REFUSALS = {
    Refusal.IDENTITY: "Vi kan ikke gi innsyn fordi vi ikke har fått bekreftet hvem du er. Banken må være sikker på "
    "identiteten før den gir ut personopplysninger (personvernforordningen artikkel 12 nr. 6). Du kan sende en ny "
    "begjæring når du kan legitimere deg.",
    Refusal.NOT_OWN: "Begjæringen gjelder en annen person enn deg selv, og vi har ikke fått dokumentert at du kan "
    "opptre på vegne av denne personen. Retten til innsyn etter artikkel 15 gjelder opplysninger om en selv.",
    Refusal.EXCESSIVE: "Begjæringen er åpenbart grunnløs eller overdreven, særlig fordi den gjentar tidligere "
    "begjæringer. Banken kan da nekte å etterkomme den (personvernforordningen artikkel 12 nr. 5 bokstav b).",
}


def answer(rows=(ROW,), grounds=(), until=UNTIL):
    return letters.answer(MATTER, rows, until=until, grounds=grounds, years=13)


def pages_of(content):
    return pypdf.PdfReader(io.BytesIO(content)).pages


def read(content):
    """Return all words of a letter as they stand, whatever the breaks of lines and pages."""
    pages = [page.extract_text() for page in pages_of(content)]
    numbers = [f"Side {number} av {len(pages)}" for number in range(1, len(pages) + 1)]
    assert [page.count("Side ") for page in pages] == [1] * len(pages)
    return " ".join(" ".join(page.replace(told, "") for page, told in zip(pages, numbers, strict=True)).split())


def golden(text):
    return " ".join(text.split())


def picture(content, name):
    """Keep a picture of each page, to be looked at."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with pypdfium2.PdfDocument(content) as document:
        for number, page in enumerate(document, 1):
            page.render(scale=1.4).to_pil().save(PICTURES / f"letter-{name}-{number}.png")


@pytest.mark.parametrize(
    ("name", "letter", "text"),
    [
        pytest.param("answer", answer(), ANSWER.format(begins=BEGINS, told=TABLE, named=""), id="an answer"),
        pytest.param(
            "nothing",
            answer(rows=()),
            ANSWER.format(begins=BEGINS, told="Vi har ingen utleveringer å opplyse om.\n", named=""),
            id="an answer with nothing to tell",
        ),
        pytest.param(
            "named",
            answer(grounds=[Ground.INTERESTS, Ground.CRIME, Ground.HEALTH]),
            ANSWER.format(
                begins=BEGINS,
                told=TABLE,
                named=NAMED.format(letter="c") + NAMED.format(letter="f"),
            ),
            id="an answer that names its grounds",
        ),
        pytest.param(
            "extension",
            letters.extension(MATTER, due=date(2026, 12, 1), extended=date(2027, 2, 1)),
            EXTENSION.format(begins=BEGINS),
            id="an extension",
        ),
        *(
            pytest.param(
                f"refusal-{because}",
                letters.refusal(MATTER, because),
                f"Avslag på begjæring om innsyn\n{BEGINS}Vi avslår begjæringen.\nBegrunnelse\n{REFUSALS[because]}\n",
                id=f"a refusal: {because}",
            )
            for because in Refusal
        ),
    ],
)
def test_whole_letters(name, letter, text):
    content = typeset(letter)
    picture(content, name)
    assert read(content) == golden(HEAD + text + FOOT)


def test_the_same_letter_has_the_same_bytes():
    assert typeset(answer()) == typeset(answer())
    assert typeset(answer()) != typeset(answer(rows=(ROW, ROW)))


@pytest.mark.parametrize("ground", [Ground.SECURITY, Ground.CRIME, Ground.SECRECY, Ground.OTHER_LAW])
def test_grounds_that_would_tell_leave_no_trace(ground):
    for rows in ((), (ROW,)):
        assert typeset(answer(rows=rows, grounds=[ground])) == typeset(answer(rows=rows))


def test_what_the_file_says_of_itself():
    content = typeset(answer())
    document = pypdf.PdfReader(io.BytesIO(content))
    assert document.metadata.title == "Svar på begjæring om innsyn"
    assert document.metadata.author == "Sandkassebanken"
    assert document.trailer["/Root"]["/Lang"] == "nb-NO"
    assert document.trailer["/Root"]["/ViewerPreferences"]["/DisplayDocTitle"]
    assert [round(float(edge)) for edge in document.pages[0].mediabox] == [0, 0, 595, 842]
    fonts = document.pages[0]["/Resources"]["/Font"].values()
    assert {"DejaVuSansCondensed" in font.get_object()["/BaseFont"] for font in fonts} == {True}
    assert all("/FontFile2" in font.get_object()["/FontDescriptor"] for font in fonts)
    assert ASKER.number not in read(content) and ASKER.number.encode() not in content


def test_a_long_answer_goes_on_with_headings_and_numbered_pages():
    content = typeset(answer(rows=(ROW,) * 45))
    picture(content, "long")
    pages = [page.extract_text() for page in pages_of(content)]
    assert len(pages) == 3 and all("Rettslig grunnlag" in page for page in pages)
    assert read(content).count("Utlevert.") == sum(page.count("transaksjoner på konto") for page in pages) == 45


def test_words_that_are_too_wide_are_broken_and_nothing_of_them_is_lost():
    wide = ("", "", "Hjemmel" * 60, "", "")
    assert read(typeset(answer(rows=(wide,)))).replace(" ", "").count("Hjemmel") == 60


def test_markup_is_text():
    asker = Asker("1", "<b>Ola</b> & Kari", ("&amp;",))
    content = typeset(letters.Matter(asker, "<1>", date(2026, 1, 1), date(2026, 1, 2), SENDER).letter("T"))
    assert "<b>Ola</b> & Kari &amp;" in read(content) and "Saksnummer <1>" in read(content)


EASTERN = "ąćčďđęěğıłľńňŋőřśšşťŧůűźżžțșăâîāēīūģķļņ"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        pytest.param("ÆØÅæøå ÁáČčĐđŊŋŠšŦŧŽž", "", id="Norwegian and Sami"),
        pytest.param(EASTERN + EASTERN.upper(), "", id="eastern Europe"),
        pytest.param("Кириллица Ελληνικά", "", id="Cyrillic and Greek"),
        pytest.param("A\u030asa", "", id="a letter in two parts"),
        pytest.param("陈 Chen", "陈", id="Chinese"),
        pytest.param("שרה", "הרש", id="Hebrew, which runs the other way"),
        pytest.param("a\u200bb\u202ec", "\u200b\u202e", id="what cannot be seen"),
        pytest.param("q\u0323", "\u0323", id="a mark that belongs to no one letter"),
        pytest.param("a\tb\0", "\0\t", id="control characters"),
        pytest.param("🙂", "🙂", id="a picture"),
    ],
)
def test_a_letter_that_the_font_lacks_is_an_error_and_never_a_box(text, wrong):
    assert set(unsettable(text)) == set(wrong)
    letter = letters.Matter(Asker("1", text, ("x",)), "1", date(2026, 1, 1), date(2026, 1, 2), SENDER).letter("T")
    if wrong:
        with pytest.raises(LetterNotSet):
            typeset(letter)
    else:
        typeset(letter)


@pytest.mark.parametrize(
    ("told", "is_empty", "expected"),
    [
        pytest.param("answered", False, "Utlevert", id="told"),
        pytest.param("answered", True, "Ingenting utlevert: banken hadde ingen opplysninger å gi", id="nothing"),
        pytest.param("refused", False, "Ingenting utlevert: spørsmålet ble ikke besvart", id="refused"),
        pytest.param("failed", False, "Ingenting utlevert: spørsmålet ble ikke besvart", id="failed"),
        pytest.param("sent", False, "Sendt av banken", id="sent"),
    ],
)
def test_outcomes_in_words(told, is_empty, expected):
    assert words.outcome(told, is_empty=is_empty) == expected


def test_recipients_and_bases_in_words():
    assert (
        words.recipient("986186999", {"986186999": "Statens sivilrettsforvaltning"}) == "Statens sivilrettsforvaltning"
    )
    assert words.recipient("960885406", {}) == "Lånekassen"
    assert words.recipient("213456008", {}) == "organisasjonsnummer 213 456 008"
    assert words.basis("skatt-kontroll", "Skatteforvaltningsloven § 10-2") == "Skatteforvaltningsloven § 10-2"
    assert words.basis("agencies:studielan", "") == "ditt samtykke"
    assert (words.basis("x", ""), words.kind("x"), words.purpose("x")) == ("–", "opplysninger om deg", "")
    assert (words.period(date(2026, 1, 2), date(2026, 2, 1)), words.period(None, None)) == (
        "02.01.2026–\n01.02.2026",
        "–",
    )


def test_every_service_endpoint_and_errand_has_words():
    from agencies.checks import OUTBOUND
    from legal.endpoints import Endpoint
    from legal.service_files import read_services

    services = {rules["service"] for rules in read_services()}
    assert set(words.PURPOSES) == services | OUTBOUND
    assert set(words.BASES) == OUTBOUND
    assert set(Endpoint) <= set(words.KINDS)
