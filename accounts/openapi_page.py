"""What the browsable page shows, taken from the description alone."""

from collections.abc import Iterator
from typing import Any

Described = dict[str, Any]
SAID_ELSEWHERE = frozenset({"type", "properties", "required", "items"})


def contents(described: Described) -> Described:
    """Return the template's variables."""
    schemas = described["components"]["schemas"]
    return {
        "info": described["info"],
        "version": described["openapi"],
        "paragraphs": described["info"]["description"].split("\n\n"),
        "operations": [
            shown(described["servers"][0]["url"] + path, methods["get"]) for path, methods in described["paths"].items()
        ],
        "documents": [{"name": name, "fields": list(fields(schema))} for name, schema in schemas.items()],
    }


def shown(path: str, operation: Described) -> Described:
    return {
        **operation,
        "path": path,
        "document": operation["operationId"][0].upper() + operation["operationId"][1:],
        "parameters": [{**parameter, "form": form(parameter["schema"])} for parameter in operation["parameters"]],
        "media_types": list(operation["responses"]["200"]["content"]),
        "refusals": [
            {"status": status, "phrase": response["description"], "bodies": bodies(response)}
            for status, response in operation["responses"].items()
            if status != "200"
        ],
    }


def bodies(response: Described) -> list[Described]:
    """Return code and sentence of each refusal, each pair once."""
    values = [example["value"] for example in response["content"]["application/json"]["examples"].values()]
    told = [
        (value.get("code", value.get("errorCode", "")), value.get("message", value.get("errorMessage", "")))
        for value in values
    ]
    return [{"code": code, "sentence": sentence} for code, sentence in dict.fromkeys(told)]


def fields(schema: Described, above: str = "") -> Iterator[Described]:
    """Yield a row for each field, its parents before it."""
    for name, field in schema.get("properties", {}).items():
        path = f"{above}.{name}" if above else name
        inside = field.get("items", field)
        yield {"path": path, "form": form(field), "required": name in schema.get("required", ())}
        yield from fields(inside, path)


def form(schema: Described) -> str:
    """Return a schema's type and constraints in one line."""
    words = [schema["type"]]
    for name, value in schema.items():
        if name not in SAID_ELSEWHERE:
            words.append(f"{name} {' | '.join(value) if isinstance(value, list) else value}")
    inside = f" of {form(schema['items'])}" if "items" in schema else ""
    return ", ".join(words) + inside
