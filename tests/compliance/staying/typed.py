"""A person's number typed where none belongs: into addresses, and into every field of every form."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse

from tests.compliance.staying.routes import addresses, routes
from tests.compliance.staying.stage import SUPERUSER

TYPED_NUMBER = "09810112342"
FIELD = re.compile(r"""<(?:input|textarea|select)[^>]*? name="([^"]+)\"""")
OURS = {"csrfmiddlewaretoken", "language", "next"}
PASSWORDS = {"password1", "password2", "old_password", "new_password1", "new_password2"}
QUERIES = (
    "q",
    "p",
    "e",
    "next",
    "number",
    "consumer__exact",
    "day",
    "agency",
    "_changelist_filters",
    "after",
    TYPED_NUMBER,
)
WRITTEN = (TYPED_NUMBER, "098101 12342", "098101%2012342", "fnr09810112342x")
PARTS = ("desk/explained", "desk/case", "desk/routines", "audit/auditrecord", "nowhere")


class Shown(NamedTuple):
    """A page that was given, and to whom."""

    who: str
    address: str
    answer: Any


def typed_in_addresses(stage) -> Iterator[tuple[str, str]]:
    """Yield who asks for which address with a number in its query or in its path."""
    for at, found in enumerate([*addresses(stage).values()][::2]):  # each second page: all are asked for in one way
        yield SUPERUSER, f"{found[0]}?{QUERIES[at % len(QUERIES)]}={WRITTEN[at % len(WRITTEN)]}"
    for part in PARTS:
        yield "officer", f"/admin/{part}/{TYPED_NUMBER}/"
    for name, parts in routes():
        if parts == ("object_id",) and name.endswith(("_change", "_history")):
            yield SUPERUSER, reverse(f"admin:{name}", args=[TYPED_NUMBER])


def fields_of(answer):
    """Return the names of all fields on a page."""
    return {*FIELD.findall(answer.content.decode("utf-8", "replace"))} - OURS


def keep_longest(kept, name, shown):
    """Keep of a page what somebody was given who may fill in the most."""
    if name not in kept or len(fields_of(shown.answer)) > len(fields_of(kept[name].answer)):
        kept[name] = shown


def words_fields(answer, number) -> set[str]:
    """Return the fields of a page's own forms that take words with a number in them, or the number alone."""
    texts = (number, f"om {number}", f"{number}@bank.example")
    return {
        name
        for form in forms_in(answer.context or ())
        for name, field in form.fields.items()
        if isinstance(field, forms.CharField) and any(takes(form, name, text) for text in texts)
    }


def takes(form, name, text):
    """Return whether a field takes that text, by itself and with what its form asks of it alone."""
    try:
        form.cleaned_data = {name: form.fields[name].clean(text)}
        getattr(form, f"clean_{name}", lambda: None)()
    except ValidationError:
        return False
    return True


def forms_in(context: Iterable[Any]) -> Iterator[forms.BaseForm]:
    """Yield the forms that a page was made of, those in lists too."""
    for layer in context:
        values = layer.values() if isinstance(layer, Mapping) else [value for one in layer for value in one.values()]
        for value in values:
            yield from (one for one in (value if isinstance(value, list | tuple) else [value]) if is_form(one))


def is_form(one):
    return isinstance(one, forms.BaseForm)
