"""The checkpoints of the seal, the newest first: what each covers, and what it is signed and chained with."""

import re
import uuid
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from audit.keyset import KeysetChangeList, NumberCursor
from audit.models import Checkpoint
from audit.pages import UNKNOWN, LoggedAdmin, in_oslo
from audit.seal.leaves import model_of

LONGEST_NUMBER = re.compile("[1-9][0-9]{0,9}")
"""Eleven digits could be a person's number."""


class CheckpointChangeList(KeysetChangeList):
    """The list, by number."""

    moment = "number"
    cursor = NumberCursor


@admin.register(Checkpoint)
class CheckpointAdmin(LoggedAdmin):
    list_display = ("number", "time", "table", "of_month", "size")
    fieldsets = (
        (_("What it covers"), {"fields": ("number", "time", "table", "of_month", "size")}),
        (
            _("What it is proven by"),
            {"fields": ("root_digest", "digest_before", "key", "signed", "below", "cluster")},
        ),
    )
    readonly_fields = (*fieldsets[0][1]["fields"], *fieldsets[1][1]["fields"])

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return CheckpointChangeList

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Checkpoint | None:
        if not LONGEST_NUMBER.fullmatch(object_id):
            return None
        return self.get_queryset(request).filter(pk=int(object_id)).first()

    def row_words(self, object_id: str) -> tuple[uuid.UUID | None, str]:
        """A number is no uuid: it stands among the words."""
        return None, object_id if LONGEST_NUMBER.fullmatch(object_id) else UNKNOWN

    @admin.display(description=_("time (Oslo)"))
    def time(self, checkpoint: Checkpoint) -> str:
        return in_oslo(checkpoint.at)

    @admin.display(description=_("what"))
    def table(self, checkpoint: Checkpoint) -> str:
        """Return what the table's rows are called; one that is not known is named as it is."""
        try:
            return str(model_of(checkpoint.sealed_table)._meta.verbose_name_plural)
        except KeyError:
            return checkpoint.sealed_table

    @admin.display(description=_("month (UTC)"))
    def of_month(self, checkpoint: Checkpoint) -> str:
        return f"{checkpoint.month:%Y-%m}"

    @admin.display(description=_("root"))
    def root_digest(self, checkpoint: Checkpoint) -> str:
        return bytes(checkpoint.root).hex()

    @admin.display(description=_("digest of the one before"))
    def digest_before(self, checkpoint: Checkpoint) -> str:
        return bytes(checkpoint.previous).hex()

    @admin.display(description=_("signature"))
    def signed(self, checkpoint: Checkpoint) -> str:
        return bytes(checkpoint.signature).hex()
