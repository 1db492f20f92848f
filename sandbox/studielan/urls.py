"""The addresses below /sandbox/studielan/."""

from django.urls import path

from sandbox.studielan import views

urlpatterns = [
    path("", views.home, name="studielan"),
    path("log-in", views.log_in, name="studielan-log-in"),
    path("debt", views.debt, name="studielan-debt"),
    path("consent", views.ask_consent, name="studielan-consent"),
    path("back/<str:state>", views.come_back, name="studielan-back"),
    path("log-out", views.log_out, name="studielan-log-out"),
]
