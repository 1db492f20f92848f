"""The stand-ins' addresses, each agency's below a path of its own."""

from django.urls import include, path

from sandbox.counterparts import control

handler404 = control.not_found
handler500 = control.crashed

urlpatterns = [
    path("control/", include("sandbox.counterparts.control_urls")),
    path("sandbox/maskinporten/", include("sandbox.maskinporten.urls")),
]
