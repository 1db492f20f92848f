"""A small mail server (RFC 5321) on this machine, for tests that send real mail and look at what came."""

import contextlib
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Mailbox:
    """What came, as envelope and bytes. `refusing` is a command that is answered 550; `silent` one never answered."""

    port: int = 0
    messages: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    refusing: str = ""
    silent: str = ""
    ended: threading.Event = field(default_factory=threading.Event)


class Conversation(socketserver.StreamRequestHandler):
    """One connection: a message, or several."""

    def handle(self) -> None:
        self.box: Mailbox = self.server.box  # type: ignore[attr-defined]
        self.say("220 mailbox")
        sender, recipients = "", []
        while line := self.rfile.readline(1000).decode().strip():
            word = line.split(" ")[0].upper()
            if word == self.box.silent:
                self.box.ended.wait(20)
                return
            if word == self.box.refusing:
                self.say("550 refused")
            elif word == "QUIT":
                self.say("221 bye")
                return
            elif word == "DATA":
                self.say("354 go on")
                self.box.messages.append((sender, recipients, self.content()))
                self.say("250 taken")
                sender, recipients = "", []
            else:
                sender = line[len("MAIL FROM:") :].split(" ")[0].strip("<>") if word == "MAIL" else sender
                recipients += [line[len("RCPT TO:") :].split(" ")[0].strip("<>")] if word == "RCPT" else []
                self.say("250 good")

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def content(self) -> bytes:
        lines = iter(self.rfile.readline, b".\r\n")
        return b"".join(line[1:] if line.startswith(b"..") else line for line in lines)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address, daemon_threads = True, True

    def handle_error(self, *args: object) -> None:
        """Say nothing: a sender that hangs up is what some tests are about."""


@contextlib.contextmanager
def running_mailbox() -> Iterator[Mailbox]:
    """Serve on a free port until the end of the block."""
    with Server(("127.0.0.1", 0), Conversation) as server:
        server.box = Mailbox(port=server.server_address[1])  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server.box  # type: ignore[attr-defined]
        finally:
            server.box.ended.set()  # type: ignore[attr-defined]
            server.shutdown()
            thread.join()
