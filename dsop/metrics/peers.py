"""Whose server is it? Hosts come from settings, and a label says whose setting it was."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings

ADDRESSES = {
    "maskinporten": ("MASKINPORTEN_ISSUER", "MASKINPORTEN_TOKEN_URL"),
    "certpub": ("CERTPUB_LOCATOR_URL", "CERTPUB_PUBLISHER_HOSTS"),
    "revocation": ("CERTIFICATE_REVOCATION_HOSTS",),
    "police": ("EXTRADITION_JWKS_URL",),
    "bankruptcies": ("KONKURSVARSEL_URL",),
    "sign-in": ("OIDC_ISSUER",),
    "lanekassen": ("LANEKASSEN_ACCOUNTS_URL",),
    "altinn": (
        "ALTINN_CONSENT_REQUEST_URL",
        "ALTINN_CONSENT_PAGE_URL",
        "ALTINN_CONSENT_TOKEN_URL",
        "ALTINN_CONSENT_KEYS_URL",
        "ALTINN3_PLATFORM_URL",
        "DIALOGPORTEN_URL",
    ),
    "skatteetaten": ("AKTIVKONTO_BASE_URL", "BSU_BASE_URL", "OTP_BASE_URL"),
}
"""The settings that hold addresses or hosts, by the word for whoever answers there."""


def peers() -> dict[str, str]:
    """Return the word for each host. Of one that several settings name, the first above."""
    return {host: peer for peer, names in reversed(ADDRESSES.items()) for name in reversed(names) for host in _of(name)}


def _of(name: str) -> Iterator[str]:
    value = getattr(settings, name)
    for address in [value] if isinstance(value, str) else value:
        if host := urlsplit(address if "//" in address else f"//{address}").hostname:
            yield host
