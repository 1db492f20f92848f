"""The bank's addresses: the API, its health and the admin. Which answers stand for failures is named here too."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.i18n import set_language

from accounts import openapi
from dsop.health import live, ready
from dsop.metrics import serving as metrics
from legal.views import UnknownPath

urlpatterns = [
    path("v2/", include("accounts.urls")),
    # Whatever is left under v2, line breaks and all: a token is asked for before anything is said.
    re_path(r"^v2(?:/|$)", UnknownPath.as_view()),
    path("openapi", openapi.page),
    path("metrics", metrics.view),
    path("health/live", live),
    path("health/ready", ready),
    path("admin/language", set_language, name="set_language"),
    path("admin/", admin.site.urls),
]

handler400 = "dsop.errors.malformed"
handler403 = "dsop.errors.forbidden"
handler404 = "dsop.errors.not_found"
handler500 = "dsop.errors.server_error"
