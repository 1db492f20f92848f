"""Django's handle on this room; it loads every room's checks."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class DsopConfig(AppConfig):
    name = "dsop"
    verbose_name = _("Encryption")

    def ready(self) -> None:
        autodiscover_modules("checks")
