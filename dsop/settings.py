"""Every setting, read once from the environment; a missing one stops the start. The README lists them all."""

import os
import sys
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from audit.key_sources import LENGTHS, Purpose, read_security_module
from audit.keyring import KeyRing
from audit.security_module import SecurityModule
from dsop.databases import Role, databases, others_addresses, own_role
from dsop.environment import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()

ENVIRONMENT = os.environ.get("DSOP_ENVIRONMENT", "")
if ENVIRONMENT not in {"sandbox", "test", "production"}:
    raise ImproperlyConfigured("Set DSOP_ENVIRONMENT to sandbox, test or production. The README lists every setting.")
SANDBOX = ENVIRONMENT == "sandbox"
SANDBOX_FOLDER = Path(os.environ.get("DSOP_SANDBOX_FOLDER", BASE_DIR / ".sandbox"))
if SANDBOX:
    # `make run` writes down what it made up, so that other commands fit it whatever the port.
    env.read_env(SANDBOX_FOLDER / "environment")


def security_module() -> SecurityModule | None:
    try:
        return read_security_module(
            library=env.str("PKCS11_MODULE", default=""),
            token=env.str("PKCS11_TOKEN", default=""),
            pin=env.str("PKCS11_PIN", default=""),
            pin_file=env.str("PKCS11_PIN_FILE", default=""),
        )
    except ValueError as error:
        raise ImproperlyConfigured(f"{error}.") from None


def key_ring(name: str, purpose: Purpose) -> KeyRing:
    try:
        return KeyRing(env.str(name), length=LENGTHS[purpose], purpose=purpose, module=SECURITY_MODULE)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}.") from None


def mail_server() -> dict[str, Any]:
    try:
        found: dict[str, Any] = env.email_url("EMAIL_URL", default="smtp:")
    except (ImproperlyConfigured, ValueError):
        raise ImproperlyConfigured("EMAIL_URL must be smtp+tls://user:password@host:port or its like.") from None
    return found


# --- Django ---

DEBUG = False
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
ROOT_URLCONF = "sandbox.urls" if SANDBOX else "dsop.urls"
WSGI_APPLICATION = "dsop.wsgi.application"
INSTALLED_APPS = [
    *(["sandbox"] if SANDBOX else []),
    "dsop",
    "compliance",
    "agencies",
    "agencies.bsu",
    "agencies.pension",
    "agencies.studielan",
    "accounts",
    "legal",
    "audit",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "pgtrigger",
    "pghistory",
]
MIDDLEWARE = [
    "dsop.middleware.RequestLog",
    "dsop.middleware.KnownHost",
    "dsop.middleware.MachineLane",  # what follows is for browsers only
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "dsop.languages.BrowserLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "dsop.admin_history.AdminHistory",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
APPEND_SLASH = False
TEMPLATES = [
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
STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=str((SANDBOX_FOLDER if SANDBOX else BASE_DIR) / "static"))
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("nb", "Norsk")]
TIME_ZONE = "Europe/Oslo"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- databases ---

DATABASE_ROLE = own_role(env)
AS_OWNER = DATABASE_ROLE is Role.OWNER
OTHERS_ADDRESSES = others_addresses(DATABASE_ROLE, os.environ)
DATABASES = databases(env, role=DATABASE_ROLE, application=env.str("DSOP_APPLICATION_NAME", default="dsop"))
DATABASE_ROUTERS = ["dsop.databases.LedgerRouter"]

# --- the standard ---

