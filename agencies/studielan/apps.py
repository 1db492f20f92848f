"""Django's handle on this errand."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StudielanConfig(AppConfig):
    name = "agencies.studielan"
    label = "studielan"
    verbose_name = _("Student loans")
