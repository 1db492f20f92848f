"""What must hold across the settings of signing in before the front door opens."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from audit.fetching import FetchFailed, check_address
from compliance.people import GROUPS
from compliance.signin.provider import is_configured

OF_THE_PERSONS_OWN_CHOICE = frozenset({"email", "preferred_username", "upn", "unique_name", "name", "nickname"})
FACTORS = frozenset({"amr", "acr"})


@register
def check_provider(**kwargs: Any) -> list[CheckMessage]:
    """The bank's provider is named whole or not at all, and asked by https."""
    return [Error(fault, id="dsop.E112") for fault in _faults_of_the_provider()]


def _faults_of_the_provider() -> Iterator[str]:
    three = (settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET)
    if not any(three):
        return
    if not all(three):
        yield "OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET must all be set, or none."
    try:
        parts = check_address(settings.OIDC_ISSUER, loopback_http=settings.SANDBOX)
        usable = not parts.query
    except FetchFailed:
        usable = False
    if not usable:
        yield "OIDC_ISSUER must be an https address without a query."
    if "openid" not in settings.OIDC_SCOPES.split():
        yield "OIDC_SCOPES must name openid."


@register
def check_oidc_groups(**kwargs: Any) -> list[CheckMessage]:
    """Whom the provider vouches for gets groups of ours, and only such."""
    mapping = settings.OIDC_GROUPS
    if not isinstance(mapping, dict) or not all(isinstance(name, str) for name in mapping.values()):
        return [Error("OIDC_GROUPS must be a JSON object of claim values and names of groups.", id="dsop.E113")]
    found: list[CheckMessage] = [
        Error(f"OIDC_GROUPS names a group that there is not: {name}.", id="dsop.E113")
        for name in sorted(set(mapping.values()) - GROUPS.keys())
    ]
    if is_configured() and not (mapping and settings.OIDC_GROUPS_CLAIM):
        found.append(Error("OIDC_GROUPS or OIDC_GROUPS_CLAIM is empty: nobody could sign in.", id="dsop.E113"))
    return found


@register
def check_persons(**kwargs: Any) -> list[CheckMessage]:
    """In production the provider says who somebody is at the bank, and that two factors were used."""
    return [Error(fault, id="dsop.E114") for fault in _faults_of_persons()]


def _faults_of_persons() -> Iterator[str]:
    production, factors = settings.ENVIRONMENT == "production", settings.OIDC_SECOND_FACTOR
    if settings.OIDC_EMPLOYEE_CLAIM.lower() in OF_THE_PERSONS_OWN_CHOICE:
        yield "OIDC_EMPLOYEE_CLAIM must name a claim with the staff number, not an address or a name."
    if not _is_second_factor(factors):
        yield 'OIDC_SECOND_FACTOR must be {"amr": [...]} or {"acr": [...]} with the values that are accepted.'
    if not production:
        return
    if is_configured() and not settings.OIDC_EMPLOYEE_CLAIM:
        yield "OIDC_EMPLOYEE_CLAIM must be set in production: two accounts of one person would be two people."
    if is_configured() and not factors:
        yield "OIDC_SECOND_FACTOR must not be empty in production."
    if not is_configured() and settings.ADMIN_LOCAL_ACCOUNTS == "password":
        yield "Production needs a second factor: name the provider (OIDC_ISSUER), or ask for one of local accounts."


def _is_second_factor(value: object) -> bool:
    """Return whether the setting is empty, or names one claim with texts."""
    if not isinstance(value, dict) or not value.keys() <= FACTORS or len(value) > 1:
        return False
    return all(
        isinstance(accepted, list) and accepted and all(isinstance(one, str) and one for one in accepted)
        for accepted in value.values()
    )
