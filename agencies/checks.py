"""What must hold of the bank's own errands before anything starts: settings that contradict each other are refused."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.utils import timezone

from agencies.aktivkonto import checks as aktivkonto_checks  # noqa: F401 - registers a check of its own
from agencies.errors import NotConfigured
from agencies.grants import signing_certificate
from agencies.identifiers import is_production
from audit.fetching import LOOPBACK, FetchFailed, check_address
from audit.retain.policy import faults, named
from legal.numbers import has_organisation_form, is_synthetic
from legal.service_files import read_services

SERVICES = ("LANEKASSEN_ACCOUNTS_URL", "AKTIVKONTO_BASE_URL", "BSU_BASE_URL", "OTP_BASE_URL")
OUTBOUND = frozenset({"agencies:aktivkonto", "agencies:bsu", "agencies:pension", "agencies:studielan"})
"""The services that the errands' own records are written under."""
OUR_IDENTITY = (
    *("MASKINPORTEN_TOKEN_URL", "MASKINPORTEN_CLIENT_ID", "MASKINPORTEN_KEY_FILE", "BANK_ORGANISATION_NUMBER"),
)
ALTINN2 = ("ALTINN_API_KEY", "ALTINN_CONSENT_REQUEST_URL", "ALTINN_CONSENT_PAGE_URL", "ALTINN_CONSENT_TOKEN_URL")
CONSENTS = {"altinn2": ALTINN2, "altinn3": ("ALTINN3_PLATFORM_URL",)}
ELSEWHERE = (
    *("MASKINPORTEN_TOKEN_URL", *SERVICES, *ALTINN2[1:]),
    *("ALTINN3_PLATFORM_URL", "DIALOGPORTEN_URL"),
)
"""The addresses of others; with that of Altinn's keys, each must be of this environment."""

PROFILES = {
    "AKTIVKONTO": {"seed": "", "current": "/v3"},
    "OTP": {"seed": "", "current": "/v1"},
}
"""How a base URL ends in each profile; an empty end means the host alone."""
OTP_PACKAGES = frozenset({"otp", "nav"})
PACKAGE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
ALTINN2_ENDS = date(2026, 6, 19)


@register
def check_identity(**kwargs: Any) -> list[CheckMessage]:
    """Whoever is to be asked for something knows who asks: all of the bank's identity is there, or nothing is asked."""
    return [Error(fault, id="dsop.E100") for fault in _faults_of_identity()]


@register
def check_signing_key(**kwargs: Any) -> list[CheckMessage]:
    """Grants can be signed, and the certificate that vouches for the key is in force."""
    if not settings.MASKINPORTEN_KEY_FILE or _named_twice_or_never():
        return []
    try:
        certificate = signing_certificate()
    except NotConfigured as fault:
        return [Error(f"{fault.setting} is missing, unreadable or does not fit the others.", id="dsop.E101")]
    if certificate is None or certificate.not_valid_before_utc <= datetime.now(UTC) < certificate.not_valid_after_utc:
        return []
    return [Error("MASKINPORTEN_CERTIFICATE_FILE holds a certificate that is not in force.", id="dsop.E101")]


@register
def check_addresses(**kwargs: Any) -> list[CheckMessage]:
    """Everything goes by https, but for the stand-ins on this machine; a proxy is an address of one."""
    names = [name for name in (*ELSEWHERE, "LANEKASSEN_REDIRECT_URL") if _is_no_address(getattr(settings, name))]
    found: list[CheckMessage] = [Error(f"{name} must be an https address.", id="dsop.E102") for name in names]
    proxy = settings.OUTBOUND_PROXY_URL
    if proxy and not re.fullmatch(r"https?://[!-~]+", proxy):
        found.append(Error("OUTBOUND_PROXY_URL must be an http or https address.", id="dsop.E102"))
    return found


@register
def check_base_urls(**kwargs: Any) -> list[CheckMessage]:
    """The paths of a profile are added to the end that this profile's base URL has."""
    return [Error(fault, id="dsop.E103") for fault in _faults_of_base_urls()]


@register
def check_profiles(**kwargs: Any) -> list[CheckMessage]:
    """A profile is a known word; the same code means other things in another."""
    wrong = [name for name in PROFILES if _is_used(name) and _profile(name) not in PROFILES[name]]
    return [
        Error(f"{name}_PROFILE must be seed or current; production has no default.", id="dsop.E104") for name in wrong
    ]


@register
def check_no_seed_in_production(**kwargs: Any) -> list[CheckMessage]:
    """Profile `seed` is how the services were; their old addresses were to close on 17 October 2024."""
    if settings.ENVIRONMENT != "production":
        return []
    seed = [name for name in PROFILES if _is_used(name) and _profile(name) == "seed"]
    sentence = "{}_PROFILE must not be seed in production: those addresses were to close on 17 October 2024."
    return [Error(sentence.format(name), id="dsop.E105") for name in seed]


@register
def check_altinn2_end(**kwargs: Any) -> list[CheckMessage]:
    """Altinn 2 gives no consents past its end."""
    ended = settings.ENVIRONMENT == "production" and timezone.localdate() > ALTINN2_ENDS
    if not ended or settings.LANEKASSEN_CONSENT != "altinn2" or settings.LANEKASSEN_ALTINN2_AFTER_END:
        return []
    sentence = (
        "LANEKASSEN_CONSENT must not be altinn2 in production: DSOP has consents that last past 19 June 2026 "
        "obtained by Altinn 3. LANEKASSEN_ALTINN2_AFTER_END lets it be used all the same."
    )
    return [Error(sentence, id="dsop.E106")]


