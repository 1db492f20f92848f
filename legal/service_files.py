"""A service's rules as written in legal/services/*.toml: read, checked, or refused with every fault named."""

import csv
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from legal.disclosure import CATEGORIES, DELIVER, WITHHOLD
from legal.endpoints import Endpoint, Scope
from legal.numbers import is_organisation_number
from legal.rules import OWNER_RULES, PERIOD_RULES, PRECONDITIONS, REFERENCE_RULES, REQUESTER_RULES

FOLDER = Path(__file__).parent / "services"
STANDARD = Path(__file__).parent / "standard" / "fields.csv"
SWITCHES: dict[str, tuple[Any, ...]] = {
    "undecided": (WITHHOLD, DELIVER),
    "data_not_delivered": (False, True),
    "other_holders": (DELIVER, WITHHOLD),
}
"""What a file may say beside its tables, the default first; a file that leaves it out means the default."""
KEYS = frozenset({"service", "name", "consumers", "steps", "fields", *SWITCHES})
SERVICE = re.compile(r"[a-z0-9-]{1,40}")
LONGEST_NAME = 140
CUSTOMER_ENDPOINTS = frozenset({Endpoint.CUSTOMER_RELATIONSHIPS, Endpoint.ACCOUNT_SERVICING_PROVIDER})
SCOPES = {
    **dict.fromkeys(Endpoint, Scope.ACCOUNT_INFORMATION),
    Endpoint.CUSTOMER_RELATIONSHIPS: Scope.CUSTOMER_RELATIONSHIPS,
    Endpoint.ACCOUNT_SERVICING_PROVIDER: Scope.ACCOUNT_SERVICING_PROVIDER,
}
BELOW_ACCOUNTS = frozenset(Endpoint) - CUSTOMER_ENDPOINTS - {Endpoint.ACCOUNTS}
RULES: dict[str, Any] = {
    "period": PERIOD_RULES,
    "owner": OWNER_RULES,
    "requester": REQUESTER_RULES,
    "additional_reference": REFERENCE_RULES,
    "precondition": PRECONDITIONS,
}
ONLY_WITH = (
    ("period", "year_before_ruling", "precondition", "bankruptcy"),
    ("period", "three_months_before_death", "precondition", "death"),
    ("precondition", "guardianship", "additional_reference", "guardian"),
    ("additional_reference", "guardian", "precondition", "guardianship"),
)
"""A rule that has nothing to judge by unless another one stands beside it."""


@cache
def standard_paths() -> dict[str, tuple[str, ...]]:
    """Return the standard's leaf paths by endpoint, in its own order; a parent is never named in a table."""
    with STANDARD.open(encoding="utf-8", newline="") as file:
        rows = [(row["endpoint"], row["path"]) for row in csv.DictReader(file)]
    parents = {(endpoint, path.rpartition(".")[0]) for endpoint, path in rows}
    return {
        endpoint: tuple(path for at, path in rows if at == endpoint and (at, path) not in parents)
        for endpoint in Endpoint
    }


@cache
def standard_fields() -> dict[str, frozenset[str]]:
    """Return the standard's leaf paths by endpoint."""
    return {endpoint: frozenset(paths) for endpoint, paths in standard_paths().items()}