MASKINPORTEN_ISSUER = env.str("MASKINPORTEN_ISSUER")
DELEGATION_SOURCE = env.str(
    "DELEGATION_SOURCE",
    default="https://www.altinn.no" if ENVIRONMENT == "production" else "https://tt02.altinn.no",
)
AUDIENCES: dict[str, list[str]] = env.json("DSOP_AUDIENCES")
TOKEN_LEEWAY_SECONDS = env.int("TOKEN_LEEWAY_SECONDS", default=10)
TOKEN_MAX_LIFETIME_SECONDS = env.int("TOKEN_MAX_LIFETIME_SECONDS", default=120)
TOKEN_IGNORE_AUTHORIZATION_DETAILS = env.bool("TOKEN_IGNORE_AUTHORIZATION_DETAILS", default=False)
KEYS_REFRESH_SECONDS = env.int("KEYS_REFRESH_SECONDS", default=3600)
KEYS_COOLDOWN_SECONDS = env.int("KEYS_COOLDOWN_SECONDS", default=60)
SYNTHETIC_PARTIES = ENVIRONMENT != "production"
PARTY_NUMBER_CHECK = env.str("PARTY_NUMBER_CHECK", default="log")
LEDGER_MAX_AGE_HOURS = env.int("LEDGER_MAX_AGE_HOURS", default=48)
TRANSACTIONS_PAGE_SIZE = env.int("TRANSACTIONS_PAGE_SIZE", default=1000)
POLICE_DISPOSALS = env.str("POLICE_DISPOSALS", default="listed")
SHIELDED_OTHERS_WITHHELD = env.bool("SHIELDED_OTHERS_WITHHELD", default=True)

# --- keys ---

SECURITY_MODULE = security_module()
REFERENCE_KEYS = key_ring("REFERENCE_KEYS", Purpose.REFERENCE)
AUDIT_LOOKUP_KEYS = key_ring("AUDIT_LOOKUP_KEYS", Purpose.AUDIT_LOOKUP)
AUDIT_ENCRYPTION_KEYS = key_ring("AUDIT_ENCRYPTION_KEYS", Purpose.AUDIT_ENCRYPTION)

# --- the trail's proof: how long it is kept, and who else keeps its roots ---

AUDIT_ANSWER_DAYS = env.json("AUDIT_ANSWER_DAYS", default={"*": 90})
AUDIT_RETENTION = env.json(
    "AUDIT_RETENTION", default={"*": {"years": 13, "ground": "foreldelsesloven §§ 2 and 10: 3 years, and 10 more"}}
)
AUDIT_SEAL_KEY = env.str("AUDIT_SEAL_KEY", default="")  # the sealer's process alone has it
AUDIT_SEAL_PUBLIC_KEYS_FILE = env.str("AUDIT_SEAL_PUBLIC_KEYS_FILE", default="")
AUDIT_SEAL_SECONDS = env.int("AUDIT_SEAL_SECONDS", default=30)
AUDIT_SEAL_ALARM_SECONDS = env.int("AUDIT_SEAL_ALARM_SECONDS", default=300)
AUDIT_COPY = env.str("AUDIT_COPY", default="")
AUDIT_WITNESS = env.str("AUDIT_WITNESS", default="")
AUDIT_WITNESS_ROOTS_FILE = env.str("AUDIT_WITNESS_ROOTS_FILE", default="")
vars().update(mail_server())  # EMAIL_HOST and its like; nobody but the witness is written to
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="")

# --- the corridor ---

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["legal.maskinporten.MaskinportenAuthentication"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
}
ANSWER_RENDERER = "dsop.renderers.AnswerRenderer"
PERSON_OF = "legal.people.person_of"  # whose account it is, for the log of those who read the trail

# --- encryption: whose certificate, and who may vouch for it ---

