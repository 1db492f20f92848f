"""What must hold before the front door opens; run by dsop/wsgi.py, `check` and `check --deploy`."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from legal.numbers import is_organisation_number

ISSUERS = {"test": "https://test.maskinporten.no/", "production": "https://maskinporten.no/"}
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@register
def check_encryption(**kwargs: Any) -> list[CheckMessage]:
    """Production answers are encrypted or not given (NEG-01)."""
    if settings.ENVIRONMENT == "production":
        return [Error("There is no encryption yet: answers would leave in plain JSON.", id="dsop.E001")]
    return []


@register
def check_issuer(**kwargs: Any) -> list[CheckMessage]:
    """One issuer, and the one of this environment (ENV-01)."""
    expected = ISSUERS.get(settings.ENVIRONMENT)
    if expected and expected != settings.MASKINPORTEN_ISSUER:
        return [Error(f"MASKINPORTEN_ISSUER must be {expected} here.", id="dsop.E002")]
    if not expected and urlsplit(settings.MASKINPORTEN_ISSUER).hostname not in LOOPBACK:
        return [Error("MASKINPORTEN_ISSUER must be on this machine in the sandbox.", id="dsop.E002")]
    return []


@register
def check_audiences(**kwargs: Any) -> list[CheckMessage]:
    """At least one audience, each with institutions of its own (TOK-10, TOK-12)."""
    audiences = settings.AUDIENCES
    if not isinstance(audiences, dict) or not audiences:
        return [Error("DSOP_AUDIENCES must name at least one audience with its institutions.", id="dsop.E003")]
    scheme = "http" if settings.SANDBOX else "https"
    found: list[CheckMessage] = []
    for audience, institutions in audiences.items():
        if not audience or audience == "unspecified":
            found.append(Error("DSOP_AUDIENCES: what Maskinporten writes for no audience is none.", id="dsop.E003"))
        if not audience.startswith((f"{scheme}://", "https://")):
            found.append(Error("DSOP_AUDIENCES: an audience must be an https address.", id="dsop.E003"))
        if not isinstance(institutions, list) or not institutions or not all(map(is_organisation_number, institutions)):
            found.append(Error("DSOP_AUDIENCES: an audience must list organisation numbers.", id="dsop.E003"))
    return found


@register
def check_rules(**kwargs: Any) -> list[CheckMessage]:
    """Settings that choose among a few words or lie in a range."""
    found: list[CheckMessage] = []
    if settings.PARTY_NUMBER_CHECK not in {"off", "log", "reject"}:
        found.append(Error("PARTY_NUMBER_CHECK must be off, log or reject.", id="dsop.E004"))
    if not 0 <= settings.TOKEN_LEEWAY_SECONDS <= 30:
        found.append(Error("TOKEN_LEEWAY_SECONDS must lie between 0 and 30.", id="dsop.E005"))
    if settings.TOKEN_MAX_LIFETIME_SECONDS < 1:
        found.append(Error("TOKEN_MAX_LIFETIME_SECONDS must be positive.", id="dsop.E005"))
    if not (1 if settings.SANDBOX else 10) <= settings.KEYS_COOLDOWN_SECONDS <= settings.KEYS_REFRESH_SECONDS < 86_400:
        found.append(
            Error("KEYS_COOLDOWN_SECONDS must be 10 or more, and KEYS_REFRESH_SECONDS no less than it.", id="dsop.E007")
        )
    if settings.LEDGER_MAX_AGE_HOURS < 1:
        found.append(Error("LEDGER_MAX_AGE_HOURS must be positive.", id="dsop.E006"))
    return found
