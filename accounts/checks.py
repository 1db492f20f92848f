"""What must hold of the ledger before the service starts."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from accounts.models import FinancialInstitution, PartyIdentifier
from accounts.replicas import several, watch

SYNTHETIC = r"^([0-9]{2}(4[1-9]|5[0-2]|6[6-9]|7[0-7]|8[1-9]|9[0-2])[0-9]{7}|[23][0-9]{8})$"
TOO_WIDE = """
SELECT has_schema_privilege('public', 'CREATE') OR EXISTS (
    SELECT FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND relnamespace = 'public'::regnamespace
    AND (pg_has_role(relowner, 'MEMBER') OR has_any_column_privilege(oid, 'INSERT, UPDATE')
        OR has_table_privilege(oid, 'DELETE, TRUNCATE, TRIGGER')))
"""
LOADER_TOO_WIDE = """
SELECT has_schema_privilege('public', 'CREATE') OR EXISTS (
    SELECT FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND relnamespace = 'public'::regnamespace
    AND (pg_has_role(relowner, 'MEMBER') OR has_table_privilege(oid, 'TRUNCATE, TRIGGER')))
"""
TIMES = 3


@register(Tags.database)
def check_institutions(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Every institution that an audience names is in the ledger."""
    if "ledger" not in (databases or ()) or settings.AS_OWNER:
        return []
    named = named_institutions(settings.AUDIENCES)
    known = FinancialInstitution.objects.filter(organisation_number__in=named)
    if set(known.values_list("organisation_number", flat=True)) != named:
        return [Error("The ledger lacks an institution that DSOP_AUDIENCES names.", id="dsop.E021")]
    return []


@register(Tags.database)
def check_moments(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """The ledger's moment stands still between two questions; a load that falls between them is asked past."""
    if "ledger" not in (databases or ()) or settings.AS_OWNER:
        return []
    moments = FinancialInstitution.objects.order_by("pk").values_list("pk", "as_of")
    if all([*moments.all()] != [*moments.all()] for _ in range(TIMES)):
        return [Error("financial_institution.as_of is another at every question.", id="dsop.E158")]
    return []


@register(Tags.database)
def check_synthetic(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """The agencies' test environment holds nobody real."""
    if "ledger" not in (databases or ()) or settings.AS_OWNER or settings.ENVIRONMENT != "test":
        return []
    if PartyIdentifier.objects.exclude(value__regex=SYNTHETIC).exists():
        return [Error("The ledger holds identifiers that are not synthetic; test refuses them.", id="dsop.E022")]
    return []


@register(Tags.database)
def check_read_only(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """The serving role may read the ledger and nothing else, whatever its session settings say."""
    if "ledger" not in (databases or ()) or settings.AS_OWNER:
        return []
    with connections["ledger"].cursor() as cursor:
        cursor.execute(TOO_WIDE)
        if cursor.fetchone()[0]:
            return [Error("The serving role may write or create in the ledger.", id="dsop.E023")]
    return []


@register
def check_bounds(**kwargs: Any) -> list[CheckMessage]:
    """How late a replica may be is a bound at all, and one that is measured; so is how much a load may take away."""
    bounds = {
        "LEDGER_MAX_LOSS_PERCENT": (settings.LEDGER_MAX_LOSS_PERCENT, 0, 100),
        "LEDGER_MAX_LAG_BYTES": (settings.LEDGER_MAX_LAG_BYTES, 1, 2**40),
        "LEDGER_MAX_LAG_SECONDS": (settings.LEDGER_MAX_LAG_SECONDS, 1, 1_800),
        "LEDGER_PRIMARY_LOST_SECONDS": (settings.LEDGER_PRIMARY_LOST_SECONDS, 0, 86_400),
    }
    return [
        Error(f"{name} must lie between {least:,} and {most:,}.", id="dsop.E155")
        for name, (value, least, most) in bounds.items()
        if not least <= value <= most
    ]


@register(Tags.database)
def check_hosts(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """The hosts of one address hold one ledger, and one of them is its primary."""
    if "ledger" not in (databases or ()) or not several():
        return []
    found = watch().finding()
    if len(found.clusters) > 1:
        return [Error("LEDGER_DATABASE_URL lists hosts that are not copies of one another.", id="dsop.E156")]
    if found.primary is None:
        return [checks.Warning("No host of LEDGER_DATABASE_URL says that it is the primary.", id="dsop.W157")]
    return []


@register
def check_loader(**kwargs: Any) -> list[CheckMessage]:
    """The loader fills the ledger's tables and makes, empties and owns none. Asked at every start of its commands."""
    if settings.DATABASE_ROLE != "loader":
        return []
    with connections["ledger"].cursor() as cursor:
        cursor.execute(LOADER_TOO_WIDE)
        if cursor.fetchone()[0]:
            return [Error("The loader's role may make, empty or own tables of the ledger.", id="dsop.E046")]
    return []


def named_institutions(audiences: Any) -> set[str]:
    """Return the numbers that the audiences list; what is no list of numbers is for dsop.E003 to tell."""
    lists = audiences.values() if isinstance(audiences, dict) else ()
    return {number for listed in lists if isinstance(listed, list) for number in listed if isinstance(number, str)}
