"""A download from its first byte to its last: noted before anything is sent, and noted again as it ended."""

import logging
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.models import Sum
from django.http import StreamingHttpResponse
from django.utils import timezone
from uuid_utils.compat import uuid7

from audit.access import note
from audit.appending import NotRecorded
from audit.seal.adapters import Unusable
from audit.seal.public_keys import read_public_keys
from compliance.exporting.archive import Archive, Tally
from compliance.exporting.asking import Wanted
from compliance.exporting.models import Export, ExportRequest
from compliance.finding.shielding import hidden_from
from legal.history import recorded
from legal.models import Person

PAGE = "desk export"
A_DAY = timedelta(days=1)
State = Export.State
logger = logging.getLogger(__name__)


class Broken(Exception):
    """The export could not be sent whole; what was sent is no zip that opens."""


@dataclass(slots=True)
class Download:
    """The pieces of an export, for one response. Whatever ends it, how it ended is written down."""

    export: Export
    wanted: Wanted
    user: Any
    archive: Archive = field(init=False)
    _parts: Iterator[bytes] = field(init=False)
    _is_over: bool = False

    def __post_init__(self) -> None:
        keys, content = public_keys()
        self.archive = Archive(
            connection,
            self.wanted,
            hidden=partial(hidden_from, self.user),
            told=told(self.export),
            keys=keys,
            public_keys=content,
            before_the_end=self._complete,
            most=None if self.export.request_id else settings.DESK_EXPORT_ALONE_ROWS,
        )
        self._parts = self.archive.parts()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._parts)
        except StopIteration:
            self._is_over = True
            raise
        except Exception as error:
            logger.error("desk.export_broken", extra={"error": type(error).__name__})
            self._interrupted()
            raise Broken from None

    def close(self) -> None:
        """Note that the client hung up, if it has not taken the last piece. The server calls this at the end."""
        self._parts.close()  # type: ignore[attr-defined]
        self._interrupted()

    def _complete(self, tally: Tally) -> None:
        """Write down the digest; what cannot be written down is not sent to its end."""
        digest = (tally.digest or b"").hex()
        words = f"export={self.export.pk} records={tally.rows} hidden={tally.hidden} manifest={digest}"
        note(self.user, PAGE, words=words, why=self.wanted.why)
        self._end(State.COMPLETE)

    def _interrupted(self) -> None:
        if self._is_over:
            return
        self._is_over = True
        try:
            words = f"export={self.export.pk} records={self.archive.tally.rows} interrupted"
            note(self.user, PAGE, words=words, why=self.wanted.why)
            self._end(State.INTERRUPTED)
        except (NotRecorded, DatabaseError, InterfaceError) as error:
            logger.error("desk.export_not_noted", extra={"error": type(error).__name__})

    def _end(self, state: State) -> None:
        tally, export = self.archive.tally, self.export
        export.state, export.ended_at = state, timezone.now()
        export.rows, export.hidden, export.digest = tally.rows, tally.hidden, tally.digest
        with recorded(user=self.user.get_username(), person=export.person_name, view="admin:desk_export"):
            export.save(update_fields=["state", "ended_at", "rows", "hidden", "digest"])


def begun(wanted: Wanted, person: Person, request: ExportRequest | None = None, *, rows: int | None = None) -> Export:
    """Return the row of a download that begins now, of as many records as are known of."""
    row: uuid.UUID = uuid7()
    who = {"person": person, "person_name": str(person)}
    return Export.objects.create(**wanted.kept(row), **who, request=request, rows=rows, begun_at=timezone.now())


def begun_alone(wanted: Wanted, person: Person, *, rows: int) -> Export | None:
    """Return the same for what one person may export alone; None when it is too much with the day's other exports.

    The person's row is locked: of two exports at once the second one counts the first.
    """
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        days = Export.objects.filter(person=person, request=None, begun_at__gte=timezone.now() - A_DAY)
        sent: int = days.aggregate(rows=Sum("rows"))["rows"] or 0
        allowed = sent + rows <= settings.DESK_EXPORT_ALONE_ROWS
        return begun(wanted, person, rows=rows) if allowed else None


def response_of(export: Export, wanted: Wanted, user: Any) -> StreamingHttpResponse:
    """Return the download. The access was noted before."""
    response = StreamingHttpResponse(Download(export, wanted, user), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="export-{export.pk}.zip"'
    response.headers["Cache-Control"] = "no-store"
    return response


def told(export: Export) -> dict[str, Any]:
    """Return what the manifest says of who exported, when and why; people by their employee ids."""
    request = export.request
    two = {"asked_by": request.asked_by, "agreed_by": request.judged_by} if request else {}
    return {
        "export": str(export.pk),
        "exported_by": export.person.employee_id,
        "exported_at": export.begun_at.isoformat(),
        **{name: person.employee_id for name, person in two.items() if person},
        "reason": export.reason,
        "case_reference": export.case_reference,
        "filter": export.filter,
        "by_number": export.sought_hash is not None,
        "records_before": export.until.isoformat(),
    }


def public_keys() -> tuple[dict[str, Any] | None, bytes]:
    """Return the public keys of the seal, and their file. Without them no signature is looked at, and it is said so."""
    try:
        keys = read_public_keys(settings.AUDIT_SEAL_PUBLIC_KEYS_FILE)
        return keys, Path(settings.AUDIT_SEAL_PUBLIC_KEYS_FILE).read_bytes()
    except (Unusable, OSError):
        return None, b""
