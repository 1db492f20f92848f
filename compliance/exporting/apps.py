"""Django's handle on this part of the room."""

from django.apps import AppConfig


class ExportingConfig(AppConfig):
    name = "compliance.exporting"
