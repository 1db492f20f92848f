"""Django's handle on this errand."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BsuConfig(AppConfig):
    name = "agencies.bsu"
    label = "bsu"
    verbose_name = _("BSU")
