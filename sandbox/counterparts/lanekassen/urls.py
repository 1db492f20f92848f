"""The addresses below /lanekassen/, and those of the tests."""

from django.urls import path

from sandbox.counterparts.lanekassen import views

urlpatterns = [path("saldo/v1/Accounts", views.accounts)]
control_urlpatterns = [
    path("consents", views.remembered),
    path("consents/<str:consumer>/<str:person>", views.withdraw),
]