PLAIN_JSON = env.bool("PLAIN_JSON", default=False)
CERTPUB_LOCATOR_URL = env.str("CERTPUB_LOCATOR_URL")
CERTPUB_PUBLISHER_HOSTS = env.list(
    "CERTPUB_PUBLISHER_HOSTS",
    default=["api.buypass.com"] if ENVIRONMENT == "production" else ["api.test4.buypass.com"],
)
CERTIFICATE_ROOTS_FILE = Path(env.str("CERTIFICATE_ROOTS_FILE"))
CERTIFICATE_INTERMEDIATES_FILE = Path(env.str("CERTIFICATE_INTERMEDIATES_FILE"))
CERTIFICATE_REVOCATION_HOSTS = env.list("CERTIFICATE_REVOCATION_HOSTS")
CERTIFICATE_POLICIES = env.list(
    "CERTIFICATE_POLICIES",
    default=[
        "2.16.578.1.26.1.3.2",
        "2.16.578.1.26.1.3.5",
        "2.16.578.1.29.13.1",
        "2.16.578.1.29.13.1.1.0",
        *([] if ENVIRONMENT == "production" else ["2.16.578.1.26.1.0.3.2", "2.16.578.1.29.913.1.1.0"]),
    ],
)
CERTIFICATE_POLICY_ARCS = env.list(
    "CERTIFICATE_POLICY_ARCS",
    default=[
        f"2.16.578.1.29.{branch}.{series}"
        for branch in ((13,) if ENVIRONMENT == "production" else (13, 913))
        for series in (200, 210, 220)
    ],
)
CERTIFICATE_CACHE_SECONDS = env.int("CERTIFICATE_CACHE_SECONDS", default=3600)

# --- extradition orders: whose signature, and who may vouch for it ---

EXTRADITION_JWKS_URL = env.str("EXTRADITION_JWKS_URL", default="https://www.politiet.no/.well-known/finans-jwks.json")
EXTRADITION_ROOTS_FILE = env.str("EXTRADITION_ROOTS_FILE", default="")
EXTRADITION_POLICIES = env.list(
    "EXTRADITION_POLICIES",
    default=[
        "2.16.578.1.26.1.3.2",
        "2.16.578.1.26.1.3.5",
        *([] if ENVIRONMENT == "production" else ["2.16.578.1.26.1.0.3.2"]),
    ],
)
EXTRADITION_SUBJECT_CN = env.str(
    "EXTRADITION_SUBJECT_CN",
    default="Godkjenning av utleveringspålegg" + ("" if ENVIRONMENT == "production" else " TEST"),
)
EXTRADITION_CASE_CHECK = env.bool("EXTRADITION_CASE_CHECK", default=True)

# --- bankruptcy notices ---

KONKURSVARSEL_URL = env.str("KONKURSVARSEL_URL", default="")
KONKURSVARSEL_CERTIFICATE_FILE = env.str("KONKURSVARSEL_CERTIFICATE_FILE", default="")
KONKURSVARSEL_KEY_FILE = env.str("KONKURSVARSEL_KEY_FILE", default="")
KONKURSVARSEL_EVERY_MINUTES = env.int("KONKURSVARSEL_EVERY_MINUTES", default=15)
KONKURSVARSEL_FIRST_DAYS = env.int("KONKURSVARSEL_FIRST_DAYS", default=365)
KONKURSVARSEL_MAX_AGE_HOURS = env.int("KONKURSVARSEL_MAX_AGE_HOURS", default=24)
KONKURSVARSEL_ENDED_BY = env.list("KONKURSVARSEL_ENDED_BY", default=["sletting", "oppheving"])

# --- the bank's errands: who it is, and where the agencies answer; what is empty is not used ---

