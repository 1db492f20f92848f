"""A service's rules as written in legal/services/*.toml: read, checked, or refused with every fault named."""

import csv
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from legal.disclosure import CATEGORIES
from legal.endpoints import Endpoint, Scope
from legal.numbers import is_organisation_number
from legal.rules import OWNER_RULES, PERIOD_RULES, PRECONDITIONS, REFERENCE_RULES, REQUESTER_RULES

FOLDER = Path(__file__).parent / "services"
STANDARD = Path(__file__).parent / "standard" / "fields.csv"
KEYS = frozenset({"service", "name", "consumers", "steps", "fields"})
SERVICE = re.compile(r"[a-z0-9-]{1,40}")
LONGEST_NAME = 140
CUSTOMER_ENDPOINTS = frozenset({Endpoint.CUSTOMER_RELATIONSHIPS, Endpoint.ACCOUNT_SERVICING_PROVIDER})
RULES: dict[str, Any] = {
    "period": PERIOD_RULES,
    "owner": OWNER_RULES,
    "requester": REQUESTER_RULES,
    "additional_reference": REFERENCE_RULES,
    "precondition": PRECONDITIONS,
}


@cache
def standard_fields() -> dict[str, frozenset[str]]:
    """Return the standard's leaf paths by endpoint; a parent is never named in a table."""
    with STANDARD.open(encoding="utf-8", newline="") as file:
        rows = [(row["endpoint"], row["path"]) for row in csv.DictReader(file)]
    parents = {(endpoint, path.rpartition(".")[0]) for endpoint, path in rows}
    return {
        endpoint: frozenset(path for at, path in rows if at == endpoint and (at, path) not in parents)
        for endpoint in Endpoint
    }


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
    found += _consumer_faults(rules.get("consumers"))
    steps, fields = rules.get("steps"), rules.get("fields")
    if not isinstance(steps, dict) or not steps or not isinstance(fields, dict):
        return [*found, "steps and fields must be tables"]
    for endpoint, step in steps.items():
        found += _step_faults(endpoint, step)
    needing_fields = {endpoint for endpoint in steps if endpoint not in CUSTOMER_ENDPOINTS}
    found += [f"fields.{endpoint} is missing" for endpoint in sorted(needing_fields - fields.keys())]
    found += [f"fields.{endpoint} has no step" for endpoint in sorted(fields.keys() - needing_fields)]
    for endpoint in sorted(fields.keys() & needing_fields):
        found += _field_faults(endpoint, fields[endpoint])
    return found


def _consumer_faults(consumers: Any) -> list[str]:
    if not isinstance(consumers, list) or not consumers:
        return ["consumers must be a list with at least one agency"]
    return [
        "a consumer must have an organisation_number with a right check digit, and a name"
        for consumer in consumers
        if not isinstance(consumer, dict)
        or consumer.keys() != {"organisation_number", "name"}
        or not is_organisation_number(consumer["organisation_number"])
        or not _text(consumer["name"], LONGEST_NAME)
    ]


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
    if not _text(step["scope"]) or step["scope"] not in set(Scope):
        found.append(f"steps.{endpoint}.scope is no scope of the standard")
    texts = step["mandates"]
    if not isinstance(texts, list) or not texts or not all(_text(text) for text in texts):
        found.append(f"steps.{endpoint}.mandates must list at least one text")
    return found


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
