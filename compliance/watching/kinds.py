"""The closed list of what can be strange: what is counted, of whom, in which windows, and who is told."""

from dataclasses import dataclass, field
from enum import Enum

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from compliance.watching.windows import Length

HOUR, DAY, WEEK, MONTH = Length.HOUR, Length.DAY, Length.WEEK, Length.MONTH


class Audience(models.TextChoices):
    COMPLIANCE = "compliance", _("compliance")
    AUDITOR = "auditor", _("the auditor")


class Subject(Enum):
    """Who or what an alert is about."""

    AGENCY = "agency"
    ENDPOINT = "endpoint"
    REQUESTER = "requester"
    PERSON = "person"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Kind:
    """One thing that is counted. `marks` are those of the log of accesses, `unit` says what a number of it is."""

    code: str
    label: Promise
    does: Promise
    unit: Promise
    subject: Subject
    threshold: int
    lengths: tuple[Length, ...]
    mark: str = ""
    audience: Audience = field(default=Audience.COMPLIANCE)

    @property
    def window(self) -> Length:
        """Return the window that a rule has until somebody chooses another."""
        return self.lengths[0]


def _staff(code: str, label: Promise, does: Promise, threshold: int, mark: str) -> Kind:
    lengths = (DAY, WEEK, MONTH)
    return Kind(code, label, does, _("looks"), Subject.STAFF, threshold, lengths, mark, Audience.AUDITOR)


QUESTIONS, TALLIED = _("questions"), (HOUR, DAY, WEEK)
OF_AGENCIES = (
    Kind(
        "volume",
        _("An agency asks far more than it usually does"),
        _("The questions of an hour in percent of what was usual on that weekday at that hour in the last 8 weeks."),
        _("percent of the usual"),
        Subject.AGENCY,
        300,
        (HOUR,),
    ),
    Kind(
        "refused",
        _("Many refusals"),
        _("Questions of an agency that were refused."),
        QUESTIONS,
        Subject.AGENCY,
        100,
        TALLIED,
    ),
    Kind(
        "failed",
        _("Many failures"),
        _("Questions of an agency that this service could not answer."),
        QUESTIONS,
        Subject.AGENCY,
        20,
        TALLIED,
    ),
    Kind(
        "slow",
        _("Slow answers"),
        _("The time within which 95 of 100 questions at an endpoint were answered, where at least 20 were asked."),
        _("milliseconds"),
        Subject.ENDPOINT,
        3000,
        (HOUR, DAY),
    ),
    Kind(
        "night",
        _("Questions at night"),
        _("Questions of an agency from 22 to 06, by the clock in Oslo."),
        QUESTIONS,
        Subject.AGENCY,
        50,
        (DAY, WEEK, MONTH),
    ),
    Kind(
        "requester",
        _("Many persons by one RequesterID"),
        _("Different persons and companies that one RequesterID of an agency asked about."),
        _("persons"),
        Subject.REQUESTER,
        200,
        (DAY,),
    ),
    Kind(
        "person",
        _("The same person from many cases"),
        _("Different AccountInfoRequestIDs, of all agencies, under which the same person was asked about."),
        _("cases"),
        Subject.PERSON,
        5,
        (WEEK, DAY, MONTH),
    ),
    Kind(
        "shielded",
        _("Shielded persons asked for"),
        _("Questions of an agency that were answered with an empty list because the person is shielded."),
        QUESTIONS,
        Subject.AGENCY,
        5,
        (DAY, WEEK, MONTH),
    ),
    Kind(
        "mandate",
        _("Unknown mandates"),
        _("Questions of an agency under a mandate that does not exist, is another agency's or has not that endpoint."),
        QUESTIONS,
        Subject.AGENCY,
        10,
        (DAY, HOUR, WEEK),
    ),
    Kind(
        "audience",
        _("Tokens that were made for another service"),
        _("Requests of an agency with a token for another audience: a sign of replay."),
        _("requests"),
        Subject.AGENCY,
        5,
        TALLIED,
    ),
)
OF_STAFF = (
    _staff("no-case", _("Looks without a case"), _("Looks of one person without a case of the bank's."), 10, "no-case"),
    _staff("own-number", _("One's own number"), _("Looks of one person by that person's own number."), 1, "own-number"),
    _staff("colleague", _("Colleagues"), _("Looks of one person by a colleague's number."), 1, "colleague"),
    _staff(
        "same-surname", _("The same surname"), _("Looks of one person by the number of a namesake."), 3, "same-surname"
    ),
    _staff(
        "staff-shielded",
        _("Shielded persons looked at"),
        _("Looks of one person at records about shielded persons."),
        10,
        "shielded",
    ),
    _staff("staff-volume", _("Many looks"), _("Looks of one person at the trail, whatever the reason."), 300, "look"),
)
KINDS = {kind.code: kind for kind in (*OF_AGENCIES, *OF_STAFF)}
STAFF = tuple(kind.code for kind in OF_STAFF)
MARKS = tuple(kind.mark for kind in OF_STAFF)
"""The marks that are counted; `look` stands for each look."""
