"""What must hold before the front door opens; run by dsop/wsgi.py, `check` and `check --deploy`."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections, router
from django.db.migrations.executor import MigrationExecutor

from dsop import seeing_checks, time_limits  # noqa: F401 - register checks of their own
from dsop.certificates import certificate_rules
from legal.certificate_files import is_test_authority
from legal.extradition_keys import order_certificate_rules
from legal.in_force import APPROVED
from legal.models import ServiceVersion
from legal.numbers import is_organisation_number

ISSUERS = {"test": "https://test.maskinporten.no/", "production": "https://maskinporten.no/"}
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
SHORTEST_SECRET, FEWEST_CHARACTERS = 50, 10
NO_SECRETS = ("insecure", "changeme", "change-me", "example", "password")
TEST_POLICIES = ("2.16.578.1.26.1.0.", "2.16.578.1.29.913.")
MAY_READ_MIGRATIONS = "SELECT coalesce(has_table_privilege(to_regclass('django_migrations'), 'SELECT'), false)"


@register
def check_encryption(**kwargs: Any) -> list[CheckMessage]:
    """Production answers are encrypted or not given (NEG-01)."""
    if settings.ENVIRONMENT == "production" and settings.PLAIN_JSON:
        return [Error("PLAIN_JSON must be off in production: answers would leave unencrypted.", id="dsop.E001")]
    return []


@register
def check_certificates(**kwargs: Any) -> list[CheckMessage]:
    """Who vouches for agencies is known and of this environment (CRT-02), and CertPub is asked by https."""
    found: list[CheckMessage] = []
    scheme, host, *_ = urlsplit(settings.CERTPUB_LOCATOR_URL)
    if scheme != "https" and not (settings.SANDBOX and host):
        found.append(Error("CERTPUB_LOCATOR_URL must be an https address.", id="dsop.E008"))
    if not 60 <= settings.CERTIFICATE_CACHE_SECONDS <= 86_400:
        found.append(Error("CERTIFICATE_CACHE_SECONDS must lie between 60 and 86,400.", id="dsop.E008"))
    try:
        rules = certificate_rules()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return [*found, Error(f"The certificates that vouch for agencies are unusable: {reason}", id="dsop.E009")]
    if settings.ENVIRONMENT == "production" and any(map(is_test_authority, (*rules.roots, *rules.intermediates))):
        found.append(Error("CERTIFICATE_ROOTS_FILE holds a test root; production refuses it.", id="dsop.E010"))
    return found


@register
def check_extradition(**kwargs: Any) -> list[CheckMessage]:
    """Who vouches for the police is of this environment (EO-02), and the key set is asked for by https."""
    found: list[CheckMessage] = []
    production = settings.ENVIRONMENT == "production"
    scheme, host, *_ = urlsplit(settings.EXTRADITION_JWKS_URL)
    if scheme != "https" and not (settings.SANDBOX and host):
        found.append(Error("EXTRADITION_JWKS_URL must be an https address.", id="dsop.E014"))
    if settings.EXTRADITION_SUBJECT_CN.endswith(" TEST") == production:
        found.append(Error("EXTRADITION_SUBJECT_CN is of another environment.", id="dsop.E014"))
    if production and any(map(is_test_policy, settings.EXTRADITION_POLICIES)):
        found.append(Error("EXTRADITION_POLICIES is of the test environment; production refuses it.", id="dsop.E014"))
    if not settings.EXTRADITION_ROOTS_FILE:
        return found
    try:
        roots = order_certificate_rules().roots
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return [*found, Error(f"The certificates that vouch for the police are unusable: {reason}", id="dsop.E015")]
    if production and any(map(is_test_authority, roots)):
        found.append(Error("EXTRADITION_ROOTS_FILE holds a test root; production refuses it.", id="dsop.E016"))
    return found


@register
def check_issuer(**kwargs: Any) -> list[CheckMessage]:
    """One issuer, and the one of this environment (ENV-01)."""
    expected = ISSUERS.get(settings.ENVIRONMENT)
    if expected and expected != settings.MASKINPORTEN_ISSUER:
        return [Error(f"MASKINPORTEN_ISSUER must be {expected} here.", id="dsop.E002")]
    if not expected and urlsplit(settings.MASKINPORTEN_ISSUER).hostname not in LOOPBACK:
        return [Error("MASKINPORTEN_ISSUER must be on this machine in the sandbox.", id="dsop.E002")]
    return []


@register
def check_audiences(**kwargs: Any) -> list[CheckMessage]:
    """At least one audience, each with institutions of its own (TOK-10, TOK-12)."""
    audiences = settings.AUDIENCES
    if not isinstance(audiences, dict) or not audiences:
        return [Error("DSOP_AUDIENCES must name at least one audience with its institutions.", id="dsop.E003")]
    scheme = "http" if settings.SANDBOX else "https"
    found: list[CheckMessage] = []
    for audience, institutions in audiences.items():
        if not audience or audience == "unspecified":
            found.append(Error("DSOP_AUDIENCES: what Maskinporten writes for no audience is none.", id="dsop.E003"))
        if not audience.startswith((f"{scheme}://", "https://")):
            found.append(Error("DSOP_AUDIENCES: an audience must be an https address.", id="dsop.E003"))
        if not isinstance(institutions, list) or not institutions or not all(map(is_organisation_number, institutions)):
            found.append(Error("DSOP_AUDIENCES: an audience must list organisation numbers.", id="dsop.E003"))
    return found


@register
def check_rules(**kwargs: Any) -> list[CheckMessage]:
    """Settings that choose among a few words or lie in a range."""
    found: list[CheckMessage] = []
    if settings.PARTY_NUMBER_CHECK not in {"off", "log", "reject"}:
        found.append(Error("PARTY_NUMBER_CHECK must be off, log or reject.", id="dsop.E004"))
    if not 0 <= settings.TOKEN_LEEWAY_SECONDS <= 30:
        found.append(Error("TOKEN_LEEWAY_SECONDS must lie between 0 and 30.", id="dsop.E005"))
    if settings.TOKEN_MAX_LIFETIME_SECONDS < 1:
        found.append(Error("TOKEN_MAX_LIFETIME_SECONDS must be positive.", id="dsop.E005"))
    if not (1 if settings.SANDBOX else 10) <= settings.KEYS_COOLDOWN_SECONDS <= settings.KEYS_REFRESH_SECONDS < 86_400:
        found.append(
            Error(
                "KEYS_COOLDOWN_SECONDS must be 10 or more, and KEYS_REFRESH_SECONDS no less than it and below a day.",
                id="dsop.E007",
            )
        )
    if settings.LEDGER_MAX_AGE_HOURS < 1:
        found.append(Error("LEDGER_MAX_AGE_HOURS must be positive.", id="dsop.E006"))
    if not 1 <= settings.TRANSACTIONS_PAGE_SIZE <= 1000:
        found.append(Error("TRANSACTIONS_PAGE_SIZE must be between 1 and 1000.", id="dsop.E006"))
    if settings.POLICE_DISPOSALS not in {"listed", "told"}:
        found.append(Error("POLICE_DISPOSALS must be listed or told.", id="dsop.E004"))
    return found


@register
def check_debug(**kwargs: Any) -> list[CheckMessage]:
    """Django's pages for developers show settings, variables and SQL to whoever caused an error."""
    if settings.DEBUG:
        return [Error("DEBUG is on.", hint="It is no setting of the environment: undo the change.", id="dsop.E060")]
    return []


