"""A person's number typed where none belongs, anywhere in the admin: it is kept nowhere and comes back in no page."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from compliance.paging import desk_page
from compliance.reasons import MASK, PERSONS_NUMBER

ADMIN, DESK = "/admin", "admin/desk/"
NOBODYS = re.compile(
    r"(?<!\w)(?:[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{1,12}|[0-9A-Fa-f]{32,})(?!\w)"
    r"|(?<!\d)(?:1[6-9]|20)[0-9]{2}-(?:0[1-9]|1[0-2])-[0-3][0-9]-[0-9]{1,4}(?!\d)"
)
"""Ids, whole or cut short, digests and laws such as LOV-2009-06-19-103, in which eleven digits in a row are chance."""
MADE_ELSEWHERE = {"oidc_callback"}
"""Addresses with words of the bank's provider, in which eleven digits are chance. Its pages repeat none of them."""
SECRETS = {
    "csrfmiddlewaretoken",
    "password",
    "password1",
    "password2",
    "old_password",
    "new_password1",
    "new_password2",
}
MEANT = {"legal_person_add": {"number"}, "legal_person_change": {"number"}, "login": {"username"}}
"""Fields beside the desk that may hold one: of an employee's, and of a name at the door, a keyed hash is kept."""


class TypedNumbers:
    """Refuse what could be a person's number in an address and in forms that ask for none; let none be repeated.

    The desk's own forms say by themselves, beside the field, that a number does not belong there.
    """

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        response = self.get_response(request)
        typed = getattr(request, "typed_numbers", None)
        if typed and not response.streaming and response.headers.get("Content-Type", "").startswith("text/html"):
            unrepeated(response, typed)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Return the refusal, before anything is looked up, kept or noted."""
        match = request.resolver_match
        if match is None or not request.path_info.startswith(ADMIN) or match.url_name in MADE_ELSEWHERE:
            return None
        if any(numbers_in(text) for text in address_of(request)):
            return refused(request, 404)
        name, sent = match.url_name or "", dict(sent_in(request))
        request.typed_numbers = {  # type: ignore[attr-defined]
            number for field, texts in sent.items() if field not in SECRETS for number in texts
        }
        allowed = SECRETS | MEANT.get(name, set())
        if not match.route.startswith(DESK) and any(texts for field, texts in sent.items() if field not in allowed):
            return refused(request, 400)
        return None


def numbers_in(text: str) -> list[str]:
    """Return all that could be persons' numbers in a text, as they are spelled. Ids and laws are none."""
    return PERSONS_NUMBER.findall(NOBODYS.sub("/", text))


def address_of(request: HttpRequest) -> Iterator[str]:
    """Yield the texts of an address, decoded."""
    yield request.path_info
    for name, texts in request.GET.lists():
        yield name
        yield from texts


def sent_in(request: HttpRequest) -> Iterator[tuple[str, list[str]]]:
    """Yield each field of a sent form with the numbers in it, in the names of files too."""
    for name, texts in request.POST.lists():
        yield name, [number for text in (name, *texts) for number in numbers_in(text)]
    for name, files in request.FILES.lists():
        yield name, [number for file in files for number in numbers_in(file.name or "")]


def refused(request: HttpRequest, status: int) -> HttpResponse:
    """Return the page that says so, and repeats nothing."""
    title = _("A number stands where none belongs")
    return desk_page(request, "desk/typed_number.html", title=title, status=status, in_address=status == 404)


def unrepeated(response: HttpResponse, typed: Iterable[str]) -> None:
    """Put a mask for each of these numbers, as they were spelled and as bare digits."""
    spelled = {way for number in typed for way in (number, re.sub(r"\D", "", number))}
    longest_first = sorted(map(re.escape, spelled), key=len, reverse=True)
    pattern = re.compile(rf"(?<!\d)(?:{'|'.join(longest_first)})(?!\d)")
    page = response.content.decode(response.charset, "replace")
    masked, times = pattern.subn(MASK, page)
    if times:
        response.content = masked.encode(response.charset)
        if "Content-Length" in response.headers:
            response.headers["Content-Length"] = str(len(response.content))
