"""Filters of the audit list. Their choices come from the newest records, never from a look through the whole table."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.models import AuditRecord

LOOKED_AT = 500
"""Newest records whose values are offered as choices; any other value can be typed."""
PERSONS_NUMBER = re.compile("[0-9]{11}")


class TypedFilter(SimpleListFilter):
    """An exact value, picked among recent ones or typed."""

    template = "admin/audit/typed_filter.html"
    input_type = "text"
    hint: str | Promise = ""
    pattern = ""
    """What a value looks like: the browser sends nothing else, least of all a person's number, into an address."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        newest = AuditRecord.objects.order_by("-at", "-id").values_list(str(self.parameter_name), flat=True)
        values = {*newest[:LOOKED_AT], self.value() or ""} - {""}
        return [(value, value) for value in sorted(values)]

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: Any) -> Iterator[Any]:
        # The form that takes a typed value must keep the other filters.
        self.others = {name: text for name, text in changelist.params.items() if name != self.parameter_name}
        return super().choices(changelist)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if not value:
            return queryset
        try:
            return self.chosen(self.read(value), queryset)
        except ValueError:
            raise IncorrectLookupParameters from None

    @classmethod
    def read(cls, text: str) -> str:
        """Return the value of that text. Raise ValueError when it has not the form, or could hold a person's number."""
        if not re.fullmatch(cls.pattern, text) or PERSONS_NUMBER.search(text):
            raise ValueError("not of the form that this filter takes")
        return text

    def chosen(self, value: str, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows with a value that has the right form."""
        return queryset.filter(**{str(self.parameter_name): value})


class WrittenFilter(TypedFilter):
    """A value that is typed whole and never offered: there would be too many to choose from."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, value)] if (value := self.value()) else []


class AgencyFilter(TypedFilter):
    title, parameter_name, hint = _("agency"), "consumer", _("organisation number")
    pattern = "[0-9]{9}"


class ServiceFilter(TypedFilter):
    title, parameter_name = _("service"), "service"
    pattern = r"[a-z][a-z0-9:\-]{0,63}"


class EndpointFilter(TypedFilter):
    title, parameter_name = _("endpoint"), "endpoint"
    pattern = r"[A-Za-z][A-Za-z0-9._\-]{0,63}"


class OutcomeFilter(SimpleListFilter):
    title, parameter_name = _("outcome"), "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(outcome.value, str(outcome.label)) for outcome in AuditRecord.Outcome]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if not value:
            return queryset
        try:
            return queryset.filter(outcome=self.read(value))
        except ValueError:
            raise IncorrectLookupParameters from None

    @classmethod
    def read(cls, text: str) -> str:
        """Return the outcome of that name. Raise ValueError."""
        return AuditRecord.Outcome(text).value


class DayFilter(TypedFilter):
    """One day in Oslo."""

    title, parameter_name = _("day"), "day"
    input_type = "date"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        today = timezone.localdate()
        offered = {today.isoformat(): str(_("Today")), (today - timedelta(days=1)).isoformat(): str(_("Yesterday"))}
        if (chosen := self.value()) and chosen not in offered:
            offered[chosen] = chosen
        return list(offered.items())

    @classmethod
    def read(cls, text: str) -> str:
        """Return the day of that text. Raise ValueError when there is none, or none after it."""
        day = date.fromisoformat(text)
        try:
            _midnight(day + timedelta(days=1))
        except OverflowError:
            raise ValueError("the last of all days") from None
        return day.isoformat()

    def chosen(self, value: str, queryset: QuerySet[Any]) -> QuerySet[Any]:
        day = date.fromisoformat(value)
        return queryset.filter(at__gte=_midnight(day), at__lt=_midnight(day + timedelta(days=1)))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
