"""Say why: which fields of a service leave, or what ruled a recorded question."""

import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from audit.access import note_command
from audit.appending import NotRecorded
from audit.models import AuditRecord
from legal.explaining import ExplainedField, ExplainedRecord, Unexplained, explained_record, fields_in_force


class Command(BaseCommand):
    help = "Show for each field whether it is delivered, the standard's word and the version; or what ruled a record."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("service", nargs="?", help="such as skatt-kontroll")
        parser.add_argument("endpoint", nargs="?", help="such as accountDetails")
        parser.add_argument("--path", help="only this field, or all below this parent, such as account.name")
        parser.add_argument("--record", metavar="ID", help="what ruled the question with this record's id")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        names = [options["service"], options["endpoint"], options["path"]]
        if options["record"] and any(names):
            raise CommandError("Name a record, or a service and an endpoint, not both.")
        if not options["record"] and not (options["service"] and options["endpoint"]):
            raise CommandError("Name a service and an endpoint, or a record.")
        if any("\0" in name for name in names if name):
            raise CommandError("A name holds no NUL.")
        try:
            told = noted_record(options["record"]) if options["record"] else fields_in_force(*names)
        except Unexplained as nothing:
            raise CommandError(str(nothing)) from None
        except NotRecorded:
            raise CommandError("It could not be noted that you look at the trail: nothing is shown.") from None
        except DatabaseError:
            raise CommandError("The database cannot be asked.") from None
        if options["json"]:
            self.stdout.write(as_json(told))
        else:
            for line in record_lines(told) if isinstance(told, ExplainedRecord) else field_lines(told):
                self.stdout.write(line)


def noted_record(record_id: str) -> ExplainedRecord:
    """Note who asks, and return what ruled that record. Raise Unexplained or NotRecorded."""
    try:
        note_command("explain", uuid.UUID(record_id))
    except ValueError:
        note_command("explain", words="?")
    return explained_record(record_id)


def as_json(told: ExplainedRecord | Sequence[ExplainedField]) -> str:
    plain = asdict(told) if isinstance(told, ExplainedRecord) else [asdict(row) for row in told]
    return json.dumps(plain, indent=2, ensure_ascii=False, default=str)


def field_lines(rows: Sequence[ExplainedField]) -> Iterator[str]:
    """Yield the rows as a table."""
    widest = max(len(row.path) for row in rows)
    yield f"{'field':{widest}}  {'word':9}  delivered  version"
    for row in rows:
        yield f"{row.path:{widest}}  {row.category:9}  {'yes' if row.delivered else 'no':9}  {row.version}"


def record_lines(told: ExplainedRecord) -> Iterator[str]:
    """Yield what ruled the question, and the fields where it was answered."""
    sent = told.outcome == AuditRecord.Outcome.SENT
    yield f"{told.at:%Y-%m-%d %H:%M:%S%z}  {told.endpoint}  {'told to' if sent else 'asked by'} {told.consumer}"
    if sent:
        yield f"service: {told.service}, an errand of the bank's own, ruled by no mandate"
        return
    yield f"service: {told.service} version {told.version}" if told.service else "service: none, refused before that"
    yield f"outcome: {told.outcome}, {told.http_status} {told.code}".rstrip()
    if told.refusal:
        yield f"refusal: {told.refusal}: {told.sentence or 'This release does not know it.'}"
    if told.rule:
        yield f"rule: {told.rule.kind} = {told.rule.name}: {told.rule.does}"
    if told.missing:
        yield told.missing
    if told.fields:
        yield from field_lines(told.fields)
