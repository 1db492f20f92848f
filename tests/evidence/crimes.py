"""What somebody with every right in the database, and sometimes with more, could do to the trail."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import sql

from audit.models import Checkpoint
from audit.seal.checkpoints import FIRST, Statement, fingerprint
from audit.seal.leaves import content, leaf, selected
from audit.seal.merkle import Tree
from tests.evidence.trail import Seal

SEALED_ROWS = """
SELECT r.id, r.at, r.service, s.checkpoint, s.position FROM audit_record r JOIN audit_record_sealed s USING (id, at)
WHERE r.answer_digest IS NOT NULL AND r.writer_number > 1
  AND EXISTS (SELECT FROM audit_record_sealed o WHERE o.checkpoint = s.checkpoint AND o.position = s.position + 1)
  AND EXISTS (SELECT FROM audit_record n WHERE n.writer = r.writer AND n.writer_number = r.writer_number + 1)
ORDER BY s.checkpoint, s.position
"""


@dataclass
class Scene:
    """Where it happens: a superuser's session, the seal with its copy, and a row to be the victim."""

    session: psycopg.Connection[Any]
    seal: Seal

    def do(self, statement: str, *values: object) -> psycopg.Cursor[Any]:
        return self.session.execute(statement, values)

    def one(self, statement: str, *values: object) -> Any:
        return self.do(statement, *values).fetchone()

    @property
    def victim(self) -> Any:
        """Return id, moment, service, checkpoint and position of a record that is sealed in the middle of things."""
        rows = self.do(SEALED_ROWS).fetchall()
        return rows[len(rows) // 2]

    @property
    def last(self) -> int:
        return self.one("SELECT max(number) FROM audit_checkpoint")[0]

    @property
    def checkpoint(self) -> int:
        return self.victim[3]

    def copied(self, change: Callable[[list[bytes]], list[bytes]]) -> None:
        """Change the lines of the copy outside."""
        for path in self.seal.copy.glob("checkpoints-*.jsonl"):
            path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))


# Rows


def change_a_value(scene: Scene) -> str:
    scene.do("UPDATE audit_record SET http_status = 404 WHERE id = %s", scene.victim[0])
    return str(scene.victim[0])


def change_the_salt(scene: Scene) -> str:
    scene.do("UPDATE audit_record SET salt = uuid_send(gen_random_uuid()) WHERE id = %s", scene.victim[0])
    return str(scene.victim[0])


def change_a_ciphertext(scene: Scene) -> str:
    victim = scene.victim[0]
    scene.do(
        "UPDATE audit_record SET control_object_sealed = set_byte(control_object_sealed,"
        " length(control_object_sealed) - 1, get_byte(control_object_sealed, length(control_object_sealed) - 1) # 1)"
        " WHERE id = %s",
        victim,
    )
    return str(victim)


def change_the_moment(scene: Scene) -> str:
    """One microsecond, the membership along with it."""
    victim = scene.victim[0]
    for table in ("audit_record", "audit_record_sealed", "audit_answer"):
        scene.do(f"UPDATE {table} SET at = at + interval '1 microsecond' WHERE id = %s", victim)
    return str(victim)


def take_a_row(scene: Scene) -> str:
    victim = scene.victim[0]
    scene.do("DELETE FROM audit_record WHERE id = %s", victim)
    return str(victim)


def take_a_row_with_all_that_belongs_to_it(scene: Scene) -> str:
    victim, checkpoint = scene.victim[0], scene.checkpoint
    for table in ("audit_record", "audit_record_sealed", "audit_answer"):
        scene.do(f"DELETE FROM {table} WHERE id = %s", victim)
    return f"checkpoint {checkpoint}"


def add_a_row(scene: Scene) -> str:
    """A copy of a record of long ago under a new id, in no checkpoint."""
    return copied_row(scene, "writer = NULL, writer_number = NULL, writer_previous = NULL")


def add_a_row_of_a_forged_writer(scene: Scene) -> str:
    """As if it had been written just now, by a connection that introduces itself without the keys."""
    forged = "writer = gen_random_uuid(), writer_number = 1, writer_previous = 'l1:' || sha256('x')"
    return copied_row(scene, f"{forged}, xact = pg_current_xact_id()::text::bigint")


def duplicate_a_row(scene: Scene) -> str:
    """The whole row once more, as if it had been written just now."""
    return copied_row(scene, "xact = pg_current_xact_id()::text::bigint")


def copied_row(scene: Scene, changes: str) -> str:
    victim, answer = scene.victim[0], None
    scene.do("CREATE TEMP TABLE another AS SELECT * FROM audit_record WHERE id = %s", victim)
    scene.do(f"UPDATE another SET id = gen_random_uuid(), answer_digest = NULL, {changes}")
    answer = scene.one("INSERT INTO audit_record SELECT * FROM another RETURNING id")[0]
    scene.do("DROP TABLE another")
    return str(answer)


