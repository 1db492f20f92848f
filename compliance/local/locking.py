"""Who guesses is locked out: soon from one address, later from everywhere. What is kept says neither name nor password.

The library's own way keeps what was typed and each browser's words. Here a row is a keyed hash of the name, an address
and a number; there are as many rows as names that were tried from as many addresses within a day.
"""

import ipaddress
import logging
from datetime import timedelta
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from axes.signals import user_locked_out
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import salted_hmac

LOCKED, REMEMBERED = timedelta(minutes=15), timedelta(hours=24)
FROM_EVERYWHERE = 4
"""So many times the failures that lock one address lock the account, from wherever they came in a day."""
NAMES = 4  # hexadecimal digits: 65,536 names are told apart, and no more rows can be made from one address
UNKNOWN = "::"
"""Stands for the address where the server is asked over a socket in a folder."""
logger = logging.getLogger(__name__)


class Locks(AxesDatabaseHandler):
    """Counts failures and asks whether there were too many. A failure while locked is not counted."""

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **said: Any
    ) -> None:
        asked: Any = request
        name = name_of(request, credentials)
        if asked is None or not name:
            return
        if not asked.axes_locked_out:
            self._count(name, asked)
            asked.axes_locked_out = self.get_failures(asked, credentials) >= settings.AXES_FAILURE_LIMIT
        if asked.axes_locked_out:
            logger.warning("sign_in.locked")
            address = asked.axes_ip_address
            user_locked_out.send("axes", request=asked, username=name, ip_address=address)

    def _count(self, name: str, request: Any) -> None:
        now = request.axes_attempt_time
        AccessAttempt.objects.filter(attempt_time__lte=now - REMEMBERED).delete()
        first = {"failures_since_start": 1}
        with transaction.atomic():
            row, is_new = AccessAttempt.objects.select_for_update().get_or_create(
                username=name, ip_address=request.axes_ip_address, user_agent="", defaults=first
            )
            if not is_new:
                AccessAttempt.objects.filter(pk=row.pk).update(
                    failures_since_start=F("failures_since_start") + 1, attempt_time=now
                )

    def get_failures(self, request: Any, credentials: dict[str, Any] | None = None) -> int:
        """Return the failures from this address of late, or a share of those from everywhere, whichever is more."""
        name = name_of(request, credentials)
        if not name:
            return 0
        now, address = request.axes_attempt_time, request.axes_ip_address
        here = Q(ip_address=address, attempt_time__gt=now - LOCKED)
        sums = AccessAttempt.objects.filter(username=name, attempt_time__gt=now - REMEMBERED).aggregate(
            here=Sum("failures_since_start", filter=here), everywhere=Sum("failures_since_start")
        )
        return max(sums["here"] or 0, (sums["everywhere"] or 0) // FROM_EVERYWHERE)

    def user_logged_in(self, sender: Any, request: Any, user: Any, **said: Any) -> None:
        """Forget the failures of whoever signs in, and all old ones."""
        theirs = Q(username=hashed(user.get_username()))
        AccessAttempt.objects.filter(theirs | Q(attempt_time__lte=request.axes_attempt_time - REMEMBERED)).delete()

    def reset_attempts(self, *, username: str | None = None, **said: Any) -> int:
        """Forget the failures of an account, for the command that unlocks one."""
        forgotten: int = super().reset_attempts(username=username and hashed(username), **said)
        return forgotten


def name_of(request: HttpRequest | None, credentials: dict[str, Any] | None) -> str:
    """Return what stands for the name that was typed; nothing where no name is asked for."""
    typed = (credentials or {}).get("username")
    return hashed(typed) if typed else ""


def hashed(name: str) -> str:
    """Return a few digits that only this server can make of a name; known and unknown ones look alike."""
    return salted_hmac("compliance.local.locking", name.casefold(), algorithm="sha256").hexdigest()[:NAMES]


def address_of(request: HttpRequest) -> str:
    """Return the address of whoever asks: a proxy of ours is believed about who asked it, and nobody else is."""
    asking = parsed(request.META.get("REMOTE_ADDR", ""))
    told = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while asking is not None and is_ours(asking) and told:
        nearer = parsed(told.pop().strip())
        if nearer is None:
            break
        asking = nearer
    return str(asking) if asking is not None else UNKNOWN


def parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def is_ours(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Return whether it is a reverse proxy of the bank."""
    return any(address in ipaddress.ip_network(network) for network in settings.ADMIN_TRUSTED_PROXIES)


def locked_page(request: HttpRequest, answer: HttpResponse | None = None, credentials: Any = None) -> HttpResponse:
    """Return what somebody sees who is locked out; right and wrong passwords get the same."""
    context = {"minutes": int(LOCKED.total_seconds()) // 60, "title": ""}
    page = render(request, "desk/local/locked.html", context, status=429)
    page.headers["Retry-After"] = str(int(LOCKED.total_seconds()))
    return page
