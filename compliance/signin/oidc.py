"""Signing in with the bank's account: the way to the provider, the way back, and the way out."""

import logging
import re
import secrets
import time

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from compliance.paging import desk_page
from compliance.signin import code_flow
from compliance.signin.claimed import claimed_in
from compliance.signin.code_flow import Begun
from compliance.signin.id_tokens import Refused
from compliance.signin.identities import account_of
from compliance.signin.provider import ProviderUnavailable, is_configured, provider, talking

KEPT = "oidc_begun"
BY_PROVIDER = "oidc_signed_in"
BACKEND = "compliance.local.backend.LocalAccounts"  # which finds the account again; it has no password
PARAMETER = re.compile(r"[!-~]{1,4096}")
OWN_PATH = re.compile(r"/[!-\[\]-~]{1,1000}")
logger = logging.getLogger(__name__)


def is_by_provider(request: HttpRequest) -> bool:
    """Return whether this session was begun at the bank's provider, which saw to its second factor."""
    return bool(request.user.is_authenticated and request.session.get(BY_PROVIDER))


@never_cache
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider. By a form of our own only: nobody else can begin it."""
    if not is_configured():
        raise Http404
    redirect_uri = request.build_absolute_uri(reverse("admin:oidc_callback"))
    wanted = safe_next(request.POST.get("next", ""))
    try:
        with talking():
            address, begun = code_flow.begin(provider(), redirect_uri=redirect_uri, next=wanted, now=int(time.time()))
    except ProviderUnavailable as reason:
        return _unavailable(request, reason)
    if not request.user.is_authenticated:
        request.session.set_expiry(code_flow.SECONDS)
    request.session[KEPT] = begun.to_keep()
    return HttpResponseRedirect(address)


@never_cache
@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """Sign in whom the provider vouches for. What was begun can be finished once, whatever comes of it."""
    if not is_configured():
        raise Http404
    try:
        begun = _begun(request)
        code = _code(request)
        with talking():
            claims = code_flow.finish(provider(), begun, code, issuer=_one(request, "iss"))
        user = account_of(claimed_in(claims))
    except ProviderUnavailable as reason:
        return _unavailable(request, reason)
    except Refused as reason:
        logger.warning("signin.refused", extra={"reason": str(reason)})
        return desk_page(request, "admin/oidc_refused.html", title=_("You were not signed in"), status=403)
    request.session.flush()  # its key may be known to somebody who wanted this very sign-in
    login(request, user, backend=BACKEND)
    request.session[BY_PROVIDER] = True
    logger.info("signin.accepted", extra={"account": user.get_username()})
    return HttpResponseRedirect(begun.next)


def end_session_address(request: HttpRequest) -> str | None:
    """Return where the provider ends its own session, for a session that was begun there."""
    if not is_configured() or not is_by_provider(request):
        return None
    try:
        with talking():
            address = provider().published().end_session_endpoint
    except ProviderUnavailable as reason:
        logger.warning("signin.provider_unavailable", extra={"reason": str(reason)})
        return None
    if not address:
        return None
    back = request.build_absolute_uri(reverse("admin:login"))
    # Without the token as a hint: it says who it is, and this stands in an address.
    query = urlencode({"client_id": settings.OIDC_CLIENT_ID, "post_logout_redirect_uri": back})
    return f"{address}{'&' if '?' in address else '?'}{query}"


def safe_next(wanted: str) -> str:
    """Return the wanted page if it is one of the admin's, else the start page."""
    home = reverse("admin:index")
    elsewhere = (reverse("admin:login"), reverse("admin:logout"), f"{home}oidc/")
    fits = OWN_PATH.fullmatch(wanted) and wanted.startswith(home) and not wanted.startswith(elsewhere)
    return wanted if fits and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else home


def _begun(request: HttpRequest) -> Begun:
    """Return what this very browser began, in time. It is forgotten at once, so that it cannot be finished twice."""
    begun = Begun.kept_as(request.session.pop(KEPT, None))
    state = _one(request, "state")
    if begun is None or state is None or not secrets.compare_digest(state, begun.state):
        raise Refused("state")
    if time.time() >= begun.until:
        raise Refused("too_late")
    return begun


def _code(request: HttpRequest) -> str:
    """Return the code that the provider sent along, unless it sent a refusal."""
    code = _one(request, "code")
    if code is None or "error" in request.GET:
        raise Refused("denied")
    return code


def _one(request: HttpRequest, name: str) -> str | None:
    """Return a parameter that came once. Refuse one that came twice or could not be one."""
    found = request.GET.getlist(name)
    if len(found) > 1 or not all(PARAMETER.fullmatch(value) for value in found):
        raise Refused("parameters")
    return found[0] if found else None


def _unavailable(request: HttpRequest, reason: ProviderUnavailable) -> HttpResponse:
    logger.warning("signin.provider_unavailable", extra={"reason": str(reason)})
    words = _("The bank's sign-in does not answer")
    return desk_page(request, "admin/oidc_unavailable.html", title=words, status=503)
