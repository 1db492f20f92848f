"""Every setting, read once from the environment; a missing one stops the start. The README lists them all."""

import os
import tempfile
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from audit.key_sources import LENGTHS, Purpose, read_security_module
from audit.keyring import KeyRing
from audit.security_module import SecurityModule
from dsop import everywhere
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


def own_folder(address: str) -> str:
    """Return where the processes of the server at this address meet: servers of one host have different ones."""
    return f"{tempfile.gettempdir()}/dsop-metrics-{os.getuid()}-{address.replace('/', '-')}"


# --- Django ---

DEBUG = False
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
ROOT_URLCONF = "sandbox.urls" if SANDBOX else "dsop.urls"
WSGI_APPLICATION = "dsop.wsgi.application"
INSTALLED_APPS = [*(["sandbox"] if SANDBOX else []), *everywhere.INSTALLED_APPS]
MIDDLEWARE, TEMPLATES = everywhere.MIDDLEWARE, everywhere.TEMPLATES
AUTH_PASSWORD_VALIDATORS = everywhere.AUTH_PASSWORD_VALIDATORS
APPEND_SLASH = False
STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=str((SANDBOX_FOLDER if SANDBOX else BASE_DIR) / "static"))
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("nb", "Norsk")]
TIME_ZONE = "Europe/Oslo"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- databases ---

DATABASE_ROLE = own_role(env)
AS_OWNER = DATABASE_ROLE is Role.OWNER
OTHERS_ADDRESSES = others_addresses(DATABASE_ROLE, os.environ)
DATABASES = databases(env, role=DATABASE_ROLE, application=env.str("DSOP_APPLICATION_NAME", default="dsop"))
DATABASE_ROUTERS = ["dsop.databases.LedgerRouter"]

# --- a request's time, in seconds from the arrival of its head; dsop/time_limits.py holds it against 25 ---

QUEUE_SECONDS = env.float("QUEUE_SECONDS", default=4.0)
WORK_SECONDS = env.float("WORK_SECONDS", default=14.0)
RECORD_SECONDS = env.float("RECORD_SECONDS", default=6.0)

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
LEDGER_MAX_LOSS_PERCENT = env.int("LEDGER_MAX_LOSS_PERCENT", default=10)
LEDGER_MAX_LAG_BYTES = env.int("LEDGER_MAX_LAG_BYTES", default=64 * 1024 * 1024)
LEDGER_MAX_LAG_SECONDS = env.int("LEDGER_MAX_LAG_SECONDS", default=10)
LEDGER_PRIMARY_LOST_SECONDS = env.int("LEDGER_PRIMARY_LOST_SECONDS", default=300)
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

# --- limits ---

RATE_LIMIT_DEFAULT = env.json("RATE_LIMIT_DEFAULT", default={"per_second": 500, "burst": 1000})
CACHE_URL = env.str("CACHE_URL", default="")

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
ADMIN_SESSION_HOURS = env.int("ADMIN_SESSION_HOURS", default=8)
ADMIN_IDLE_MINUTES = env.int("ADMIN_IDLE_MINUTES", default=30)
SESSION_COOKIE_AGE = ADMIN_SESSION_HOURS * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"  # not Strict: a provider of identities sends people back to us
CSRF_COOKIE_AGE = None
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
if not SANDBOX:
    # Browsers take a cookie of such a name from this host alone, over TLS.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME, LANGUAGE_COOKIE_NAME = "__Host-session", "__Host-csrf", "__Secure-language"
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = ["^v2(/|$)", "^health/"]  # ERR-06: never a redirect for a machine
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True

# --- people: where the admin answers, and how they sign in ---

ADMIN_HOSTS = env.list("ADMIN_HOSTS", default=[])  # empty: on every host of ALLOWED_HOSTS
ADMIN_LOCAL_ACCOUNTS = env.str("ADMIN_LOCAL_ACCOUNTS", default="password" if SANDBOX else "second-factor")
ADMIN_TRUSTED_PROXIES = env.list("ADMIN_TRUSTED_PROXIES", default=[])  # addresses or networks
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "compliance.local.backend.LocalAccounts"]
AXES_FAILURE_LIMIT = env.int("ADMIN_LOCK_FAILURES", default=5)
AXES_HANDLER = "compliance.local.locking.Locks"
AXES_CLIENT_IP_CALLABLE = "compliance.local.locking.address_of"
AXES_LOCKOUT_CALLABLE = "compliance.local.locking.locked_page"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], "username"]
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = AXES_ENABLE_ADMIN = AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True
OIDC_ISSUER = env.str("OIDC_ISSUER", default="")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", default="")
OIDC_SCOPES = env.str("OIDC_SCOPES", default="openid profile")
OIDC_GROUPS_CLAIM = env.str("OIDC_GROUPS_CLAIM", default="groups")
OIDC_GROUPS: dict[str, str] = env.json("OIDC_GROUPS", default={})
OIDC_EMPLOYEE_CLAIM = env.str("OIDC_EMPLOYEE_CLAIM", default="")
OIDC_SECOND_FACTOR: dict[str, list[str]] = env.json("OIDC_SECOND_FACTOR", default={"amr": ["mfa"]})

# --- the desk ---

DESK_LETTERHEAD: dict[str, str] = env.json("DESK_LETTERHEAD", default={})
DESK_UNDECIDED_DAYS: dict[str, int] = env.json(
    "DESK_UNDECIDED_DAYS", default={"fi-utlegg-saldo": 365, "skatt-kontroll": 730}
)
DESK_CITIZEN_YEARS = env.int("DESK_CITIZEN_YEARS", default=3)
DESK_EXPORT_ALONE_ROWS = env.int("DESK_EXPORT_ALONE_ROWS", default=1000)
DESK_MAIL: dict[str, list[str]] = env.json("DESK_MAIL", default={})
DESK_METRICS_FILE = env.str("DESK_METRICS_FILE", default="")

# --- figures: by default nowhere ---

METRICS_BIND = env.str("METRICS_BIND", default="")
METRICS_ALLOWED = env.list("METRICS_ALLOWED", default=[])  # networks; without METRICS_BIND on the service's own port
METRICS_FOLDER = Path(env.str("METRICS_FOLDER", default="") or own_folder(METRICS_BIND or env.str("DSOP_BIND", "")))
METRICS = bool(METRICS_BIND or METRICS_ALLOWED)
OTEL_EXPORTER_OTLP_ENDPOINT = env.str("OTEL_EXPORTER_OTLP_ENDPOINT", default="")  # the standard's own name

# --- logs: one JSON line each, on stderr ---

LOGGING_CONFIG = "dsop.logs.configure"
LOGGING = everywhere.LOGGING
