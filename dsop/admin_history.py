"""Let the history of what is governed say who acted in the admin, as whom, and on which page."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import Resolver404, resolve

from legal.history import recorded
from legal.people import person_of


class AdminHistory:
    """Record who sends a form. Stands among what only browsers pass: machines change nothing that is tracked."""

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        user: Any = getattr(request, "user", None)
        if request.method in {"GET", "HEAD", "OPTIONS"} or user is None or not user.is_authenticated:
            return self.get_response(request)
        with recorded(**actor(request, user)):
            return self.get_response(request)


def actor(request: HttpRequest, user: Any) -> dict[str, str | None]:
    """Return the account, the person behind it and the page's name; never its address or what was sent."""
    person = person_of(user)
    return {"user": user.get_username(), "person": str(person) if person else None, "view": page_of(request)}


def page_of(request: HttpRequest) -> str | None:
    try:
        return resolve(request.path_info).view_name
    except Resolver404:
        return None
