"""Django's handle on this errand."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PensionConfig(AppConfig):
    name = "agencies.pension"
    label = "pension"
    verbose_name = _("Occupational pensions")
