"""The addresses of either profile, and the one for tests."""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path, re_path

from sandbox.counterparts.pension import views

PACKAGE = r"^(?P<package>[^/]+(?=/)|)/?avtaleforhold"  # a package that is left out is told as such


def _addresses(profile: Callable[[Any], Any]) -> list[URLPattern]:
    return [
        re_path(rf"{PACKAGE}\Z", profile(views.write)),
        re_path(rf"{PACKAGE}/(?P<kind>(virkningsperiode/)?gyldighet)\Z", profile(views.look_up)),
        re_path(r"", profile(views.unknown)),
    ]


seed, current = _addresses(views.in_seed), _addresses(views.today)
control = [path("agreements", views.changed)]
