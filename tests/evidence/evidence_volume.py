"""A month of a million records: sealed and verified in time, with little memory however many there are."""

import hashlib
import os
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from uuid_utils.compat import uuid7

from audit.seal.leaves import SALT_BYTES, columns_of, selected
from audit.seal.writers import Writer
from tests.evidence.trail import FULL, ask, run_measured

ROWS = 1_000_000 if FULL else 20_000
SEAL_SECONDS, VERIFY_SECONDS = 60, 120
MOST_MIB = 300
"""Of a command; Django with nothing to do has about a third of it."""
WRITERS = 16
BATCH = 10_000
ANSWER_BYTES = 600


def test_a_million(seal, server, almighty, bars):
    ask(server, 6)
    make(almighty, ROWS)
    almighty.execute("ANALYZE audit_record; ANALYZE audit_answer")

    sealed = run_measured("audit_seal", **seal.of_the_sealer())
    assert sealed.code == 0, sealed.output
    assert almighty.execute("SELECT count(*) FROM audit_record_sealed").fetchone()[0] > ROWS
    almighty.execute("ANALYZE audit_record_sealed")
    verified = run_measured("audit_verify", **seal.of_the_auditor())
    assert verified.code == 0, verified.output

    seconds = (lambda bar: f"< {bar} s") if FULL else (lambda bar: f"< {bar} s, for a fiftieth of it")
    reached = {"sealed": sealed.seconds < SEAL_SECONDS, "verified": verified.seconds < VERIFY_SECONDS}
    bars.hold(f"{ROWS:,} records sealed", seconds(SEAL_SECONDS), f"{sealed.seconds:.1f} s", reached["sealed"])
    bars.hold("memory of the sealer", f"< {MOST_MIB} MiB", f"{sealed.peak_mib:.0f} MiB", sealed.peak_mib < MOST_MIB)
    bars.hold(f"{ROWS:,} records verified", seconds(VERIFY_SECONDS), f"{verified.seconds:.1f} s", reached["verified"])
    bars.hold(
        "memory of the verifier", f"< {MOST_MIB} MiB", f"{verified.peak_mib:.0f} MiB", verified.peak_mib < MOST_MIB
    )


def make(session: psycopg.Connection[Any], rows: int) -> None:
    """Append records like those that the server has written, chained to writers as it does it, with their answers."""
    names = columns_of("audit_record")
    query = f"SELECT {selected('audit_record')} FROM audit_record WHERE answer_digest IS NOT NULL LIMIT 1"
    pattern = dict(zip(names, session.execute(query).fetchone(), strict=True))
    written = written_rows(pattern, rows)
    with session.cursor() as cursor:
        while some := [row for _, row in zip(range(BATCH), written, strict=False)]:
            with cursor.copy(f"COPY audit_record ({', '.join(names)}, salt) FROM STDIN") as copy:
                for row, salt, _ in some:
                    copy.write_row([*(row[name] for name in names), salt])
            with cursor.copy("COPY audit_answer (id, at, document) FROM STDIN") as copy:
                for row, _, answer in some:
                    copy.write_row([row["id"], row["at"], answer])


def written_rows(pattern: dict[str, str | None], rows: int) -> Iterator[tuple[dict[str, str | None], bytes, bytes]]:
    """Yield the texts of a row, its salt and its answer, of sixteen writers in turn."""
    writers = [Writer("audit_record") for _ in range(WRITERS)]
    for number in range(rows):
        at = moment(number, rows)
        answer = b"%b:%b" % (key_of(pattern), os.urandom(ANSWER_BYTES))
        row = pattern | {
            "id": str(uuid7(nanoseconds=int(at.timestamp() * 1_000_000) * 1000)),
            "at": at.isoformat(timespec="microseconds"),
            "jti": str(uuid.uuid4()),
            "correlation_id": str(uuid.uuid4()),
            "answer_digest": f"\\x{hashlib.sha256(answer).hexdigest()}",
        }
        writer = writers[number % WRITERS]
        row |= writer.columns()
        salt = os.urandom(SALT_BYTES)
        writers[number % WRITERS] = writer.after(salt, row)
        yield row, salt, answer


def moment(number: int, rows: int) -> datetime:
    """Return when that row was written: an hour's load, all of it in one month."""
    return ENDED - (ENDED - BEGUN) * (rows - number) / rows


def key_of(pattern: dict[str, str | None]) -> bytes:
    """Return the name of the key for documents of that service and month, which the pattern's answer has too."""
    return f"{BEGUN:%Y%m}.document.{pattern['service']}".encode()


ENDED = datetime.now(UTC)
BEGUN = max(ENDED - timedelta(hours=1), ENDED.replace(day=1, hour=0, minute=0, second=0, microsecond=0))