def read_services() -> list[dict[str, Any]]:
    """Return every service file, parsed, in the order of their names."""
    return [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.toml"))]


def faults(rules: Any) -> list[str]:
    """Return in words what makes these rules unusable; nothing when they can serve."""
    if not isinstance(rules, dict):
        return [_("the rules are not a table")]
    found = [_("%(name)s is not known") % {"name": name} for name in sorted(rules.keys() - KEYS)]
    if not isinstance(rules.get("service"), str) or not SERVICE.fullmatch(rules["service"]):
        found.append(_("service must be 1 to 40 characters a-z, 0-9 and -"))
    if not _text(rules.get("name"), LONGEST_NAME):
        found.append(_("name must be text of at most %(longest)d characters") % {"longest": LONGEST_NAME})
    found += _switch_faults(rules) + _consumer_faults(rules.get("consumers"))
    steps, fields = rules.get("steps"), rules.get("fields")
    if not isinstance(steps, dict) or not steps or not isinstance(fields, dict):
        return [*found, _("steps and fields must be tables")]
    of_steps = [fault for endpoint, step in steps.items() for fault in _step_faults(endpoint, step)]
    found += of_steps or _combination_faults(rules, steps)
    needing_fields = {endpoint for endpoint in steps if endpoint not in CUSTOMER_ENDPOINTS}
    found += [
        _("fields.%(endpoint)s is missing") % {"endpoint": endpoint}
        for endpoint in sorted(needing_fields - fields.keys())
    ]
    found += [
        _("fields.%(endpoint)s has no step") % {"endpoint": endpoint}
        for endpoint in sorted(fields.keys() - needing_fields)
    ]
    for endpoint in sorted(fields.keys() & needing_fields):
        found += _field_faults(endpoint, fields[endpoint])
    return found


def conflicts(services: Iterable[Any]) -> list[str]:
    """Return in words where services contradict each other; those with faults of their own are not looked at.

    No question may have two answers: at an endpoint, agency and mandate text belong to one service.
    """
    found: list[str] = []
    names: set[str] = set()
    participants: dict[str, str] = {}
    owners: dict[tuple[str, str, str], str] = {}
    for rules in (rules for rules in services if not faults(rules)):
        service = rules["service"]
        if service in names:
            found.append(_("%(service)s: the service is described twice") % {"service": service})
            continue
        names.add(service)
        for consumer in rules["consumers"]:
            number = consumer["organisation_number"]
            participant = consumer.get("certificate_participant", number)
            if participants.setdefault(number, participant) != participant:
                told = {"service": service, "number": number}
                found.append(_("%(service)s: %(number)s has another certificate_participant in another service") % told)
        for question in _questions(rules):
            if owners.setdefault(question, service) != service:
                endpoint, number, _mandate = question
                told = {"service": service, "endpoint": endpoint, "other": owners[question], "number": number}
                found.append(
                    _("%(service)s: steps.%(endpoint)s has a mandate text that %(other)s has for %(number)s too") % told
                )
    return found


def _questions(rules: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (endpoint, consumer["organisation_number"], text)
        for endpoint, step in rules["steps"].items()
        for consumer in rules["consumers"]
        for text in step["mandates"]
    ]


def _switch_faults(rules: Mapping[str, Any]) -> list[str]:
    return [
        _("%(name)s must be %(one)s or %(other)s")
        % {"name": name, "one": _as_written(allowed[0]), "other": _as_written(allowed[1])}
        for name, allowed in SWITCHES.items()
        if name in rules and not any(type(rules[name]) is type(value) and rules[name] == value for value in allowed)
    ]


def _as_written(value: Any) -> str:
    return str(value).lower()


def _consumer_faults(consumers: Any) -> list[str]:
    if not isinstance(consumers, list) or not consumers:
        return [_("consumers must be a list with at least one agency")]
    found = [
        _(
            "a consumer must have an organisation_number with a right check digit, and a name;"
            " a certificate_participant is such a number too"
        )
        for consumer in consumers
        if not _is_consumer(consumer)
    ]
    numbers = [consumer["organisation_number"] for consumer in consumers if _is_consumer(consumer)]
    return found + [_("consumers names %(number)s twice") % {"number": number} for number in sorted(_twice(numbers))]


def _is_consumer(consumer: Any) -> bool:
    return (
        isinstance(consumer, dict)
        and consumer.keys() - {"certificate_participant"} == {"organisation_number", "name"}
        and is_organisation_number(consumer["organisation_number"])
        and is_organisation_number(consumer.get("certificate_participant", consumer["organisation_number"]))
        and _text(consumer["name"], LONGEST_NAME)
    )


def _step_faults(endpoint: str, step: Any) -> list[str]:
    if endpoint not in set(Endpoint):
        return [_("steps.%(endpoint)s is no endpoint of the standard") % {"endpoint": endpoint}]
    if not isinstance(step, dict) or step.keys() != {"scope", "mandates", *RULES}:
        told = {"endpoint": endpoint, "rules": ", ".join(RULES)}
        return [_("steps.%(endpoint)s must have scope, mandates, %(rules)s and nothing else") % told]
    found = [
        _("steps.%(endpoint)s.%(kind)s names an unknown rule") % {"endpoint": endpoint, "kind": kind}
        for kind, known in RULES.items()
        if not _text(step[kind]) or step[kind] not in known
    ]
    if step["scope"] != SCOPES[Endpoint(endpoint)]:
        told = {"endpoint": endpoint, "scope": SCOPES[Endpoint(endpoint)]}
        found.append(_("steps.%(endpoint)s.scope must be %(scope)s") % told)
    texts = step["mandates"]
    if not isinstance(texts, list) or not texts or not all(_text(text) for text in texts):
        found.append(_("steps.%(endpoint)s.mandates must list at least one text") % {"endpoint": endpoint})
    elif _twice(texts):
        found.append(_("steps.%(endpoint)s.mandates names a text twice") % {"endpoint": endpoint})
    return found


def _combination_faults(rules: Mapping[str, Any], steps: Mapping[str, Any]) -> list[str]:
    """Return what is wrong between rules each of which is known."""
    found = [
        _("steps.%(endpoint)s: %(kind)s %(rule)s goes only with %(other_kind)s %(other)s")
        % {"endpoint": endpoint, "kind": kind, "rule": rule, "other_kind": other_kind, "other": other}
        for endpoint, step in steps.items()
        for kind, rule, other_kind, other in ONLY_WITH
        if step[kind] == rule and step[other_kind] != other
    ]
    if Endpoint.ACCOUNTS not in steps:
        found += [
            _("steps.%(endpoint)s goes only with steps.accounts") % {"endpoint": endpoint}
            for endpoint in steps
            if endpoint in BELOW_ACCOUNTS
        ]
    if all(step["owner"] != "any_owner" for step in steps.values()):
        if rules.get("data_not_delivered") is True:
            found.append(_("data_not_delivered goes only with owner any_owner"))
        if rules.get("other_holders") == WITHHOLD:
            found.append(_("other_holders withhold goes only with owner any_owner"))
    return found


def _twice(values: list[str]) -> set[str]:
    return {value for value in values if values.count(value) > 1}


def _field_faults(endpoint: str, categories: Any) -> list[str]:
    if endpoint not in set(Endpoint) or not isinstance(categories, dict):
        return [_("fields.%(endpoint)s must be a table of an endpoint") % {"endpoint": endpoint}]
    known = standard_fields()[endpoint]
    found = [
        _("fields.%(endpoint)s: %(path)s is no field of the standard") % {"endpoint": endpoint, "path": path}
        for path in sorted(categories.keys() - known)
    ]
    found += [
        _("fields.%(endpoint)s: %(path)s has no word") % {"endpoint": endpoint, "path": path}
        for path in sorted(known - categories.keys())
    ]
    return found + [
        _("fields.%(endpoint)s: %(path)s has an unknown word") % {"endpoint": endpoint, "path": path}
        for path, word in categories.items()
        if not isinstance(word, str) or word not in CATEGORIES
    ]


def _text(value: Any, longest: int = 500) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= longest
