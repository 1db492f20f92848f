"""The stand-ins' own settings: neither a database server nor anything of the bank but where the sandbox lies."""

import os
import secrets
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

if os.environ.get("DSOP_ENVIRONMENT") != "sandbox":
    raise ImproperlyConfigured("The stand-ins run in the sandbox only: set DSOP_ENVIRONMENT to sandbox.")

SANDBOX_FOLDER = Path(os.environ["STAND_INS_FOLDER"])
MASKINPORTEN_ISSUER = os.environ["STAND_INS_ISSUER"]

DEBUG = False
SECRET_KEY = secrets.token_urlsafe(50)
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "sandbox.counterparts.urls"
INSTALLED_APPS: list[str] = []
MIDDLEWARE = ["sandbox.counterparts.control.Controlled"]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": False}]
APPEND_SLASH = False
TIME_ZONE = "Europe/Oslo"
USE_TZ = True
USE_I18N = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024

LOGGING_CONFIG = "dsop.logs.configure"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "dsop.logs.JSONLines"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "json"},
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": []},
        # These write paths, and there are numbers of persons in some.
        **{name: {"handlers": ["nowhere"], "propagate": False} for name in ("django.request", "django.security")},
    },
}
