"""Who acts at the desk: a signed-in account with the right, and the person behind it."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from legal.models import Person
from legal.people import person_of


def refuse_strangers(request: HttpRequest, *rights: str) -> None:
    """Raise PermissionDenied unless the account has every one of these rights, such as `compliance.search_person`."""
    if not request.user.has_perms(rights):
        raise PermissionDenied


def acting(request: HttpRequest, *rights: str) -> Person:
    """Return the person behind the account. Raise PermissionDenied for a stranger and for nobody's account."""
    refuse_strangers(request, *rights)
    person = person_of(request.user)
    if person is None:
        raise PermissionDenied
    return person
