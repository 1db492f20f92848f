"""Django's handle on this room."""

from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    name = "compliance"
