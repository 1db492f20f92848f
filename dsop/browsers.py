"""What browsers are told with every page of the admin: keep nothing, run nothing but our own scripts, tell nobody."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

from dsop.errors import ADMIN

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",  # none that stands in a page
        "style-src 'self' 'unsafe-inline'",  # the admin's pages and our charts say what colour they are
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'{provider}",  # a browser follows no form to the bank's provider that is not named here
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
REFERRER = "same-origin"  # nothing less: browsers would not say either where a form comes from


def policy(issuer: str) -> str:
    """Return the policy. Which of its hosts a provider asks people on is known only when it is asked."""
    parts = urlsplit(issuer)
    return POLICY.format(provider=f" https: {parts.scheme}://{parts.netloc}" if issuer else "")


class BrowserHeaders:
    """Put the headers on every answer under the admin, refusals and redirects too."""

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.policy = policy(settings.OIDC_ISSUER)

    def __call__(self, request: HttpRequest) -> Any:
        response = self.get_response(request)
        if request.path_info.startswith(ADMIN):
            response.headers.setdefault("Content-Security-Policy", self.policy)
            response.headers["Referrer-Policy"] = REFERRER
            if "no-store" not in response.headers.get("Cache-Control", ""):
                response.headers["Cache-Control"] = "no-store"
        return response
