"""What the pages of this part share: a form that does something, and a moment in Oslo."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from audit.secrecy import NotRevealed
from compliance.paging import desk_page

HANDLE, APPROVE, CHANGE = "compliance.handle_breach", "compliance.approve_notice", "compliance.change_routine"
PAGE = "desk breach"
"""How the access log calls the pages that show what was told, and whom."""


def posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def to(name: str, *arguments: Any) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(f"admin:{name}", args=arguments))


def act_by_form(
    request: HttpRequest,
    form: forms.Form | forms.ModelForm,
    act: Callable[[], HttpResponse],
    *,
    title: str | Promise,
    words: str,
    **context: Any,
) -> HttpResponse:
    """Return what the act leads to, or the form with what is wrong."""
    if request.method == "POST" and form.is_valid():
        try:
            return act()
        except ValidationError as refused:
            form.add_error(None, refused)
        except NotRevealed:
            form.add_error(None, _("What is kept sealed cannot be read: its key is gone."))
    return desk_page(request, "desk/breach/form.html", title=title, form=form, words=words, **context)


def done(request: HttpRequest, act: Callable[[], None], words: str) -> None:
    """Do something and say that it is done, or why not."""
    try:
        act()
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    except NotRevealed:
        messages.error(request, _("What is kept sealed cannot be read: its key is gone."))
    else:
        messages.success(request, words)
