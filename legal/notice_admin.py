"""Bankruptcy notices in the admin: to look at, the unreadable ones first of all; a person's number is never shown."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.filters import WrittenFilter
from audit.keyset import KeysetChangeList
from audit.pages import ReadOnlyAdmin, ViewOnly, in_oslo, stored
from legal.models import BankruptcyNotice, NoticeParty, NoticeReading


class NoticeChangeList(KeysetChangeList):
    """The list, newest registration first."""

    moment = "registered_at"


class ChosenFilter(SimpleListFilter):
    """One of a column's few words."""

    words: Any

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(word.value, word.label) for word in self.words]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if not value:
            return queryset
        if value not in self.words:
            raise IncorrectLookupParameters
        return queryset.filter(**{str(self.parameter_name): value})


class StateFilter(ChosenFilter):
    title, parameter_name, words = _("state"), "state", BankruptcyNotice.State


class TypeFilter(ChosenFilter):
    title, parameter_name, words = _("type"), "type", BankruptcyNotice.Type


class OrganisationFilter(WrittenFilter):
    """A whole organisation number, of the debtor or of a linked unit. A person's does not fit: it would be in a URL."""

    title, parameter_name, hint = _("organisation"), "organisation", _("nine digits")
    pattern = "[0-9]{9}"

    def chosen(self, value: str, queryset: QuerySet[Any]) -> QuerySet[Any]:
        about = NoticeParty.objects.filter(organisation_number=value).values("notice")
        return queryset.filter(pk__in=about)


@admin.register(BankruptcyNotice)
class BankruptcyNoticeAdmin(ReadOnlyAdmin):
    list_display = ("registered", "type", "state", "about", "ruling_date")
    list_filter = (StateFilter, TypeFilter, OrganisationFilter)
    fields = ("id", "state", "fault", "type", "about", "ruling_date", "registered", "received", "link")
    readonly_fields = fields

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return NoticeChangeList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("parties")

    @admin.display(description=_("registered (Oslo)"))
    def registered(self, notice: BankruptcyNotice) -> str:
        return in_oslo(notice.registered_at)

    @admin.display(description=_("received (Oslo)"))
    def received(self, notice: BankruptcyNotice) -> str:
        return in_oslo(notice.received_at)

    @admin.display(description=_("about"))
    def about(self, notice: BankruptcyNotice) -> str:
        """Return the debtor and the linked units; of a person, only enough to see whether two are the same."""
        parties = sorted(notice.parties.all(), key=lambda party: (party.part, party.pk))
        return "; ".join(map(_told, parties)) or "–"


def _told(party: NoticeParty) -> str:
    number = party.organisation_number or stored(party.person_sealed, bytes(party.number_hash))
    return f"{party.get_part_display()} {number}"


@admin.register(NoticeReading)
class NoticeReadingAdmin(ViewOnly, admin.ModelAdmin):
    """One row: whether the feed is read, and how far."""

    list_display = ("last_read", "age", "read_up_to", "waiting")
    list_display_links = None
    sortable_by = ()
    actions = None

    @admin.display(description=_("last read (Oslo)"))
    def last_read(self, reading: NoticeReading) -> str:
        return in_oslo(reading.read_at)

    @admin.display(description=_("age"))
    def age(self, reading: NoticeReading) -> str:
        if reading.read_at is None:
            return str(_("never read to its end"))
        minutes = int((timezone.now() - reading.read_at).total_seconds()) // 60
        told = _("%(hours)d h %(minutes)d min") % {"hours": minutes // 60, "minutes": minutes % 60}
        too_old = minutes >= settings.KONKURSVARSEL_MAX_AGE_HOURS * 60
        return str(_("%(age)s: too old") % {"age": told}) if too_old else str(told)

    @admin.display(description=_("read up to (Oslo)"))
    def read_up_to(self, reading: NoticeReading) -> str:
        return in_oslo(reading.position)

    @admin.display(description=_("notices that could not be read"))
    def waiting(self, reading: NoticeReading) -> int:
        return BankruptcyNotice.objects.filter(state=BankruptcyNotice.State.UNREADABLE).count()
