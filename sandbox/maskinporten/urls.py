"""The stand-in's addresses, below its issuer."""

from django.urls import path

from sandbox.maskinporten import views

urlpatterns = [
    path(".well-known/oauth-authorization-server", views.metadata),
    path("jwk", views.key_set),
    path("token", views.token),
]
