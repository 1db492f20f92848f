"""Print an access token, signed directly by the sandbox's first key, right or wrong in any way wanted."""

import json
import re
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from sandbox.maskinporten import jws, keys, tokens
from sandbox.maskinporten.clients import client_id_of

EPILOG = """To try a refusal, change one member, or remove it with null:
--claims '{"exp": null}', --headers '{"kid": "other"}', --headers '{"alg": "none"}'.
alg none has no signature, HS256 to HS512 sign with the public key's PEM as the secret, PS256 to PS512 are real;
any other alg stands over an RS256 signature."""


class Command(BaseCommand):
    help = "Print an access token for the API, alone on one line."
    requires_system_checks = ()  # no database, no server: the key is enough

    def add_arguments(self, parser: CommandParser) -> None:
        parser.epilog = EPILOG
        parser.add_argument("--consumer", required=True, help="the agency's organisation number, nine digits")
        parser.add_argument("--scope", required=True, help="one or more scopes with a space between")
        parser.add_argument("--audience", help="who it is for; the first configured audience unless given")
        parser.add_argument("--lifetime", type=int, default=tokens.LIFETIME_SECONDS, help="seconds from iat to exp")
        parser.add_argument("--claims", default="{}", help="JSON object whose members replace or add claims")
        parser.add_argument("--headers", default="{}", help="JSON object whose members replace or add header members")

    def handle(self, *args: Any, **options: Any) -> None:
        if not re.fullmatch("[0-9]{9}", options["consumer"]):
            raise CommandError("--consumer must be nine digits.")
        claim_changes = changes_in("--claims", options["claims"])
        header_changes = changes_in("--headers", options["headers"])
        key = keys.signing_keys(keys.folder())[0]
        claims = tokens.access_claims(
            issuer=settings.MASKINPORTEN_ISSUER,
            audience=options["audience"] or next(iter(settings.AUDIENCES)),
            consumer=options["consumer"],
            scope=options["scope"],
            client_id=client_id_of(options["consumer"]),
            lifetime=options["lifetime"],
            now=int(time.time()),
        )
        header = tokens.header(key)
        self.stdout.write(jws.sign(_changed(header, header_changes), _changed(claims, claim_changes), key.private))


def changes_in(option: str, text: str) -> dict[str, Any]:
    """Return the JSON object that the option was given. Raise CommandError."""
    try:
        changes = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise CommandError(f"{option} must be JSON.") from None
    if not isinstance(changes, dict):
        raise CommandError(f"{option} must be a JSON object.")
    return changes


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _changed(members: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (members | changes).items() if value is not None}
