"""Django's handle on this room."""

from django.apps import AppConfig


class LegalConfig(AppConfig):
    name = "legal"
