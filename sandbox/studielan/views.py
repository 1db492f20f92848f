"""The page's few steps: log in, see the debt, give consent, log out."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.shortcuts import render, resolve_url
from django.views.decorators.http import require_POST, require_safe

from agencies.errors import AgencyError
from agencies.studielan import consent, logins
from agencies.studielan.errors import LoginOver, ReturnRefused
from agencies.studielan.logins import Login, State
from sandbox.counterparts.lanekassen.persons import BY_NUMBER, PERSONS
from sandbox.studielan.visits import MINUTES, begin, login_of, visited
from sandbox.studielan.words import customers, shown


@require_safe
@visited
def home(request: HttpRequest) -> HttpResponse:
    """Show whom one can be, or the page of whoever has logged in. Never waits for Lånekassen."""
    login = login_of(request)
    if login is None:
        return _page(request, "log_in.html", customers=customers(), ended="ended" in request.GET)
    return _page(request, "overview.html", **_person(login))


@require_POST
@visited
def log_in(request: HttpRequest) -> HttpResponse:
    """Log in as one of the synthetic customers: a real bank's own log-in stands here."""
    chosen = next((person for person in PERSONS if person.case == request.POST.get("case")), None)
    if chosen is None:
        return _page(request, "log_in.html", 400, customers=customers(), unknown=True)
    if before := login_of(request):
        logins.end(before)
    logins.start(begin(request, chosen.number))
    rotate_token(request)
    return _to("studielan")


@require_safe
@visited
def debt(request: HttpRequest) -> HttpResponse:
    """Show the debt, as a part of a page that is there already or as a page of its own. May take its time."""
    part = "part" in request.GET
    login = login_of(request)
    if login is None:
        return _page(request, "debt.html", 403, state="over", part=part)
    try:
        look = logins.balances(login)
    except LoginOver:
        return _page(request, "debt.html", 403, state="over", part=part)
    except AgencyError:  # settings are missing; the log says which
        return _page(request, "debt.html", state=State.UNAVAILABLE, part=part)
    told = shown(look.debt) if look.debt is not None else {}
    return _page(request, "debt.html", state=look.state, part=part, look=look, **told, **_person(login))


@require_POST
@visited
def ask_consent(request: HttpRequest) -> HttpResponse:
    """Send the browser to Altinn's page."""
    login = login_of(request)
    if login is None:
        return _to("studielan")
    try:
        page = consent.ask(login, surname=BY_NUMBER[login.identifier].surname)
    except LoginOver:
        return _to("studielan")
    except AgencyError:
        return _page(request, "stopped.html", 503, reason="altinn")
    return HttpResponseRedirect(page)


@require_safe
@visited
def come_back(request: HttpRequest, state: str) -> HttpResponse:
    """Welcome whom this login sent to Altinn, and nobody else."""
    login = login_of(request)
    try:
        if login is None:
            raise LoginOver
        consent.come_back(login, state)
    except (LoginOver, ReturnRefused):
        return _page(request, "stopped.html", 403, reason="return")
    return _to("studielan")


@require_POST
@visited
def log_out(request: HttpRequest) -> HttpResponse:
    """End the login: what it was shown is gone."""
    if login := login_of(request):
        logins.end(login)
    request.session.flush()
    return HttpResponseRedirect(f"{resolve_url('studielan')}?ended")


def _person(login: Login) -> dict[str, Any]:
    return {"name": BY_NUMBER[login.identifier].surname, "expires_at": login.expires_at}


def _to(name: str) -> HttpResponse:
    return HttpResponseRedirect(resolve_url(name))


def _page(request: HttpRequest, template: str, status: int = 200, **context: Any) -> HttpResponse:
    told = {"bank": settings.LANEKASSEN_BANK_NAME or "Banken", "minutes": MINUTES, **context}
    return render(request, f"sandbox/studielan/{template}", told, status=status)
