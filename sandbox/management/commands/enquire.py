"""Ask a running server one enquiry as the agency would, and show each request and answer."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from sandbox.certpub.site import here
from sandbox.consumer import PREPARATIONS, SERVICES, Enquiry, EnquiryFailed, Exchange, plain, printed
from sandbox.maskinporten import keys


class Command(BaseCommand):
    help = "Act as the agency behind a service: ask about one party over HTTP and print every exchange."
    requires_system_checks = ()  # everything it knows comes over HTTP

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("service", choices=sorted(SERVICES))
        parser.add_argument("identifier", help="who is asked about: eleven or nine digits")
        parser.add_argument("--base-url", help="the bank's address; the first configured audience unless given")
        parser.add_argument("--encrypted", action="store_true", help="ask for encrypted answers and open them")
        parser.add_argument("--json", action="store_true", help="print one JSON document instead of text")

    def handle(self, *args: Any, **options: Any) -> None:
        base_url = (options["base_url"] or next(iter(settings.AUDIENCES))).rstrip("/")
        if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", base_url):
            raise CommandError("--base-url must be an http or https address without query.")
        if not re.fullmatch("[0-9]{11}|[0-9]{9}", options["identifier"]):
            raise CommandError("The identifier must be eleven or nine digits.")
        service = SERVICES[options["service"]]
        enquiry = Enquiry(
            service=service,
            identifier=options["identifier"],
            base_url=base_url,
            issuer=settings.MASKINPORTEN_ISSUER,
            keys=keys.folder(),
            today=timezone.localdate(),
            private_key=_private_key(service.consumer) if options["encrypted"] else None,
        )
        show = self._json if options["json"] else self._text
        try:
            asked = show(enquiry.exchanges(), options)
        except EnquiryFailed as failure:
            raise CommandError(str(failure)) from None
        surprises = sum(1 for exchange in asked if exchange.surprise)
        if surprises:
            raise CommandError(f"{surprises} of {len(asked)} answers were not as expected.")

    def _json(self, exchanges: Iterator[Exchange], options: dict[str, Any]) -> list[Exchange]:
        asked = [exchange for exchange in exchanges if exchange.step not in PREPARATIONS]
        document = {
            "service": options["service"],
            "identifier": options["identifier"],
            "exchanges": [_document(exchange) for exchange in asked],
        }
        self.stdout.write(printed(document))
        return asked

    def _text(self, exchanges: Iterator[Exchange], options: dict[str, Any]) -> list[Exchange]:
        asked = []
        for exchange in exchanges:
            if exchange.step in PREPARATIONS:
                self.stdout.write(f"({exchange.step}: {exchange.method} {exchange.url} -> {exchange.status})\n\n")
                continue
            asked.append(exchange)
            self.stdout.write(_readable(len(asked), exchange))
            self.stdout.flush()
        if not any(exchange.surprise for exchange in asked):
            self.stdout.write(f"{len(asked)} questions, every answer as expected.")
        return asked


def _private_key(consumer: str) -> Path:
    file = here().agency_key(consumer)
    if not file.is_file():
        raise CommandError("The agency has no private key here: manage.py sandbox_certificates makes it.")
    return file


def _document(exchange: Exchange) -> dict[str, Any]:
    jwe = {} if exchange.jwe_header is None else {"jweHeader": exchange.jwe_header}
    return {
        "step": exchange.step,
        "request": {"method": exchange.method, "url": exchange.url, "headers": exchange.request_headers},
        "response": {"status": exchange.status, "headers": exchange.headers, **jwe, "body": exchange.body},
    }


def _readable(number: int, exchange: Exchange) -> str:
    body = exchange.body if isinstance(exchange.body, str) else printed(exchange.body)
    lines = [
        f"{number}. {exchange.step}",
        f"> {exchange.method} {exchange.url}",
        *(f"> {name}: {value}" for name, value in exchange.request_headers.items()),
        f"< {exchange.status} {exchange.media_type}",
        *([f"(opened by the agency: {json.dumps(exchange.jwe_header)})"] if exchange.jwe_header is not None else []),
        *(body.splitlines() if exchange.body is not None else []),
        *([f"NOT AS EXPECTED: {exchange.surprise}."] if exchange.surprise else []),
    ]
    return "\n".join(plain(line) for line in lines) + "\n\n"
