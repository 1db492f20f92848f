"""A service's rules written as a file, in the very form of legal/services/*.toml."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from legal.endpoints import Endpoint
from legal.service_files import RULES, SWITCHES, standard_paths

OF_A_CONSUMER = ("organisation_number", "name", "certificate_participant")


def written(rules: Mapping[str, Any]) -> str:
    """Return the file. Read again it gives the same rules; its comments are its reader's to add."""
    return "\n".join([*_head(rules), *_steps(rules["steps"]), *_fields(rules["fields"])]) + "\n"


def _head(rules: Mapping[str, Any]) -> Iterator[str]:
    yield f"service = {_text(rules['service'])}"
    yield f"name = {_text(rules['name'])}"
    switches = [name for name in SWITCHES if name in rules]
    if switches:
        yield ""
    for name in switches:
        value = rules[name]
        yield f"{name} = {str(value).lower() if isinstance(value, bool) else _text(value)}"
    for consumer in rules["consumers"]:
        yield from ("", "[[consumers]]")
        yield from (f"{key} = {_text(consumer[key])}" for key in OF_A_CONSUMER if key in consumer)


def _steps(steps: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for endpoint, step in ((one, steps[one]) for one in Endpoint if one in steps):
        yield from ("", f"[steps.{endpoint}]", f"scope = {_text(step['scope'])}")
        yield from _mandates(step["mandates"])
        yield from (f"{rule} = {_text(step[rule])}" for rule in RULES)


def _mandates(texts: list[str]) -> Iterator[str]:
    if len(texts) == 1:
        yield f"mandates = [{_text(texts[0])}]"
        return
    yield "mandates = ["
    yield from (f"    {_text(text)}," for text in texts)
    yield "]"


def _fields(fields: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for endpoint, words in ((one, fields[one]) for one in Endpoint if one in fields):
        yield from ("", f"[fields.{endpoint}]")
        order = standard_paths()[endpoint]
        yield from (f"{_text(path)} = {_text(words[path])}" for path in sorted(words, key=order.index))


def _text(value: str) -> str:
    """Return a basic string: JSON's escapes are TOML's, but for one character that JSON leaves alone."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
