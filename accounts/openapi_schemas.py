"""The documents of the endpoints as JSON schemas, made from the standard's list of fields."""

import csv
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from legal.endpoints import Endpoint
from legal.service_files import STANDARD

Schema = dict[str, Any]


def schema_name(endpoint: Endpoint) -> str:
    return endpoint[0].upper() + endpoint[1:]


def document_schema(endpoint: Endpoint) -> Schema:
    """Return the schema of the endpoint's document, required members included."""
    root: Schema = {"type": "object", "properties": {}}
    objects = {"": root}
    for row in standard_rows():
        if row["endpoint"] == endpoint:
            parent, _, name = row["path"].rpartition(".")
            schema, inside = field_schema(row)
            objects[row["path"]] = inside
            objects[parent].setdefault("properties", {})[name] = schema
            if row["required"]:
                objects[parent].setdefault("required", []).append(name)
    return root


def field_schema(row: Mapping[str, str]) -> tuple[Schema, Schema]:
    """Return the schema of one field, and the part of it that its children belong to: in a list, each item."""
    kind, of_many, item_kind = row["json_type"].partition(" of ")
    schema: Schema = {"type": kind}
    inside: Schema = {"type": item_kind} if of_many else schema
    if of_many:
        schema["items"] = inside
    for name, value in constraints(row):
        place = schema if name == "minItems" else inside
        place[name] = value
    return schema, inside


def constraints(row: Mapping[str, str]) -> Iterable[tuple[str, Any]]:
    """Yield what the value must keep to. Raise ValueError for a form that this cannot say in JSON Schema."""
    keyword, _, value = row["format"].partition(": ")
    if keyword == "enum":
        yield keyword, value.split("|")
    elif keyword == "pattern":  # the whole value, as the standard means it; JSON Schema would look for a part
        yield keyword, value if value.startswith("^") else f"^{value}$"
    elif keyword in {"minLength", "minItems", "minimum"}:
        yield keyword, int(value)
    elif keyword in {"date", "date-time"}:
        yield "format", keyword
    elif keyword:
        raise ValueError(f"{row['endpoint']} {row['path']}: a format of no known kind")
    if row["max_length"]:
        yield "maxLength", int(row["max_length"])


@cache
def standard_rows() -> tuple[dict[str, str], ...]:
    with STANDARD.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))
