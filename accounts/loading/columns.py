"""What a value of each column must look like, said twice: as a pattern for whole blocks, and as a reason to refuse it.

The pattern is for speed and may be narrower than the rule; a row that it does not match is looked at value by value.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models

from accounts.loading.json_columns import CODED as CODED_JSON
from accounts.loading.json_columns import fault_of_json
from accounts.models import Account, BsuYear, FinancialInstitution, PartyIdentifier, PaymentCard, Transaction

Fault = Callable[[str], str | None]

LARGEST_KEY = 2**63 - 1
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
WHOLE = re.compile(r"[1-9][0-9]{0,18}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
    r"(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])"
)
# Without 29 February, which is looked at alone, and within the years in which a bank has rows.
COMMON_DAY = (
    r"(?:19|20)[0-9]{2}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    r"|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
COMMON_MOMENT = (
    COMMON_DAY + r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])"
)
CODES = {
    (FinancialInstitution, "organisation_number"): ("[0-9]{9}", "nine digits"),
    (PartyIdentifier, "value"): ("[0-9]{9}|[0-9]{11}", "nine or eleven digits"),
    (Account, "number"): ("[0-9A-Z]{1,35}", "digits and capital letters, without signs between them"),
    (PaymentCard, "masked_number"): ("[0-9]{0,6}X{2,9}[0-9]{0,4}", "a masked number, such as 999001XXXXXX1234"),
    (PaymentCard, "type"): ("debitCard|creditCard", "debitCard or creditCard"),
    (PaymentCard, "status"): ("active|blocked", "active or blocked"),
    (PaymentCard, "version_number"): ("[0-9]", "one digit"),
    (PaymentCard, "start_month"): ("[0-9]{4}-(?:0[1-9]|1[0-2])", "a month, such as 2026-11"),
    (PaymentCard, "expiry_month"): ("[0-9]{4}-(?:0[1-9]|1[0-2])", "a month, such as 2026-11"),
    (Transaction, "status"): ("booked|pending|info", "booked, pending or info"),
    (Transaction, "domain"): ("[A-Za-z]{1,20}", "one of the standard's words"),
    (Transaction, "family"): ("[A-Za-z]{1,50}", "one of the standard's words"),
    (Transaction, "sub_family"): ("[A-Za-z]{1,50}", "one of the standard's words"),
    (BsuYear, "moved_out_to_spouse"): ("[0-9]{11}", "eleven digits"),
    (BsuYear, "moved_in_from_spouse"): ("[0-9]{11}", "eleven digits"),
    (BsuYear, "moved_out_to_manager"): ("[0-9]{9}", "nine digits"),
    (BsuYear, "moved_in_from_manager"): ("[0-9]{9}", "nine digits"),
}
COUNTRY, CURRENCY = ("[A-Z]{2}", "two capital letters"), ("[A-Z]{3}", "three capital letters")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file. An empty value is NULL or, in a text column that may be blank, the empty text."""

    name: str
    quick: str
    """A pattern of the value as it stands in the file, quoted or not."""
    fault: Fault
    """Return why a value cannot be taken, never repeating it; None for a good one."""
    may_be_empty: bool
    is_null_when_empty: bool
    default: str | None
    """What a file without this column gets; None when every file must have it."""

    def fault_in(self, value: str) -> str | None:
        if CONTROL.search(value):
            return "holds a control character"
        if not value:
            return None if self.may_be_empty else "is empty"
        return self.fault(value)


def columns_of(model: type[models.Model]) -> dict[str, Column]:
    """Return the columns of a table, by their names in the database."""
    return {field.attname: _column(model, field) for field in model._meta.concrete_fields}


def _column(model: type[models.Model], field: "models.Field[Any, Any]") -> Column:
    pattern, fault = _kind(model, field)
    may_be_empty = bool(field.null or (isinstance(field, models.CharField) and field.blank))
    return Column(
        name=field.attname,
        quick=_in_file(pattern, may_be_empty=may_be_empty, is_text=pattern.startswith("[^")),
        fault=fault,
        may_be_empty=may_be_empty,
        is_null_when_empty=bool(field.null),
        default=_default(field),
    )


def _in_file(pattern: str, *, may_be_empty: bool, is_text: bool) -> str:
    if pattern in CODED_JSON.values():
        return pattern
    quoted = pattern.replace('",', '"', 1) if is_text else pattern
    return f'(?:{pattern}|"(?:{quoted})"' + ('|"")?' if may_be_empty else ")")


def _kind(model: type[models.Model], field: "models.Field[Any, Any]") -> tuple[str, Fault]:
    """Return the quick pattern of a filled value, and the rule."""
    match field:
        case models.JSONField():
            return CODED_JSON[field.attname], fault_of_json(field.attname)
        case models.DecimalField():
            return _decimal(field.max_digits - field.decimal_places, field.decimal_places)
        case models.CharField():
            return _text(model, field)
        case _:  # what is none of these is a key, its own or another's
            return PLAIN.get(type(field), ("[1-9][0-9]{0,17}", fault_of_key))


def _text(model: type[models.Model], field: "models.CharField[Any, Any]") -> tuple[str, Fault]:
    if field.choices:
        words = [str(word) for word, _ in field.flatchoices]
        return _code("|".join(map(re.escape, words)), "one of " + ", ".join(words))
    if (model, field.attname) in CODES:
        return _code(*CODES[model, field.attname])
    if field.attname.endswith("country"):
        return _code(*COUNTRY)
    if field.attname.endswith("currency"):
        return _code(*CURRENCY)
    longest = field.max_length or 0
    return (
        rf'[^",\x00-\x1f\x7f]{{1,{longest}}}+',
        lambda value: f"is longer than {longest} characters" if len(value) > longest else None,
    )


def _code(pattern: str, meant: str) -> tuple[str, Fault]:
    whole = re.compile(pattern)
    return f"(?:{pattern})", lambda value: None if whole.fullmatch(value) else f"is not {meant}"


def _decimal(whole: int, places: int) -> tuple[str, Fault]:
    return _code(
        rf"-?(?:0|[1-9][0-9]{{0,{whole - 1}}})(?:\.[0-9]{{1,{places}}})?",
        f"a number with a point and at most {whole} digits before and {places} after it",
    )


def fault_of_key(value: str) -> str | None:
    return None if WHOLE.fullmatch(value) and int(value) <= LARGEST_KEY else "is not a whole number from 1 to 2^63-1"


def fault_of_day(value: str) -> str | None:
    return None if DAY.fullmatch(value) and _is_day(value) else "is not a day, such as 2026-11-22"


def fault_of_moment(value: str) -> str | None:
    found = MOMENT.fullmatch(value)
    fine = found is not None and _is_day(found["day"])
    return None if fine else "is not a moment with its offset, such as 2026-11-22T04:00:00+01:00"


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).year >= 1800
    except ValueError:
        return False


PLAIN: dict[type[Any], tuple[str, Fault]] = {
    models.DateTimeField: (COMMON_MOMENT, fault_of_moment),
    models.DateField: (COMMON_DAY, fault_of_day),
    models.BooleanField: _code("true|false", "true or false"),
    models.SmallIntegerField: _code("(?:19|20)[0-9]{2}", "a year"),
}


def _default(field: "models.Field[Any, Any]") -> str | None:
    if isinstance(field, models.JSONField):
        return "[]"
    if field.has_default():
        value = field.get_default()
        return str(value).lower() if isinstance(value, bool) else str(value)
    return "" if field.null or (isinstance(field, models.CharField) and field.blank) else None