def swap_two_places(scene: Scene) -> str:
    _, _, _, checkpoint, position = scene.victim
    scene.do(
        "UPDATE audit_record_sealed SET position = 2 * %s + 1 - position"
        " WHERE checkpoint = %s AND position IN (%s, %s)",
        *(position, checkpoint, position, position + 1),
    )
    return f"checkpoint {checkpoint}"


def move_to_another_month(scene: Scene) -> str:
    victim = scene.victim[0]
    scene.do("UPDATE audit_record SET at = at + interval '1 month' WHERE id = %s", victim)
    return str(victim)


def move_to_another_month_with_its_membership(scene: Scene) -> str:
    victim = scene.victim[0]
    for table in ("audit_record", "audit_record_sealed", "audit_answer"):
        scene.do(f"UPDATE {table} SET at = at + interval '1 month' WHERE id = %s", victim)
    return str(victim)


def cut_before_the_seal(scene: Scene) -> str:
    """A row that is in no checkpoint yet; the same connection has written on."""
    row, following = scene.one(
        "SELECT r.id, n.id FROM audit_record r JOIN audit_record n ON n.writer = r.writer"
        " AND n.writer_number = r.writer_number + 1"
        " WHERE NOT EXISTS (SELECT FROM audit_record_sealed s WHERE s.id = r.id) LIMIT 1"
    )
    scene.do("DELETE FROM audit_record WHERE id = %s", row)
    scene.do("DELETE FROM audit_answer a WHERE NOT EXISTS (SELECT FROM audit_record r WHERE r.id = a.id)")
    return str(following)


def forget_the_writer(scene: Scene) -> str:
    victim = scene.victim[0]
    scene.do(
        "UPDATE audit_record SET writer = NULL, writer_number = NULL, writer_previous = NULL WHERE id = %s", victim
    )
    return str(victim)


def take_a_whole_writer(scene: Scene) -> str:
    """Every row of one connection, sealed or not, with memberships and answers."""
    [writer] = scene.one("SELECT writer FROM audit_record WHERE id = %s", scene.victim[0])
    scene.do("CREATE TEMP TABLE gone AS SELECT id FROM audit_record WHERE writer = %s", writer)
    for table in ("audit_record", "audit_record_sealed", "audit_answer"):
        scene.do(f"DELETE FROM {table} WHERE id IN (SELECT id FROM gone)")
    scene.do("DROP TABLE gone")
    return "checkpoint"


def change_a_sum(scene: Scene) -> str:
    return str(
        scene.one(
            "UPDATE audit_turned_away SET count = count - 1 WHERE ctid = (SELECT ctid FROM"
            " audit_turned_away LIMIT 1) RETURNING id"
        )[0]
    )


def change_who_looked(scene: Scene) -> str:
    return str(scene.one("UPDATE audit_access SET account = 'somebody' RETURNING id")[0])


def take_a_decision(scene: Scene) -> str:
    return str(scene.one("DELETE FROM audit_decision WHERE kind = 'held' RETURNING id")[0])


# Checkpoints


def edit_a_checkpoint(scene: Scene) -> str:
    scene.do("UPDATE audit_checkpoint SET at = at - interval '1 day' WHERE number = %s", scene.checkpoint)
    return f"checkpoint {scene.checkpoint}"


def swap_a_root(scene: Scene) -> str:
    scene.do("UPDATE audit_checkpoint SET root = sha256('another') WHERE number = %s", scene.checkpoint)
    return f"checkpoint {scene.checkpoint}"


def take_a_checkpoint(scene: Scene) -> str:
    """One in the middle, with its memberships: its rows then look as if they waited for the seal."""
    number = scene.checkpoint
    scene.do("DELETE FROM audit_checkpoint WHERE number = %s", number)
    scene.do("DELETE FROM audit_record_sealed WHERE checkpoint = %s", number)
    return f"checkpoint {number}"


def cut_the_tail(scene: Scene) -> str:
    """The last checkpoints with all their rows, and all that came after, as an older dump would have it."""
    [number] = scene.one("SELECT max(number) FROM audit_checkpoint WHERE sealed_table = 'audit_record'")
    for table, moment in MOMENTS.items():
        scene.do(
            f"DELETE FROM {table} r WHERE NOT EXISTS (SELECT FROM {table}_sealed s"
            f" WHERE s.id = r.id AND s.at = r.{moment} AND s.checkpoint < %s)",
            number,
        )
        scene.do(f"DELETE FROM {table}_sealed WHERE checkpoint >= %s", number)
    scene.do("DELETE FROM audit_answer a WHERE NOT EXISTS (SELECT FROM audit_record r WHERE r.id = a.id)")
    scene.do("DELETE FROM audit_checkpoint WHERE number >= %s", number)
    return f"checkpoint {number}"


MOMENTS = {"audit_record": "at", "audit_turned_away": "minute", "audit_access": "at", "audit_decision": "at"}


def write_history_again(scene: Scene) -> str:
    """A changed row, and every checkpoint from its own on made and signed anew with the bank's own stolen key."""
    return rewritten(scene, scene.seal.key)


def write_history_again_with_another_key(scene: Scene) -> str:
    return rewritten(scene, Ed25519PrivateKey.generate())


