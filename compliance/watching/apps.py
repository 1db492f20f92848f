"""Django's handle on this part of the room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WatchingConfig(AppConfig):
    name = "compliance.watching"
    verbose_name = _("Watching")
