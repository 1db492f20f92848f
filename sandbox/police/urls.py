"""The addresses below /sandbox/police/."""

from django.urls import path, re_path

from sandbox.police import views

urlpatterns = [
    path("jwks.json", views.key_set),
    re_path(r"^crl/(?P<issuer>root|intermediate)\.crl\Z", views.revocation_list),
]