@register
def check_consent(**kwargs: Any) -> list[CheckMessage]:
    """Consent is asked for in a known way, with all that this way needs."""
    if not settings.LANEKASSEN_ACCOUNTS_URL:
        return []
    chosen = settings.LANEKASSEN_CONSENT
    if chosen not in CONSENTS:
        sentence = "LANEKASSEN_CONSENT must be altinn2 or altinn3; production has no default."
        return [Error(sentence, id="dsop.E107")]
    needed = ("LANEKASSEN_API_KEY", *CONSENTS[chosen])
    missing = [name for name in needed if not getattr(settings, name)]
    return [Error(f"{name} must be set for LANEKASSEN_CONSENT={chosen}.", id="dsop.E107") for name in missing]


@register
def check_environment_of_addresses(**kwargs: Any) -> list[CheckMessage]:
    """Nothing made up goes to production, nothing real anywhere else, and the sandbox asks this machine alone."""
    fits, place = _place()
    addresses = {name: getattr(settings, name) for name in (*ELSEWHERE, "ALTINN_CONSENT_KEYS_URL")}
    wrong = [name for name, address in addresses.items() if address and not fits(address)]
    return [Error(f"{name} must be {place}.", id="dsop.E108") for name in wrong]


@register
def check_rights_packages(**kwargs: Any) -> list[CheckMessage]:
    """A rights package is part of the address: the pension API has two, Aktiv konto's is the bank's own."""
    found: list[CheckMessage] = []
    if settings.OTP_BASE_URL and not OTP_PACKAGES.issuperset(settings.OTP_RIGHTS_PACKAGE):
        found.append(Error("OTP_RIGHTS_PACKAGE may name otp and nav.", id="dsop.E109"))
    if settings.OTP_BASE_URL and not settings.OTP_RIGHTS_PACKAGE:
        found.append(Error("OTP_RIGHTS_PACKAGE must name otp, nav or both.", id="dsop.E109"))
    wanted = settings.AKTIVKONTO_BASE_URL and settings.AKTIVKONTO_PROFILE == "current"
    if wanted and not PACKAGE.fullmatch(settings.AKTIVKONTO_RIGHTS_PACKAGE):
        sentence = "AKTIVKONTO_RIGHTS_PACKAGE must be the package that Skatteetaten allotted, in profile current."
        found.append(Error(sentence, id="dsop.E109"))
    return found


@register
def check_retained_services(**kwargs: Any) -> list[CheckMessage]:
    """A retention of a service that nobody has is a misspelt one, and the right one would be kept as the others are."""
    wanted = (settings.AUDIT_ANSWER_DAYS, settings.AUDIT_RETENTION)
    if faults(*wanted):
        return []  # dsop.E056 says so
    unknown = named(*wanted) - OUTBOUND - {rules.get("service") for rules in read_services()}
    return [
        Error(f"AUDIT_ANSWER_DAYS or AUDIT_RETENTION: {name} is no service.", id="dsop.E057")
        for name in sorted(unknown)
    ]


def _faults_of_identity() -> Iterator[str]:
    if any(getattr(settings, name) for name in SERVICES):
        for name in OUR_IDENTITY:
            if not getattr(settings, name):
                yield f"{name} must be set where an agency is to be asked."
    if settings.MASKINPORTEN_KEY_FILE and _named_twice_or_never():
        yield "Either MASKINPORTEN_KEY_ID or MASKINPORTEN_CERTIFICATE_FILE must be set, and not both."
    production = settings.ENVIRONMENT == "production"
    for name in ("BANK_ORGANISATION_NUMBER", "BSU_SYSTEM_USER_ORGANISATION"):
        number = getattr(settings, name)
        if number and not has_organisation_form(number):
            yield f"{name} must be nine digits."
        elif number and production and is_synthetic(number):
            yield f"{name} must be a real organisation's in production."


def _named_twice_or_never() -> bool:
    return bool(settings.MASKINPORTEN_KEY_ID) == bool(settings.MASKINPORTEN_CERTIFICATE_FILE)


def _is_no_address(address: str) -> bool:
    try:
        if address:
            check_address(address, loopback_http=settings.SANDBOX)
    except FetchFailed:
        return True
    return False


def _faults_of_base_urls() -> Iterator[str]:
    for name, ends in PROFILES.items():
        end = ends.get(_profile(name))
        if _is_used(name) and end is not None and not _ends(getattr(settings, f"{name}_BASE_URL"), end):
            yield f"{name}_BASE_URL must {f'end in {end}' if end else 'be a host alone'} in profile {_profile(name)}."
    if settings.BSU_BASE_URL and not _ends(settings.BSU_BASE_URL, "/v1"):
        yield "BSU_BASE_URL must end in /v1."


def _ends(address: str, end: str) -> bool:
    """Return whether the path is that end, or leads to it; a query would be lost."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return not parts.query and (parts.path.endswith(end) if end else parts.path == "")


def _is_used(name: str) -> bool:
    return bool(getattr(settings, f"{name}_BASE_URL"))


def _profile(name: str) -> str:
    return str(getattr(settings, f"{name}_PROFILE"))


def _place() -> tuple[Callable[[str], bool], str]:
    if settings.ENVIRONMENT == "production":
        return is_production, "an address of production"
    if settings.SANDBOX:
        return _is_here, "on this machine in the sandbox"
    return lambda address: not is_production(address), "an address of the test environment"


def _is_here(address: str) -> bool:
    try:
        return urlsplit(address).hostname in LOOPBACK
    except ValueError:
        return False
