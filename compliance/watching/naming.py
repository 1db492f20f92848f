"""What agencies, persons and moments are called where people read them."""

from datetime import datetime

from django.utils.translation import gettext as _

from audit.access import COMMAND_LINE
from audit.secrecy import NotRevealed, reveal, shown
from compliance.watching.alerting import SEALED_AS
from compliance.watching.counting import requester_of
from compliance.watching.kinds import Subject
from compliance.watching.models import NOBODYS, Alert, StandOut
from compliance.watching.windows import OSLO, Length, Window
from legal.models import DataConsumer, Person


def agencies() -> dict[str, str]:
    """Return the agencies' names by organisation number, in order of their names."""
    return dict(DataConsumer.objects.order_by("name").values_list("organisation_number", "name"))


def people(ids: set[str]) -> dict[str, str]:
    """Return the names of the bank's own by employee id."""
    return {person.employee_id: str(person) for person in Person.objects.filter(employee_id__in=ids)}


def staff_name(someone: str, names: dict[str, str]) -> str:
    """Return who looked; an account that belongs to nobody is named by itself."""
    if someone == COMMAND_LINE:
        return _("command line")
    if someone.startswith(NOBODYS):
        return _("account %(account)s, which is nobody's") % {"account": someone[1:]}
    return names.get(someone, someone)


def stored(told: str) -> bytes:
    """Return the keyed hash that was told as text. Raise ValueError."""
    name, colon, digest = told.partition(":")
    if not (colon and name.isascii() and name.isalnum() and len(name) <= 32 and len(digest) == 64):
        raise ValueError("no keyed hash")
    return name.encode() + b":" + bytes.fromhex(digest)


def hash_words(told: str) -> str:
    return _("a person (hash %(hash)s)") % {"hash": shown(stored(told))}


def subject_words(alert: Alert, names: dict[str, str]) -> str:
    """Return whom or what an alert is about; a person is never named."""
    match alert.known.subject:
        case Subject.AGENCY:
            return names.get(alert.subject, alert.subject) or _("an agency that is not known")
        case Subject.PERSON:
            return hash_words(alert.subject)
        case Subject.REQUESTER:
            agency = names.get(alert.consumer, alert.consumer)
            return _("RequesterID %(requester)s of %(agency)s") % {"requester": requester(alert), "agency": agency}
        case Subject.STAFF:
            return str(alert.about) if alert.about else staff_name(alert.subject, {})
        case _:
            return alert.subject


def requester(alert: Alert) -> str:
    try:
        return reveal(alert.subject_sealed or b"", column=SEALED_AS, record=alert.pk)
    except NotRevealed:
        return "–"


def requester_words(row: StandOut) -> str:
    try:
        return requester_of(row)
    except NotRevealed:
        return "–"


def window_words(window: Window) -> str:
    """Return the window as people say it: an hour with its clock, a day, or from one day to another."""
    if window.length == Length.HOUR:
        return f"{window.start.astimezone(OSLO):%Y-%m-%d %H:%M}–{window.end.astimezone(OSLO):%H:%M}"
    if window.first_day == window.last_day:
        return f"{window.first_day:%Y-%m-%d}"
    return f"{window.first_day:%Y-%m-%d} – {window.last_day:%Y-%m-%d}"


def bucket_label(bucket: datetime, length: Length) -> str:
    forms = {Length.DAY: "%H", Length.MONTH: "%d", Length.YEAR: "%Y-%m"}
    return bucket.astimezone(OSLO).strftime(forms.get(length, "%d.%m"))
