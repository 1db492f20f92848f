"""The drafts of notices, in bokmål whatever language the page has; what is not known stands in brackets.

Lines that begin with # are headings, lines that begin with - are points. No person's number is in any of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from audit.models import AuditRecord
from compliance.breach.clock import Clock
from compliance.breach.models import Breach, Decided, Notice, Outage
from compliance.breach.reading import whole_walk
from compliance.finding.looking import TooSlow, look
from legal.models import DataConsumer
from legal.periods import OSLO

KINDS = {
    Breach.Kind.WRONG_RULES: "Opplysninger ble utlevert etter feil regler: for mye, for langt tilbake eller uhjemlet.",
    Breach.Kind.WRONG_RECIPIENT: "Opplysninger ble utlevert eller kryptert til feil mottaker.",
    Breach.Kind.WRONG_CONTENT: "Det ble svart med feil opplysninger.",
    Breach.Kind.UNAUTHORISED: "Noen uten rett til det har sett opplysninger.",
    Breach.Kind.LOST: "Opplysninger har gått tapt eller er blitt endret.",
    Breach.Kind.OTHER: "Annet brudd på personopplysningssikkerheten.",
}
FILL_IN = "[fyll ut]"
LISTED = 100
"""Answers named in a correction; of more, the whole list goes along as a file."""
LIST_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Share:
    """What one agency got."""

    name: str
    answers: int
    persons: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the drafts are made of. Moments are written out, and what is unknown says so."""

    kind: str
    happened: str
    categories: str
    consequences: str
    measures: str
    discovered: str
    aware: str
    ends: str
    late: bool
    case: str
    subjects: str
    subjects_ground: str
    answers: int | None = None
    persons: int | None = None
    shares: Sequence[Share] = field(default_factory=tuple)


def facts_of(breach: Breach, *, now: datetime) -> Facts:
    """Return the facts of a breach. Raise NotRevealed."""
    clock = Clock(breach.aware_at, now)
    told = {Decided.YES: "Ja.", Decided.NO: "Nei."}
    return Facts(
        kind=KINDS[Breach.Kind(breach.kind)],
        **{name: breach.read(name) or FILL_IN for name in ("happened", "categories", "consequences", "measures")},
        discovered=moment(breach.discovered_at),
        aware=moment(breach.aware_at),
        ends=moment(clock.ends_at),
        late=clock.is_overdue,
        case=breach.case_reference,
        subjects=told.get(Decided(breach.subjects), "Ikke avgjort."),
        subjects_ground=breach.read("subjects_ground"),
        answers=breach.answers,
        persons=breach.persons,
        shares=shares_of(breach.agencies or []),
    )


def shares_of(agencies: Sequence[dict[str, Any]]) -> list[Share]:
    names = dict(DataConsumer.objects.values_list("organisation_number", "name"))
    return [
        Share(
            f"{names.get(each['consumer'], 'Ukjent etat')} ({each['consumer']})",
            each["answers"],
            each["persons"],
            day(each["first"]),
            day(each["last"]),
        )
        for each in agencies
    ]


def draft_of_breach(kind: str, breach: Breach, *, agency: str = "", now: datetime) -> str:
    """Return the draft of a notice about a breach. Raise NotRevealed."""
    facts = facts_of(breach, now=now)
    context: dict[str, Any] = {"facts": facts, "to": _name(agency)}
    context["share"] = next((each for each in facts.shares if agency and agency in each.name), None)
    if kind == Notice.Kind.CORRECTION:
        context["records"], context["more"] = wrong_answers(breach, agency)
    return rendered(kind, context)


def draft_of_outage(outage: Outage, *, agency: str = "") -> str:
    """Return the draft of a notice of a planned outage: to Bits where no agency is named."""
    context = {
        "to": _name(agency) if agency else "Bits AS",
        "starts": moment(outage.starts_at),
        "ends": moment(outage.ends_at),
        "what": outage.what,
        "reason": outage.reason,
    }
    return rendered(Notice.Kind.OUTAGE, context)


def wrong_answers(breach: Breach, agency: str) -> tuple[list[AuditRecord], bool]:
    """Return the newest of the wrong answers to an agency, and whether there are or could be more than are listed.

    Empty where the breach does not say which answers were wrong.
    """
    if breach.disclosure is None:
        return [], False
    columns = ("id", "at", "endpoint", "correlation_id", "account_info_request_id")
    walk = whole_walk(breach.disclosure, columns, consumer=agency)
    try:
        looked = look(walk, limit=LISTED, seconds=LIST_SECONDS)
    except TooSlow:
        return [], True
    rows: list[Any] = looked.rows
    for record in rows:
        record.moment = moment(record.at)
    return rows, looked.older is not None


def rendered(kind: str, context: dict[str, Any]) -> str:
    """Return the text of a draft."""
    bank = {name: ", ".join(text.split("\n")) for name, text in settings.DESK_LETTERHEAD.items()}
    number = settings.BANK_ORGANISATION_NUMBER
    whole = {**context, "bank": bank, "organisation_number": number, "fill_in": FILL_IN}
    return render_to_string(f"desk/breach/drafts/{kind}.txt", whole).rstrip() + "\n"


def moment(at: datetime) -> str:
    """Return a moment as a Norwegian letter has it, with its zone."""
    local = at.astimezone(OSLO)
    hours = int(local.utcoffset().total_seconds()) // 3600  # type: ignore[union-attr]
    return f"{local:%d.%m.%Y} kl. {local:%H.%M} norsk tid (UTC+{hours})"


def day(text: str) -> str:
    """Return a day as a Norwegian letter has it."""
    year, month, number = text.split("-")
    return f"{number}.{month}.{year}"


def _name(agency: str) -> str:
    found = DataConsumer.objects.filter(organisation_number=agency).first() if agency else None
    return str(found) if found else agency