MASKINPORTEN_TOKEN_URL = env.str("MASKINPORTEN_TOKEN_URL", default="")
MASKINPORTEN_CLIENT_ID = env.str("MASKINPORTEN_CLIENT_ID", default="")
MASKINPORTEN_KEY_FILE = env.str("MASKINPORTEN_KEY_FILE", default="")
MASKINPORTEN_KEY_ID = env.str("MASKINPORTEN_KEY_ID", default="")
MASKINPORTEN_CERTIFICATE_FILE = env.str("MASKINPORTEN_CERTIFICATE_FILE", default="")
BANK_ORGANISATION_NUMBER = env.str("BANK_ORGANISATION_NUMBER", default="")
OUTBOUND_PROXY_URL = env.str("OUTBOUND_PROXY_URL", default="")
LANEKASSEN_ACCOUNTS_URL = env.str("LANEKASSEN_ACCOUNTS_URL", default="")
LANEKASSEN_API_KEY = env.str("LANEKASSEN_API_KEY", default="")
LANEKASSEN_CONSENT = env.str("LANEKASSEN_CONSENT", default="" if ENVIRONMENT == "production" else "altinn2")
LANEKASSEN_ALTINN2_AFTER_END = env.bool("LANEKASSEN_ALTINN2_AFTER_END", default=False)
LANEKASSEN_BANK_NAME = env.str("LANEKASSEN_BANK_NAME", default="")
LANEKASSEN_REDIRECT_URL = env.str("LANEKASSEN_REDIRECT_URL", default="")
LANEKASSEN_CONSENT_DAYS = env.int("LANEKASSEN_CONSENT_DAYS", default=364)
ALTINN_API_KEY = env.str("ALTINN_API_KEY", default="")
ALTINN_CONSENT_REQUEST_URL = env.str("ALTINN_CONSENT_REQUEST_URL", default="")
ALTINN_CONSENT_PAGE_URL = env.str("ALTINN_CONSENT_PAGE_URL", default="")
ALTINN_CONSENT_TOKEN_URL = env.str("ALTINN_CONSENT_TOKEN_URL", default="")
ALTINN_CONSENT_KEYS_URL = env.str("ALTINN_CONSENT_KEYS_URL", default="")
ALTINN3_PLATFORM_URL = env.str("ALTINN3_PLATFORM_URL", default="")
ALTINN3_CONSENT_RESOURCE = env.str("ALTINN3_CONSENT_RESOURCE", default="")
DIALOGPORTEN_URL = env.str("DIALOGPORTEN_URL", default="")
AKTIVKONTO_BASE_URL = env.str("AKTIVKONTO_BASE_URL", default="")
AKTIVKONTO_PROFILE = env.str("AKTIVKONTO_PROFILE", default="" if ENVIRONMENT == "production" else "current")
AKTIVKONTO_RIGHTS_PACKAGE = env.str("AKTIVKONTO_RIGHTS_PACKAGE", default="")
AKTIVKONTO_PATH = env.str("AKTIVKONTO_PATH", default="/{rettighetspakke}/{personidentifikator}")
AKTIVKONTO_ENTERPRISES = env.bool("AKTIVKONTO_ENTERPRISES", default=False)
BSU_BASE_URL = env.str("BSU_BASE_URL", default="")
BSU_DOCUMENT_PATH = env.str(
    "BSU_DOCUMENT_PATH", default="/{inntektsaar}/forsendelser/{forsendelseId}/dokumenter/{dokumentId}"
)
BSU_CONTACT: dict[str, str] = env.json("BSU_CONTACT", default={})
BSU_KEY_LIFETIME_DAYS = env.int("BSU_KEY_LIFETIME_DAYS", default=30)
BSU_YEARLY_CEILINGS: dict[str, int] = env.json("BSU_YEARLY_CEILINGS", default={"2014": 25000, "2021": 27500})
BSU_SYSTEM_USER_ORGANISATION = env.str("BSU_SYSTEM_USER_ORGANISATION", default="")
OTP_BASE_URL = env.str("OTP_BASE_URL", default="")
OTP_PROFILE = env.str("OTP_PROFILE", default="" if ENVIRONMENT == "production" else "current")
OTP_RIGHTS_PACKAGE = env.list("OTP_RIGHTS_PACKAGE", default=[])

# --- browsers (the admin) ---

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not SANDBOX
LANGUAGE_COOKIE_HTTPONLY, LANGUAGE_COOKIE_SAMESITE = True, "Lax"
LANGUAGE_COOKIE_PATH, LANGUAGE_COOKIE_AGE = "/admin", 365 * 24 * 3600
SESSION_COOKIE_AGE = 8 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
if not SANDBOX:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = ["^v2(/|$)", "^health/"]  # ERR-06: never a redirect for a machine
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True

# --- logs: one JSON line each, on stderr ---

# These write paths, addresses and exception texts; our own lines say the same without them.
SILENT_LOGGERS = ("django.request", "django.security", "gunicorn.http.wsgi", "urllib3", "tenacity")
LOGGING_CONFIG = "dsop.logs.configure"
LOGGING = {
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
