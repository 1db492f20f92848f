"""Django's handle on this part of the room."""

from django.apps import AppConfig


class SignInConfig(AppConfig):
    name = "compliance.signin"
