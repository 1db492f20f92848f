"""What must hold of the settings of student loans before the service starts, beside those of all errands."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from agencies.studielan.consent import LONGEST_DAYS
from audit.fetching import FetchFailed, check_address

NEEDED = ("LANEKASSEN_BANK_NAME", "LANEKASSEN_REDIRECT_URL")
NEEDED_BY = {"altinn2": ("ALTINN_CONSENT_KEYS_URL",), "altinn3": ("ALTINN3_CONSENT_RESOURCE",)}


@register
def check_consent_request(**kwargs: Any) -> list[CheckMessage]:
    """A request for consent has all its fields, for a year at most, and its token can be proven."""
    if not settings.LANEKASSEN_ACCOUNTS_URL:
        return []
    names = (*NEEDED, *NEEDED_BY.get(settings.LANEKASSEN_CONSENT, ()))
    faults = [f"{name} must be set where LANEKASSEN_ACCOUNTS_URL is" for name in names if not getattr(settings, name)]
    if not 0 < settings.LANEKASSEN_CONSENT_DAYS <= LONGEST_DAYS:
        faults.append(f"LANEKASSEN_CONSENT_DAYS must lie between 1 and {LONGEST_DAYS}")
    if settings.ALTINN_CONSENT_KEYS_URL and not _is_address(settings.ALTINN_CONSENT_KEYS_URL):
        faults.append("ALTINN_CONSENT_KEYS_URL must be an https address")
    return [Error(f"{fault}.", id="dsop.E120") for fault in faults]


@register
def check_keys_differ(**kwargs: Any) -> list[CheckMessage]:
    """Lånekassen and Altinn each issue a key of their own; one given to both is a secret told to the wrong one."""
    if settings.LANEKASSEN_API_KEY and settings.LANEKASSEN_API_KEY == settings.ALTINN_API_KEY:
        return [Error("LANEKASSEN_API_KEY and ALTINN_API_KEY are not the same key.", id="dsop.E121")]
    return []


def _is_address(address: str) -> bool:
    try:
        check_address(address, loopback_http=settings.SANDBOX)
    except FetchFailed:
        return False
    return True
