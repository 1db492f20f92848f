"""A browser's visit: a session of its own that only its cookie opens, forms that cannot be forged, and strict headers.

The bank's other addresses here are for machines and for the admin; neither's session has anything to do with this one.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_protect

from agencies.studielan.logins import Login
from agencies.studielan.sessions import SessionStore

COOKIE, PATH = "studielan", "/sandbox/studielan/"
MINUTES = 15
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)

View = Callable[..., HttpResponse]


def visited(view: View) -> View:
    """Give the view the visit's session, and keep or delete it afterwards."""
    protected = csrf_protect(view)

    @wraps(view)
    def within(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        request.csrf_processing_done = False  # type: ignore[attr-defined]  # machines have no forms
        request.session = SessionStore(request.COOKIES.get(COOKIE))
        response = protected(request, *arguments, **named)
        _keep(request, response)
        response["Content-Security-Policy"] = f"{POLICY} {_altinn()}".strip()
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "same-origin"
        return response

    return within


def begin(request: HttpRequest, person: str) -> Login:
    """Begin a visit of that person with a new secret, and return its login."""
    request.session.flush()
    request.session["person"] = person
    request.session.set_expiry(timezone.now() + timedelta(minutes=MINUTES))
    request.session.save()
    login = login_of(request)
    assert login is not None
    return login


def login_of(request: HttpRequest) -> Login | None:
    """Return the login of whoever visits, None for nobody."""
    person, secret = request.session.get("person"), request.session.session_key
    if not person or not secret:
        return None
    return Login(secret, person, request.session.get_expiry_date())


def _keep(request: HttpRequest, response: HttpResponse) -> None:
    session = request.session
    if session.modified and not session.is_empty():
        try:
            session.save()
        except UpdateError:  # ended by another tab meanwhile
            session.flush()
    if session.is_empty() or session.session_key is None:
        if COOKIE in request.COOKIES:
            response.delete_cookie(COOKIE, path=PATH, samesite="Lax")
    elif session.session_key != request.COOKIES.get(COOKIE):
        response.set_cookie(
            COOKIE,
            session.session_key,
            path=PATH,
            httponly=True,
            samesite="Lax",  # the browser comes back from Altinn by a link
            secure=settings.SESSION_COOKIE_SECURE,
        )


def _altinn() -> str:
    """Return where a form may lead besides: browsers apply the rule to the redirect that follows it too."""
    parts = urlsplit(settings.ALTINN_CONSENT_PAGE_URL)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
