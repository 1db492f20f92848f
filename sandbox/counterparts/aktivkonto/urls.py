"""The addresses of either profile."""

from django.urls import path, re_path

from sandbox.counterparts.aktivkonto import views

seed = [
    re_path(r"^ekstern/(?P<version>v[123])/tin\Z", views.by_body),
    re_path(r"", views.unknown_in_seed),
]
current = [
    path("<str:package>/<str:number>", views.by_address),
    re_path(r"", views.unknown_in_current),
]
