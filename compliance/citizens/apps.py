"""Django's handle on this part of the room."""

from django.apps import AppConfig


class CitizensConfig(AppConfig):
    name = "compliance.citizens"
