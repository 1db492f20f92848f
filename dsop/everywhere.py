"""The settings that are the same everywhere: of what the service is put together. None is read from the environment."""

import sys
from typing import Any

INSTALLED_APPS = [
    "dsop",
    "compliance",
    "compliance.signin",
    "compliance.local",
    "compliance.finding",
    "compliance.explaining",
    "compliance.citizens",
    "compliance.exporting",
    "compliance.watching",
    "compliance.breach",
    "agencies",
    "agencies.bsu",
    "agencies.pension",
    "agencies.studielan",
    "accounts",
    "legal",
    "audit",
    "compliance.admin_site.DeskAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "rest_framework",
    "pgtrigger",
    "pghistory",
]
MIDDLEWARE = [
    "dsop.middleware.RequestLog",
    "dsop.time_limits.InTime",
    "dsop.middleware.KnownHost",
    "dsop.middleware.MachineLane",  # what follows is for browsers only
    "dsop.browsers.BrowserHeaders",
    "compliance.typed_numbers.TypedNumbers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "dsop.languages.BrowserLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "compliance.local.sessions.SessionLimits",
    "django_otp.middleware.OTPMiddleware",
    "dsop.admin_history.AdminHistory",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# These write paths, addresses and exception texts; our own lines say the same without them.
SILENT_LOGGERS = ("axes", "django.request", "django.security", "gunicorn.http.wsgi", "urllib3", "tenacity")
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "dsop.logs.JSONLines"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "json"},
        # A logger without any handler would print its warnings as they are.
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": []},
        **{name: {"handlers": ["nowhere"], "propagate": False} for name in SILENT_LOGGERS},
    },
}
