"""The addresses below /sandbox/certpub/."""

from django.urls import path, re_path

from sandbox.certpub import views

# (?s:.+): a line break is part of a malformed identifier, not the end of a good one.
urlpatterns = [
    re_path(r"^locator/lookup/v2/(?P<identifier>(?s:.+))\Z", views.lookup),
    re_path(r"^publisher/api/v1/(?P<path>(?s:.+))\Z", views.published),
    re_path(r"^crl/(?P<issuer>root|intermediate)\.crl\Z", views.revocation_list),
    path("ocsp", views.status),
    re_path(r"^ocsp/(?P<encoded>(?s:.+))\Z", views.status),
]
