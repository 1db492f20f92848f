"""The addresses below /control/."""

from django.urls import path

from sandbox.counterparts import control

urlpatterns = [
    path("ready", control.ready),
    path("switches", control.switches),
    path("faults", control.faults),
    path("requests", control.requests_seen),
    path("state", control.state_kept),
]
