"""What the copy outside has of the checkpoints: it gets what it lacks, and tells where a restored trail goes on."""

import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from audit.seal.checkpoints import Statement
from audit.seal.copies import Copy, NotALine, line_of, parse_line
from audit.seal.models import Checkpoint

AT_ONCE = 1000
"""Lines in one append."""

logger = logging.getLogger(__name__)


class Seen:
    """What was read of a copy: all numbers up to `whole` and some beyond, and the last checkpoint past a number."""

    def __init__(self, past: int, key: Ed25519PublicKey) -> None:
        self.whole = 0
        self.beyond: set[int] = set()
        self.last: Statement | None = None
        self._past, self._key = past, key

    def __contains__(self, number: int) -> bool:
        return number <= self.whole or number in self.beyond

    def add(self, line: bytes) -> None:
        """Note a line; one that is none is left to audit_verify."""
        try:
            statement, signature = parse_line(line)
        except NotALine:
            return
        self.beyond.add(statement.number)
        if statement.number > max(self._past, self.last.number if self.last else 0) and self._signed(
            statement, signature
        ):
            self.last = statement

    def join(self, first: int = 1) -> None:
        """Take all before `first` for seen, and what follows it without a gap too."""
        self.whole = max(self.whole, first - 1)
        while self.whole + 1 in self.beyond:
            self.whole += 1
            self.beyond.remove(self.whole)

    def _signed(self, statement: Statement, signature: bytes) -> bool:
        try:
            self._key.verify(signature, statement.message)
        except InvalidSignature:
            return False
        return True


class Outside:
    """One sealer's view of its copy, which is read once and then remembered."""

    def __init__(self, copy: Copy | None, key: Ed25519PublicKey) -> None:
        self._copy = copy
        self._key = key
        self._seen: Seen | None = None
        self._last = 0  # in the database, when we looked

    def head(self, connection: Any) -> Statement | None:
        """Return the checkpoint that the next one follows: the last one in the database, or beyond it in the copy.

        A trail restored from a dump lacks what was sealed since. The numbers of those checkpoints are not given to
        others: the copy stays one chain, and the gap in the database says how much was lost.
        """
        last = last_of(connection)
        ahead = self._seen.last if self._seen else None
        return ahead if ahead and (last is None or last.number < ahead.number) else last

    def catch_up(self, connection: Any) -> None:
        """Append what the copy lacks. A failure is logged: the checkpoints stand, and the next time appends."""
        if self._copy is None:
            return
        last = last_of(connection)
        number = last.number if last else 0
        if number < self._last:  # restored, while this process ran
            self._seen = None
        self._last = number
        seen = self._seen = self._seen or self._look(connection, self._copy, last)
        if seen is not None:
            self._append(connection, self._copy, seen)

    def _look(self, connection: Any, copy: Copy, last: Statement | None) -> Seen | None:
        """Read the copy, a month or two back or else whole, until that tells what it lacks; None when it cannot be."""
        for since in [month_before(last), None] if last else [None]:
            seen = Seen(self._last, self._key)
            try:
                for line in copy.read(since):
                    seen.add(line)
                    if since is None:
                        seen.join()
            except Exception as error:  # somebody else's adapter may raise anything
                self._behind(error)
                return None
            if since is None or goes_back(connection, seen, since):
                break
        if seen.last is not None:
            logger.error("audit.copy_ahead", extra={"copied": seen.last.number, "checkpoint": self._last})
        return seen

    def _append(self, connection: Any, copy: Copy, seen: Seen) -> None:
        while rows := after(connection, seen.whole):
            lines = [line_of(row) for row in rows if row.number not in seen]
            try:
                if lines:
                    copy.append(lines)
            except Exception as error:  # somebody else's adapter may raise anything
                self._behind(error)
                return
            seen.join(rows[-1].number + 1)

    def _behind(self, error: Exception) -> None:
        logger.error("audit.copy_behind", extra={"error": type(error).__name__, "checkpoint": self._last})


def last_of(connection: Any) -> Statement | None:
    """Return the last checkpoint in the database."""
    row = Checkpoint.objects.using(connection.alias).order_by("-number").first()
    return Statement.of(row) if row else None


def after(connection: Any, number: int) -> list[Checkpoint]:
    """Return the next checkpoints after a number, in order."""
    return [*Checkpoint.objects.using(connection.alias).filter(number__gt=number).order_by("number")[:AT_ONCE]]


def month_before(checkpoint: Statement) -> date:
    """Return the first day of the month before the one in which it was made."""
    return (datetime.fromisoformat(checkpoint.at).date().replace(day=1) - timedelta(days=1)).replace(day=1)


def goes_back(connection: Any, seen: Seen, since: date) -> bool:
    """Return whether all checkpoints since that day were seen, up to some number, and take those before for seen."""
    if not seen.beyond:
        return False
    first = min(seen.beyond)
    before = Checkpoint.objects.using(connection.alias).filter(number__lt=first).order_by("-number").first()
    if before is not None and before.at.astimezone(UTC).date() >= since:
        return False
    seen.join(first)
    return True
