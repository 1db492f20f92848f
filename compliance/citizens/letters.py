"""The letters to a citizen, in bokmål: what stands in them, before anything is set in type.

A letter is made from the decided rows alone. What is withheld leaves no trace in it: no number, no gap and, where the
ground itself would tell, no word that another answer would not have.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from compliance.citizens import words
from compliance.citizens.contents import Asker
from compliance.citizens.grounds import PROVISIONS, SAID_WHEN_USED, Ground, Refusal
from compliance.letters.letterhead import Letterhead

HEADINGS = ("Tidspunkt", "Mottaker og formål", "Rettslig grunnlag", "Opplysninger", "Periode")
Row = tuple[str, ...]

NEVER_CONFIRMED = (
    "Oversikten omfatter ikke opplysninger som er unntatt fra innsyn etter personopplysningsloven § 16 første ledd "
    "bokstav a, b eller d, eller etter bestemmelser om taushetsplikt i annen lov. Dette står i alle slike svar fra "
    "banken. Vi kan verken bekrefte eller avkrefte at det finnes slike opplysninger."
)
OTHERS = (
    "Oversikten viser spørsmål som gjaldt deg. Når en etat spør om en annen person, kan svaret også inneholde "
    "opplysninger om deg, for eksempel som medeier eller disponent av en konto. Slike svar er registrert på den som "
    "spørsmålet gjaldt, og står ikke i oversikten."
)
SOURCE = (
    "Opplysningene er hentet fra bankens kunde- og kontosystemer. Banken gir dem til en etat når loven pålegger oss "
    "det, og bare så langt hjemmelen rekker. Hver utlevering registreres for at vi skal kunne dokumentere hva som er "
    "gitt, og til hvem. Registreringen lagres i inntil {years} år."
)
RIGHTS = (
    "Du kan be oss rette opplysninger som er uriktige eller ufullstendige (personvernforordningen artikkel 16). Du kan "
    "også be om sletting eller begrensning, eller protestere mot behandlingen, så langt artikkel 17, 18 og 21 gir rett "
    "til det. Den enkelte etaten er selv ansvarlig for opplysninger den har fått; krav som gjelder dem, retter du dit."
)
COMPLAINT = (
    "Du kan klage til Datatilsynet, Postboks 458 Sentrum, 0105 Oslo, hvis du mener at vi behandler "
    "personopplysninger i strid med regelverket. Du kan også bringe saken inn for domstolene."
)
NOTHING_TO_TELL = "Vi har ingen utleveringer å opplyse om."
REFUSED = {
    Refusal.IDENTITY: (
        "Vi kan ikke gi innsyn fordi vi ikke har fått bekreftet hvem du er. Banken må være sikker på identiteten før "
        "den gir ut personopplysninger (personvernforordningen artikkel 12 nr. 6). Du kan sende en ny begjæring når du "
        "kan legitimere deg."
    ),
    Refusal.NOT_OWN: (
        "Begjæringen gjelder en annen person enn deg selv, og vi har ikke fått dokumentert at du kan opptre på vegne "
        "av denne personen. Retten til innsyn etter artikkel 15 gjelder opplysninger om en selv."
    ),
    Refusal.EXCESSIVE: (
        "Begjæringen er åpenbart grunnløs eller overdreven, særlig fordi den gjentar tidligere begjæringer. Banken kan "
        "da nekte å etterkomme den (personvernforordningen artikkel 12 nr. 5 bokstav b)."
    ),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph below a heading, or a table of rows; empty words are left out."""

    heading: str = ""
    text: str = ""
    rows: Sequence[Row] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """A whole letter, ready to be set."""

    title: str
    written_on: date
    case_reference: str
    addressee: Asker
    parts: tuple[Part, ...]
    sender: Letterhead


@dataclass(frozen=True, slots=True)
class Matter:
    """What every letter in a request has in common."""

    asker: Asker
    case_reference: str
    received_on: date
    written_on: date
    sender: Letterhead

    def letter(self, title: str, *parts: Part) -> Letter:
        return Letter(title, self.written_on, self.case_reference, self.asker, (*parts, *self._closing()), self.sender)

    @property
    def begins(self) -> str:
        received = words.long_day(self.received_on)
        return f"Vi viser til begjæringen din om innsyn etter personvernforordningen artikkel 15, mottatt {received}."

    def _closing(self) -> tuple[Part, ...]:
        contact = (
            f"Har du spørsmål til brevet, kan du ta kontakt: {', '.join(self.sender.contact)}. Oppgi saksnummer "
            f"{self.case_reference}. Bankens personvernombud: {self.sender.data_protection_officer}."
        )
        return Part("Klage", COMPLAINT), Part("Kontakt", contact)


def answer(matter: Matter, rows: Sequence[Row], *, until: datetime, grounds: Iterable[str], years: int) -> Letter:
    """Return the answer: these rows, what was told until that moment. Of the grounds, it names those it may."""
    told = (
        "Nedenfor står det hvilke opplysninger om deg banken har gitt til offentlige etater, hvilke etater som har "
        "spurt uten å få noe, og hva banken selv har sendt dem. Oversikten gjelder til og med "
        f"{words.long_moment(until)}."
    )
    list_ = Part("Utleveringer", rows=rows) if rows else Part("Utleveringer", NOTHING_TO_TELL)
    limits = " ".join([OTHERS, NEVER_CONFIRMED, *_named(grounds)])
    return matter.letter(
        "Svar på begjæring om innsyn",
        Part(text=f"{matter.begins} {told}"),
        list_,
        Part("Hva oversikten ikke viser", limits),
        Part("Kilde, formål og lagring", SOURCE.format(years=years)),
        Part("Retting, sletting og protest", RIGHTS),
    )


def extension(matter: Matter, *, due: date, extended: date) -> Letter:
    """Return the notice that the answer takes longer."""
    text = (
        f"Fristen for å svare er én måned, altså {words.long_day(due)}. Begjæringen er så omfattende og sammensatt at "
        "vi ikke rekker det. Vi forlenger derfor fristen med to måneder etter personvernforordningen artikkel 12 "
        f"nr. 3. Du får svar senest {words.long_day(extended)}."
    )
    return matter.letter("Forlenget frist for svar på begjæring om innsyn", Part(text=f"{matter.begins} {text}"))


def refusal(matter: Matter, because: str) -> Letter:
    """Return the refusal of a whole request, with its reason."""
    reason = REFUSED[Refusal(because)]
    return matter.letter(
        "Avslag på begjæring om innsyn",
        Part(text=f"{matter.begins} Vi avslår begjæringen."),
        Part("Begrunnelse", reason),
    )


def _named(grounds: Iterable[str]) -> list[str]:
    """Return a sentence for each ground that the answer may name."""
    used = [ground for ground in Ground if ground in SAID_WHEN_USED and ground in set(grounds)]
    return [f"Noen opplysninger er unntatt fra innsyn etter {PROVISIONS[ground]}." for ground in used]