@register
def check_secret_key(**kwargs: Any) -> list[CheckMessage]:
    """Sessions and forms of the admin are worth what this key is worth."""
    key = settings.SECRET_KEY
    known = any(word in key.lower() for word in NO_SECRETS)
    if known or len(key) < SHORTEST_SECRET or len(set(key)) < FEWEST_CHARACTERS:
        return [Error("SECRET_KEY must be 50 random characters or more, not an example.", id="dsop.E061")]
    return []


@register
def check_hosts(**kwargs: Any) -> list[CheckMessage]:
    """Only names that are ours are answered under."""
    hosts = settings.ALLOWED_HOSTS
    if not hosts or any("*" in host or not host.strip(". ") for host in hosts):
        return [Error("ALLOWED_HOSTS must list our own names, without an asterisk.", id="dsop.E062")]
    return []


@register(deploy=True)
def check_own_secrets(**kwargs: Any) -> list[CheckMessage]:
    """The server could change the trail, or seal what it likes, with what belongs to another role."""
    if settings.DATABASE_ROLE != "serving":
        return []
    others = [*settings.OTHERS_ADDRESSES, *(["AUDIT_SEAL_KEY"] if settings.AUDIT_SEAL_KEY else [])]
    return [
        Error(
            f"The server is given {name}, which belongs to another role's process.",
            hint="Take it out of the server's settings.",
            id="dsop.E046",
        )
        for name in others
    ]


