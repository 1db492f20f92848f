"""What must hold of the settings by which citizens are answered."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from agencies.checks import OUTBOUND
from compliance.letters.letterhead import MEMBERS, faults
from compliance.letters.typesetting import unsettable
from legal.service_files import read_services

MOST_DAYS, MOST_YEARS = 3650, 10


@register
def check_letterhead(**kwargs: Any) -> list[CheckMessage]:
    """In production letters say whose they are; everywhere, what is said can be set."""
    told = settings.DESK_LETTERHEAD
    if settings.ENVIRONMENT != "production" and told == {}:
        return []
    if found := faults(told):
        hint = f"A JSON object with {', '.join(MEMBERS)}."
        return [Error(f"DESK_LETTERHEAD: {fault}.", hint=hint, id="dsop.E130") for fault in found]
    if wrong := unsettable("".join(told.values()).replace("\r", "")):
        codes = ", ".join(f"U+{ord(letter):04X}" for letter in wrong)
        return [Error(f"DESK_LETTERHEAD holds characters that the letters' font lacks: {codes}.", id="dsop.E131")]
    return []


@register
def check_undecided_days(**kwargs: Any) -> list[CheckMessage]:
    """Days are set for services that there are, as whole numbers."""
    told: Any = settings.DESK_UNDECIDED_DAYS
    if not isinstance(told, dict):
        return [Error("DESK_UNDECIDED_DAYS must be a JSON object of services and days.", id="dsop.E133")]
    known = {rules.get("service") for rules in read_services()} | OUTBOUND
    unknown = [Error(f"DESK_UNDECIDED_DAYS: there is no service {name}.", id="dsop.E132") for name in {*told} - known]
    wrong = [name for name, days in told.items() if type(days) is not int or not 0 <= days <= MOST_DAYS]
    sentence = "DESK_UNDECIDED_DAYS: {} needs a whole number of days, 0 to " + f"{MOST_DAYS:,}."
    return [*unknown, *(Error(sentence.format(name), id="dsop.E133") for name in wrong)]


@register
def check_years(**kwargs: Any) -> list[CheckMessage]:
    """What was answered is kept long enough to prove it, and not for ever."""
    if 1 <= settings.DESK_CITIZEN_YEARS <= MOST_YEARS:
        return []
    return [Error(f"DESK_CITIZEN_YEARS must lie between 1 and {MOST_YEARS}.", id="dsop.E134")]
