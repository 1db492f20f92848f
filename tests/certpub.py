"""A CertPub that misbehaves on demand: a real HTTP server before the sandbox's own locator and publisher."""

import contextlib
import re
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import urllib3

BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE p [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><Process xmlns="urn:fdc:difi.no:2017:virksert:v1">&c;</Process>'
)


class CertPub:
    """`faults` maps (place, participant) to a word; place is `locator` or `publisher`. `asked` counts the calls.

    What is `held` is answered when `let_go` is set.
    """

    def __init__(self, origin):
        self.origin = origin
        self.faults = {}
        self.asked = []
        self.let_go = threading.Event()
        self._pool = urllib3.PoolManager(retries=False)
        self.port = 0
        self.open()
        self.locator = f"http://127.0.0.1:{self.port}/locator"

    def open(self):
        """Listen: on a free port, or once more on that of before."""
        self.let_go.clear()
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self.let_go.set()
        self._server.shutdown()
        self._server.server_close()
        self._pool.clear()

    def _handler(certpub):  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                with contextlib.suppress(OSError):
                    certpub.answer(self)

            def log_message(self, *arguments):
                pass

        return Handler

    def answer(self, handler):
        place = handler.path.split("/")[1]
        participant = re.search(r"0192:([0-9]{9})", unquote(handler.path))[1]
        self.asked.append((place, participant))
        fault = self.faults.get((place, participant), "")
        if fault == "slow":
            time.sleep(12)
        if fault == "held":
            self.let_go.wait(120)
            fault = "broken"
        if fault == "cut":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n<Process")
            handler.wfile.flush()
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        status, body, headers = (
            self.made_up(fault) if fault and fault != "slow" else self.passed_on(handler.path, fault)
        )
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def passed_on(self, path, fault):
        answer = self._pool.request("GET", f"{self.origin}/sandbox/certpub{path}", redirect=False)
        body = answer.data.replace(f"{self.origin}/sandbox/certpub".encode(), f"http://127.0.0.1:{self.port}".encode())
        return answer.status, body, {"Content-Type": answer.headers["Content-Type"]}

    def made_up(self, fault):
        if fault == "another's":
            path = f"/publisher/api/v1/iso6523-actorid-upis%3A%3A0192%3A915429785/{PROCESS}"
            return self.passed_on(path, fault)
        return {
            "not found": (404, b"", {}),
            "broken": (500, b"", {}),
            "page": (200, b"<html>hello</html>", {"Content-Type": "text/html"}),
            "bomb": (200, BOMB, {"Content-Type": "application/xml"}),
            "huge": (200, b"x" * 10_000_000, {"Content-Type": "application/xml"}),
            "redirect": (302, b"", {"Location": "http://127.0.0.1:1/elsewhere"}),
            "other host": (200, b'{"difi-bcp-v1": "http://127.0.0.2:1/publisher"}', {}),
            "no publisher": (200, b'{"other": "http://127.0.0.1/"}', {}),
            "list": (200, b"[]", {}),
        }[fault]


PROCESS = "bdx-procid-dsop%3A%3Aurn%3Afdc%3Abits.no%3A2018%3Adsop%3Aaccount%3A1.0"
