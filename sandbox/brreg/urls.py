"""The addresses below /sandbox/konkursvarsel/."""

from django.urls import path

from sandbox.brreg import views

urlpatterns = [
    path("konkursvarsler", views.everything),
    path("konkursvarsler/oppdatert/<str:moment>", views.updated),
    path("konkursvarsler/<uuid:notice_id>", views.one),
]
