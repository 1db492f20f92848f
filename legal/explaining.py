"""Why? Field by field, whether it leaves and which word of which version says so; for a record, what ruled it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from audit.models import AuditRecord
from legal import refusals
from legal.disclosure import Disclosed
from legal.endpoints import Endpoint
from legal.labels import choice, titled, word_first
from legal.mandates import service_in_force, words
from legal.models import Service, ServiceVersion
from legal.refusals import Refusal
from legal.register import read_mandates
from legal.service_files import RULES, faults, standard_paths

SLACK = timedelta(seconds=1)
REFUSED_BY: dict[str, tuple[type[Refusal], ...]] = {
    "scope": (refusals.ScopeMissing,),
    "period": (
        refusals.PeriodNotToday,
        refusals.PeriodTooLong,
        refusals.PeriodInFuture,
        refusals.PeriodNotUntilToday,
        refusals.PeriodBeforeRuling,
        refusals.PeriodBeforeDeath,
        refusals.PeriodNotLastYear,
    ),
    "owner": (refusals.OwnersOnly,),
    "requester": (refusals.RequesterMissing, refusals.RequesterNotAllowed),
    "additional_reference": (
        refusals.AdditionalReferenceNotAllowed,
        refusals.TypeNotGuardian,
        refusals.GuardianMissing,
        refusals.TypeNotOrder,
        refusals.ExtraditionOrderMissing,
        refusals.OrderMalformed,
        refusals.OrderHeader,
        refusals.OrderKeyUnknown,
        refusals.OrderCertificate,
        refusals.OrderSignature,
        refusals.OrderClaims,
        refusals.OrderMandate,
        refusals.OrderPeriod,
        refusals.OrderTimes,
        refusals.OrderNotInForce,
        refusals.OrderOfAnotherParty,
        refusals.OrderOfAnotherMandate,
        refusals.OrderOfAnotherCase,
        refusals.PeriodOutsideOrder,
        refusals.OwnersOnlyByOrder,
        refusals.EndpointNotInOrder,
    ),
    "precondition": (refusals.BankruptcyUnknown, refusals.DeathUnknown, refusals.GuardianshipUnknown),
}
"""Which of a step's choices a refusal comes from; the others hold under every mandate."""
KIND_OF = {refusal.__name__: kind for kind, known in REFUSED_BY.items() for refusal in known}


class Unexplained(Exception):
    """There is nothing of that name; the sentence says what there is."""


@dataclass(frozen=True, slots=True)
class ExplainedField:
    """One leaf of the standard: the word of the version's table for it, and whether the filter lets it out."""

    path: str
    category: str
    delivered: bool
    version: int

    @property
    def word(self) -> str:
        """Return the word and what it means."""
        return word_first(self.category)


@dataclass(frozen=True, slots=True)
class ExplainedRule:
    """A choice of the version that ruled: `kind` and `name` as in the service file, and what the rule does."""

    kind: str
    name: str
    does: str

    @property
    def title(self) -> str:
        return titled(self.kind)

    @property
    def choice(self) -> str:
        return choice(self.kind, self.name)


@dataclass(frozen=True, slots=True)
class ExplainedRecord:
    """What ruled one recorded question.

    `rule` stands where a choice of the version refused it, `fields` where it was answered. `missing` says why
    neither does, although the record names a version.
    """

    record: uuid.UUID
    at: datetime
    consumer: str
    service: str
    version: int | None
    endpoint: str
    outcome: str
    http_status: int
    code: str
    refusal: str
    sentence: str
    rule: ExplainedRule | None
    fields: tuple[ExplainedField, ...]
    missing: str


def fields_in_force(service: str, endpoint: str, path: str | None = None) -> list[ExplainedField]:
    """Return a row for each field at an endpoint of a service in force, in the standard's order.

    A path may also name a parent: all below it is meant. Raise Unexplained for names that there are not.
    """
    mandates = {known.slug: known.mandates for known in read_mandates().services}
    if service not in mandates:
        raise Unexplained(_no_service(service, sorted(mandates)))
    if endpoint not in set(Endpoint):
        raise Unexplained(
            _("The standard has no endpoint %(endpoint)s; it has %(known)s.")
            % {"endpoint": endpoint, "known": ", ".join(Endpoint)}
        )
    mandate = mandates[service].get(Endpoint(endpoint))
    if mandate is None:
        raise Unexplained(
            _("%(service)s has no endpoint %(endpoint)s: every question there is refused.")
            % {"service": service, "endpoint": endpoint}
        )
    version = ServiceVersion.objects.get(service__slug=service, number=mandate.version)
    rows = _rows(version.rules, mandate.endpoint, mandate.disclosed, mandate.version)
    chosen = [row for row in rows if path is None or row.path == path or row.path.startswith(f"{path}.")]
    if not chosen:
        raise Unexplained(
            _("The standard has no field %(path)s at %(endpoint)s.") % {"path": path, "endpoint": endpoint}
        )
    return chosen


