"""The admin app with the desk's own site; named by settings, so that nothing is imported before the models are."""

from django.contrib.admin.apps import AdminConfig


class DeskAdminConfig(AdminConfig):
    default_site = "compliance.site.DeskSite"
