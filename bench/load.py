"""The built-in load generator: keep-alive connections, each with one question under way, in a process of its own.

Run as `python -m bench.process load.run KIND PORT`. It tells when each phase begins and what came of it, a line each.
"""

import contextlib
import json
import os
import selectors
import socket
import sys
import time
from collections import Counter
from itertools import cycle
from pathlib import Path
from typing import Any

from bench.questions import Asker

QUESTIONS = {"accounts": 5_000, "details": 5_000, "transactions": 500}
PHASES = ((8, 2.0, False), (8, 4.0, True), (2, 3.0, True))
"""Connections, seconds, and whether it counts."""
PATIENCE = 30.0
LARGEST_READ = 1 << 18


class Line:
    """One connection and the answer it waits for."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = bytearray()
        self.expected = 0
        self.sent_at = 0.0

    def send(self, wire: bytes) -> None:
        self.received.clear()
        self.expected = 0
        self.sent_at = time.perf_counter()
        self.socket.sendall(wire)

    def receive(self) -> bool:
        """Return whether the answer is whole. Raise ConnectionError when the server has hung up."""
        got = self.socket.recv(LARGEST_READ)
        if not got:
            raise ConnectionError
        self.received += got
        if not self.expected:
            end = self.received.find(b"\r\n\r\n")
            if end < 0:
                return False
            head = bytes(self.received[:end]).lower()
            start = head.index(b"content-length:") + 15
            self.expected = end + 4 + int(head[start:].split(b"\r\n", 1)[0])
        return len(self.received) >= self.expected

    @property
    def status(self) -> str:
        return self.received[9:12].decode("ascii", "replace")


def drive(port: int, wires: Any, connections: int, seconds: float) -> dict[str, Any]:
    """Ask for so long and return how many were answered, with which status, and the milliseconds of each."""
    lines = [Line(port) for _ in range(connections)]
    waiting: list[float] = []
    statuses: Counter[str] = Counter()
    open_lines = connections
    with contextlib.ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        for line in lines:
            stack.callback(line.socket.close)
        begun = time.perf_counter()
        for line in lines:
            selector.register(line.socket, selectors.EVENT_READ, line)
            line.send(next(wires))
        while open_lines:
            for key, _ in selector.select(PATIENCE):
                line = key.data
                if not line.receive():
                    continue
                now = time.perf_counter()
                waiting.append((now - line.sent_at) * 1000)
                statuses[line.status] += 1
                if now - begun < seconds:
                    line.send(next(wires))
                else:
                    selector.unregister(line.socket)
                    open_lines -= 1
        elapsed = time.perf_counter() - begun
    waiting.sort()
    return {
        "connections": connections,
        "count": len(waiting),
        "failures": len(waiting) - statuses["200"],
        "statuses": statuses,
        "per_second": len(waiting) / elapsed,
        "p50_ms": waiting[len(waiting) // 2],
        "p99_ms": waiting[int(len(waiting) * 0.99)],
    }


def run(kind: str, port: str) -> None:
    people = json.loads((Path(os.environ["DSOP_SANDBOX_FOLDER"]) / "population.json").read_text())
    questions = Asker(people, seed=os.getpid()).questions(kind, QUESTIONS[kind])
    wires = cycle([question.wire() for question in questions])
    for connections, seconds, counts in PHASES:
        if counts:
            tell({"begin": connections})
        found = drive(int(port), wires, connections, seconds)
        if counts:
            tell(found)


def tell(words: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()
