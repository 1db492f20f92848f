"""Ask a running server one enquiry as the agency would, and show each request and answer."""

import re
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from sandbox.consumer import PREPARATIONS, SERVICES, Enquiry, EnquiryFailed, Exchange, plain, printed
from sandbox.maskinporten import keys


class Command(BaseCommand):
    help = "Act as the agency behind a service: ask about one party over HTTP and print every exchange."
    requires_system_checks = ()  # everything it knows comes over HTTP

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("service", choices=sorted(SERVICES))
        parser.add_argument("identifier", help="who is asked about: eleven or nine digits")
        parser.add_argument("--base-url", help="the bank's address; the first configured audience unless given")
        parser.add_argument("--json", action="store_true", help="print one JSON document instead of text")

    def handle(self, *args: Any, **options: Any) -> None:
        base_url = (options["base_url"] or next(iter(settings.AUDIENCES))).rstrip("/")
        if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", base_url):
            raise CommandError("--base-url must be an http or https address without query.")
        if not re.fullmatch("[0-9]{11}|[0-9]{9}", options["identifier"]):
            raise CommandError("The identifier must be eleven or nine digits.")
        enquiry = Enquiry(
            service=SERVICES[options["service"]],
            identifier=options["identifier"],
            base_url=base_url,
            issuer=settings.MASKINPORTEN_ISSUER,
            keys=keys.folder(),
            today=timezone.localdate(),
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


def _document(exchange: Exchange) -> dict[str, Any]:
    return {
        "step": exchange.step,
        "request": {"method": exchange.method, "url": exchange.url, "headers": exchange.request_headers},
        "response": {"status": exchange.status, "headers": exchange.headers, "body": exchange.body},
    }


def _readable(number: int, exchange: Exchange) -> str:
    body = exchange.body if isinstance(exchange.body, str) else printed(exchange.body)
    lines = [
        f"{number}. {exchange.step}",
        f"> {exchange.method} {exchange.url}",
        *(f"> {name}: {value}" for name, value in exchange.request_headers.items()),
        f"< {exchange.status} {exchange.media_type}",
        *(body.splitlines() if exchange.body is not None else []),
        *([f"NOT AS EXPECTED: {exchange.surprise}."] if exchange.surprise else []),
    ]
    return "\n".join(plain(line) for line in lines) + "\n\n"