@register
def check_audiences_apart(**kwargs: Any) -> list[CheckMessage]:
    """In production each institution answers under one audience; a second form with a slash at the end is the same one.

    TOK-12: a consumer may send the slash that the register lacks. Nothing else may make two audiences of one.
    """
    audiences = settings.AUDIENCES
    if settings.ENVIRONMENT != "production" or not isinstance(audiences, dict):
        return []
    lists = {name: listed for name, listed in audiences.items() if isinstance(listed, list)}
    return [Error(f"DSOP_AUDIENCES: {fault}.", id="dsop.E063") for fault in _overlaps(lists)]


def _overlaps(audiences: Mapping[str, list[str]]) -> Iterator[str]:
    if any(times > 1 for listed in audiences.values() for times in Counter(map(str, listed)).values()):
        yield "an audience lists an institution twice"
    for one, other in combinations(audiences, 2):
        institutions, others = set(map(str, audiences[one])), set(map(str, audiences[other]))
        if one.rstrip("/") == other.rstrip("/"):
            if institutions != others:
                yield "two audiences that differ by a slash alone must list the same institutions"
        elif one.rstrip("/").lower() == other.rstrip("/").lower():
            yield "two audiences differ by capitals alone"
        elif institutions & others:
            yield "an institution stands under two audiences"


@register
def check_addresses(**kwargs: Any) -> list[CheckMessage]:
    """Outside the sandbox every address is https; audiences and issuer have checks of their own."""
    if settings.SANDBOX:
        return []
    addresses = {
        "DELEGATION_SOURCE": [settings.DELEGATION_SOURCE],
        "CSRF_TRUSTED_ORIGINS": settings.CSRF_TRUSTED_ORIGINS,
    }
    return [
        Error(f"{name} must hold https addresses only.", id="dsop.E064")
        for name, found in addresses.items()
        if not all(address.startswith("https://") for address in found)
    ]


@register
def check_certpub(**kwargs: Any) -> list[CheckMessage]:
    """Production trusts nothing of CertPub's test environment: neither its hosts nor its policies (CRT-02, CRT-03)."""
    if settings.ENVIRONMENT != "production":
        return []
    hosts = [urlsplit(settings.CERTPUB_LOCATOR_URL).hostname or "", *settings.CERTPUB_PUBLISHER_HOSTS]
    policies = [*settings.CERTIFICATE_POLICIES, *settings.CERTIFICATE_POLICY_ARCS]
    of_test = {
        "CERTPUB_LOCATOR_URL or CERTPUB_PUBLISHER_HOSTS": any("test" in host.lower() for host in hosts),
        "CERTIFICATE_POLICIES or CERTIFICATE_POLICY_ARCS": any(map(is_test_policy, policies)),
    }
    return [
        Error(f"{names} is of the test environment; production refuses it.", id="dsop.E065")
        for names, found in of_test.items()
        if found
    ]


def is_test_policy(policy: str) -> bool:
    return f"{policy}.".startswith(TEST_POLICIES)


@register(Tags.database)
def check_orders(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """A service that wants extradition orders can be served only where somebody may vouch for the police."""
    if settings.EXTRADITION_ROOTS_FILE or settings.AS_OWNER or "default" not in (databases or ()):
        return []
    approved = ServiceVersion.objects.filter(state__in=APPROVED).select_related("service")
    approved = approved.only("rules", "service__slug")  # which a database that is not migrated yet has too
    sentence = "{} wants extradition orders, but EXTRADITION_ROOTS_FILE is not set: all its requests will fail."
    return [
        checks.Warning(sentence.format(version.service.slug), id="dsop.W017")
        for version in approved
        if "extradition_order" in _reference_rules(version.rules)
    ]


def _reference_rules(rules: Mapping[str, Any]) -> list[object]:
    steps = rules.get("steps")
    found = steps.values() if isinstance(steps, dict) else ()
    return [step.get("additional_reference") for step in found if isinstance(step, dict)]


@register(Tags.database)
def check_migrations(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """A version serves only when its tables are there. What a later version has added does not disturb it."""
    if settings.AS_OWNER:
        return []
    return [
        Error(f"The database {alias} lacks migrations of this version.", hint="Run migrate as owner.", id="dsop.E069")
        for alias in databases or ()
        if _is_behind(alias)
    ]


def _is_behind(alias: str) -> bool:
    """Return whether a migration is missing. A ledger of views keeps no list of them."""
    with connections[alias].cursor() as cursor:
        cursor.execute(MAY_READ_MIGRATIONS)
        if not cursor.fetchone()[0]:
            return alias == "default"
    executor = MigrationExecutor(connections[alias])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return any(router.allow_migrate(alias, migration.app_label) for migration, _ in plan)
