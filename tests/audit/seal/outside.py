"""What the tests of the places outside share: a checkpoint's row, and a copy in memory."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

from audit.seal.checkpoints import Statement
from audit.seal.copies import CopyFailed

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def row(number=7, **changes):
    """Return a checkpoint as the table has it; its signature is none."""
    members = {
        "number": number,
        "sealed_table": "audit_record",
        "month": date(2026, 11, 1),
        "size": 2,
        "root": bytes([1]) * 32,
        "previous": bytes([2]) * 32,
        "below": 812,
        "cluster": "7400000000000000001",
        "at": datetime(2026, 11, 22, 7, 59, 30, tzinfo=UTC),
        "key": "ab" * 32,
        "signature": bytes(64),
    }
    return SimpleNamespace(**{**members, **changes})


STATEMENT = Statement.of(row())


class InMemory:
    """An adapter of a bank's own, with the argument from the setting."""

    def __init__(self, argument=""):
        if argument == "broken":
            raise RuntimeError("a secret")
        self.argument, self.lines, self.names, self.full = argument, [], {}, False

    def append(self, lines):
        self.lines += lines

    def read(self, since=None):
        yield from (line.removesuffix(b"\n") for line in self.lines)

    def keep(self, name, content):
        if self.full:
            raise CopyFailed("no room")
        self.names[name] = content

    def kept(self, beginning=""):
        yield from sorted((name, content) for name, content in self.names.items() if name.startswith(beginning))


class Half:
    """Not all of an adapter."""

    ending = "txt"

    def __init__(self, argument):
        self.append = self.keep = self.ask = None

    def read(self):
        raise AssertionError

    kept = read
