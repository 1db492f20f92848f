"""A small trail to be tampered with: rows of several writers, their seal, and the copy outside."""

import hashlib
import uuid
from datetime import UTC, datetime, timedelta
from itertools import groupby
from types import SimpleNamespace

from uuid_utils.compat import uuid7

from audit.appending import chained, insert_into
from audit.partitions import MOMENTS, SEALED, next_month
from audit.seal.checkpoints import FIRST, Statement, fingerprint
from audit.seal.copies import line_of, open_copy
from audit.seal.leaves import content, leaf, selected
from audit.seal.merkle import Tree
from audit.seal.writers import Writer
from audit.texts import texts_of
from audit.verify.findings import Looked
from audit.verify.running import verify

NOW = datetime.now(UTC)
MONTH = NOW.date().replace(day=1)
NEXT = next_month(MONTH)
NOON = datetime(MONTH.year, MONTH.month, 10, 12, tzinfo=UTC)
LATER = datetime(NEXT.year, NEXT.month, 1, 0, 5, tzinfo=UTC)
"""A moment in the next month; there are partitions for both, whenever the suite runs."""
MINUTE = timedelta(minutes=1)


class Trail:
    """What a serving process, a sealer and an attacker do, over one session of the superuser."""

    def __init__(self, session, auditor, folder, key):
        self.session, self.auditor, self.key = session, auditor, key
        self.folder = folder
        self.copy = open_copy(f"folder:{folder}")
        self.keys = {fingerprint(key.public_key()): key.public_key()}
        self.writers = {}
        self.names = {"month": f"{MONTH:%Y-%m}", "next": f"{NEXT:%Y-%m}", "later": LATER.isoformat()}

    def write(self, table, at, *, writer="A", name="", document=None, **columns):
        """Append a row as that writer; its id can be named in what comes after."""
        chain = self.writers.get((table, writer)) or Writer(table)
        row = uuid7()
        if document is not None:
            columns["answer_digest"] = hashlib.sha256(document).digest()
            self.session.execute("INSERT INTO audit_answer VALUES (%s, %s, %s)", [row, at, document])
        texts = texts_of(table, {**BLANK[table], **columns, "id": row, MOMENTS[table]: at})
        values, self.writers[table, writer] = chained(chain, texts)
        self.session.execute(insert_into(table), values)
        self.names |= {name: str(row), f"writer {writer}": str(chain.id)}
        return row

    def seal(self, at, *, key=None, copied=True):
        """Seal what is there, each table's months by themselves, as one run of the sealer."""
        key = key or self.key
        made = []
        with self.session.transaction():
            below = self.session.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint").fetchone()[0]
            for table in SEALED:
                for month, rows in groupby(self._waiting(table, below), key=lambda row: row[1].date().replace(day=1)):
                    made.append(self._checkpoint(table, month, [*rows], below, at, key))
        if copied:
            self.copy.append([line_of(checkpoint) for checkpoint in made])

    def _waiting(self, table, below):
        query = (
            f"SELECT id, {MOMENTS[table]}, salt, {selected(table)} FROM {table} r WHERE xact < {below} AND NOT EXISTS "
            f"(SELECT FROM {table}_sealed m WHERE m.id = r.id AND m.at = r.{MOMENTS[table]}) "
            f"ORDER BY date_trunc('month', {MOMENTS[table]} AT TIME ZONE 'UTC'), "
            "r.xact, r.writer, r.writer_number, r.id"
        )
        return self.session.execute(query).fetchall()

    def _checkpoint(self, table, month, rows, below, at, key):
        last = self.session.execute("SELECT * FROM audit_checkpoint ORDER BY number DESC LIMIT 1")
        before = next(iter(rows_as_objects(last)), None)
        number = before.number + 1 if before else 1
        tree = Tree()
        for position, (row, moment, salt, *texts) in enumerate(rows):
            made = leaf(salt, content(table, texts))
            tree.add(made)
            self.session.execute(
                f"INSERT INTO {table}_sealed VALUES (%s, %s, %s, %s, %s)", [row, moment, number, position, made]
            )
        checkpoint = SimpleNamespace(
            number=number,
            sealed_table=table,
            month=month,
            size=tree.size,
            root=tree.root,
            previous=Statement.of(before).digest if before else FIRST,
            below=below,
            cluster=self.session.execute("SELECT system_identifier::text FROM pg_control_system()").fetchone()[0],
            at=at,
            key=fingerprint(key.public_key()),
        )
        checkpoint.signature = key.sign(Statement.of(checkpoint).message)
        values = vars(checkpoint)
        marks = ", ".join(["%s"] * len(values))
        self.session.execute(
            f"INSERT INTO audit_checkpoint ({', '.join(values)}) VALUES ({marks})", list(values.values())
        )
        return checkpoint

    def digest_of(self, number):
        """Return the digest of a checkpoint."""
        [row] = rows_as_objects(self.session.execute("SELECT * FROM audit_checkpoint WHERE number = %s", [number]))
        return Statement.of(row).digest

    def tamper(self, *statements):
        """Do what no role may: past every trigger."""
        self.session.execute("SET session_replication_role = replica")
        try:
            for statement in statements:
                self.session.execute(statement.format(**self.names))
        finally:
            self.session.execute("SET session_replication_role = origin")

    def edit_copy(self, change):
        """Give all lines of the copy to a function and keep what it returns."""
        first, *others = sorted(self.folder.glob("*.jsonl"))
        lines = [line for file in (first, *others) for line in file.read_bytes().splitlines(keepends=True)]
        first.write_bytes(b"".join(change(lines)))
        for file in others:
            file.write_bytes(b"")

    def findings(self, **arguments):
        """Return kind and place of all that is found."""
        given = {"copy": self.copy, "public_keys": self.keys, "patience": 0, **arguments}
        return sorted((str(found.kind), found.where) for found in verify(self.auditor, **given))

    def looked(self, **arguments):
        """Return what was looked at. Nothing is found."""
        looked = Looked()
        assert self.findings(looked=looked, **arguments) == []
        return looked


def rows_as_objects(cursor):
    names = [column.name for column in cursor.description]
    return [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


BLANK = {
    "audit_record": {
        "duration_us": 1,
        "http_status": 200,
        "account_hashes": [b"l1:one", b"l1:two"],
        "outcome": "answered",
        "service": "fi-utlegg-saldo",
        "evidence": {"alg": "RSA-OAEP-256", "b": [1, {"æ": None}]},
        "control_object_sealed": b"e1:nonce and ciphertext",
        "correlation_id": uuid.UUID(int=7),
        "only_primary_owner": True,
        "as_of": NOON,
    },
    "audit_turned_away": {"reason": "expired", "consumer": "974761076", "count": 3},
    "audit_access": {"person": "Kari Nordmann (4711)", "account": "kari", "page": "records"},
    "audit_decision": {"kind": "held", "person": "Kari Nordmann (4711)", "ground": "Sak 17"},
}
