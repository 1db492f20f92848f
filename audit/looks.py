"""What the pages are called that are written down of those who look at the trail."""

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

KINDS: dict[str, Promise | str] = {
    "list": _("list"),
    "row": _("one entry"),
    "history": _("history"),
    "explained": _("why it was answered so"),
}
DESK: dict[str, Promise] = {
    "desk search": _("records were looked for"),
    "desk case": _("a case as it went"),
    "desk explained": _("a record in plain words"),
    "desk numbers": _("numbers in full"),
    "desk document": _("what was answered"),
    "desk citizen": _("what was told about a citizen"),
    "desk letter": _("a letter to a citizen"),
    "desk export": _("an export"),
    "desk watch": _("what is strange"),
    "desk breach": _("wrong disclosures and breaches"),
    "desk verify": _("the trail was verified"),
    "local account": _("signed in with an account of our own"),
}
"""What is written down of the desk's pages, and what that means."""


def page_said(page: str) -> str:
    """Return what the page is called where people look at it; a command is named by itself."""
    if page in DESK:
        return str(DESK[page])
    name, _space, kind = page.partition(" ")
    model = apps.all_models["audit"].get(name)
    if model is None or kind not in KINDS:
        return page
    return f"{model._meta.verbose_name_plural}: {KINDS[kind]}"
