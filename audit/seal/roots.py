"""Checkpoints in the making: leaves go in, memberships and signed roots come out, chained one to the other."""

from binascii import hexlify
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from audit.seal.checkpoints import FIRST, Statement
from audit.seal.copied import Row
from audit.seal.leaves import moment_text
from audit.seal.merkle import Tree
from audit.signers import Signer

MEMBERS = "COPY {table}_sealed (id, at, checkpoint, position, leaf) FROM STDIN"
INSERT = """
INSERT INTO audit_checkpoint (number, sealed_table, month, size, root, previous, below, cluster, at, key, signature)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What one run sealed."""

    checkpoints: int = 0
    rows: int = 0


@dataclass(slots=True)
class Roots:
    """What one transaction writes. `head` is the checkpoint that the next one follows, None before the first."""

    cursor: Any
    signer: Signer
    key: str
    head: Statement | None
    below: int
    cluster: str
    now: datetime
    most: int
    sealed: Sealed = Sealed()

    def seal(self, table: str, month: date, rows: Iterable[Row]) -> None:
        """Put the rows of one month under roots, with at most `most` leaves each."""
        tree, members = Tree(), []
        for row in rows:
            place = (row.id, row.at, self._number, tree.size, hexlify(row.leaf))
            members.append(b"%b\t%b\t%d\t%d\t\\\\x%b\n" % place)
            tree.add(row.leaf)
            if tree.size == self.most:
                self._close(table, month, tree, members)
                tree, members = Tree(), []
        if tree.size:
            self._close(table, month, tree, members)

    @property
    def _number(self) -> int:
        return self.head.number + 1 if self.head else 1

    def _close(self, table: str, month: date, tree: Tree, members: list[bytes]) -> None:
        with self.cursor.copy(MEMBERS.format(table=table)) as lines:
            lines.write(b"".join(members))
        statement = Statement(
            number=self._number,
            sealed_table=table,
            month=month.isoformat(),
            size=tree.size,
            root=tree.root.hex(),
            previous=(self.head.digest if self.head else FIRST).hex(),
            below=self.below,
            cluster=self.cluster,
            at=moment_text(self.now),
            key=self.key,
        )
        self._insert(statement, month, tree.root, self.signer.sign(statement.message))
        self.head = statement
        self.sealed = replace(
            self.sealed, checkpoints=self.sealed.checkpoints + 1, rows=self.sealed.rows + statement.size
        )

    def _insert(self, statement: Statement, month: date, root: bytes, signature: bytes) -> None:
        told = (statement.number, statement.sealed_table, month, statement.size, root)
        chained = (bytes.fromhex(statement.previous), statement.below, statement.cluster, self.now)
        self.cursor.execute(INSERT, [*told, *chained, statement.key, signature])
