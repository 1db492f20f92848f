"""May they call? The scope a token must hold for an endpoint (TOK-18, AUT-07)."""

from legal.grants import Grant
from legal.refusals import ScopeMissing, SystemUserToken


def check_scope(grant: Grant, *, scope: str) -> None:
    """Refuse a token of which no single scope is exactly the endpoint's."""
    if scope not in grant.scopes:
        raise ScopeMissing


def check_kind_of_token(grant: Grant, *, ignore_details: bool) -> None:
    """Refuse tokens for system users and consents; they never widen access."""
    if grant.has_authorization_details and not ignore_details:
        raise SystemUserToken
