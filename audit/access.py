"""Noting who looks at the trail, before anything of it is read: what cannot be noted is not shown."""

import os
import pwd
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, Protocol

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string

from audit.appending import NotRecorded, append
from audit.models import Access

TABLE = Access._meta.db_table
COMMAND_LINE = "command line"
"""Stands for the person where a command was typed; the account is then the operating system's."""
# Made without a template, a language or the database: whatever is broken, this page is there.
NOT_SHOWN = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>503 · Nothing is shown · Ingenting vises</title></head>
<body><main>
<h1>Nothing is shown</h1>
<p>It could not be noted that you look at the audit trail, so nothing of it is shown. Try again in a minute, and tell
whoever runs the service when it stays so.</p>
<div lang="nb">
<h2>Ingenting vises</h2>
<p>Det lot seg ikke notere at du ser i revisjonssporet, og derfor vises ingenting av det. Prøv igjen om et minutt, og si
fra til dem som drifter tjenesten hvis det fortsetter.</p>
</div>
</main></body>
</html>
"""


class Employee(Protocol):
    """What this room has to know of a person."""

    employee_id: str


def employee_of(user: Any) -> str:
    """Return the employee id of the person behind an account, and nothing where nobody has said whose it is."""
    person = _person_of()(user)
    return person.employee_id if person else ""


@cache
def _person_of() -> Callable[[Any], Employee | None]:
    found: Callable[[Any], Employee | None] = import_string(settings.PERSON_OF)
    return found


@dataclass(frozen=True, slots=True)
class Why:
    """What the desk says of a look besides: the reason, the bank's own case, the hash of the number looked for, marks.

    None of them holds a person's number or name.
    """

    reason: str | None = None
    case_reference: str | None = None
    sought_hash: bytes | None = None
    marks: str | None = None


NOTHING_SAID = Why()


def note(
    user: Any, page: str, concerning: uuid.UUID | None = None, words: str = "", *, why: Why = NOTHING_SAID
) -> uuid.UUID:
    """Commit that somebody looks at a page, and return the row's id. Raise NotRecorded.

    Never called in a transaction: what that takes back would have been seen by nobody. `words` are ids, days and
    names of services, agencies and endpoints; who calls this has seen to it that no person's number is among them.
    """
    who = {"person": employee_of(user), "account": user.get_username()}
    return append(TABLE, {**who, "page": page, "concerning": concerning, "words": words, **asdict(why)})


def note_command(page: str, concerning: uuid.UUID | None = None, words: str = "") -> uuid.UUID:
    """Commit the same of whoever runs this process, as the operating system knows the account. Raise NotRecorded."""
    who = {"person": COMMAND_LINE, "account": system_account()}
    return append(TABLE, {**who, "page": page, "concerning": concerning, "words": words})


def system_account() -> str:
    """Return the name of the account that the process runs under, or its number; variables could say anything."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def unless_noted(
    request: HttpRequest,
    page: str,
    concerning: uuid.UUID | None = None,
    words: str = "",
    *,
    why: Why = NOTHING_SAID,
) -> HttpResponse | None:
    """Return what is answered when the access could not be noted. When it was, there is nothing to return."""
    try:
        note(request.user, page, concerning, words, why=why)
    except NotRecorded:
        return HttpResponse(NOT_SHOWN, status=503)
    return None
