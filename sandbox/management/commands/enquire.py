"""Ask a running server one enquiry as the agency would, and show each request and answer."""

import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from legal.periods import Period
from sandbox.bank import DEFAULT_SEED, characters
from sandbox.certpub.site import here
from sandbox.consumer import Enquiry, EnquiryFailed
from sandbox.consumer_answers import PREPARATIONS, Exchange, plain, printed
from sandbox.consumer_services import SERVICES, ReferenceType, Service
from sandbox.management.commands.extradition_order import date_in
from sandbox.maskinporten import keys
from sandbox.police.authority import police_at
from sandbox.police.orders import Wish, signed_order

NUMBER = re.compile("[0-9]{11}|[0-9]{9}")


class Command(BaseCommand):
    help = "Act as the agency behind a service: ask about one party over HTTP and print every exchange."
    requires_system_checks = ()  # everything it knows comes over HTTP

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("service", choices=sorted(SERVICES))
        parser.add_argument("identifier", help="who is asked about: eleven or nine digits")
        parser.add_argument("--from-date", help="YYYY-MM-DD; as far back as the service's page says unless given")
        parser.add_argument("--to-date", help="YYYY-MM-DD; the last day that the service's page says unless given")
        parser.add_argument("--guardian", help="for vergekontroll; the synthetic bank's own for that ward unless given")
        parser.add_argument("--base-url", help="the bank's address; the first configured audience unless given")
        parser.add_argument("--encrypted", action="store_true", help="ask for encrypted answers and open them")
        parser.add_argument("--json", action="store_true", help="print one JSON document instead of text")

    def handle(self, *args: Any, **options: Any) -> None:
        base_url = (options["base_url"] or next(iter(settings.AUDIENCES))).rstrip("/")
        if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", base_url):
            raise CommandError("--base-url must be an http or https address without query.")
        if not NUMBER.fullmatch(options["identifier"]):
            raise CommandError("The identifier must be eleven or nine digits.")
        service, case = SERVICES[options["service"]], uuid.uuid4()
        period = _period(service, options)
        enquiry = Enquiry(
            service=service,
            identifier=options["identifier"],
            base_url=base_url,
            issuer=settings.MASKINPORTEN_ISSUER,
            keys=keys.folder(),
            period=period,
            private_key=_private_key(service) if options["encrypted"] else None,
            additional_reference=_additional_reference(service, period, case, options),
            account_info_request_id=str(case),
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


def _period(service: Service, options: dict[str, Any]) -> Period:
    usual = service.period(timezone.localdate())
    from_date, to_date = (date_in(options, name) for name in ("from_date", "to_date"))
    return Period(from_date or usual.from_date, to_date or usual.to_date)


def _additional_reference(service: Service, period: Period, case: uuid.UUID, options: dict[str, Any]) -> str:
    """Return the guardian's number, or an order for just this enquiry, where the service wants one."""
    if service.reference_type is ReferenceType.GUARDIAN:
        guardian: str = options["guardian"] or _guardian_of(options["identifier"])
        if not re.fullmatch("[0-9]{11}", guardian):
            raise CommandError("--guardian must be eleven digits; the synthetic bank has nobody for this ward.")
        return guardian
    if service.reference_type is ReferenceType.ORDER:
        wish = Wish(
            party_number=options["identifier"],
            from_date=period.from_date,
            to_date=period.to_date,
            case_id=case,
            mandate=service.legal_mandate,
            only_primary_owner=service.only_primary_owner == "true",
        )
        return signed_order(police_at(here()), wish, now=timezone.now())
    return ""


def _guardian_of(ward: str) -> str:
    return next((one.guardian for one in characters(DEFAULT_SEED) if one.identifier == ward), "")


def _private_key(service: Service) -> Path:
    file = here().agency_key(service.participant or service.consumer)
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
