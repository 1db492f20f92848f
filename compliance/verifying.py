"""The auditor verifies some days of the trail from the desk: what a page has time for; the command does the rest."""

import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from threading import Lock
from typing import Any

import psycopg
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from audit.access import unless_noted
from audit.seal.adapters import Unusable
from audit.seal.copies import open_copy
from audit.seal.public_keys import read_public_keys
from audit.verify.findings import SENTENCES, Finding, Looked
from audit.verify.reading import TimeIsUp
from audit.verify.running import verify
from compliance.acting import acting
from compliance.fields import DayField
from compliance.paging import DeskPage, Panel, desk_page

RIGHT = "compliance.verify_trail"
MOST_DAYS, MOST_SHOWN = 31, 200
SECONDS = 12
"""For so long a page may verify: the proxy in front waits 24 seconds, and the agencies' requests share the process."""
NAMES: dict[str, Promise] = {
    "months": gettext_lazy("months"),
    "rows": gettext_lazy("rows"),
    "checkpoints": gettext_lazy("checkpoints"),
    "answers": gettext_lazy("kept answers"),
    "months deleted by decision": gettext_lazy("months deleted by decision"),
    "rows not yet sealed": gettext_lazy("rows not yet sealed"),
}
UNCHECKED: dict[str, Promise] = {
    "what witnesses gave": gettext_lazy("what witnesses gave: the command audit_verify alone reads it"),
    "the copy outside: AUDIT_COPY names none": gettext_lazy(
        "the copy outside: this server is not told where it is (AUDIT_COPY)"
    ),
    "the copy outside: it cannot be read": gettext_lazy("the copy outside: it cannot be read"),
    "signatures: no public key is known": gettext_lazy(
        "signatures: this server is not told the public keys (AUDIT_SEAL_PUBLIC_KEYS_FILE)"
    ),
}
running = Lock()


class DaysForm(forms.Form):
    first = DayField(label=gettext_lazy("First day"))
    last = DayField(label=gettext_lazy("Last day"))

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = self.cleaned_data
        if {"first", "last"} <= given.keys():
            days = (given["last"] - given["first"]) / timedelta(days=1) + 1
            if not 1 <= days <= MOST_DAYS:
                raise ValidationError(_("Choose 1 to 31 days, the first one first."))
        return given


@dataclass(slots=True)
class Verified:
    """What a verification found, and what it could not look at; `unfinished` says in words why it ended too soon."""

    findings: list[Finding] = field(default_factory=list)
    looked: Looked = field(default_factory=Looked)
    unfinished: str = ""

    @property
    def lines(self) -> list[tuple[Promise | str, str, str]]:
        return [(SENTENCES[found.kind], found.where, found.detail) for found in self.findings]

    @property
    def numbers(self) -> list[tuple[Promise, int]]:
        return [(NAMES[name], number) for name, number in self.looked.numbers.items() if name in NAMES]

    @property
    def unchecked(self) -> list[Promise | str]:
        return [UNCHECKED.get(what, what) for what in self.looked.unchecked]


@require_http_methods(["GET", "HEAD", "POST"])
def verify_page(request: HttpRequest) -> HttpResponse:
    """Show the form, or verify and show what was found. Who verifies what is noted first."""
    acting(request, RIGHT)
    form, done = DaysForm(request.POST if request.method == "POST" else None), None
    if form.is_valid():
        days = form.cleaned_data
        if refused := unless_noted(request, "desk verify", words=f"first={days['first']} last={days['last']}"):
            return refused
        with one_at_a_time() as mine:
            if mine:
                done = verified(days["first"], days["last"])
            else:
                form.add_error(None, _("Somebody verifies just now. Try again in a moment."))
    return desk_page(request, "desk/verify.html", title=_("Verify the trail"), form=form, done=done)


@contextmanager
def one_at_a_time() -> Iterator[bool]:
    """Say whether nobody else verifies in this process: it works for the agencies too."""
    mine = running.acquire(blocking=False)
    try:
        yield mine
    finally:
        if mine:
            running.release()


def verified(first: date, last: date, *, seconds: float = SECONDS) -> Verified:
    """Verify the months of these days in bounded time and memory."""
    done = Verified()
    done.looked.unchecked["what witnesses gave"] += 1
    deadline = time.monotonic() + seconds
    try:
        with closing(findings_of(first, last, done.looked, deadline)) as findings:
            done.findings = [*islice(findings, MOST_SHOWN)]
            if len(done.findings) == MOST_SHOWN:
                done.unfinished = _("There is more than a page shows.")
    except Unusable as error:
        done.unfinished = _("A setting of the proof is unusable: %(why)s.") % {"why": error}
    except (TimeIsUp, psycopg.Error, DatabaseError, InterfaceError):
        # The text of a database error may hold a row.
        done.unfinished = _("The time of a page was over, or the database ended it.")
    return done


def findings_of(first: date, last: date, looked: Looked, deadline: float) -> Generator[Finding, None, None]:
    """Yield what does not hold. Raise Unusable, TimeIsUp and what a database raises."""
    path = settings.AUDIT_SEAL_PUBLIC_KEYS_FILE
    yield from verify(
        connection,
        copy=open_copy(settings.AUDIT_COPY),
        public_keys=read_public_keys(path) if path else {},
        first=first,
        last=last,
        looked=looked,
        patience=0,
        deadline=deadline,
    )


PAGES = (DeskPage("verify/", verify_page, "desk_verify"),)


def panel(request: HttpRequest) -> Panel | None:
    """Return the way to the page, for those who may go it."""
    if not request.user.has_perm(RIGHT):
        return None
    return Panel(_("The trail's proof"), "desk/verify_panel.html")
