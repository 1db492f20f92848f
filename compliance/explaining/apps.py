"""Django's handle on this part of the room."""

from django.apps import AppConfig


class ExplainingConfig(AppConfig):
    name = "compliance.explaining"