def explained_record(record_id: str) -> ExplainedRecord:
    """Return what ruled the question with that record's id. Raise Unexplained when there is no such record."""
    record = _record(record_id)
    versions = ServiceVersion.objects.filter(service__slug=record.service, number=record.service_version or 0)
    return ruled(record, versions.values_list("rules", flat=True).first() or {})


def ruled(record: AuditRecord, rules: Mapping[str, Any]) -> ExplainedRecord:
    """Return what these rules, of the version that the record names, made of the question."""
    rules = readable(rules)
    return ExplainedRecord(
        record=record.id,
        at=record.at,
        consumer=record.consumer,
        service=record.service,
        version=record.service_version,
        endpoint=record.endpoint,
        outcome=record.outcome,
        http_status=record.http_status,
        code=record.code,
        refusal=record.refusal,
        sentence=_sentence(record.refusal),
        rule=_rule(record.refusal, rules.get("steps", {}).get(record.endpoint)),
        fields=_fields_then(record, rules),
        missing=_missing(record, rules),
    )


def _no_service(service: str, known: list[str]) -> str:
    if Service.objects.filter(slug=service).exists():
        return _("%(service)s is closed or has no version in force: every question is refused.") % {"service": service}
    told = {"service": service, "known": ", ".join(known) or _("none")}
    return _("There is no service %(service)s; in force are %(known)s.") % told


def _rows(rules: Mapping[str, Any], endpoint: Endpoint, disclosed: Disclosed, version: int) -> list[ExplainedField]:
    categories = words(rules, endpoint)
    return [
        ExplainedField(path, categories[path], _leaves(path, disclosed), version) for path in standard_paths()[endpoint]
    ]


def _leaves(path: str, disclosed: Disclosed) -> bool:
    """Ask the corridor's own filter, with a document that holds nothing but the field."""
    document: Any = True
    for name in reversed(path.split(".")):
        document = {name: document}
    return bool(disclosed(document) == document)


def _record(record_id: str) -> AuditRecord:
    try:
        wanted = uuid.UUID(record_id)
        moment = datetime.fromtimestamp((wanted.int >> 80) / 1000, UTC)
        window = (moment - SLACK, moment + SLACK)  # the id's own time points into one partition
    except (ValueError, OverflowError):
        raise Unexplained(_("A record's id is a uuid, as the trail shows it.")) from None
    record = AuditRecord.objects.filter(pk=wanted, at__range=window).first()
    if record is None:
        raise Unexplained(_("There is no record with that id."))
    return record


def readable(rules: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the rules; nothing where there are none, or none that this release can read."""
    return {} if faults(rules) else rules


def _missing(record: AuditRecord, rules: Mapping[str, Any]) -> str:
    """Return why nothing more can be said; no version rules what the bank itself tells an agency."""
    if rules or not record.service or record.outcome == AuditRecord.Outcome.SENT:
        return ""
    return _("This release cannot read that version of the service.")


def _sentence(refusal: str) -> str:
    kind = getattr(refusals, refusal, None) if refusal else None
    return str(kind.default_detail) if isinstance(kind, type) and issubclass(kind, Refusal) else ""


def _rule(refusal: str, step: Mapping[str, Any] | None) -> ExplainedRule | None:
    kind = KIND_OF.get(refusal)
    if kind is None or step is None:
        return None
    rule = RULES.get(kind, {}).get(step[kind])
    return ExplainedRule(kind, step[kind], rule.__doc__ if rule else "Refuse a token without this scope.")


def _fields_then(record: AuditRecord, rules: Mapping[str, Any]) -> tuple[ExplainedField, ...]:
    """Return what the version that ruled lets out; a refusal told nothing."""
    if record.outcome != AuditRecord.Outcome.ANSWERED or record.endpoint not in rules.get("steps", {}):
        return ()
    endpoint, number = Endpoint(record.endpoint), record.service_version or 0
    mandate = service_in_force(rules, version=number).mandates[endpoint]
    return tuple(_rows(rules, endpoint, mandate.disclosed, number))
