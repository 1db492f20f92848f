"""The kept answers: each record's own, none beside them."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import date

from audit.seal.copied import NONE, bytes_of
from audit.verify.findings import Finding, Found, Looked, month_of, row_in
from audit.verify.reading import Reader
from audit.verify.rows import name_of_key

RECORDS = "SELECT id, at, service, answer_digest FROM {rows} r WHERE answer_digest IS NOT NULL"
NOTHING = "SELECT NULL::uuid AS id, NULL::timestamptz AS at, {columns} WHERE false"
ANSWERS = """
SELECT r.id, r.service, r.answer_digest, a.id, a.document
FROM ({records}) r FULL JOIN ({answers}) a ON a.id = r.id AND a.at = r.at
"""
NO_RECORDS = NOTHING.format(columns="''::text AS service, NULL::bytea AS answer_digest")
NO_ANSWERS = NOTHING.format(columns="NULL::bytea AS document")

Excused = Callable[[str], bool]
"""Whether a decision has deleted the documents of a service in this month."""


def check_answers(
    reader: Reader,
    first: date,
    *,
    rows: str | None,
    answers: str | None,
    excused: Excused,
    keys: set[str],
    looked: Looked,
) -> Iterator[Finding]:
    """Compare a month's answers with what its records say of them; `keys` gets the names of the keys they need."""
    query = ANSWERS.format(
        records=RECORDS.format(rows=rows) if rows else NO_RECORDS,
        answers=f"SELECT id, at, document FROM {answers} a" if answers else NO_ANSWERS,  # noqa: S608 - our own words
    )
    for line in reader.lines(query, along_the_keys=True):
        record, service, digest, answer, document = line[:-1].split(b"\t")
        if answer == NONE:
            if not excused(service.decode()):
                detail = "" if answers else f"{month_of('audit_answer', first)} has no partition"
                yield Finding(Found.ANSWER_REMOVED, row_in("audit_record", first, record.decode()), detail)
            continue
        looked.answers += 1
        if name := name_of_key(document):
            keys.add(name)
        if record == NONE:
            yield Finding(Found.ANSWER_STRAY, row_in("audit_answer", first, answer.decode()))
        elif hashlib.sha256(bytes_of(document)).digest() != bytes_of(digest):
            yield Finding(Found.ANSWER_CHANGED, row_in("audit_answer", first, answer.decode()))
