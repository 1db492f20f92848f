"""The settings of the idiomatic variant: what `startproject` writes, over the same databases; sessions are kept."""

from dsop.settings import *  # noqa: F403
from dsop.settings import DATABASES as SHIPPED

DATABASES = {
    alias: {
        **server,
        "OPTIONS": {
            name: value
            for name, value in server["OPTIONS"].items()
            if name not in {"server_side_binding", "prepare_threshold"}
        },
    }
    for alias, server in SHIPPED.items()
}
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "bench.idiomatic"
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["bench.idiomatic_tokens.TokenAuthentication"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "UNAUTHENTICATED_USER": None,
}
