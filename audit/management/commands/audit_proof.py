"""Print the proof of one row of the trail, checked as a stranger would check it."""

import json
import os
import uuid
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError, connection

from audit.access import note_command
from audit.appending import NotRecorded
from audit.models import AuditRecord
from audit.partitions import SEALED
from audit.retain.holding import disclosed, proof_held
from audit.seal.adapters import Unusable
from audit.seal.public_keys import read_public_keys
from audit.verify.opening import document_of, opened, record_behind
from audit.verify.proofs import NotProven, check_proof, proof_of

RECORDS = "audit_record"
SHOWN: dict[str, tuple[str, Callable[[AuditRecord], Any]]] = {
    "open": ("opened", opened),
    "document": ("document", document_of),
}
GONE = "what was copied of it was not that, or its case is no longer held."


class Command(BaseCommand):
    help = "Prints the proof of one sealed row as JSON, for tools/verify_proof.py. Whoever prints one is noted first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("record", type=strict_uuid, metavar="RECORD", help="the row's id")
        parser.add_argument("--table", choices=SEALED, default=RECORDS, help="where it stands (default %(default)s)")
        parser.add_argument("--open", action="store_true", help="show the number that the record is about")
        parser.add_argument("--document", action="store_true", help="show the document that was answered")
        parser.add_argument("--output", type=Path, metavar="FILE", help="write a new file that others cannot read")

    def handle(self, *, record: uuid.UUID, table: str, output: Path | None, **options: Any) -> None:
        shown = [word for word in ("open", "document") if options[word]]
        if shown and table != RECORDS:
            raise CommandError(f"--open and --document show what records hold; rows of {table} hold nothing of that.")
        try:
            keys = read_public_keys(settings.AUDIT_SEAL_PUBLIC_KEYS_FILE)
            note_command("proof", record, " ".join([table, *shown]))
            proof = proof_or_copy(record, table)
            check_proof(proof, keys.values())
            disclose(proof, shown)
        except Unusable as error:
            raise CommandError(f"AUDIT_SEAL_PUBLIC_KEYS_FILE {error}.") from None
        except NotRecorded:
            raise CommandError("It could not be noted that you look at the trail, so nothing of it is shown.") from None
        except NotProven as error:
            raise CommandError(str(error)) from None
        except AuditRecord.DoesNotExist:
            raise CommandError(f"The record is gone, and {GONE}") from None
        except (DatabaseError, InterfaceError) as error:
            # The text of a database error may hold the row.
            raise CommandError(f"The database could not be asked ({type(error).__name__}).") from None
        self.hand_over(json.dumps(proof, indent=1, ensure_ascii=False) + "\n", output)

    def hand_over(self, text: str, output: Path | None) -> None:
        if output is None:
            self.stdout.write(text, ending="")
            return
        try:
            descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise CommandError(f"{output} cannot be written ({error.strerror}).") from None


def proof_or_copy(record: uuid.UUID, table: str) -> dict[str, Any]:
    """Return the proof of the row, or the one that was copied because its case is held. Raise NotProven."""
    try:
        return proof_of(connection, record, table=table)
    except NotProven:
        copied = proof_held(record) if table == RECORDS else None
        if copied is None:
            raise
        return copied


def disclose(proof: dict[str, Any], shown: list[str]) -> None:
    """Put into the proof what is asked for, from the record or from what was copied of it. Raise NotProven."""
    for word in shown:
        name, read = SHOWN[word]
        try:
            proof[name] = read(record_behind(connection, proof))
        except (NotProven, AuditRecord.DoesNotExist):
            copied = disclosed(uuid.UUID(proof["row"]["id"]))
            if name not in copied:
                raise
            proof[name] = copied[name]


def strict_uuid(text: str) -> uuid.UUID:
    """Return the id, written as ids are written and not otherwise."""
    try:
        found = uuid.UUID(text)
    except ValueError:
        found = None
    if found is None or str(found) != text.lower():
        raise ArgumentTypeError("an id is 32 hexadecimal digits with four hyphens")
    return found
