"""Django's handle on this room."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