def rewritten(scene: Scene, key: Ed25519PrivateKey) -> str:
    victim, _, _, checkpoint, _ = scene.victim
    scene.do("UPDATE audit_record SET http_status = 404 WHERE id = %s", victim)
    query = f"SELECT salt, {selected('audit_record')} FROM audit_record WHERE id = %s"
    salt, *values = scene.one(query, victim)
    changed = leaf(salt, content("audit_record", values))
    scene.do("UPDATE audit_record_sealed SET leaf = %s WHERE id = %s", changed, victim)
    sign_again(scene.session, checkpoint, key)
    return f"checkpoint {checkpoint}"


def sign_again(session: psycopg.Connection[Any], first: int, key: Ed25519PrivateKey) -> None:
    columns = [column.column for column in Checkpoint._meta.local_concrete_fields]
    query = f"SELECT {', '.join(columns)} FROM audit_checkpoint ORDER BY number"
    previous = FIRST
    for row in session.execute(query).fetchall():
        statement = Statement.of(Checkpoint(**dict(zip(columns, row, strict=True))))
        if statement.number >= first:
            leaves = session.execute(
                f"SELECT leaf FROM {statement.sealed_table}_sealed WHERE checkpoint = %s ORDER BY position",
                [statement.number],
            )
            statement = replace(
                statement,
                root=Tree(found for (found,) in leaves).root.hex(),
                previous=previous.hex(),
                key=fingerprint(key.public_key()),
            )
            session.execute(
                "UPDATE audit_checkpoint SET root = %s, previous = %s, key = %s, signature = %s WHERE number = %s",
                [
                    bytes.fromhex(statement.root),
                    previous,
                    statement.key,
                    key.sign(statement.message),
                    statement.number,
                ],
            )
        previous = statement.digest


# What lies beside


def change_a_leaf(scene: Scene) -> str:
    scene.do("UPDATE audit_record_sealed SET leaf = sha256('another') WHERE id = %s", scene.victim[0])
    return f"checkpoint {scene.checkpoint}"


def take_a_membership(scene: Scene) -> str:
    number = scene.checkpoint
    scene.do("DELETE FROM audit_record_sealed WHERE id = %s", scene.victim[0])
    return f"checkpoint {number}"


def change_an_answer(scene: Scene) -> str:
    victim = scene.victim[0]
    scene.do("UPDATE audit_answer SET document = document || '\\x00' WHERE id = %s", victim)
    return str(victim)


def take_an_answer(scene: Scene) -> str:
    victim = scene.victim[0]
    scene.do("DELETE FROM audit_answer WHERE id = %s", victim)
    return str(victim)


def exchange_two_answers(scene: Scene) -> str:
    """Each is a true ciphertext of the bank's, under the other's record."""
    victim = scene.victim[0]
    [other] = scene.one("SELECT id FROM audit_answer WHERE id <> %s LIMIT 1", victim)
    scene.do(
        "UPDATE audit_answer a SET document = b.document FROM audit_answer b"
        " WHERE (a.id, b.id) IN ((%s, %s), (%s, %s))",
        *(victim, other, other, victim),
    )
    return str(victim)


def destroy_a_key(scene: Scene) -> str:
    _, _, service, _, _ = scene.victim
    return scene.one("DELETE FROM audit_key WHERE kind = 'number' AND service = %s RETURNING name", service)[0]


def forge_a_tombstone(scene: Scene) -> str:
    """A month key is destroyed, and a decision written that is to excuse it."""
    name = destroy_a_key(scene)
    columns = {
        "kind": "deleted",
        "person": "1001",
        "account": "admin",
        "ground": "",
        "what": "numbers",
        "service": scene.victim[2],
        "month": scene.victim[1].date().replace(day=1),
        "evidence": json.dumps({"months": 1}),
    }
    statement = sql.SQL("INSERT INTO audit_decision (id, at, {}) VALUES (gen_random_uuid(), now(), {}) RETURNING id")
    names, places = map(sql.Identifier, columns), sql.SQL(", ").join(sql.Placeholder() * len(columns))
    forged = scene.session.execute(statement.format(sql.SQL(", ").join(names), places), [*columns.values()])
    assert name
    return str(forged.fetchone()[0])


# The copy outside


def change_a_line(scene: Scene) -> str:
    number = scene.checkpoint

    def change(lines: list[bytes]) -> list[bytes]:
        return [another(line) if json.loads(line)["statement"]["number"] == number else line for line in lines]

    def another(line: bytes) -> bytes:
        found = json.loads(line)
        found["statement"]["root"] = hashlib.sha256(b"another").hexdigest()
        return json.dumps(found, sort_keys=True, separators=(",", ":")).encode() + b"\n"

    scene.copied(change)
    return f"checkpoint {number}"


def take_a_line(scene: Scene) -> str:
    number = scene.checkpoint
    scene.copied(lambda lines: [line for line in lines if json.loads(line)["statement"]["number"] != number])
    return f"checkpoint {number}"
