"""Print an extradition order, signed as the police's lawyers would sign it, right or wrong in any way wanted."""

import re
import uuid
from datetime import UTC, date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from legal.headers import read_date
from legal.periods import months_before
from sandbox.certpub.site import here
from sandbox.management.commands.token import changes_in
from sandbox.police.authority import police_at
from sandbox.police.orders import CRIMINAL_CASE, MISSING_PERSON, Wish, signed_order

MANDATES = {"criminal-case": CRIMINAL_CASE, "missing-person": MISSING_PERSON}
EPILOG = """To try a refusal, change a member, or remove it with null; an object changes members inside:
--claims '{"cards": false, "district": {"districtLabel": null}}', --headers '{"alg": "RS256"}'.
alg none has no signature, HS256 signs with the public key's PEM as the secret, RS256 to RS512 are real."""


class Command(BaseCommand):
    help = "Print an extradition order about one party, alone on one line."
    requires_system_checks = ()  # no database, no server: the key is enough

    def add_arguments(self, parser: CommandParser) -> None:
        parser.epilog = EPILOG
        parser.add_argument("identifier", help="who is asked about: eleven or nine digits")
        parser.add_argument("--case", help="the caseID, which is the enquiry's AccountInfoRequestID; a new uuid")
        parser.add_argument("--from-date", help="YYYY-MM-DD; a year before --to-date unless given")
        parser.add_argument("--to-date", help="YYYY-MM-DD; today unless given")
        parser.add_argument("--mandate", choices=MANDATES, default="criminal-case", help="and the reason with it")
        parser.add_argument("--only-primary-owner", action="store_true", help="order owned accounts only")
        parser.add_argument("--claims", default="{}", help="JSON object whose members replace or add claims")
        parser.add_argument("--headers", default="{}", help="JSON object whose members replace or add header members")

    def handle(self, *args: Any, **options: Any) -> None:
        if not re.fullmatch("[0-9]{11}|[0-9]{9}", options["identifier"]):
            raise CommandError("The identifier must be eleven or nine digits.")
        to_date = date_in(options, "to_date") or timezone.localdate()
        wish = Wish(
            party_number=options["identifier"],
            from_date=date_in(options, "from_date") or months_before(to_date, 12),
            to_date=to_date,
            case_id=_case(options["case"]),
            mandate=MANDATES[options["mandate"]],
            only_primary_owner=options["only_primary_owner"],
        )
        claims, headers = changes_in("--claims", options["claims"]), changes_in("--headers", options["headers"])
        now = datetime.now(UTC)
        self.stdout.write(signed_order(police_at(here()), wish, now=now, claims=claims, headers=headers))


def date_in(options: dict[str, Any], name: str) -> date | None:
    """Return the date that an option gives, if it was given. Raise CommandError."""
    try:
        return read_date(options[name]) if options[name] else None
    except ValueError:
        raise CommandError(f"--{name.replace('_', '-')} must be a date as YYYY-MM-DD.") from None


def _case(text: str | None) -> uuid.UUID:
    try:
        return uuid.UUID(text) if text else uuid.uuid4()
    except ValueError:
        raise CommandError("--case must be a uuid.") from None
