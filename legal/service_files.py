"""A service's rules as written in legal/services/*.toml: read, checked, or refused with every fault named."""

import csv
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

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
        return ["the rules are not a table"]
    found = [f"{name} is not known" for name in sorted(rules.keys() - KEYS)]
    if not isinstance(rules.get("service"), str) or not SERVICE.fullmatch(rules["service"]):
        found.append("service must be 1 to 40 characters a-z, 0-9 and -")
    if not _text(rules.get("name"), LONGEST_NAME):
        found.append(f"name must be text of at most {LONGEST_NAME} characters")
    found += _switch_faults(rules) + _consumer_faults(rules.get("consumers"))
    steps, fields = rules.get("steps"), rules.get("fields")
    if not isinstance(steps, dict) or not steps or not isinstance(fields, dict):
        return [*found, "steps and fields must be tables"]
    of_steps = [fault for endpoint, step in steps.items() for fault in _step_faults(endpoint, step)]
    found += of_steps or _combination_faults(rules, steps)
    needing_fields = {endpoint for endpoint in steps if endpoint not in CUSTOMER_ENDPOINTS}
    found += [f"fields.{endpoint} is missing" for endpoint in sorted(needing_fields - fields.keys())]
    found += [f"fields.{endpoint} has no step" for endpoint in sorted(fields.keys() - needing_fields)]
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
            found.append(f"{service}: the service is described twice")
            continue
        names.add(service)
        for consumer in rules["consumers"]:
            number = consumer["organisation_number"]
            participant = consumer.get("certificate_participant", number)
            if participants.setdefault(number, participant) != participant:
                found.append(f"{service}: {number} has another certificate_participant in another service")
        for question in _questions(rules):
            if owners.setdefault(question, service) != service:
                endpoint, number, _ = question
                found.append(
                    f"{service}: steps.{endpoint} has a mandate text that {owners[question]} has for {number} too"
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
        f"{name} must be {_as_written(allowed[0])} or {_as_written(allowed[1])}"
        for name, allowed in SWITCHES.items()
        if name in rules and not any(type(rules[name]) is type(value) and rules[name] == value for value in allowed)
    ]


def _as_written(value: Any) -> str:
    return str(value).lower()


def _consumer_faults(consumers: Any) -> list[str]:
    if not isinstance(consumers, list) or not consumers:
        return ["consumers must be a list with at least one agency"]
    found = [
        "a consumer must have an organisation_number with a right check digit, and a name;"
        " a certificate_participant is such a number too"
        for consumer in consumers
        if not _is_consumer(consumer)
    ]
    numbers = [consumer["organisation_number"] for consumer in consumers if _is_consumer(consumer)]
    return found + [f"consumers names {number} twice" for number in sorted(_twice(numbers))]


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
        return [f"steps.{endpoint} is no endpoint of the standard"]
    if not isinstance(step, dict) or step.keys() != {"scope", "mandates", *RULES}:
        return [f"steps.{endpoint} must have scope, mandates, {', '.join(RULES)} and nothing else"]
    found = [
        f"steps.{endpoint}.{kind} names an unknown rule"
        for kind, known in RULES.items()
        if not _text(step[kind]) or step[kind] not in known
    ]
    if step["scope"] != SCOPES[Endpoint(endpoint)]:
        found.append(f"steps.{endpoint}.scope must be {SCOPES[Endpoint(endpoint)]}")
    texts = step["mandates"]
    if not isinstance(texts, list) or not texts or not all(_text(text) for text in texts):
        found.append(f"steps.{endpoint}.mandates must list at least one text")
    elif _twice(texts):
        found.append(f"steps.{endpoint}.mandates names a text twice")
    return found


def _combination_faults(rules: Mapping[str, Any], steps: Mapping[str, Any]) -> list[str]:
    """Return what is wrong between rules each of which is known."""
    found = [
        f"steps.{endpoint}: {kind} {rule} goes only with {other_kind} {other}"
        for endpoint, step in steps.items()
        for kind, rule, other_kind, other in ONLY_WITH
        if step[kind] == rule and step[other_kind] != other
    ]
    if Endpoint.ACCOUNTS not in steps:
        found += [f"steps.{endpoint} goes only with steps.accounts" for endpoint in steps if endpoint in BELOW_ACCOUNTS]
    if all(step["owner"] != "any_owner" for step in steps.values()):
        if rules.get("data_not_delivered") is True:
            found.append("data_not_delivered goes only with owner any_owner")
        if rules.get("other_holders") == WITHHOLD:
            found.append("other_holders withhold goes only with owner any_owner")
    return found


def _twice(values: list[str]) -> set[str]:
    return {value for value in values if values.count(value) > 1}


def _field_faults(endpoint: str, categories: Any) -> list[str]:
    if endpoint not in set(Endpoint) or not isinstance(categories, dict):
        return [f"fields.{endpoint} must be a table of an endpoint"]
    known = standard_fields()[endpoint]
    found = [f"fields.{endpoint}: {path} is no field of the standard" for path in sorted(categories.keys() - known)]
    found += [f"fields.{endpoint}: {path} has no word" for path in sorted(known - categories.keys())]
    return found + [
        f"fields.{endpoint}: {path} has an unknown word"
        for path, word in categories.items()
        if not isinstance(word, str) or word not in CATEGORIES
    ]


def _text(value: Any, longest: int = 500) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= longest
