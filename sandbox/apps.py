"""Django's handle on this room."""

from django.apps import AppConfig


class SandboxConfig(AppConfig):
    name = "sandbox"
