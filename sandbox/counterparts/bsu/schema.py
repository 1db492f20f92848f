"""What a submission must look like: strict JSON, held against the schema beside this file, each fault told apart."""

import json
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import ValidationError

from sandbox.counterparts.bsu.faults import Fault, Specification

FILE = Path(__file__).with_name("submission.schema.json")
DETAILS = {
    "additionalProperties": "ukjent felt",
    "enum": "ukjent verdi",
    "format": "ikke en dato",
    "maxLength": "for lang",
    "maxProperties": "mer enn ett felt",
    "maximum": "for stort",
    "minLength": "for kort",
    "minProperties": "mangler innhold",
    "minimum": "for lite",
    "pattern": "feil format",
    "required": "mangler",
    "type": "feil type",
}

_parts: dict[int, Any] = {}  # by the identity of schemas, all of them parts of the one that is kept


def opened(body: bytes) -> Any:
    """Return what the body says. Raise Fault."""
    try:
        # No amount has a fraction: a Decimal is no integer to the schema, be it 1.0.
        return json.loads(body.decode(), object_pairs_hook=_once, parse_constant=_no_constant, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise Fault("GLD_008") from None


def check(document: Any) -> None:
    """Refuse a submission with one specification for each of its faults."""
    found = {(each.path, each.detail): each for error in _validator().iter_errors(document) for each in _told(error)}
    if found:
        raise Fault("GLD_010", *sorted(found.values(), key=_place))


@cache
def _validator() -> Draft202012Validator:
    schema = json.loads(FILE.read_text())
    Draft202012Validator.check_schema(schema)
    kind = validators.extend(Draft202012Validator, {"properties": _properties, "items": _items})
    return kind(_inlined(schema, schema["$defs"]), format_checker=Draft202012Validator.FORMAT_CHECKER)


def _properties(validator: Any, schemas: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        for name in schemas.keys() & instance.keys():
            yield from _within(name, _part(validator, schemas[name]).iter_errors(instance[name]))


def _items(validator: Any, part: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, list):
        for position, value in enumerate(instance):
            yield from _within(position, _part(validator, part).iter_errors(value))


def _within(step: str | int, errors: Iterator[ValidationError]) -> Iterator[ValidationError]:
    for error in errors:
        error.path.appendleft(step)
        yield error


def _part(validator: Any, schema: dict[str, Any]) -> Any:
    """Return the validator of a part, made once: the library makes it anew for each of a report's many accounts."""
    made = _parts.get(id(schema))
    if made is None:
        made = _parts[id(schema)] = validator.evolve(schema=schema)
    return made


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    """Return the schema with each reference replaced by what it names: following them takes most of the time."""
    if isinstance(schema, list):
        return [_inlined(each, definitions) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(definitions[schema["$ref"].removeprefix("#/$defs/")], definitions)
    return {name: _inlined(each, definitions) for name, each in schema.items() if name != "$defs"}


def _told(error: ValidationError) -> Iterator[Specification]:
    steps = [str(step) for step in error.absolute_path]
    detail = DETAILS[str(error.validator)]
    if error.validator == "required":
        for name in error.validator_value:
            if name not in error.instance:
                yield Specification("GLD_1022", "/".join([*steps, name]), None, detail)
    elif error.validator == "additionalProperties":
        for name in error.instance.keys() - error.schema["properties"].keys():
            yield Specification("GLD_1022", "/".join([*steps, name]), _text(error.instance[name]), detail)
    else:
        yield Specification("GLD_1022", "/".join(steps), _text(error.instance), detail)


def _text(value: object) -> str | None:
    """Return the value as text; what has parts of its own is not repeated."""
    if isinstance(value, dict | list):
        return None
    return str(value) if isinstance(value, str | Decimal) else json.dumps(value)


def _place(specification: Specification) -> list[tuple[int, str]]:
    steps = specification.path.split("/")
    return [(int(step), "") if step.isdecimal() and step.isascii() else (-1, step) for step in steps]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError
    return members


def _no_constant(name: str) -> None:
    raise ValueError
